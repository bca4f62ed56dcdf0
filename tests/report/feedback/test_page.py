"""A student's page: what stands on it, and what never does."""

import base64
import dataclasses
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output
from PIL import Image, PngImagePlugin

from autograder.model import CheckResult, SubmissionResult
from autograder.report import write_page
from autograder.report.feedback.page import exercises, render_page
from tests.grade.tiny import submission

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"


class Elements(HTMLParser):
    """Collects a page's tags with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take one tag."""
        self.found.append((tag, dict(attrs)))


def _png(size: tuple[int, int] = (40, 30)) -> str:
    file, secret = io.BytesIO(), PngImagePlugin.PngInfo()
    secret.add_text("Comment", HOSTILE)
    Image.new("RGB", size, "navy").save(file, "PNG", pnginfo=secret)
    return base64.b64encode(file.getvalue()).decode()


def _executed(*outputs: NotebookNode) -> NotebookNode:
    notebook = submission(words=HOSTILE)
    notebook.cells[1].outputs = list(outputs)
    notebook.cells[2].source += "### BEGIN HIDDEN TESTS\nassert answer == 42\n### END HIDDEN TESTS"
    return notebook


def _result(status: str = "failed", message: str | None = None, **fields: object) -> SubmissionResult:
    check = CheckResult("ex1_test", status, 0.0, 3.0, "wrong_layer", "conv1", message)  # type: ignore[arg-type]
    values = {"student": "ada", "assignment": "tiny", "status": "graded", "score": 0.0, "max_score": 3.0}
    return SubmissionResult(**{**values, "isolation": "process", "seconds": 1.0, "checks": (check,), **fields})  # type: ignore[arg-type]


def test_score_mistake_and_words_are_shown() -> None:
    """The page has the score, the mistake with its message, what the check is about, and the answer in words."""
    page = render_page("Tiny", _result(message="`answer` is off."), submission())
    assert "<strong>0</strong> of 3" in page
    assert "<code>answer</code> is off." in page
    assert "wrong layer" in page
    assert "The answer to everything." in page
    assert "I think so." in page
    assert "marked by a person" in page


def test_a_blank_answer_is_told() -> None:
    """An answer left as it was given is not said to wait for a person."""
    notebook = submission(words="  ")
    assert "no answer" in render_page("Tiny", _result(), notebook)


def test_no_hidden_test_and_no_solution() -> None:
    """Nothing of a test's code stands on the page: the executed notebook holds the hidden ones."""
    page = render_page("Tiny", _result(), _executed())
    assert "assert" not in page
    assert "HIDDEN" not in page


@pytest.mark.parametrize("where", ["student", "message", "words", "title"])
def test_hostile_text_is_text(where: str) -> None:
    """Whatever a student writes, in any place, is shown as it was written and makes no element."""
    result = _result(message=f"`{HOSTILE}` {HOSTILE}" if where == "message" else None)
    if where == "student":
        result = _result(student=HOSTILE)
    page = render_page(HOSTILE if where == "title" else "Tiny", result, _executed())
    elements = Elements(page).found
    assert not any(tag == "script" or name.startswith("on") for tag, attributes in elements for name in attributes)
    assert "script" not in {tag for tag, _ in elements}
    assert "49" not in page


def test_nothing_is_loaded() -> None:
    """The page forbids everything but its own style and pictures, and refers to nothing outside."""
    page = render_page("Tiny", _result(), _executed(new_output("display_data", {"image/png": _png()})))
    (policy,) = (a["content"] for tag, a in Elements(page).found if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'none'; img-src data:; style-src 'sha256-")
    assert not re.search(r"https?://|url\(|@import", page)


def test_own_pictures_are_encoded_anew() -> None:
    """A plot becomes a PNG of ours: the pixels stay, texts and other chunks go."""
    notebook = _executed(new_output("display_data", {"image/png": _png(), "text/html": HOSTILE}))
    (exercise,) = exercises(_result(), notebook)
    (picture,) = exercise.pictures
    data = base64.b64decode(picture.source.partition(",")[2])
    image = Image.open(io.BytesIO(data))
    assert (image.size, image.format) == ((40, 30), "PNG")
    assert b"script" not in data


@pytest.mark.parametrize(
    "data", ["no base64", base64.b64encode(b"\x89PNG\r\n\x1a\nrubbish").decode(), "", _png()[:60], ["a"]]
)
def test_what_is_no_png_is_left_out(data: object) -> None:
    """A broken or lying picture costs itself and no more."""
    page = render_page("Tiny", _result(), _executed(new_output("display_data", {"image/png": data})))
    assert "<img" not in page


def test_given_cells_pictures_are_left_out() -> None:
    """What locked cells draw is everybody's; cells that the student added count."""
    notebook = submission()
    notebook.cells[0].outputs = [new_output("display_data", {"image/png": _png()})]
    added = nbformat.v4.new_code_cell("plot()", outputs=[new_output("display_data", {"image/png": _png()})])
    notebook.cells.append(added)
    assert [len(exercise.pictures) for exercise in exercises(_result(), notebook)] == [0, 1]


@pytest.mark.parametrize("status", ["timeout", "unreadable"])
def test_what_stopped_it_is_told(tmp_path: Path, status: str) -> None:
    """A submission that was never run has a page too."""
    path = tmp_path / "ada" / "tiny.html"
    result = dataclasses.replace(_result("skipped"), status=status, message="No notebook.")
    write_page("Tiny")(result, None, path)
    assert status.capitalize() in path.read_text("utf-8")
    assert "No notebook." in path.read_text("utf-8")


def test_an_exercise_that_was_left_out_is_no_mistake() -> None:
    """Its checks say that they were not answered, and name no kind of mistake."""
    missing = CheckResult("ex3_map", "failed", 0.0, 1.0, "missing", None, "`emb` is None.")
    page = render_page("T", SubmissionResult("ada", "hw", "graded", 0.0, 1.0, "process", 1.0, None, (missing,)), None)
    assert '<span class="badge">not answered</span>' in page
    assert "Kind of mistake" not in page
