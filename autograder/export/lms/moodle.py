"""Read Moodle's offline grading worksheet, in the language of the person who downloaded it.

The importer (moodle, mod/assign/feedback/offline/importgradeslib.php) wants the headings Identifier, Grade and
Last modified (grade) in its own language. It compares the time in the last with its own to see what changed since, so that
column is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from autograder.export.columns import header_places, make_person, same_title, writes_comma
from autograder.export.match_students import name_words
from autograder.export.numbers import read_number
from autograder.export.records import ExportError, ExportRequest, Key, Person, Worksheet
from autograder.export.systems import CLASS_LIST_OPTIONS, ClassListSystem
from autograder.export.table import Table

__all__ = ["SYSTEM"]

_DOWNLOAD = (
    "In Moodle: the assignment, Submissions, Actions, Download grading worksheet; its setting Offline grading worksheet "
    "has to be on."
)
# In Moodle's own translations: English, German, French, Spanish, Italian, Portuguese, Dutch.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "identifier": ("Identifier", "ID", "Identifiant", "Identificador", "Identificativo", "Identificatie"),
    "name": ("Full name", "Vollständiger Name", "Nom complet", "Nombre completo", "Nome completo", "Volledige naam"),
    "grade": ("Grade", "Bewertung", "Note", "Calificación", "Valutazione", "Nota", "Cijfer"),
    "maximum": (
        "Maximum grade",
        "Bestwertung",
        "Note maximale",
        "Calificación máxima",
        "Valutazione massima",
        "Nota máxima",
        "Maximaal cijfer",
    ),
    "changeable": (
        "Grade can be changed",
        "Bewertung kann geändert werden",
        "La note peut être modifiée",
        "La calificación puede ser cambiada",
        "La valutazione può essere cambiata",
        "Nota pode ser alterada",
        "A nota pode ser alterada.",
        "Het cijfer kan gewijzigd worden",
    ),
    "modified": (
        "Last modified (grade)",
        "Zuletzt geändert (Bewertung)",
        "Dernière modification (note)",
        "Última modificación (calificación)",
        "Ultima modifica (valutazione)",
        "Última modificação (nota)",
        "Laatst gewijzigd (beoordeling)",
    ),
    "feedback": (
        "Feedback comments",
        "Feedback als Kommentar",
        "Feedback par commentaires",
        "Comentarios de retroalimentación",
        "Commenti",
        "Comentários de feedback",
        "Feedback commentaar",
    ),
    "scale": ("Scale", "Skala", "Barème", "Escala", "Scala", "Schaal"),
    "email": (
        "Email address",
        "E-Mail-Adresse",
        "Adresse de courriel",
        "Dirección de correo",
        "Indirizzo email",
        "Endereço de email",
        "E-mailadres",
    ),
}
_NO = frozenset({"no", "nein", "non", "não", "nee", "nej", "nie", "ne", "nei", "ei"})
_PARTICIPANT = re.compile(r"(?P<word>\D+?)\s*(?P<number>\d+)")


def _read(table: Table, request: ExportRequest, most: float) -> Worksheet:
    """Find the columns and the students."""
    lines = table.lines()
    grade, columns = _columns(table, lines, request)
    maximum = columns["maximum"]
    comma = writes_comma(table, (column for column in (grade, maximum) if column is not None), request)
    limits = [table.value(row, maximum) for row in lines] if maximum is not None else []
    maxima = {read_number(text, comma=comma) for text in limits} - {None}
    notes = ["Moodle reads worksheets whose fields are parted by commas; this one's are not."] * (
        table.delimiter != ","
    )
    return Worksheet(
        table,
        tuple(person for row in lines if (person := _person(table, row, grade, columns))),
        grade,
        next(iter(maxima)) if len(maxima) == 1 else None,
        comma,
        strict=True,
        unscored=frozenset({"-"}),
        feedback=columns["feedback"],
        notes=tuple(notes),
    )


def _columns(table: Table, lines: Sequence[int], request: ExportRequest) -> tuple[int, dict[str, int | None]]:
    """Return the column to fill, and all columns by the keys of `_HEADINGS`: by heading, else by content."""
    header = table.header
    columns = {
        name: min(header_places(header, dict.fromkeys(headings)), default=None) for name, headings in _HEADINGS.items()
    }
    identifier = columns["identifier"] = _identifier(table, lines, columns["identifier"])
    if identifier is None:
        raise ExportError(
            f"{request.class_list} is no grading worksheet of Moodle's: no column says who is which participant.",
            _DOWNLOAD,
        )
    scale = columns["scale"]
    if scale is not None and columns["maximum"] is None:
        raise ExportError(
            f"{request.class_list} grades by a scale ({header[scale]!r}), and scores are points.",
            "Set the assignment's grade to points in Moodle.",
        )
    if columns["maximum"] is None:
        columns["maximum"] = _maximum(table, lines)
    grade = _grade(header, columns["grade"], columns["maximum"], request)
    if columns["name"] is None:
        columns["name"] = _name(table, lines, identifier, grade)
    if columns["email"] is None:
        columns["email"] = _email(table, lines)
    return grade, columns


def _identifier(table: Table, lines: Sequence[int], titled: int | None) -> int | None:
    """Return the column in which every line has the same word and a number of its own: `Participant 4711`.

    In the column `titled` as one of identifiers some lines may be about something else, and nobody's.
    """
    width = len(table.rows[0].fields) if table.rows else 0
    for column in sorted(range(width), key=lambda column: column != titled):
        matches = [_PARTICIPANT.fullmatch(table.value(row, column).strip()) for row in lines]
        words = {match["word"] for match in matches if match}
        if len(words) == 1 and (all(matches) or column == titled):
            return column
    return None


def _maximum(table: Table, lines: Sequence[int]) -> int | None:
    """Return the column that has the same number above 0 in every line; None where that can't be told."""
    columns = [
        column
        for column in range(1, len(table.rows[0].fields))
        if len(texts := {table.value(row, column) for row in lines}) == 1
        and (read_number(next(iter(texts)), comma=False) or 0) > 0
    ]
    return columns[0] if len(columns) == 1 and len(lines) > 1 else None


