"""Operations: its commands work, and its tables say what the code says."""

import re
import shutil
import sys
from dataclasses import fields
from pathlib import Path
from typing import get_args

import nbformat
import pytest

from autograder import cli
from autograder.assignment.settings import read_deadline
from autograder.collect.submissions import CollectRequest, collect
from autograder.export.extensions import read_extensions
from autograder.grade.ledger import Ledger
from autograder.grade.results import append_result, read_results
from autograder.model import CheckStatus, Isolation, SubmissionResult, SubmissionStatus
from autograder.sandbox.limits import MIB, Limits
from tests.docs.pages import ROOT, Shell, blocks, commands
from tests.grade import tiny

PAGE = "docs/operations.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
ASSIGNMENT = "mapping_representations"


def table(heading: str) -> dict[str, list[str]]:
    """Return the first table under a heading of the page: the other cells of each row, by what its first cell quotes."""
    section = TEXT.partition(f"# {heading}\n")[2].partition("\n#")[0]
    body = section.partition("| --- |")[2]
    rows = [line.strip("| ").split("|") for line in body.splitlines() if line.startswith("| `")]
    assert rows, f"no table under {heading!r}"
    return {name: [cell.strip() for cell in row[1:]] for row in rows for name in re.findall(r"`([^`]+)`", row[0])}


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A terminal in a checkout with a class of two, and an assignment of the page's name that needs no TensorFlow."""
    monkeypatch.setattr(tiny, "NAME", ASSIGNMENT)
    root, home = tmp_path / "checkout", tmp_path / "home"
    for folder in (root / "submissions", home):
        folder.mkdir(parents=True)
    tiny.write_course(root)
    tiny.write_course(root, "mapping_digits")
    (root / ".venv").symlink_to(sys.prefix)
    for student, code in {"ada": "answer = 42", "bob": "answer = -1"}.items():
        nbformat.write(tiny.submission(code), root / "submissions" / f"{student}.ipynb")
    shutil.copytree(root / "submissions", root / "inbox")
    shutil.copytree(root / "submissions", root / "submissions-digits")
    for section, student in (("section-1", "ada"), ("section-2", "bob")):
        (root / section).mkdir()
        shutil.copy(root / "submissions" / f"{student}.ipynb", root / section)
    return Shell(root, home)


@pytest.mark.slow
@pytest.mark.long
def test_the_pages_commands_work(shell: Shell) -> None:
    """Each command exits with 0 and prints what the page shows; all ways of grading give the same scores."""
    first = next(command.text for command in commands(PAGE) if "--extensions" in command.text)
    mended = next(command.text for command in commands(PAGE) if command.text.startswith("autograder rejudge"))
    shell.before = {first: lambda: _set_deadline(shell.folder), mended: lambda: _mend_a_check(shell.folder)}
    shell.run_page(PAGE)
    assert "1 change" in shell.printed[mended]
    assert "Everything is as the receipt says." in shell.printed[_verifying()]
    late = {one.student: one.late for one in read_results(shell.folder / "out" / "results.jsonl")}
    assert late["ada"] is not None
    assert (late["ada"].extended, late["ada"].until) == (True, "2026-03-08T23:59:00+01:00")
    for out in ("out", "out-trusted", "out-cluster", "out-all"):
        results = read_results(shell.folder / out / "results.jsonl")
        assert {one.student: (one.status, one.score) for one in results} == {"ada": ("graded", 3), "bob": ("graded", 0)}


def _verifying() -> str:
    """Return the page's command that compares a receipt."""
    return next(command.text for command in commands(PAGE) if command.text.startswith("autograder verify"))


