"""What people wrote into the gradebook comes back as records."""

import hashlib
from pathlib import Path

import psutil
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
"""An id that is no folder's name: the gradebook keeps it beside the folder's."""


def _result(student: str, score: float = 3.0) -> SubmissionResult:
    checks = (CheckResult("ex1_test", "passed", score, 3.0),)
    return SubmissionResult(student, NAME, "graded", score, 3.0, "process", 1.0, None, checks)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AssignmentPlan]:
    """A gradebook of two students: one answered in words, the other left the answer as it was."""
    root = tmp_path_factory.mktemp("course")
    assignment, release = write_course(root)
    plan = make_plan(assignment.folder, release)
    path = root / "gradebook.db"
    prepare_gradebook(path, assignment, plan)
    with Grades(path, plan) as grades:
        grades.record(_result(STUDENT), blank_answers(submission(), plan))
    with Grades(path, plan) as grades:
        grades.record(_result("bob"), blank_answers(submission(words="YOUR ANSWER HERE"), plan))
    return path, plan


@pytest.fixture
def path(made: tuple[Path, AssignmentPlan], tmp_path: Path) -> Path:
    """A copy of it, to write into."""
    copy = tmp_path / "gradebook.db"
    copy.write_bytes(made[0].read_bytes())
    return copy


def _give(path: Path, cell: str, score: float | None = None, comment: str = "", extra: float | None = None) -> None:
    """Do what formgrader does when a person types a score and a comment."""
    with Gradebook(f"sqlite:///{path}") as gradebook:
        student = next(student.id for student in gradebook.students if student.lms_user_id == STUDENT)
        grade = gradebook.find_grade(cell, NAME, NAME, student)
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = score, extra, score is None
        for found in gradebook.find_submission_notebook(NAME, NAME, student).comments:
            if found.name == cell:
                found.manual_comment = comment
        gradebook.db.commit()


def test_an_answer_that_nobody_has_looked_at_has_no_score(path: Path) -> None:
    """What waits for a person is None and not 0; what was left as it was is blank, and needs nobody."""
    assert read_marks(path) == {
        STUDENT: (Mark("ex1_written", None, 2.0),),
        "bob": (Mark("ex1_written", 0.0, 2.0, blank=True),),
    }


def test_our_own_fault_is_nobodys_zero(path: Path, made: tuple[Path, AssignmentPlan]) -> None:
    """A check that could not be made has no score, and waits for a person."""
    broken = CheckResult("ex1_test", "error", 0.0, 3.0, message="It ended the judging process.")
    result = SubmissionResult("eve", NAME, "graded", 0.0, 3.0, "process", 1.0, None, (broken,))
    with Grades(path, made[1]) as grades:
        grades.record(result, ())
    with Gradebook(f"sqlite:///{path}") as gradebook:
        grade = gradebook.find_grade("ex1_test", NAME, NAME, "eve")
        assert (grade.auto_score, grade.needs_manual_grade) == (None, True)


def test_a_mark_comes_with_its_comment(path: Path) -> None:
    """A person's points and words are read, under the id that results.jsonl has."""
    _give(path, "ex1_written", 1.5, "Why <b>so</b>?\nSay more.")
    assert read_marks(path)[STUDENT] == (Mark("ex1_written", 1.5, 2.0, "Why <b>so</b>?\nSay more."),)


def test_extra_credit_counts(path: Path) -> None:
    """Points on top are part of the score, as they are in formgrader."""
    _give(path, "ex1_written", 2.0, extra=0.5)
    assert read_marks(path)[STUDENT][0].score == 2.5


def test_a_zero_is_a_mark(path: Path) -> None:
    """Somebody who gave 0 has looked."""
    _give(path, "ex1_written", 0.0)
    assert read_marks(path)[STUDENT][0].score == 0.0


@pytest.mark.parametrize(("score", "comment"), [(0.0, ""), (1.0, "All the same.")])
def test_a_mark_for_a_blank_answer_is_a_persons(path: Path, score: float, comment: str) -> None:
    """Who types points for it, 0 or more, has looked: it is blank no longer, and the machine's words are no comment."""
    apply_marks(path, NAME, given({"bob": (Mark("ex1_written", score, 2.0, comment),)}))
    assert read_marks(path)["bob"] == (Mark("ex1_written", score, 2.0, comment),)


def test_marks_stay_when_the_class_is_graded_again(path: Path, made: tuple[Path, AssignmentPlan]) -> None:
    """The machine's second run takes no person's mark away."""
    _give(path, "ex1_written", 1.0)
    with Grades(path, made[1]) as grades:
        grades.record(_result(STUDENT, 0.0), blank_answers(submission("answer = 41"), made[1]))
    assert read_marks(path)[STUDENT][0].score == 1.0


def test_only_tests_that_a_person_changed_are_overrides(path: Path) -> None:
    """The machine's own score is none; one typed over it is."""
    assert read_overrides(path) == {}
    _give(path, "ex1_test", 2.0)
    assert read_overrides(path) == {STUDENT: (Mark("ex1_test", 2.0, 3.0),)}


def test_points_on_top_of_a_test_are_an_override(path: Path) -> None:
    """Extra credit stands on top of the machine's score."""
    _give(path, "ex1_test", extra=1.0)
    assert read_overrides(path)[STUDENT][0].score == 4.0


def test_reading_changes_nothing(path: Path) -> None:
    """The gradebook has the same bytes afterwards."""
    before = hashlib.sha256(path.read_bytes()).digest()
    read_marks(path)
    read_overrides(path)
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_no_gradebook_is_no_marks(tmp_path: Path) -> None:
    """A file that is not there is not made."""
    assert read_marks(tmp_path / "gradebook.db") == {}
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_gradebook_is_told(tmp_path: Path) -> None:
    """Another file under this name is named, not overwritten."""
    path = tmp_path / "gradebook.db"
    path.write_text("no database, but long enough to look like a page of one" * 20)
    opened = psutil.Process().num_fds()
    with pytest.raises(GradeError, match="is no gradebook"):
        read_marks(path)
    assert psutil.Process().num_fds() == opened


def test_every_written_answer_has_a_mark(made: tuple[Path, AssignmentPlan]) -> None:
    """The cells that are read are those that the assignment leaves to people, and no test is among them."""
    written = {cell.grade_id for cell in made[1].graded if cell.kind == "written"}
    assert {mark.name for mark in read_marks(made[0])[STUDENT]} == written
