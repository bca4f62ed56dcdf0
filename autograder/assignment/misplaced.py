"""Notes, in a notebook's own cells, of what a student wrote in the wrong place.

They stand in the cells' metadata, so that the gradebook, feedback and the marking sheet read the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "WordsElsewhere",
    "difference_of",
    "note_difference",
    "note_origin",
    "note_words",
    "origin_of",
    "words_elsewhere",
]

_KEY = "autograder"


@dataclass(frozen=True)
class WordsElsewhere:
    """Words that may belong to a written answer, and stand in another cell.

    Attributes:
        where: in words, such as "written below the answer's cell".
        cell: the id of the cell that they stand in.
    """

    where: str
    cell: str


def note_words(answer: Any, words: Iterable[WordsElsewhere]) -> None:
    """Note at an answer's cell where else the student wrote words that may belong to it."""
    _note(answer, "words", [{"where": one.where, "cell": one.cell} for one in words])


def words_elsewhere(answer: Mapping[str, Any]) -> tuple[WordsElsewhere, ...]:
    """Return the words that `note_words` noted."""
    return tuple(WordsElsewhere(str(one["where"]), str(one["cell"])) for one in _notes(answer).get("words", ()))


def note_origin(added: Any, given: str) -> None:
    """Note at a cell of the student's own that its lines stood in a given cell."""
    _note(added, "origin", given)


def origin_of(cell: Mapping[str, Any]) -> str:
    """Return the `grade_id` of the given cell that a cell's lines stood in; "" where they stood in none."""
    return str(_notes(cell).get("origin", ""))


def note_difference(given: Any, lines: Sequence[str]) -> None:
    """Note at a given cell how the student's copy differed.

    Each line begins with "+ ", "- " or two spaces.
    """
    _note(given, "difference", list(lines))


def difference_of(cell: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the lines that `note_difference` noted; none where the student's copy was the release's."""
    return tuple(map(str, _notes(cell).get("difference", ())))


def _note(cell: Any, name: str, value: object) -> None:
    """Write one note, where there is anything to note."""
    if value:
        cell["metadata"].setdefault(_KEY, {})[name] = value


def _notes(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a cell's notes."""
    metadata = cell.get("metadata")
    notes = metadata.get(_KEY) if isinstance(metadata, Mapping) else None
    return notes if isinstance(notes, Mapping) else {}
