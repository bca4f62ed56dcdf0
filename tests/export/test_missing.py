"""Who handed in nothing, or nothing that could be graded, is no zero, unless an instructor says so."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.export import ExportRequest, export
from autograder.export.console import print_outcome
from autograder.model import Mark, SubmissionResult
from tests.export.class_lists import FILES, TITLE, result
from tests.export.reading import reasons

WHY = "nothing that was handed in could be graded: ask for another file, or use --missing 0"


def _nothing(student: str, status: Any = "unreadable") -> SubmissionResult:
    checks = tuple(replace(one, score=0.0, status="skipped") for one in result(student).checks)
    return replace(result(student), status=status, score=0.0, checks=checks)


@pytest.mark.parametrize("lms", FILES)
@pytest.mark.parametrize("status", ["unreadable", "wrong_assignment"])
def test_what_cant_be_graded_is_blank(ask: Any, lms: str, status: str) -> None:
    """In every system's file: the row stays as it is, and is listed with what to do."""
    outcome = export(ask(lms, results=(_nothing("Ada Lovelace", status), result("Grace Hopper"))))
    assert {change.student for change in outcome.changes} == {"Grace Hopper"}
    assert {one.who: one.why for one in outcome.kept} == {"Ada Lovelace": WHY}
    assert not any("Not graded to the end" in note for note in outcome.notes)


def test_what_was_answered_before_a_stop_counts(ask: Any) -> None:
    """A notebook that ran too long could be graded, as far as it came."""
    outcome = export(ask("canvas", results=(replace(result("ada"), status="timeout"),)))
    assert [change.new for change in outcome.changes] == ["11"]
    assert any("Not graded to the end" in note for note in outcome.notes)


@pytest.mark.parametrize("lms", FILES)
def test_zeros_are_given_on_request(ask: Any, lms: str, capsys: pytest.CaptureFixture[str]) -> None:
    """To these, and to blank rows without a result; a score, an excuse and a locked row stay."""
    request = ask(lms, results=(_nothing("Ada Lovelace"),), missing="0", dry_run=True)
    outcome = export(request)
    given = {change.label for change in outcome.changes}
    assert {change.new for change in outcome.changes} == {"0"}
    assert any("Ada" in label for label in given)
    assert any("Grace" in label for label in given)
    assert not {label for label in given if "Emmy" in label or "Eve" in label}
    assert any("Alan" in label for label in given) is (lms not in ("canvas", "moodle"))  # excused, locked
    assert set(outcome.given_zero) | set(outcome.without_result) | {"Lovelace, Ada", "Ada Lovelace"} >= given
    print_outcome(outcome, request)
    told = capsys.readouterr().out
    assert "Would fill the rows of 1 of 1 students." in told
    assert f"Rows without a result, given 0: {len(outcome.given_zero)}" in told


def test_without_the_option_rows_without_a_result_stay(ask: Any) -> None:
    """They are listed, as before."""
    outcome = export(ask("canvas", results=(result("ada"),)))
    assert {change.student for change in outcome.changes} == {"ada"}
    assert "Hopper, Grace" in outcome.without_result
    assert outcome.given_zero == ()


def test_a_result_without_a_row_may_be_anybodys(ask: Any) -> None:
    """As long as one belongs to nobody, nobody is said to have handed in nothing; what can't be graded is 0 all the same."""
    outcome = export(ask("canvas", results=(_nothing("ada"), result("zoe")), missing="0"))
    assert {change.student: change.new for change in outcome.changes} == {"ada": "0"}
    assert reasons(outcome)["zoe"] == "matches no row"
    assert any(
        "No row without a result is given 0 as long as a result belongs to no row" in note for note in outcome.notes
    )


def test_points_of_a_person_count(ask: Any) -> None:
    """Somebody who read the file by eye has decided."""
    marks = {"ada": (Mark("ex1_written", 2.0, 4.0),)}
    assert [change.new for change in export(ask("canvas", results=(_nothing("ada"),), marks=marks)).changes] == ["2"]
    overrides = {"ada": (Mark("ex2_plot", 1.0, 2.0),)}
    outcome = export(ask("canvas", results=(_nothing("ada"),), overrides=overrides))
    assert [change.new for change in outcome.changes] == ["1"]


def test_nobody_waits_for_what_cant_be_marked(ask: Any) -> None:
    """The class's written answers count once all others are marked."""
    marks = {"ada": (Mark("ex1_written", None, 4.0),), "grace": (Mark("ex1_written", 3.0, 4.0),)}
    for missing, told in ((None, {"grace": "14"}), ("0", {"ada": "0", "grace": "14"})):
        request = ask("canvas", results=(_nothing("ada"), result("grace")), marks=marks, missing=missing)
        assert {change.student: change.new for change in export(request).changes if change.student} == told


@pytest.mark.parametrize(("missing", "score"), [(None, ""), ("0", "0")])
def test_a_spreadsheet_is_blank_too(tmp_path: Path, missing: Any, score: str) -> None:
    """With the reason in its place."""
    results = (_nothing("ada"), result("grace"))
    path = export(ExportRequest("csv", tmp_path, results, TITLE, str, missing=missing)).path
    assert path is not None
    rows = {row["student"]: row for row in csv.DictReader(path.read_text().splitlines())}
    assert (rows["ada"]["score"], rows["grace"]["score"]) == (score, "11")
    assert (WHY in rows["ada"]["message"]) is not bool(score)
