"""Brightspace's file is filled."""

from typing import Any

from autograder.export import export
from tests.export import class_lists
from tests.export.reading import changed_lines


def test_brightspace_is_filled(ask: Any) -> None:
    """Ids keep their `#` and zeros, and the last column its mark."""
    outcome = export(ask("d2l"))
    after = outcome.path.read_bytes()
    assert b"#0004711,#ada,Lovelace,Ada,ada@uni.example,9.5,11,#\r\n" in after
    assert b"#0004713,#alan,Turing,Alan,alan@uni.example,8,17,#\r\n" in after
    assert len(changed_lines(class_lists.D2L, after)) == 6


def test_numbers_are_written_as_asked(ask: Any) -> None:
    """--decimal overrules what the file looks like."""
    outcome = export(ask("d2l", decimal="comma"))
    assert b'grace@uni.example,,"7,5",#' in outcome.path.read_bytes()
