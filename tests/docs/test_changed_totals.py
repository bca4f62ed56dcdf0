"""Instructors' changes, whole: built, graded on every route, and the totals looked at on every page and in every export."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder import cli
from autograder.assignment.cells import grade_id
from autograder.export import find_systems
from autograder.grade.results import read_results
from tests.compile.small import write_small_course
from tests.docs.pages import Command, Shell
from tests.docs.test_add_a_question import NAME, add_exercise
from tests.export.class_lists import FILES
from tests.report.classes import Page

pytestmark = [pytest.mark.slow, pytest.mark.long]
ROUTES = ("otter run", "nbgrader", "autograder grade")


def _bonus(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Make two tests bonus."""
    for cell in cells:
        if grade_id(cell) in ("ex4_stride_test", "ex4_largest_test"):
            cell.metadata["tags"] = ["bonus"]
    return cells


def _more_points(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Give a test five points in place of two."""
    for cell in cells:
        if grade_id(cell) == "ex4_weights_test":
            cell.metadata.nbgrader.points = 5.0
    return cells


def _a_question_less(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Leave the choice out."""
    return [cell for cell in cells if not grade_id(cell).startswith("ex4_largest")]


# What is changed; the machine's points and its bonus for: all right, biases forgotten; what there is.
CHANGES: dict[
    str, tuple[Callable[[list[NotebookNode]], list[NotebookNode]], tuple[float, float], tuple[float, float]]
] = {
    "a question more": (lambda cells: cells, (8, 0), (6, 0)),
    "points": (_more_points, (11, 0), (6, 0)),
    "a question less": (_a_question_less, (7, 0), (5, 0)),
    "bonus": (_bonus, (6, 2), (4, 2)),
}


@pytest.fixture(params=CHANGES)
def changed(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """Return the root of a course with the page's exercise, changed, and what was changed."""
    write_small_course(tmp_path)
    folder = tmp_path / "source" / NAME
    (tmp_path / "source" / "small").rename(folder)
    (folder / "small.ipynb").rename(folder / f"{NAME}.ipynb")
    add_exercise(folder)
    path = folder / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = CHANGES[request.param][0](notebook.cells)
    nbformat.write(notebook, path)
    return tmp_path, request.param


def _class(root: Path) -> Path:
    """Hand in the solution, the solution with a mistake, and the blank release, by students of the class lists."""
    folder = root / "in"
    folder.mkdir()
    solved = nbformat.read(root / "solutions" / NAME / f"{NAME}.ipynb", as_version=4)
    nbformat.write(solved, folder / "ada.ipynb")
    for cell in solved.cells:
        if grade_id(cell) == "ex4_weights":
            cell.source = "weights = 4608 * 128"
    nbformat.write(solved, folder / "grace.ipynb")
    shutil.copy(root / "release" / "nbgrader" / NAME / f"{NAME}.ipynb", folder / "emmy.ipynb")
    return folder


def test_totals_are_the_same_everywhere(changed: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where points, bonus or questions were changed: the gate, results, tables, pages, and each system's file."""
    root, change = changed
    _, right, wrong = CHANGES[change]
    home = root / "home"
    home.mkdir()
    printed = Shell(root, home).run(Command(f"autograder build {NAME}"))
    for route in ROUTES:
        assert f"solved notebook by {route}: {sum(right):g} of {sum(right):g}" in printed
        assert f"blank release by {route}: 0 of {sum(right):g}" in printed
        assert f"submission 'biases forgotten' by {route}: {sum(wrong):g} of {sum(right):g}" in printed
    monkeypatch.chdir(root)
    out, students = root / "out", {"ada": right, "grace": wrong, "emmy": (0.0, 0.0)}
    assert (
        cli.main(["grade", str(_class(root)), "--assignment", NAME, "--out", str(out), "--isolation", "process"]) == 0
    )
    results = {result.student: result for result in read_results(out / "results.jsonl")}
    assert {name: result.score for name, result in results.items()} == {
        n: sum(points) for n, points in students.items()
    }
    assert {result.max_score for result in results.values()} == {sum(right)}
    rows = {row["student"]: row for row in csv.DictReader((out / "grades.csv").read_text("utf-8").splitlines())}
    for name, points in students.items():
        row = rows[name]
        assert (float(row["score"]), float(row["max_score"])) == (sum(points), sum(right))
        if right[1]:
            assert (float(row["bonus"]), float(row["max_bonus"])) == (points[1], right[1])
        bonus = f", and {points[1]:g} of {right[1]:g} bonus" if right[1] else ""
        page = Page((out / "feedback" / name / f"{NAME}.html").read_text("utf-8")).text
        assert f"{points[0]:g} of {right[0]:g} points{bonus} checked by machine" in page.replace(
            ", checked", " checked"
        )
    assert cli.main(["report", str(out)]) == 0
    page = Page((out / "report.html").read_text("utf-8")).text
    assert f"mean of {right[0]:g} points" in page
    for name, system in find_systems().items():
        target = root / f"{name}.out"
        arguments = ["export", str(out), "--lms", name, "--scores", "machine"]
        if name in FILES:
            listed = root / f"{name}.csv"
            listed.write_bytes(FILES[name])
            arguments += ["--class-list", str(listed), "--output", str(target), "--replace"]
            arguments += ["--match", "email"] if name == "moodle" else []
        elif name == "csv":
            arguments += ["--output", str(target)]
        assert cli.main(arguments) in (0, 1), (name, system)
        if target.is_file():
            assert f"{sum(right):g}" in target.read_text("utf-8-sig")
        told = (
            [json.loads(path.read_text("utf-8")) for path in (out / "gradescope").rglob("*.json")]
            if name == "gradescope"
            else []
        )
        assert all(each["score"] in {sum(points) for points in students.values()} for each in told)