def _grade(header: Sequence[str], titled: int | None, maximum: int | None, request: ExportRequest) -> int:
    """Return the column to fill: the requested one, the one headed Grade, or the one before the maximum."""
    if request.column:
        columns = [column for column, text in enumerate(header) if same_title(text, request.column)]
        if len(columns) == 1:
            return columns[0]
        raise ExportError(
            f"{len(columns) or 'No'} columns of {request.class_list} are headed {request.column!r}; the headings are: "
            f"{', '.join(map(repr, header))}.",
            "Leave out --column: a worksheet has one column of grades.",
        )
    if titled is not None:
        return titled
    if maximum:
        return maximum - 1
    raise ExportError(
        f"{request.class_list} has no column that is headed Grade, in any language known here; the headings are: "
        f"{', '.join(map(repr, header))}.",
        "Give the heading of the column of grades with --column.",
    )


def _name(table: Table, lines: Sequence[int], identifier: int, grade: int) -> int | None:
    """Return the column after the identifier where it looks like one of names: no digits, few alike."""
    column = identifier + 1
    texts = [table.value(row, column) for row in lines]
    named = column < grade and all(text and not re.search(r"[\d@]", text) for text in texts)
    return column if named and len(set(texts)) > len(texts) // 2 else None


def _email(table: Table, lines: Sequence[int]) -> int | None:
    """Return the first column that has an address in every line."""
    width = len(table.rows[0].fields)
    return next((at for at in range(width) if lines and all("@" in table.value(row, at) for row in lines)), None)


def _person(table: Table, row: int, grade: int, columns: Mapping[str, int | None]) -> Person | None:
    """Return a line's student; None where it is nobody's.

    Columns between name and grade are ids: number, login, whatever the site shows.
    """

    def text(name: str) -> str:
        column = columns[name]
        return "" if column is None else table.value(row, column)

    identifier = text("identifier").strip()
    match = _PARTICIPANT.fullmatch(identifier)
    if match is None:
        return None
    others = set(range(grade)) - {columns["identifier"], columns["name"], columns["email"]}
    keys: dict[Key, list[str]] = {
        "id": [identifier, *(table.value(row, column) for column in sorted(others))],
        "number": [match["number"]],
        "email": [text("email")],
    }
    locked = text("changeable").strip().casefold() in _NO
    return make_person(
        table,
        row,
        keys,
        text("name"),
        locked="is locked in Moodle's gradebook" if locked else "",
        also=name_words(match["word"]),
    )


SYSTEM = ClassListSystem(
    name="moodle", title="Moodle", download=_DOWNLOAD, read=_read, options=(*CLASS_LIST_OPTIONS, "feedback")
)
