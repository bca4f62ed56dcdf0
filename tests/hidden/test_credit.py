"""What stays of a test's points where nbgrader or otter runs its text."""

import contextlib
import io

import pytest

from autograder.assignment.credit import with_credit
from autograder.checks.failure import CheckFailed
from autograder.hidden.credit import needs_share
from autograder.model import Credit
from tests.grade.tiny import source


def _run(text, answer):
    """Run a cell's text as a kernel does; return what it ends with and what it printed."""
    names, printed = {"answer": answer, "open": lambda _: io.StringIO("as released")}, io.StringIO()
    *body, last = text.rsplit("\n", 2)[:-1]
    with contextlib.redirect_stdout(printed):
        exec(body[0], names)  # noqa: S102 (our own code)
        return eval(last, names), printed.getvalue()  # noqa: S307 (our own code)


def test_nbgraders_text_gives_the_share():
    """It ends with the points that stay; what has no share is raised as before."""
    cell = with_credit(source(), Credit({"wrong_layer": 0.75})).cells[2]
    points, printed = _run(cell.source, 41)
    assert points == 2.25
    assert "is another layer's. [wrong_layer: conv1]" in printed
    assert _run(cell.source, 42) == (None, "")
    with pytest.raises(AssertionError, match="nothing to look at"):
        _run(cell.source, 40)
    with pytest.raises(AssertionError, match="has to be positive"):
        _run(cell.source, 0)


def test_a_number_at_the_end_stays_the_score():
    """A test that gives points by itself goes on doing so."""
    notebook = source()
    notebook.cells[2].source = "assert answer\n1.5"
    cell = with_credit(notebook, Credit({"wrong_layer": 0.75})).cells[2]
    assert _run(cell.source, 42) == (1.5, "")


def test_checks_that_travel_with_the_release_count():
    """Their class is another one, of the same name."""

    class _Other(AssertionError):
        pass

    _Other.__name__ = "CheckFailed"
    notebook = source()
    notebook.cells[2].source = "raise Failure(text)"
    cell = with_credit(notebook, Credit({"pooled": 0.5})).cells[2]
    for kind, text in ((_Other, "No. [pooled]"), (CheckFailed, None)):
        failure = kind("pooled", "No.") if text is None else kind(text)
        names = {"Failure": lambda _, failure=failure: failure, "text": text}
        body, last = cell.source.rsplit("\n", 2)[:-1]
        exec(body, names)  # noqa: S102 (our own code)
        assert eval(last, names) == 1.5  # noqa: S307 (our own code)


def test_a_case_of_otters_needs_its_share():
    """It holds where at least so much stays, and raises what the test raised where less does."""

    def test():
        raise CheckFailed("pooled", "No.")

    needs_share(test, {"pooled": 0.5}, 0.5)
    needs_share(test, {"pooled": 0.5}, 0.25)
    needs_share(lambda: None, {}, 1.0)
    for shares, least in (({"pooled": 0.5}, 0.75), ({"transposed": 0.5}, 0.25)):
        with pytest.raises(CheckFailed, match="No"):
            needs_share(test, shares, least)
