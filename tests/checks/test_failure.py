"""Failures carry an id that graders read back from the text, whatever the text says."""

import pickle
import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import CheckFailed, CheckSkipped
from autograder.checks.cards import Card
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


def test_a_card_escapes_what_students_write():
    """Student text is hostile: it is shown, never interpreted."""
    html = Card("failed", '`<script>alert(1)</script>` & "x"', ("<b>",))._repr_html_()
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<code>&lt;script&gt;" in html
    assert "<code>" not in Card("failed", "an `odd backtick")._repr_html_()


@pytest.mark.parametrize("status", ["passed", "failed", "skipped"])
def test_no_card_reads_as_a_number(status):
    """nbgrader takes a result that float() accepts as partial credit."""
    with pytest.raises(ValueError, match="could not convert"):
        float(repr(Card(status, "1.0")))


def test_a_notebook_shows_a_card_and_one_line(monkeypatch):
    """IPython asks the exception for its traceback; no test source stands in it."""
    shown = []
    shell = types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", types.SimpleNamespace(display=shown.append))
    failure = CheckFailed("missing", "no value")
    assert failure._render_traceback_() == ["CheckFailed: missing (see above)"]
    assert failure._render_traceback_() == ["CheckFailed: missing (see above)"]
    (card,) = shown  # once, although IPython asks twice
    assert "no value" in card._repr_html_()


def test_elsewhere_there_is_only_text(monkeypatch):
    """Without IPython nothing is displayed."""
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    assert CheckFailed("missing", "no value")._render_traceback_() == ["CheckFailed: no value [missing]"]
