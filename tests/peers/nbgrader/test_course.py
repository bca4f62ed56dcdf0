"""A private course, with nbgrader itself and a kernel behind it."""

import contextlib
import dataclasses
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.errors import GradeError, OutOfTimeError
from autograder.model import Credit
from autograder.peers.nbgrader import Course, make_gradebook, update_gradebook
from autograder.peers.nbgrader import course as module
from tests.grade.tiny import NAME, submission, write_course


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """A course on the tiny assignment."""
    with Course(*write_course(tmp_path_factory.mktemp("course"))) as course:
        yield course


@pytest.mark.parametrize(
    ("code", "status", "diagnosis", "message"),
    [
        ("answer = 42", "passed", None, None),
        ("answer = 44", "passed", None, None),
        ("answer = 41", "failed", "wrong_layer", "`answer` is another layer's."),
        ("answer = 40", "skipped", "missing", "There is nothing to look at."),
        ("answer = 0", "failed", None, "AssertionError: the answer has to be positive"),
        ("answer = 43", "failed", None, "RuntimeError: the test is broken"),
        ("1 / 0", "failed", None, "NameError: name 'answer' is not defined"),
        ("open('data.txt', 'w').write('mine'); answer = 42", "failed", None, "AssertionError"),
    ],
)
def test_each_outcome_is_told(
    course: Course, tmp_path: Path, code: str, status: str, diagnosis: str | None, message: str | None
) -> None:
    """What a test cell ends with becomes the check's status, diagnosis and message."""
    nbformat.write(submission(code), tmp_path / "x.ipynb")
    course.submit("ada", tmp_path / "x.ipynb")
    assert course.autograde("ada", timeout=60).status == "graded"
    (check,) = course.checks("ada")
    assert (check.status, check.diagnosis, check.message) == (status, diagnosis, message)
    assert (check.score, check.max_score) == (3.0 if status == "passed" else 0.0, 3.0)


@pytest.mark.parametrize(
    ("code", "score", "diagnosis", "message"),
    [
        ("answer = 42", 3.0, None, None),
        ("answer = 41", 2.25, "wrong_layer", "`answer` is another layer's. With this mistake, 2.25 of 3 points stay."),
        ("answer = 40", 0.0, "missing", "There is nothing to look at."),
        ("answer = 0", 0.0, None, "AssertionError: the answer has to be positive"),
    ],
)
def test_credit_counts_as_in_the_grader(
    tmp_path: Path, code: str, score: float, diagnosis: str | None, message: str | None
) -> None:
    """nbgrader takes the number that a test ends with."""
    assignment, release = write_course(tmp_path)
    nbformat.write(submission(code), tmp_path / "x.ipynb")
    with Course(dataclasses.replace(assignment, credit=Credit({"wrong_layer": 0.75})), release) as course:
        course.submit("ada", tmp_path / "x.ipynb")
        assert course.autograde("ada", timeout=60).status == "graded"
        (check,) = course.checks("ada")
    assert (check.score, check.max_score, check.diagnosis, check.message) == (score, 3.0, diagnosis, message)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("import os; os._exit(3)", "crashed"),
        ("while True:\n    try:\n        while True: pass\n    except BaseException: pass", "timeout"),
    ],
)
def test_what_stops_a_notebook_is_told(course: Course, tmp_path: Path, code: str, status: str) -> None:
    """A kernel that dies or hangs is stopped; its checks are skipped, and nothing of it is left behind."""
    nbformat.write(submission(code), tmp_path / "x.ipynb")
    course.submit("eve", tmp_path / "x.ipynb")
    assert course.autograde("eve", timeout=4 if status == "timeout" else 120).status == status
    assert [check.status for check in course.checks("eve")] == ["skipped"]


def test_answers_before_the_stop_count(course: Course, tmp_path: Path) -> None:
    """A cell that kills the kernel after a test does not take the test's points back."""
    notebook = submission()
    notebook.cells.append(nbformat.v4.new_code_cell("import os; os._exit(3)"))
    nbformat.write(notebook, tmp_path / "x.ipynb")
    course.submit("eve", tmp_path / "x.ipynb")
    assert course.autograde("eve", timeout=60).status == "crashed"
    assert course.checks("eve")[0].score == 3.0


