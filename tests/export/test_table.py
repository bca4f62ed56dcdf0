"""A class list comes back to the byte, and a filled field is all that changes."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.export.table import parse_table
from tests.export import class_lists

FILES = {name: value for name, value in vars(class_lists).items() if isinstance(value, bytes)} | class_lists.MOODLE_IN
ALPHABET = '",;\t\r\n ab=é\u2028\x00\ufeff'


@pytest.mark.parametrize("name", FILES)
def test_real_files_come_back(name: str) -> None:
    """Marks, quotes, delimiters and line ends of every system's file are kept."""
    assert parse_table(FILES[name]).render() == FILES[name]


@given(
    text=st.text(alphabet=ALPHABET),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le"]),
)
def test_any_text_comes_back(text: str, encoding: str) -> None:
    """Whatever is in a file, parsing and rendering it is the identity."""
    data = text.encode(encoding)
    assert parse_table(data).render() == data


@given(data=st.binary())
def test_any_bytes_come_back(data: bytes) -> None:
    """A file in no known encoding is no exception."""
    assert parse_table(data).render() == data


@given(
    rows=st.lists(st.lists(st.text(alphabet='",;\t\n ab=é'), min_size=2, max_size=4), min_size=1, max_size=5),
    delimiter=st.sampled_from([",", ";", "\t"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_fields_say_what_the_csv_module_reads(rows: list[list[str]], delimiter: str, quoting: int, ending: str) -> None:
    """Quoted fields, doubled quotes and line ends within quotes are read as everybody reads them."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=ending).writerows(rows)
    table = parse_table(text.getvalue().encode(), delimiter)
    assert [list(table.values(row)) for row in range(len(table.rows))] == rows


@given(
    rows=st.lists(st.lists(st.text(alphabet='",\n ab'), min_size=3, max_size=3), min_size=1, max_size=4),
    text=st.text(alphabet='",;\r\n ab'),
    data=st.data(),
)
def test_a_filled_field_is_all_that_changes(rows: list[list[str]], text: str, data: st.DataObject) -> None:
    """The field says the new text afterwards, and all the others keep their bytes."""
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    table = parse_table(written.getvalue().encode(), ",")
    place = data.draw(st.tuples(st.integers(0, len(rows) - 1), st.integers(0, 2)))
    again = parse_table(table.filled({place: text}).render(), ",")
    assert again.value(*place) == text
    for row, line in enumerate(table.rows):
        for column, raw in enumerate(line.fields):
            assert (row, column) == place or again.rows[row].fields[column] == raw


def test_a_short_row_is_made_long_enough() -> None:
    """A line whose last fields were left out gets them, and its end stays."""
    assert parse_table(b"a,b,c\r\nx\r\n").filled({(1, 2): "7"}).render() == b"a,b,c\r\nx,,7\r\n"


def test_quotes_are_kept_in_a_file_that_quotes_all() -> None:
    """A number in a quoted field is quoted; in a plain one it isn't."""
    assert parse_table(b'"a";"b"\n"";x').filled({(1, 0): "7,5", (1, 1): "8"}).render() == b'"a";"b"\n"7,5";8'


def test_what_an_encoding_lacks_is_replaced() -> None:
    """A comment in letters that the file's encoding has not doesn't break the file."""
    assert parse_table(b"a,\xe9\n").filled({(0, 0): "王é"}).render() == b"?\xe9,\xe9\n"


def test_a_quote_that_is_never_closed_takes_no_time() -> None:
    """A large broken file is read once, not again and again."""
    data = b'a,b\n"' + b'""x,' * 200_000
    assert len(parse_table(data).rows) == 2
