"""The demo's class."""

import ast
import io
import re
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from autograder.assignment.settings import read_source
from autograder.demo.run import ASSIGNMENT, fill, hand_in
from autograder.demo.students import STUDENTS, Student
from autograder.grade import GradeRequest, grade
from autograder.grade.gradebook.read import students_who_wrote
from autograder.report import print_table, write_page


def _release(root: Path) -> Path:
    return root / "release" / "nbgrader" / ASSIGNMENT


@pytest.mark.parametrize("student", STUDENTS, ids=lambda student: student.name)
def test_cells_exist_and_parse(root: Path, student: Student) -> None:
    """Each student's text goes into a cell that the release has, and code is code."""
    release = nbformat.read(_release(root) / f"{ASSIGNMENT}.ipynb", as_version=4)
    names = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in fill(release, student).cells}
    for name, text in student.cells.items():
        assert names[name].source == text
        if names[name].cell_type == "code":
            ast.parse(text)


def test_eight_students_hand_in(root: Path, tmp_path: Path) -> None:
    """The class has eight members, one notebook each, in a folder that is emptied first."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "old.ipynb").write_text("")
    hand_in(_release(root) / f"{ASSIGNMENT}.ipynb", tmp_path / "in")
    assert sorted(path.stem for path in (tmp_path / "in").iterdir()) == [student.name for student in STUDENTS]
    assert len(STUDENTS) == 8


@pytest.mark.slow
def test_each_gets_what_the_work_deserves(root: Path, tmp_path: Path) -> None:
    """The whole class, graded: every student has the points that the work deserves, and README shows the table."""
    hand_in(_release(root) / f"{ASSIGNMENT}.ipynb", tmp_path / "in")
    assignment = read_source(root / "source" / ASSIGNMENT).assignment
    request = GradeRequest(tmp_path / "in", assignment, _release(root), tmp_path / "out", jobs=2)
    results = grade(request, Console(stderr=True), write_page(assignment.title))
    assert {one.student: one.score for one in results} == {student.name: student.score for student in STUDENTS}
    assert {check.status for one in results for check in one.checks} <= {"passed", "failed", "skipped"}
    printed = io.StringIO()
    print_table(results, tmp_path / "out", Console(file=printed, width=120), wrote=students_who_wrote(tmp_path / "out"))
    shown = re.search(
        r"^```text\n(student .*?)```$", (root / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )[1]
    assert shown.splitlines() == [line.rstrip() for line in printed.getvalue().splitlines()[: len(STUDENTS) + 1]]
