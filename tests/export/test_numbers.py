"""Numbers are read as they are meant, and written as the file has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.export.numbers import read_number, uses_comma, write_number


@pytest.mark.parametrize(
    ("text", "comma", "number"),
    [
        ("7.5", False, 7.5),
        ("7,5", False, 7.5),
        ("7.50", True, 7.5),
        (" 7,50 ", True, 7.5),
        ("7.50000", False, 7.5),
        ("7,50000", True, 7.5),
        ("1,000", False, 1000.0),
        ("1.000", True, 1000.0),
        ("1.234,5", True, 1234.5),
        ("1,234.5", False, 1234.5),
        ("1\u202f234,5", True, 1234.5),
        ("0", False, 0.0),
        ("-1", False, -1.0),
        ("", False, None),
        ("-", False, None),
        ("EX", False, None),
        ("B+", False, None),
        ("1,2,3.4.5", False, None),
        ("nan", False, None),
        ("inf", False, None),
        ("95%", False, None),
        ("٣", False, 3.0),
    ],
)
def test_a_field_says_a_number_or_none(text: str, comma: bool, number: float | None) -> None:
    """Decimals with either sign, thousands, and texts that are no number."""
    assert read_number(text, comma=comma) == number


@given(number=st.integers(-(10**6), 10**6).map(lambda hundredths: hundredths / 100), comma=st.booleans())
def test_what_is_written_is_read(number: float, comma: bool) -> None:
    """A score of two decimals survives, whatever the sign."""
    assert read_number(write_number(number, comma=comma), comma=comma) == number


@pytest.mark.parametrize(
    ("number", "text"), [(11.0, "11"), (7.5, "7.5"), (0.0, "0"), (100.0, "100"), (1 / 3, "0.33"), (1e-9, "0")]
)
def test_needless_zeros_are_left_out(number: float, text: str) -> None:
    """A whole number has no point, and ten stays ten."""
    assert write_number(number, comma=False) == text


@pytest.mark.parametrize(
    ("fields", "delimiter", "comma"),
    [
        (["20,00", "7,5", "x"], ",", True),
        (["20.00", "7.5"], ";", False),
        (["20", ""], ";", True),
        (["20", ""], ",", False),
        (["7,50000"], ",", True),
        (["1,000"], ",", False),
    ],
)
def test_the_file_tells_the_sign(fields: list[str], delimiter: str, comma: bool) -> None:
    """Fields decide; where all are whole, `;` means a comma."""
    assert uses_comma(fields, delimiter) is comma
