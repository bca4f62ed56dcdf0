"""Read what students wrote in their own words: texts, and the pictures in them apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from autograder.assignment.cells import grade_id, is_written
from autograder.assignment.misplaced import words_elsewhere
from autograder.assignment.placeholders import is_placeholder
from autograder.report.pictures import picture_of
from autograder.texts import strip_controls

__all__ = ["MAX_ANSWER_CHARACTERS", "WrittenText", "answers_of", "written_text"]

MAX_ANSWER_CHARACTERS = 20_000
"""Of an answer's words on a page; pictures don't count."""
MAX_ANSWER_PICTURES = 6

_DATA = re.compile(r"data:image/[\w.+-]{1,40};base64,([A-Za-z0-9+/=]+)")
_ATTACHED = re.compile(r"attachment:([^\s)\"'>]{1,300})")


@dataclass(frozen=True)
class WrittenText:
    """Something that a student wrote.

    Attributes:
        words: the text, a picture's address replaced by "picture 1"; "" where nothing was written.
        pictures: those that stand in the text, as `data:` addresses that we encoded.
        where: where it stands, such as "written below the answer's cell"; "" for the answer's own cell.
    """

    words: str
    pictures: tuple[str, ...] = ()
    where: str = ""


def answers_of(cells: Iterable[Mapping[str, Any]]) -> dict[str, tuple[WrittenText, ...]]:
    """Return the written answers of a notebook that `grade` wrote, by `grade_id`.

    An answer is what stands in its own cell, and then what was found elsewhere; nothing where it is blank.
    """
    listed = list(cells)
    by_id = {cell["id"]: cell for cell in listed if isinstance(cell.get("id"), str)}
    return {grade_id(cell): tuple(_passages(cell, by_id)) for cell in listed if is_written(cell)}


def _passages(answer: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> Iterator[WrittenText]:
    """Yield what belongs to one answer."""
    if not is_placeholder(_source(answer)):
        yield written_text(answer)
    for one in words_elsewhere(answer):
        if one.cell in by_id:
            yield written_text(by_id[one.cell], one.where)


def written_text(cell: Mapping[str, Any], where: str = "") -> WrittenText:
    """Return what stands in a cell; of many pictures the first ones."""
    attached = cell.get("attachments")
    pictures: list[str] = []

    def show(data: str) -> str:
        """Take one picture out of the text, and return what stands in its place."""
        picture = picture_of(data) if len(pictures) < MAX_ANSWER_PICTURES else ""
        if not picture:
            return "a picture that is not shown"
        pictures.append(picture)
        return f"picture {len(pictures)}"

    text = _DATA.sub(lambda match: show(match[1]), _source(cell))
    text = _ATTACHED.sub(
        lambda match: show(data) if (data := _attachment(attached, unquote(match[1]))) else match[0], text
    )
    words = strip_controls(text[: 2 * MAX_ANSWER_CHARACTERS]).strip()
    if len(words) > MAX_ANSWER_CHARACTERS:
        words = f"{words[:MAX_ANSWER_CHARACTERS]}…"
    return WrittenText(words, tuple(pictures), where)


def _source(cell: Mapping[str, Any]) -> str:
    """Return a cell's text, which a file may keep as a list of lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _attachment(attached: object, name: str) -> str:
    """Return an attachment's base64; "" where there is none of this name."""
    types = attached.get(name) if isinstance(attached, Mapping) else None
    data = next(iter(types.values()), "") if isinstance(types, Mapping) else ""
    return "".join(map(str, data)) if isinstance(data, list) else str(data)
