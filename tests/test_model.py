"""What the records say by themselves."""

import pytest

from autograder.model import CheckResult, Mark, SubmissionResult, exercise_of, exercise_title, has_written


def _check(
    name: str, status: str = "failed", diagnosis: str | None = "missing", detail: str | None = None
) -> CheckResult:
    return CheckResult(name, status, 0.0, 1.0, diagnosis, detail)  # type: ignore[arg-type]


def _result(*checks: CheckResult) -> SubmissionResult:
    return SubmissionResult("ada", "hw", "graded", 0.0, 3.0, "process", 1.0, None, checks)


@pytest.mark.parametrize(
    ("grade_id", "title"),
    [("ex2_map", "Exercise 2"), ("exercise10_a_b", "Exercise 10"), ("pixels_map", "Pixels"), ("extra", "Extra")],
)
def test_an_exercise_is_named_by_its_cells(grade_id: str, title: str) -> None:
    """Whatever an assignment calls its cells, pages call the exercise the same."""
    assert exercise_title(exercise_of(grade_id)) == title


def test_an_exercise_of_which_all_is_missing_is_unanswered() -> None:
    """Skipped or failed: nothing of it is there."""
    result = _result(_check("ex1_a", "passed", None), _check("ex2_a"), _check("ex2_b", "skipped"))
    assert result.unanswered == ("ex2",)
    assert result.not_answered() == "exercise 2: not answered"
    assert [check.name for check in result.begun_checks] == ["ex1_a"]


@pytest.mark.parametrize(
    "other",
    [
        _check("ex2_b", "passed", None),
        _check("ex2_b", diagnosis="wrong_layer"),
        _check("ex2_b", detail="reps"),
        _check("ex2_b", "skipped", None),
        _check("ex2_b", "error", None),
    ],
)
def test_an_exercise_that_was_begun_is_not_unanswered(other: CheckResult) -> None:
    """One answer, one mistake, a stop or our own fault: it may not be said that nothing was done."""
    result = _result(_check("ex2_a"), other)
    assert (result.unanswered, result.not_answered()) == ((), "")


def test_nothing_was_answered_where_words_are_missing_too() -> None:
    """No check sees an answer in words: whoever asks has to know of it."""
    result = _result(_check("ex2_a"), _check("pixels_a"))
    assert result.not_answered() == "nothing was answered"
    assert result.not_answered(wrote=True) == "exercise 2, pixels: not answered"
    assert _result().not_answered() == ""


@pytest.mark.parametrize(("score", "wrote"), [(None, True), (2.0, True), (0.0, False)])
def test_an_answer_in_words_waits_or_has_points(score: float | None, wrote: bool) -> None:
    """A blank one has 0 points from the start."""
    assert has_written([Mark("ex1_written", score, 4.0)]) is wrote
