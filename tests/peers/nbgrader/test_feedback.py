"""What nbgrader's feedback page shows of a test cell."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook

from autograder.checks import CheckFailed, CheckSkipped
from autograder.peers.nbgrader import course_config
from autograder.peers.nbgrader.feedback import FeedbackExporter, about_test, failure_card
from autograder.peers.nbgrader.preprocessors import GetMarks

PREPROCESSORS = GetMarks.__module__


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


def page(tmp_path, outputs, **changes) -> str:
    """Return a page of one test cell, by the course's configuration, as nbgrader would."""
    marks = {"grade": True, "solution": False, "grade_id": "ex1", "score": 0.0, "points": 2.0} | changes
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


def test_what_nobody_marked_has_no_score(tmp_path) -> None:
    """A written answer that no person has read is no answer without points."""
    text = page(tmp_path, [], score=None, solution=True)
    assert "not marked yet, of 2" in text
    assert "1 answer is not marked yet" in text
    assert "0 / 2" not in text
    assert "not marked yet" not in page(tmp_path, [], score=0.0, solution=True)


SCORES = {"ada": (None, None, None), "emmy": (0.0, None, 0.0), "mary": (1.5, None, 1.5), "alan": (None, 2.0, 2.0)}
"""By student: what a person gave, what a test gave, and the score."""


def test_a_score_is_none_until_somebody_gave_it(tmp_path) -> None:
    """A person or a test; a person's 0 is a score."""
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(url) as gradebook, gradebook.db.no_autoflush:
        gradebook.add_assignment("hw")
        gradebook.add_notebook("hw", "hw")
        gradebook.add_grade_cell("why", "hw", "hw", max_score=4, cell_type="markdown")
        gradebook.add_solution_cell("why", "hw", "hw")
        for student, (manual, auto, _) in SCORES.items():
            gradebook.add_student(student)
            gradebook.add_submission("hw", student)
            grade = gradebook.find_grade("why", "hw", "hw", student)
            grade.manual_score, grade.auto_score = manual, auto
        gradebook.db.commit()
    marks = {"grade": True, "solution": True, "grade_id": "why", "schema_version": 3, "cell_type": "markdown"}
    scores = {}
    for student in SCORES:
        notebook = new_notebook(cells=[new_markdown_cell("So.", metadata={"nbgrader": marks})])
        resources = {"nbgrader": {"notebook": "hw", "assignment": "hw", "student": student, "db_url": url}}
        read, _ = GetMarks().preprocess(notebook, resources)
        scores[student] = read.cells[0].metadata.nbgrader.score
    assert scores == {student: score for student, (_, _, score) in SCORES.items()}
    assert f"{PREPROCESSORS}.GetMarks" in course_config(tmp_path).GenerateFeedback.preprocessors
