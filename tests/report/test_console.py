"""The class on the console."""

import io
from pathlib import Path

from rich.console import Console

from autograder.model import CheckResult, SubmissionResult
from autograder.report import print_table


def _print(*results: SubmissionResult) -> str:
    file = io.StringIO()
    print_table(results, Path("out"), Console(file=file, width=100))
    return file.getvalue()


def test_a_row_says_what_went_wrong() -> None:
    """A student's marks stand by exercise; what is only missing because of another mistake is not repeated."""
    checks = (
        CheckResult("ex1_a", "passed", 2.0, 2.0),
        CheckResult("ex2_b", "failed", 0.0, 3.0, "wrong_layer", "conv1", "x"),
        CheckResult("ex2_c", "failed", 0.0, 1.0, "missing", "emb", "x"),
        CheckResult("ex2_d", "skipped", 0.0, 1.0),
        CheckResult("ex2_e", "error", 0.0, 1.0),
    )
    printed = _print(SubmissionResult("ada", "hw", "timeout", 2.0, 8.0, "process", 1.0, None, checks))
    assert "2 / 8" in printed
    assert "✗ ✗ · !" in printed
    assert "timeout, wrong layer (conv1), ex2_e needs a person" in printed
    assert "Sandbox: process" in printed


def test_names_cannot_steer_the_terminal() -> None:
    """Control characters and markup in a name are shown, not obeyed."""
    printed = _print(SubmissionResult("\x1b[2J[red]ada[/nope]", "hw", "graded", 0.0, 0.0, "process", 1.0))
    assert "?[2J[red]ada[/nope]" in printed


def test_a_long_name_gives_way_and_scores_do_not() -> None:
    """On a narrow terminal too, each score and each sign of a check is there; the name ends in dots."""
    checks = tuple(CheckResult(f"ex{n}_{part}", "passed", 1.5, 1.5) for n in (1, 2, 3) for part in "abcd")
    result = SubmissionResult("a-name-" * 20, "hw", "graded", 18.0, 18.0, "process", 1.0, None, checks)
    for width in (60, 80, 200):
        file = io.StringIO()
        print_table([result], Path("out"), Console(file=file, width=width))
        row = next(line for line in file.getvalue().splitlines() if line.startswith("a-name-"))
        assert "… " in row
        assert "18 / 18" in row
        assert row.count("✓ ✓ ✓ ✓") == 3


def _missing(name: str, detail: str | None = None) -> CheckResult:
    return CheckResult(name, "failed", 0.0, 1.0, "missing", detail, "x")


def _student(*checks: CheckResult) -> SubmissionResult:
    return SubmissionResult("ada", "hw", "graded", 0.0, 2.0, "process", 1.0, None, checks)


def test_an_exercise_that_was_left_out_is_named() -> None:
    """It stands behind the mistakes, and its checks carry no cross."""
    wrong = CheckResult("ex2_a", "failed", 0.0, 1.0, "wrong_layer", "conv1", "x")
    row = next(line for line in _print(_student(wrong, _missing("ex3_b"))).splitlines() if line.startswith("ada"))
    assert " ".join(row.split()) == "ada 0 / 2 ✗ - wrong layer (conv1), exercise 3: not answered"


def test_a_blank_submission_is_told() -> None:
    """Nothing was answered: no mistake is named."""
    assert "nothing was answered" in _print(_student(_missing("ex2_a"), _missing("ex3_b")))


def test_who_answered_in_words_did_not_answer_nothing() -> None:
    """The exercises are named one by one, for the answers in words are there."""
    file = io.StringIO()
    results = (_student(_missing("ex2_a"), _missing("ex3_b")),)
    print_table(results, Path("out"), Console(file=file, width=200), wrote={"ada"})
    assert "exercise 2, exercise 3: not answered" in file.getvalue()


def test_an_answer_that_is_missing_from_a_begun_exercise_is_named() -> None:
    """Who wrote something did not leave the exercise out."""
    printed = _print(_student(_missing("ex2_a", "reps"), _missing("ex2_b", "emb")))
    assert "missing (reps)" in printed
    assert "nothing" not in printed
