"""Blackboard's file is filled, as CSV and as what it calls .xls."""

from typing import Any

from autograder.export import export
from tests.export import class_lists
from tests.export.class_lists import result


def test_blackboard_is_filled(ask: Any) -> None:
    """Every field stays quoted, the mark and CRLF stay; `Needs Grading` is no score."""
    outcome = export(ask("blackboard"))
    assert outcome.path.read_bytes() == class_lists.BLACKBOARD.replace(b'"9.5",""', b'"9.5","11"').replace(
        b'"Needs Grading"', b'"7.5"'
    ).replace(b'"8.0",""', b'"8.0","17"')


def test_blackboards_xls_is_filled(ask: Any) -> None:
    """Tabs in UTF-16 under the name .xls, in German, without an end to the last line."""
    results = (result("ada"), result("grace", 12.5))
    outcome = export(ask("blackboard", class_lists.BLACKBOARD_XLS, results=results, suffix=".xls"))
    assert outcome.path.name == "blackboard.xls"
    before = class_lists.BLACKBOARD_XLS.decode("utf-16")
    assert outcome.path.read_bytes().decode("utf-16") == before.replace('"S001"\t""', '"S001"\t"11"')
    assert outcome.path.read_bytes()[:2] == b"\xff\xfe"
    assert outcome.same == ("grace",)


def test_blackboards_percentages_are_told(ask: Any) -> None:
    """A column that shows percentages would take points for them."""
    data = class_lists.BLACKBOARD.replace(b"20 Score", b"20 Percentage")
    assert any("shows percentage and not points" in note for note in export(ask("blackboard", data)).notes)
