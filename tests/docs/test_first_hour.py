"""An instructor's first hour, typed from top to bottom, and what a student types meanwhile.

The class is two of the demo's eight, and the build with its gate is run on a small course of the same name: both to be quick.
"""

import csv
import json
import re
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.demo.run import ASSIGNMENT, hand_in
from autograder.grade.results import append_result, read_results
from tests.compile.small import write_small_course
from tests.docs.pages import EXCEPTIONS, ROOT, Shell, blocks, commands
from tests.export.class_lists import CLASS

PAGE, STUDENTS_PAGE = "docs/first-hour.md", "docs/student.md"
STUDENTS = ("Ada Lovelace", "Leonhard Euler")
EXCHANGE = "/srv/nbgrader/exchange"
"""Where the page puts the exchange; here it lies in a folder of the test's."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.timeout(1800),
]  # a loaded machine takes five times as long


def _checkout(root: Path) -> None:
    """Copy what the page's commands use of a checkout, with what `make demo` left."""
    for name in ("source", "release"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("requirements.lock", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    (root / ".venv").symlink_to(sys.prefix)
    hand_in(root / "release" / "nbgrader" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", root / "demo" / "submissions")
    for notebook in (root / "demo" / "submissions").iterdir():
        if notebook.stem not in STUDENTS:
            notebook.unlink()
    for result in CLASS:
        append_result(root / "demo" / "results.jsonl", result)


def _small_course(root: Path) -> Path:
    """Write a small course whose assignment has the page's name; return its root."""
    folder = write_small_course(root)
    folder = folder.rename(folder.with_name(ASSIGNMENT))
    (folder / "small.ipynb").rename(folder / f"{ASSIGNMENT}.ipynb")
    return root


def _append(file: Path, lines: str) -> None:
    """Add lines to a file, as with an editor."""
    file.write_text(file.read_text(encoding="utf-8") + lines, encoding="utf-8")


def _fill_marks(sheet: Path) -> None:
    """Do what a spreadsheet is for on the page: half of the points for each answer."""
    with sheet.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    with sheet.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(row | {"score": float(row["max"]) / 2, "comment": "Say why."} for row in rows)


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout after everything on the page was typed; a student fetches and hands in before `nbgrader collect`."""
    work = tmp_path_factory.mktemp("hour")
    root, student, exchange, home = (work / name for name in ("checkout", "student", "exchange", "home"))
    for folder in (root, student, exchange, home):
        folder.mkdir()
    exchange.chmod(0o777)
    _checkout(root)
    (lines,) = [content for language, content in blocks(PAGE) if language == "python"]
    lines = lines.replace(EXCHANGE, str(exchange))
    config = root / "nbgrader_config.py"
    (student / "nbgrader_config.py").write_text(f"c = get_config()\n{lines}")
    shell = Shell(
        root,
        home,
        instead={f"autograder build {ASSIGNMENT}": _small_course(work / "small")},
        before={
            f"nbgrader release_assignment {ASSIGNMENT}": lambda: _append(config, lines),
            f"nbgrader collect {ASSIGNMENT}": lambda: Shell(student, home).run_page(STUDENTS_PAGE),
            "autograder report out --marks out/marking.csv": lambda: _fill_marks(root / "out" / "marking.csv"),
        },
    )
    assert {*shell.instead, *shell.before} <= {command.text for command in commands(PAGE)}
    shell.run_page(PAGE)
    return root


def test_the_change_reaches_students(typed: Path) -> None:
    """Both releases ask the changed question, and nothing else differs from those in git but nbgrader's checksum of it."""
    for kind in ("nbgrader", "otter"):
        path = Path("release", kind, ASSIGNMENT, f"{ASSIGNMENT}.ipynb")
        texts = ((place / path).read_text(encoding="utf-8") for place in (typed, ROOT))
        changed, before = (re.sub(r'"checksum": "[0-9a-f]{32}"', "", text) for text in texts)
        assert "Describe three of them." in changed
        assert changed == before.replace("Describe a few.", "Describe three of them.")
    assert (typed / "dist" / f"{ASSIGNMENT}-otter-autograder.zip").exists()


def test_the_zip_for_students_is_the_release(typed: Path) -> None:
    """The archive holds the release's folder, checks included, and no solution."""
    with zipfile.ZipFile(typed / f"{ASSIGNMENT}.zip") as archive:
        names = set(archive.namelist())
        text = archive.read(f"{ASSIGNMENT}/{ASSIGNMENT}.ipynb").decode()
    assert f"{ASSIGNMENT}/checks/public.py" in names
    assert "Describe three of them." in text
    assert "BEGIN SOLUTION" not in text


def test_the_exchange_carries_a_submission(typed: Path) -> None:
    """What the student fetched and handed in by the student's page is what `nbgrader collect` brings."""
    (collected,) = (typed / "submitted").glob(f"*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")
    assert "Describe three of them." in collected.read_text(encoding="utf-8")


def test_the_class_is_graded_and_told_briefly(typed: Path) -> None:
    """Each student has the points that the page's table shows; with `brief`, no layer is named."""
    results = {one.student: one for one in read_results(typed / "out" / "results.jsonl")}
    assert {name: one.score for name, one in results.items()} == dict(zip(STUDENTS, (21, 17), strict=True))
    (wrong,) = [check for check in results["Leonhard Euler"].checks if check.status != "passed"]
    assert (wrong.diagnosis, wrong.detail) == ("wrong_layer", None)
    table = next(content for _, content in blocks(PAGE) if "Ada Lovelace" in content)
    assert "Ada Lovelace         13 / 13 + 8 / 8" in table
    assert "Leonhard Euler        9 / 13 + 8 / 8" in table


def test_marks_reach_the_scores(typed: Path) -> None:
    """The exported table has the machine's points and the marks of the filled sheet."""
    with (typed / "out" / "scores.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = [list(row.values()) for row in csv.DictReader(file)]
    assert len(rows) == len(STUDENTS)
    assert any("25.5" in row for row in rows), rows


def test_students_pages_are_packed(typed: Path) -> None:
    """The archive for students has everybody's page, and no notebook with hidden tests."""
    with zipfile.ZipFile(typed / "feedback.zip") as archive:
        names = set(archive.namelist())
    assert {f"feedback/{student}/{ASSIGNMENT}.html" for student in STUDENTS} <= names
    assert not any(name.endswith(".ipynb") for name in names)


def test_the_checkout_is_left_alone(typed: Path) -> None:
    """The hour was spent on a copy: the source in git still has the old question."""
    text = (ROOT / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8")
    assert "Describe a few." in text
    assert json.loads(text)["nbformat"] == 4
    assert "make demo" in EXCEPTIONS
