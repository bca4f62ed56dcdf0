"""Marks go into the gradebook as formgrader writes them, all of them or none."""

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.assignment.plan import AssignmentPlan, make_plan
from autograder.errors import GradeError
from autograder.execute.verdicts import blank_answers
from autograder.grade.gradebook.prepare import Grades, prepare_gradebook
from autograder.grade.gradebook.read import read_marks, read_overrides
from autograder.grade.gradebook.write_marks import apply_marks
from autograder.model import CheckResult, Mark, SubmissionResult
from tests.grade.marking import given
from tests.grade.tiny import NAME, submission, write_course

STUDENT = "Ada Lovelace/4711"
"""An id that is no folder's name."""


def _result(student: str) -> SubmissionResult:
    return SubmissionResult(
        student, NAME, "graded", 3.0, 3.0, "process", 1.0, None, (CheckResult("ex1_test", "passed", 3.0, 3.0),)
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AssignmentPlan]:
    """A gradebook of two students who answered in words."""
    root = tmp_path_factory.mktemp("course")
    assignment, release = write_course(root)
    plan = make_plan(assignment.folder, release)
    path = root / "gradebook.db"
    prepare_gradebook(path, assignment, plan)
    for student in (STUDENT, "bob"):
        with Grades(path, plan) as grades:
            grades.record(_result(student), blank_answers(submission(), plan))
    return path, plan


@pytest.fixture
def path(made: tuple[Path, AssignmentPlan], tmp_path: Path) -> Path:
    """A copy of it, to write into."""
    copy = tmp_path / "gradebook.db"
    copy.write_bytes(made[0].read_bytes())
    return copy


def _mark(score: float | None, comment: str = "") -> tuple[Mark, ...]:
    return (Mark("ex1_written", score, 2.0, comment),)


def test_a_mark_is_read_back(path: Path) -> None:
    """Points and words are what `read_marks` finds afterwards; the other student's answer still waits."""
    assert apply_marks(path, NAME, given({STUDENT: _mark(1.5, "Why <b>so</b>?")})) == 1
    assert read_marks(path) == {STUDENT: _mark(1.5, "Why <b>so</b>?"), "bob": _mark(None)}


def test_formgrader_sees_it_as_marked(path: Path) -> None:
    """What was marked needs no person any more, and the machine's own scores are untouched."""
    apply_marks(path, NAME, given({"bob": _mark(0.0)}))
    with Gradebook(f"sqlite:///{path}") as gradebook:
        assert not gradebook.find_submission(NAME, "bob").needs_manual_grade
        assert gradebook.find_submission(NAME, "bob").score == 3.0
    assert read_overrides(path) == {}


def test_what_is_not_said_stays(path: Path) -> None:
    """A comment without points keeps the points; points without a comment keep the comment."""
    apply_marks(path, NAME, given({"bob": _mark(1.0, "First.")}))
    apply_marks(path, NAME, given({"bob": _mark(None, "Second.")}))
    assert read_marks(path)["bob"] == _mark(1.0, "Second.")
    apply_marks(path, NAME, given({"bob": _mark(2.0)}))
    assert read_marks(path)["bob"] == _mark(2.0, "Second.")


def test_a_comment_alone_leaves_the_answer_to_be_marked(path: Path) -> None:
    """Words are no points."""
    apply_marks(path, NAME, given({"bob": _mark(None, "Later.")}))
    assert read_marks(path)["bob"] == _mark(None, "Later.")


def test_points_replace_the_whole(path: Path) -> None:
    """Extra credit that stood in the old score is not added to the new one."""
    with Gradebook(f"sqlite:///{path}") as gradebook:
        grade = gradebook.find_grade("ex1_written", NAME, NAME, "bob")
        grade.manual_score, grade.extra_credit = 2.0, 0.5
        gradebook.db.commit()
    apply_marks(path, NAME, given({"bob": _mark(1.0)}))
    assert read_marks(path)["bob"] == _mark(1.0)


def test_marks_stay_when_the_class_is_graded_again(path: Path, made: tuple[Path, AssignmentPlan]) -> None:
    """They are a person's, like formgrader's."""
    apply_marks(path, NAME, given({STUDENT: _mark(1.5, "So.")}))
    with Grades(path, made[1]) as grades:
        grades.record(_result(STUDENT), blank_answers(submission("answer = 41"), made[1]))
    assert read_marks(path)[STUDENT] == _mark(1.5, "So.")


@pytest.mark.parametrize(
    ("assignment", "marks", "words"),
    [
        (NAME, {"bob": _mark(1.0), "eve": _mark(1.0)}, "does not know"),
        ("other", {"bob": _mark(1.0)}, "does not know"),
        (NAME, {"bob": (*_mark(1.0), Mark("ex9_written", 1.0, 2.0))}, "no cell 'ex9_written'"),
    ],
)
def test_all_or_nothing(path: Path, assignment: str, marks: dict, words: str) -> None:
    """A student or a cell that is not there keeps every mark of the call out."""
    before = read_marks(path)
    with pytest.raises(GradeError, match=words):
        apply_marks(path, assignment, given(marks))
    assert read_marks(path) == before


def test_a_gradebook_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """The missing file is named."""
    with pytest.raises(GradeError, match="is not there"):
        apply_marks(tmp_path / "gradebook.db", NAME, given({}))
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_gradebook_is_told(tmp_path: Path) -> None:
    """Another file under this name is named, and keeps its bytes."""
    path = tmp_path / "gradebook.db"
    path.write_text("no database, but long enough to look like a page of one" * 20)
    before = path.read_bytes()
    with pytest.raises(GradeError, match="can't be written"):
        apply_marks(path, NAME, given({"bob": _mark(1.0)}))
    assert path.read_bytes() == before