def test_a_source_that_nbgrader_refuses_is_told(tmp_path: Path) -> None:
    """A course that cannot be made says why, and leaves no folder."""
    assignment, release = write_course(tmp_path)
    broken = nbformat.read(assignment.notebook, as_version=4)
    del broken.cells[2].metadata.nbgrader["points"]
    nbformat.write(broken, assignment.notebook)
    course = Course(assignment, release)
    with pytest.raises((GradeError, KeyError)), course:
        pass
    assert not course.root.exists()
    assert NAME in str(assignment.notebook)


def test_an_empty_gradebook_is_the_one_that_generate_assignment_makes(course: Course, tmp_path: Path) -> None:
    """Row by row, but for the numbers that nbgrader draws."""
    made = tmp_path / "gradebook.db"
    make_gradebook(made, course.assignment)
    rows, theirs = _rows(made), _rows(course.gradebook)
    assert all(rows[table] for table in ("alembic_version", "assignment", "grade_cells", "source_cell"))
    for table in ("alembic_version", "course", "assignment", "notebook", "base_cell", "grade_cells", "solution_cells"):
        assert rows[table] == theirs[table], table
    assert rows["source_cell"] == theirs["source_cell"]


def test_a_notebook_that_nbgrader_cannot_use_leaves_no_gradebook(tmp_path: Path) -> None:
    """As `nbgrader generate_assignment` refuses it."""
    assignment, _ = write_course(tmp_path)
    notebook = nbformat.read(assignment.notebook, as_version=4)
    notebook.cells.append(nbformat.from_dict(notebook.cells[-1] | {"id": "another"}))  # two cells of one grade_id
    nbformat.write(notebook, assignment.notebook)
    with pytest.raises(GradeError, match="nbgrader cannot use"):
        make_gradebook(tmp_path / "gradebook.db", assignment)
    assert not (tmp_path / "gradebook.db").exists()


def test_our_own_limit_is_no_fault_of_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine, generate_assignment may be stopped: that is said, and the source is not blamed."""
    monkeypatch.setattr(module, "GENERATE_SECONDS", 0.01)
    course = Course(*write_course(tmp_path))
    with (
        pytest.raises(OutOfTimeError, match=r"^`nbgrader generate_assignment` was stopped: it may take 0\.01 s"),
        course,
    ):
        pass
    assert not course.root.exists()


def test_nbgrader_that_is_stopped_keeps_what_it_printed(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record says which command it was, how long it may take, and its last words."""
    monkeypatch.setattr(module, "GRACE_SECONDS", -59.9)
    nbformat.write(submission(), tmp_path / "x.ipynb")
    course.submit("eve", tmp_path / "x.ipynb")
    (course.root / "nbgrader.log").write_text("last words")
    ran = course.autograde("eve", timeout=60)
    assert (ran.status, ran.notebook) == ("timeout", None)
    assert ran.late is not None
    assert ran.late.message.startswith("`nbgrader autograde` was stopped: it may take 0.1 s")
    assert "It had printed:\nlast words" in ran.late.message


def test_a_gradebook_learns_new_points(tmp_path: Path) -> None:
    """The source's cells count as they are now, as after another `nbgrader generate_assignment`."""
    assignment, _ = write_course(tmp_path)
    path = tmp_path / "gradebook.db"
    make_gradebook(path, assignment)
    notebook = nbformat.read(assignment.notebook, as_version=4)
    notebook.cells[2].metadata.nbgrader["points"] = 7
    nbformat.write(notebook, assignment.notebook)
    update_gradebook(path, assignment)
    with Gradebook(f"sqlite:///{path}") as gradebook:
        assert gradebook.find_grade_cell("ex1_test", NAME, NAME).max_score == 7


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own, of each submission that it adds
def test_a_gradebook_that_does_not_fit_is_left_as_it_was(tmp_path: Path) -> None:
    """Cells that were added after the first submission are refused by nbgrader, and nothing is lost."""
    assignment, _ = write_course(tmp_path)
    path = tmp_path / "gradebook.db"
    make_gradebook(path, assignment)
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(NAME, "ada")
    notebook = nbformat.read(assignment.notebook, as_version=4)
    del notebook.cells[2]
    nbformat.write(notebook, assignment.notebook)
    with pytest.raises(GradeError, match="Cannot add or remove cells"):
        update_gradebook(path, assignment)
    assert path.exists()


def _rows(path: Path) -> dict[str, list[str]]:
    """Return a database's rows by table, without random ids."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608
    return {name: sorted(re.sub(r"'[0-9a-f]{32}'", "id", repr(row)) for row in rows) for name, rows in found.items()}