def _mend_a_check(root: Path) -> None:
    """Let the test say otherwise what is wrong, in the source and in what was built from it."""
    for folder in ("source", "release/nbgrader"):
        path = root / folder / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.write_text(path.read_text("utf-8").replace("has to be positive", "has to be above 0"), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.long
def test_the_readmes_commands_work(shell: Shell) -> None:
    """README's commands for graders work, and write what its table says."""
    shell.run_page("README.md")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("## For graders")[2].partition("| `results.jsonl`")
    told = re.findall(r"^\| `([^`]+)`", "".join(table[1:]).partition("\n\n")[0], re.MULTILINE)
    assert "gradebook.db" in told
    for name in told:
        if name != "report.html":
            assert (shell.folder / "out" / name.partition("<")[0]).exists(), name


def _set_deadline(root: Path) -> None:
    """Give the assignment the page's deadline, and the class the page's extensions."""
    contents = [content for _, content in blocks(PAGE)]
    with (root / "source" / ASSIGNMENT / "assignment.toml").open("a", encoding="utf-8") as file:
        file.write(next(content for content in contents if "[deadline]" in content))
    extensions = next(content for content in contents if content.startswith("student,until"))
    (root / "extensions.csv").write_text(extensions, encoding="utf-8")


def test_the_pages_deadline_is_read(shell: Shell) -> None:
    """Its table and its list say what the page says of them."""
    _set_deadline(shell.folder)
    deadline = read_deadline(shell.folder / "source" / ASSIGNMENT)
    assert deadline is not None
    assert (deadline.percent, deadline.per, deadline.cap, deadline.grace_minutes) == (10.0, "day", 50.0, 15.0)
    assert set(read_extensions(shell.folder / "extensions.csv", deadline).match(["ada", "bob"]).until) == {"ada"}


def test_a_stop_is_graded_again_when_its_line_is_taken_away(shell: Shell) -> None:
    """The page's `sed` takes away the result of what took too long, and no other, so that it is graded again."""
    out = shell.folder / "out"
    out.mkdir()
    for student, status in {"ada": "graded", "bob": "timeout"}.items():
        append_result(out / "results.jsonl", SubmissionResult(student, ASSIGNMENT, status, 0.0, 3.0, "process", 1.0))
    (command,) = [command for command in commands(PAGE) if command.text.startswith("sed ")]
    shell.run(command)
    with collect(CollectRequest(shell.folder / "submissions", ASSIGNMENT)) as collection:
        assert [one.student for one in Ledger(out).waiting(collection.submissions)] == ["bob"]


def test_options_are_those_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The page's table has each option of `grade`, and no other, with its default."""
    with pytest.raises(SystemExit):
        cli.main(["grade", "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    rows = {name.split()[0]: cells for name, cells in table("Options").items() if name.startswith("--")}
    assert rows.keys() == options | {"--debug"}
    asked = cli._parser().parse_args(["grade", "x", "--assignment", "a", "--out", "o"])
    for option in ("timeout", "memory"):
        assert rows[f"--{option}"][1] == f"{getattr(asked, option):g}"
    assert rows["--isolation"][1] == f"`{asked.isolation}`"


def test_every_option_of_every_command_is_on_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    """What any command takes is named on a page."""
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
    for command in ("build", "collect", "grade", "watch", "report", "export", "demo"):
        with pytest.raises(SystemExit):
            cli.main([command, "--help"])
        options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
        assert options - {"--help"} - set(re.findall(r"--[a-z-]+", text)) == set(), command


def test_limits_are_the_codes() -> None:
    """Each limit stands in the table with its default."""
    rows, limits = table("Limits"), Limits()
    assert rows.keys() == {field.name for field in fields(Limits)}
    for name, (told, *_) in rows.items():
        value = getattr(limits, name)
        if value is None:
            assert told.startswith("half of `seconds`")
        elif name in ("scratch", "output", "message", "answer", "answers", "claims", "arguments", "results"):
            assert told.startswith(f"{value // MIB} MIB".replace("MIB", "MiB "))
        else:
            assert re.match(rf"{value:,g}\b" if value > 10_000 else rf"{value:g}\b", told), (name, told)


def test_every_status_is_explained() -> None:
    """Each status of a submission and of a check has its row, and each sandbox level."""
    assert tuple(table("The status of a submission")) == get_args(SubmissionStatus)
    assert tuple(table("The status of a check")) == get_args(CheckStatus)
    assert tuple(table("Sandbox levels")) == get_args(Isolation)
