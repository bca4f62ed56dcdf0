"""Failures carry an id that graders read back from the text, whatever the text says."""

import pickle
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbgrader.validator import Validator
from traitlets.config import Config

from autograder.checks import CheckFailed, CheckSkipped
from autograder.checks.failure import parse_failure

IDS = st.sampled_from(["missing", "wrong_layer", "not_these_activations"])


@given(message=st.text(), diagnosis=IDS, detail=st.none() | st.sampled_from(["conv1_relu", "layer 3"]))
def test_any_message_can_be_read_back(message, diagnosis, detail):
    """The tail is parsed from the end, so that brackets in a message change nothing."""
    failure = CheckFailed(diagnosis, message, detail)
    assert parse_failure("CheckFailed", str(failure)) == (diagnosis, detail, message)


def test_a_message_that_ends_like_a_diagnosis_is_still_a_message():
    """A student's text can't choose the diagnosis."""
    assert parse_failure("CheckFailed", str(CheckFailed("missing", "x [wrong_layer: conv1]"))) == (
        "missing",
        None,
        "x [wrong_layer: conv1]",
    )


@pytest.mark.parametrize(
    ("ename", "evalue"), [("AssertionError", "no [missing]"), ("CheckFailed", "no tail"), ("", "")]
)
def test_other_errors_have_no_diagnosis(ename, evalue):
    """Only our own exceptions are read."""
    assert parse_failure(ename, evalue) == (None, None, evalue)


def test_a_skip_is_a_failure_with_another_status():
    """Both are assertion errors: plain graders give no points for either."""
    skip = CheckSkipped("missing", "nothing to compare with")
    assert isinstance(skip, CheckFailed)
    assert isinstance(skip, AssertionError)
    assert (skip.status, CheckFailed("missing", "").status) == ("skipped", "failed")
    assert parse_failure("CheckSkipped", str(skip))[0] == "missing"


def test_a_failure_survives_pickling():
    """It can travel between processes."""
    failure = pickle.loads(pickle.dumps(CheckFailed("pooled", "text", "pool")))  # noqa: S301 (our own bytes)
    assert (failure.diagnosis, failure.message, failure.detail) == ("pooled", "text", "pool")


def test_the_message_stands_in_the_exception() -> None:
    """IPython, and whatever shows its tracebacks, shows what is wrong: nothing is left to another output."""
    (shown,) = CheckFailed("not_flattened", "`x` has 4 axes.", "conv1")._render_traceback_()
    assert shown.splitlines() == [
        "\x1b[31mCheckFailed: Not right yet\x1b[0m",
        "`x` has 4 axes.",
        "Kind of mistake: not flattened",
    ]
    (skipped,) = CheckSkipped("missing", "first\n\nlast")._render_traceback_()
    assert skipped.splitlines()[:4] == [
        "\x1b[31mCheckSkipped: Could not be checked\x1b[0m", "first", "", "last",
    ]  # fmt: skip


def test_validate_cuts_nothing_off() -> None:
    """`nbgrader validate` prints whole lines: a long message is wrapped to fit."""
    message = "Expected two axes, one flat row for each image. " * 8
    (shown,) = CheckFailed("not_flattened", message)._render_traceback_()
    assert "..." not in Validator()._indent(shown)
    assert " ".join(shown.split()).count(" ".join(message.split())) == 1


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """IPython's shell, with no history on disk."""
    yield InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    InteractiveShell.clear_instance()


def test_a_notebook_shows_a_message_once(shell: InteractiveShell) -> None:
    """A failed check leaves one error and no other output; a card is a display, and no cell's result."""
    with capture_output() as captured:
        shell.run_cell("from autograder.checks import CheckFailed\nraise CheckFailed('missing', 'no value')")
        shell.run_cell("from autograder.checks.cards import Card\nCard('passed', 'fine')")
    assert captured.stdout.count("no value") == 1
    assert "fine" not in captured.stdout
    (card,) = captured.outputs
    assert "fine" in card.data["text/html"]
