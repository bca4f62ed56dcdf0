"""The executed notebook as a page shows it: what a student wrote and what came of it, and of the tests that they were there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup
from nbformat import NotebookNode

from autograder.assignment.cells import cell_kind, grade_id
from autograder.report.pictures import picture_of
from autograder.report.safe_html import clean_html, plain_text, render_markdown

__all__ = ["ShownCell", "ShownOutput", "shown_cells"]

MAX_TEXT = 20_000
"""Characters of one cell, and of one output, that a page shows."""
MAX_OUTPUTS = 40
"""Outputs of one cell that a page shows."""
MAX_CELLS = 500
"""Cells that a page shows."""
MAX_GIVEN_PICTURES = 6
"""Pictures of given cells: the student's own stand with the exercises."""

_NOTHING = Markup()


@dataclass(frozen=True)
class ShownOutput:
    """What a cell showed.

    Attributes:
        kind: "text", "html", "picture", or "error" for a traceback.
        text: of a text or an error; what is said in place of a picture that isn't shown.
        html: sanitised.
        source: a picture's `data:` address.
    """

    kind: Literal["text", "html", "picture", "error"]
    text: str = ""
    html: Markup = _NOTHING
    source: str = ""


@dataclass(frozen=True)
class ShownCell:
    """A cell on the page.

    Attributes:
        kind: "words", "code", "test" for a test, of which nothing is shown, or "more" for cells that are left out.
        name: its `grade_id`; empty for a cell of the student's own.
        text: the code.
        html: the words, sanitised.
        outputs: what came of it.
    """

    kind: Literal["words", "code", "test", "more"]
    name: str = ""
    text: str = ""
    html: Markup = _NOTHING
    outputs: tuple[ShownOutput, ...] = ()


def shown_cells(executed: NotebookNode | None) -> tuple[ShownCell, ...]:
    """Return a notebook's cells for a page. Of a test, neither code nor outputs: both can quote what is hidden.

    Args:
        executed: a notebook whose outputs nobody has looked at; None where nothing ran.
    """
    if executed is None:
        return ()
    pictures = iter(range(MAX_GIVEN_PICTURES))
    shown = tuple(_shown(cell, pictures) for cell in executed.cells[:MAX_CELLS])
    left = len(executed.cells) - MAX_CELLS
    return (*shown, ShownCell("more", text=f"{left} more cells are not shown.")) if left > 0 else shown


def _shown(cell: NotebookNode, pictures: Iterator[int]) -> ShownCell:
    """Return one cell."""
    name, kind = grade_id(cell), cell_kind(cell)
    if kind == "test":
        return ShownCell("test", name)
    given = bool(name) and kind == "given"
    if cell.cell_type != "code":
        return ShownCell("words", name, html=_words(cell.source[:MAX_TEXT], given=given))
    outputs = (_output(output, pictures if given else None) for output in cell.get("outputs", [])[:MAX_OUTPUTS])
    return ShownCell(
        "code", name, plain_text(cell.source, MAX_TEXT), outputs=tuple(o for o in outputs if o is not None)
    )


def _words(text: str, *, given: bool) -> Markup:
    """Return a text: the assignment's as Markdown, a student's as it was typed. A parser's time is in its text's hands."""
    return render_markdown(text) if given else Markup('<p class="typed">{}</p>').format(plain_text(text, MAX_TEXT))


def _output(output: NotebookNode, pictures: Iterator[int] | None) -> ShownOutput | None:
    """Return one output; a student's own pictures stand elsewhere, which is said."""
    if output.output_type == "stream":
        return ShownOutput("text", plain_text(_joined(output.get("text", "")), MAX_TEXT))
    if output.output_type == "error":
        lines = output.get("traceback") or [f"{output.get('ename', '')}: {output.get('evalue', '')}"]
        return ShownOutput("error", plain_text("\n".join(map(_joined, lines)), MAX_TEXT))
    data = output.get("data", {})
    if "image/png" in data:
        return _picture(data["image/png"], pictures)
    if "text/html" in data:
        return ShownOutput("html", html=clean_html(_joined(data["text/html"])[:MAX_TEXT]))
    plain = plain_text(_joined(data.get("text/plain", "")), MAX_TEXT)
    return ShownOutput("text", plain) if plain else None


def _picture(data: object, pictures: Iterator[int] | None) -> ShownOutput:
    """Return a picture of a given cell, while there is room for it."""
    if pictures is None:
        return ShownOutput("picture", "A picture: it stands with the exercises above.")
    source = picture_of(data) if isinstance(data, str) and next(pictures, None) is not None else ""
    return ShownOutput("picture", "" if source else "A picture that is not shown.", source=source)


def _joined(text: Any) -> str:
    """Return a text that a notebook may keep as a list of lines."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
