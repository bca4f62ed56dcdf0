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
