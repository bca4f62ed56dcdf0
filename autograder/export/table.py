"""Fill fields of delimited text, and keep the rest to the byte.

The `csv` module forgets which fields were quoted, how lines ended and whether there was a byte order mark. An LMS
compares what comes back with what it gave, so here each field keeps the text that it was read from.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

__all__ = ["Row", "Table", "parse_table"]

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DELIMITERS = (",", ";", "\t")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"?(.*)', re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One line, or several where a quoted field goes over lines.

    Attributes:
        fields: each field's text as it stands in the file, quotes and all.
        ending: what ends the line; "" at the end of a file that doesn't end its last one.
    """

    fields: tuple[str, ...]
    ending: str


@dataclass(frozen=True)
class Table:
    """A file of delimited text.

    Attributes:
        rows: all of its lines, blank ones too.
        delimiter: what stands between fields.
        encoding: a codec that reads the bytes and writes the same ones.
        mark: the byte order mark; empty where there is none.
    """

    rows: tuple[Row, ...]
    delimiter: str
    encoding: str
    mark: bytes

    def value(self, row: int, column: int) -> str:
        """Return what a field says, without quotes; "" beyond a row's end."""
        fields = self.rows[row].fields
        return _value(fields[column]) if column < len(fields) else ""

    def values(self, row: int) -> tuple[str, ...]:
        """Return what a row's fields say."""
        return tuple(map(_value, self.rows[row].fields))

    @property
    def header(self) -> tuple[str, ...]:
        """What the first row's fields say; none where there is no row."""
        return self.values(0) if self.rows else ()

    def lines(self) -> list[int]:
        """Return the numbers of the rows after the first that say anything."""
        return [row for row in range(1, len(self.rows)) if any(self.values(row))]

    def column(self, column: int) -> tuple[str, ...]:
        """Return what a column says in all rows but the first."""
        return tuple(self.value(row, column) for row in range(1, len(self.rows)))

    def filled(self, values: Mapping[tuple[int, int], str]) -> Table:
        """Return the table with some fields filled; a row that is too short gets empty fields up to there.

        Args:
            values: the new text by row and column.
        """
        rows = list(self.rows)
        for (row, column), text in values.items():
            fields = list(rows[row].fields)
            fields += [""] * (column + 1 - len(fields))
            fields[column] = self._raw(text, fields[column])
            rows[row] = replace(rows[row], fields=tuple(fields))
        return replace(self, rows=tuple(rows))

    def _raw(self, text: str, before: str) -> str:
        """Return a text as a field: quoted where the field was, or where it would be read otherwise."""
        text = text.encode(self.encoding, "replace").decode(self.encoding)
        needs = any(sign in text for sign in (self.delimiter, '"', "\r", "\n"))
        return '"' + text.replace('"', '""') + '"' if needs or before.startswith('"') else text

    def render(self) -> bytes:
        """Return the file's bytes."""
        text = "".join(self.delimiter.join(row.fields) + row.ending for row in self.rows)
        return self.mark + text.encode(self.encoding)


def parse_table(data: bytes, delimiter: str | None = None) -> Table:
    """Read delimited text; `parse_table(data).render()` is `data`, whatever it is.

    Args:
        data: UTF-8 or UTF-16, with a byte order mark or without; what is neither is read as Latin-1.
        delimiter: one sign; the one of `,`, `;` and tab that parts the first line most often when None.
    """
    text, encoding, mark = _decode(data)
    if delimiter is None:
        delimiter = max(_DELIMITERS, key=lambda sign: sum(len(row.fields) for row in _rows(text, sign, limit=1)))
    return Table(_rows(text, delimiter), delimiter, encoding, mark)


def _decode(data: bytes) -> tuple[str, str, bytes]:
    """Return text, codec and byte order mark."""
    attempts = [(encoding, mark) for mark, encoding in _BYTE_ORDER_MARKS if data.startswith(mark)]
    if not attempts and b"\0" in data[:64]:
        attempts.append(("utf-16-be" if data[:1] == b"\0" else "utf-16-le", b""))
    for encoding, mark in [*attempts, ("utf-8", b"")]:
        try:
            return data[len(mark) :].decode(encoding), encoding, mark
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1", b""


def _pattern(delimiter: str) -> re.Pattern[str]:
    """Return what a field and its end look like; a quote without an end goes on to the end of the file."""
    sign = re.escape(delimiter)
    return re.compile(
        rf'(?P<field>"[^"]*(?:""[^"]*)*(?:"[^{sign}\r\n]*)?|[^{sign}\r\n]*)(?P<end>{sign}|\r\n|\r|\n|\Z)',
    )


def _rows(text: str, delimiter: str, limit: int | None = None) -> tuple[Row, ...]:
    """Return the first rows of a text; all when there is no limit."""
    pattern, position = _pattern(delimiter), 0
    rows: list[Row] = []
    fields: list[str] = []
    while (position < len(text) or fields) and (limit is None or len(rows) < limit):
        match = pattern.match(text, position)
        assert match is not None  # noqa: S101 - the pattern matches the empty field
        fields.append(match["field"])
        position = match.end()
        if match["end"] != delimiter:
            rows.append(Row(tuple(fields), match["end"]))
            fields = []
    return tuple(rows)


def _value(raw: str) -> str:
    """Return what a field's text says."""
    match = _QUOTED.fullmatch(raw)
    return match[1].replace('""', '"') + match[2] if match else raw
