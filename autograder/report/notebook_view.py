"""Show an executed notebook: a student's cells with outputs; of test cells, only that they exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup
from nbformat import NotebookNode

from autograder.assignment.cells import cell_kind, grade_id
from autograder.assignment.misplaced import origin_of
from autograder.log import log_suppressed
from autograder.report.pictures import picture_of
from autograder.report.safe_html import InflatedError, clean_html, plain_text, render_markdown
from autograder.report.written_text import written_text

__all__ = ["ShownCell", "ShownOutput", "shown_cells"]

MAX_CHARACTERS = 20_000
"""Of one cell, and of one output, on a page."""
MAX_OUTPUTS = 40
"""Outputs of one cell that a page shows."""
MAX_PAGE_CHARACTERS = 3_000_000
"""Of all cells and outputs on a page."""
MAX_CELLS = 500
"""Cells that a page shows."""
MAX_GIVEN_PICTURES = 6
"""Pictures of given cells: the student's own stand with the exercises."""

_NO_HTML = Markup()


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
    html: Markup = _NO_HTML
    source: str = ""


@dataclass(frozen=True)
class ShownCell:
    """A cell on the page.

    Attributes:
        kind: "words", "code", "test" for a test, of which nothing is shown, or "more" for cells that are left out.
        name: its `grade_id`; empty for a cell of the student's own.
        text: the code.
        html: the words, sanitised.
        outputs: what came of it; of words, the pictures in them.
        origin: the given cell that a student's lines stood in; "" where they stood in none.
    """

    kind: Literal["words", "code", "test", "more"]
    name: str = ""
    text: str = ""
    html: Markup = _NO_HTML
    outputs: tuple[ShownOutput, ...] = ()
    origin: str = ""


def shown_cells(executed: NotebookNode | None) -> tuple[ShownCell, ...]:
    """Return a notebook's cells for a page; of tests nothing, as outputs too can quote what is hidden.

    Args:
        executed: a notebook whose outputs nobody has looked at; None where nothing ran.
    """
    if executed is None:
        return ()
    room = _Room()
    cells = tuple(_cell(cell, room) for cell in executed.cells[:MAX_CELLS])
    left = len(executed.cells) - MAX_CELLS
    return (*cells, ShownCell("more", text=f"{left} more cells are not shown.")) if left > 0 else cells


class _Room:
    """What there is still room for on a page.

    Attributes:
        pictures: of given cells.
        html: whether HTML is shown as such; once some of it was made to fill the page, it is shown as text.
    """

    def __init__(self) -> None:
        self.pictures = iter(range(MAX_GIVEN_PICTURES))
        self.html = True
        self._characters = MAX_PAGE_CHARACTERS

    def most(self, most: int = MAX_CHARACTERS) -> int:
        """Return how many characters the next text may have."""
        return max(0, min(most, self._characters))

    def take(self, text: str) -> str:
        """Return a text that has got its place."""
        self._characters -= len(text)
        return text


def _cell(cell: NotebookNode, room: _Room) -> ShownCell:
    """Return one cell."""
    name, kind = grade_id(cell), cell_kind(cell)
    if kind == "test":
        return ShownCell("test", name)
    by_instructor = bool(name) and kind == "given"
    if cell.cell_type != "code":
        if by_instructor:
            return ShownCell("words", name, html=render_markdown(cell.source))
        return _own_words(cell, name, room)
    text = room.take(plain_text(cell.source, room.most()))
    outputs = (_output(output, room, given=by_instructor) for output in cell.get("outputs", [])[:MAX_OUTPUTS])
    return ShownCell("code", name, text, outputs=tuple(o for o in outputs if o is not None), origin=origin_of(cell))


def _own_words(cell: NotebookNode, name: str, room: _Room) -> ShownCell:
    """Return a student's text as typed, with its pictures.

    As Markdown it could keep a parser busy for long.
    """
    text = written_text(cell)
    html = Markup('<p class="typed">{}</p>').format(room.take(text.words[: room.most()]))
    pictures = tuple(ShownOutput("picture", source=picture) for picture in text.pictures)
    return ShownCell("words", name, html=html, outputs=pictures, origin=origin_of(cell))


def _output(output: NotebookNode, room: _Room, *, given: bool) -> ShownOutput | None:
    """Return one output; a student's own pictures stand elsewhere, which is said."""
    if output.output_type == "stream":
        return _text("text", _join(output.get("text", "")), room)
    if output.output_type == "error":
        lines = output.get("traceback") or [f"{output.get('ename', '')}: {output.get('evalue', '')}"]
        return _text("error", "\n".join(map(_join, lines)), room)
    data = output.get("data", {})
    if "image/png" in data:
        return _picture(data["image/png"], room, given=given)
    if "text/html" in data and room.html:
        try:
            return ShownOutput("html", html=Markup(room.take(clean_html(_join(data["text/html"])[: room.most()]))))  # noqa: S704 - it is clean
        except InflatedError as error:
            log_suppressed(error)
            room.html = False
    plain = _join(data.get("text/plain", ""))
    return _text("text", plain, room) if plain else None


def _text(kind: Literal["text", "error"], text: str, room: _Room) -> ShownOutput:
    """Return an output in words."""
    return ShownOutput(kind, room.take(plain_text(text, room.most())))


def _picture(data: object, room: _Room, *, given: bool) -> ShownOutput:
    """Return a picture of a given cell, while there is room for it."""
    if not given:
        return ShownOutput("picture", "A picture: it stands with the exercises above.")
    source = picture_of(data) if isinstance(data, str) and next(room.pictures, None) is not None else ""
    return ShownOutput("picture", "" if source else "A picture that is not shown.", source=source)


def _join(text: Any) -> str:
    """Return a text that a notebook may keep as a list of lines."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
