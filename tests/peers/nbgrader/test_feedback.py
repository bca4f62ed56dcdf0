"""What nbgrader's feedback page shows of a test cell."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from autograder.checks import CheckFailed, CheckSkipped
from autograder.peers.nbgrader import course_config
from autograder.peers.nbgrader.feedback import FeedbackExporter, about_test, failure_card


def error(failure: Exception):
    """Return an exception as a notebook's output, with a traceback through a hidden test."""
    return new_output("error", ename=type(failure).__name__, evalue=str(failure), traceback=["secret = 42"])


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("# Points: a map.\nassert x", "Points: a map."),
        ("\n# Points", "Points"),
        ("assert x  # no", ""),
        ("### BEGIN HIDDEN TESTS", ""),
        ("", ""),
    ],
)
def test_a_tests_first_comment_is_told(source: str, told: str) -> None:
    """The rest of a test is the instructor's."""
    assert about_test(source) == told


@pytest.mark.parametrize(
    ("failure", "words", "status"),
    [
        (CheckFailed("wrong_layer", "`x` is another's.", "conv1"), "<code>x</code> is another", "failed"),
        (CheckSkipped("missing", "nothing there"), "nothing there", "skipped"),
        (NameError("<b>x</b>"), "NameError: &lt;b&gt;x", "failed"),
        (AssertionError(), "AssertionError<", "failed"),
    ],
)
def test_a_failure_is_a_message(failure: Exception, words: str, status: str) -> None:
    """A check's message and kind of mistake; of another error its own words, as text; no line of the test."""
    card = failure_card(error(failure))
    assert words in card
    assert f"check-{status}" in card
    assert "secret" not in card


@pytest.mark.parametrize(("reason", "words"), [("timeout", "took too long"), ("other", "ended by itself")])
def test_what_was_not_reached_is_told(reason: str, words: str) -> None:
    """A cell that was never run says why."""
    assert words in failure_card(new_output("error", ename="NotRun", evalue=reason, traceback=[]))


def page(tmp_path, outputs) -> str:
    """Return a page of one test cell, by the course's configuration, as nbgrader would."""
    marks = {"grade": True, "solution": False, "grade_id": "ex1", "score": 0.0, "points": 2.0}
    source = "# Points: <i>one</i>.\n### BEGIN HIDDEN TESTS\nsecret = 42\n### END HIDDEN TESTS"
    cell = new_code_cell(source, outputs=outputs, metadata={"nbgrader": marks})
    resources = {"nbgrader": {"notebook": "tiny", "score": 0.0, "max_score": 2.0, "late_penalty": 0}}
    text, _ = FeedbackExporter(config=course_config(tmp_path)).from_notebook_node(
        new_notebook(cells=[cell]), resources=resources
    )
    return str(text)


def test_a_page_hides_the_test(tmp_path) -> None:
    """Points and comment are there, as text; the test's code and traceback aren't."""
    text = page(tmp_path, [error(CheckFailed("missing", "no value"))])
    assert "secret" not in text
    assert "Points: &lt;i&gt;one&lt;/i&gt;." in text
    assert "0 / 2" in text
    assert "no value" in text


def test_a_passed_check_keeps_its_card(tmp_path) -> None:
    """Colours come from the page: what a notebook shows loses its own style."""
    html = '<div class="check check-passed" style="color:red"><div class="check-heading">fine</div></div>'
    text = page(tmp_path, [new_output("display_data", data={"text/html": html, "text/plain": "fine"})])
    assert '<div class="check check-passed"><div class="check-heading">fine</div></div>' in text
    assert ".check-passed" in text
