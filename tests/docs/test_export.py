"""Every command on the page for instructors works."""

import re
import shlex
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy.exc import SAWarning

from autograder import cli
from autograder.export import find_systems
from autograder.export.systems import ClassListSystem
from autograder.grade.results import append_result
from tests.docs.pages import ROOT, commands
from tests.export import class_lists
from tests.export.class_lists import CLASS, NAME, WRITTEN

PAGE = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
COMMANDS = [command.text for command in commands("docs/export.md")]
COMMANDS += [command for command in re.findall(r"`(autograder export [^`]+)`", PAGE) if "<" not in command]
FILES = {
    "canvas.csv": class_lists.CANVAS,
    "moodle.csv": class_lists.MOODLE,
    "blackboard.csv": class_lists.BLACKBOARD,
    "d2l.csv": class_lists.D2L,
}


def _gradebook(path: Path) -> None:
    """Make a gradebook in which a person marked every written answer of the class."""
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.add_assignment(NAME)
        gradebook.add_notebook(NAME, NAME)
        for mark in WRITTEN["ada"]:
            gradebook.add_grade_cell(mark.name, NAME, NAME, max_score=mark.max_score, cell_type="markdown")
            gradebook.add_solution_cell(mark.name, NAME, NAME)
        for student, marks in WRITTEN.items():
            gradebook.add_student(student)
            with warnings.catch_warnings(action="ignore", category=SAWarning):  # of nbgrader's own making
                gradebook.add_submission(NAME, student)
            for mark in marks:
                grade = gradebook.find_grade(mark.name, NAME, NAME, student)
                grade.manual_score, grade.needs_manual_grade = mark.score, False
        gradebook.db.commit()


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The gradebook's bytes."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    _gradebook(path)
    return path.read_bytes()


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gradebook: bytes) -> Path:
    """A folder with `out`, and the class list of each system, as the current one."""
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "gradebook.db").write_bytes(gradebook)
    for result in CLASS:
        append_result(tmp_path / "out" / "results.jsonl", result)
    source = tmp_path / "source" / NAME
    source.mkdir(parents=True)
    (source / "assignment.toml").write_text('title = "Mapping representations"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", dict.fromkeys(COMMANDS))
def test_the_command_works(command: str, course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It exits with 0 and writes a file or, on a dry run, none; only --overwrite changes a class list."""
    if "--course" in command:
        append_result(course / "out" / "results.jsonl", replace(CLASS[0], assignment="mapping_digits"))
    before = {path for path in course.rglob("*") if path.is_file()}
    program, *arguments = shlex.split(command)
    assert (program, cli.main(arguments)) == ("autograder", 0)
    told = capsys.readouterr()
    assert told.err == ""
    assert "student" in told.out
    new = {path for path in course.rglob("*") if path.is_file()} - before
    changed = {name for name, data in FILES.items() if (course / name).read_bytes() != data}
    if "--overwrite" in arguments:
        assert (len(changed), new) == (1, set())
    else:
        assert changed == set()
        assert bool(new) is ("--dry-run" not in arguments)


def test_the_page_has_commands_for_every_system() -> None:
    """Each system of the registry is used on the page."""
    of_systems = [command for command in COMMANDS if "--course" not in command]
    assert {command.split("--lms ")[1].split()[0] for command in of_systems} == set(find_systems())


def test_the_pages_table_is_the_registry() -> None:
    """A row a system: its name, where its class list is had, and options that no other system has."""
    systems = sorted(find_systems().values(), key=lambda system: system.name)
    times = Counter(option for system in systems for option in system.options)
    rows = []
    for system in systems:
        own = ", ".join(f"`--{option.replace('_', '-')}`" for option in system.options if times[option] == 1)
        place = system.download.partition(": ")[2].rstrip(".") if isinstance(system, ClassListSystem) else "none"
        rows.append(f"| `{system.name}` | {system.title} | {place} |{f' {own} ' if own else ' '}|")
    assert [line for line in PAGE.splitlines() if re.match(r"\| `\w", line)] == rows


def test_the_page_tells_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    """What `autograder export --help` lists is explained."""
    with pytest.raises(SystemExit):
        cli.main(["export", "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert options
    assert options <= set(re.findall(r"--[a-z-]+", PAGE))


def test_totals_reach_the_file(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The marks in the gradebook are added to the machine's points once all are there."""
    assert cli.main(["export", "out", "--lms", "canvas", "--class-list", "canvas.csv"]) == 0
    assert '"Lovelace, Ada",4711,S001,ada,"CS 101, Group A",,9.50,14.5,95.00' in Path("out/canvas.csv").read_text()
    assert "up to 27" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere", "--lms", "csv"], "holds no results"),
        (["out", "--lms", "canvas"], "--class-list"),
        (["out", "--lms", "canvas", "--class-list", "canvas.csv", "--column", "Homework 9"], "Homework 9"),
        (["out", "--lms", "csv", "--assignment", "other"], "no results of 'other'"),
    ],
)
def test_wrong_calls_exit_with_2(
    course: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    """One sentence on stderr, and nothing written."""
    before = {path for path in course.rglob("*") if path.is_file()}
    assert cli.main(["export", *arguments]) == 2
    streams = capsys.readouterr()
    assert told in streams.err
    assert streams.out == ""
    assert {path for path in course.rglob("*") if path.is_file()} == before


def test_without_a_source_the_name_is_the_title(course: Path) -> None:
    """Away from the repository the column is found by the assignment's name."""
    (course / "source" / NAME / "assignment.toml").unlink()
    assert cli.main(["export", "out", "--lms", "canvas", "--class-list", "canvas.csv"]) == 0
