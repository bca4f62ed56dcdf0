"""Students' words without the bytes of pictures, and the pictures as pixels that we encoded."""

import base64
import io

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from autograder.assignment.misplaced import WordsElsewhere, note_words
from autograder.assignment.placeholders import OTTER_PROMPT
from autograder.report.written_text import MAX_ANSWER_CHARACTERS, MAX_ANSWER_PICTURES, answers_of, written_text


def _picture(form: str = "PNG", size: tuple[int, int] = (40, 30)) -> str:
    file = io.BytesIO()
    Image.new("RGB", size, "navy").save(file, form)
    return base64.b64encode(file.getvalue()).decode()


def _size(source: str) -> tuple[int, int]:
    return Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])), formats=["PNG"]).size


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
@pytest.mark.parametrize("around", ["![m]({})", '<img src="{}">', "[image1]: <{}>"])
def test_a_picture_in_the_text_is_shown(form: str, around: str) -> None:
    """As Colab writes it, as HTML, or as a reference at the end: it becomes a PNG, and the text names it."""
    cell = new_markdown_cell(
        "Look: " + around.format(f"data:image/{form.lower()};base64,{_picture(form)}") + "\nSevens."
    )
    text = written_text(cell)
    assert text.words == "Look: " + around.format("picture 1") + "\nSevens."
    assert [_size(picture) for picture in text.pictures] == [(40, 30)]


def test_an_attachment_is_shown() -> None:
    """As JupyterLab pastes it, under a name with a space; a name that is no attachment's stays as it was typed."""
    cell = new_markdown_cell("![a](attachment:my%20map.png) ![b](attachment:gone.png)")
    cell["attachments"] = {"my map.png": {"image/png": _picture()}}
    text = written_text(cell)
    assert text.words == "![a](picture 1) ![b](attachment:gone.png)"
    assert len(text.pictures) == 1


def test_a_limit_counts_words() -> None:
    """A large picture pushes no word out of sight; of too many words the first are shown."""
    picture = f"![m](data:image/png;base64,{_picture() * 3000})"
    assert len(picture) > MAX_ANSWER_CHARACTERS
    assert written_text(new_markdown_cell(f"{picture}\n\nSevens and nines mix.")).words.endswith(
        "Sevens and nines mix."
    )
    assert written_text(new_markdown_cell("x" * 30_000)).words == "x" * MAX_ANSWER_CHARACTERS + "…"


@pytest.mark.parametrize("data", ["AAAA", "", base64.b64encode(b"<svg onload=alert(1)>").decode()])
def test_what_is_no_picture_is_said(data: str) -> None:
    """Bytes that can't be decoded are shown to nobody, and take no room."""
    text = written_text(new_markdown_cell(f"![](data:image/png;base64,{data or 'A'})"))
    assert (text.words, text.pictures) == ("![](a picture that is not shown)", ())


def test_of_many_pictures_the_first_are_shown() -> None:
    """A page stays small."""
    text = written_text(new_markdown_cell(f"![](data:image/png;base64,{_picture()}) " * 20))
    assert len(text.pictures) == MAX_ANSWER_PICTURES


@pytest.mark.parametrize("own", ["Sevens.", "YOUR ANSWER HERE", OTTER_PROMPT, ""])
def test_an_answer_is_what_stands_in_its_cell_and_elsewhere(own: str) -> None:
    """What asks for an answer is none; words elsewhere say where they stand."""
    below, marks = new_code_cell("# Nines."), {"nbgrader": {"grade_id": "q", "grade": True, "solution": True}}
    answer = new_markdown_cell(own, metadata=marks)
    note_words(
        answer, [WordsElsewhere("written as code below the answer's cell", below.id), WordsElsewhere("gone", "x")]
    )
    found = [(text.words, text.where) for text in answers_of(new_notebook(cells=[answer, below]).cells)["q"]]
    assert found == [
        *([("Sevens.", "")] if own == "Sevens." else []),
        ("# Nines.", "written as code below the answer's cell"),
    ]
