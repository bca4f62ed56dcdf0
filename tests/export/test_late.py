"""Late work in exports: taken off, named beside the score, or neither; never in the machine's points or a person's."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.export import ExportRequest, export
from autograder.export.console import print_outcome
from autograder.model import Lateness, SubmissionResult
from tests.export.class_lists import FILES, TITLE, WRITTEN, result

LATE = Lateness(
    "2026-03-03T10:00:00+01:00", "2026-03-01T23:59:00+01:00", "Europe/Berlin", False, 122460, 2, "day", 20.0
)


def _late(student: str) -> SubmissionResult:
    return replace(result(student), late=LATE)


def _request(lms: str, out: Path, **options: Any) -> ExportRequest:
    told = {"results": (_late("ada"), result("grace")), "title": TITLE, "folder_name": str} | options
    return ExportRequest(lms=lms, out=out, **told)


@pytest.mark.parametrize("lms", FILES)
@pytest.mark.parametrize(("late", "points"), [("apply", "8.8"), ("show", "11"), ("ignore", "11")])
def test_every_system_gets_what_is_left(ask: Any, lms: str, late: str, points: str) -> None:
    """By default the points that being late costs are taken off; a student on time loses nothing."""
    outcome = export(ask(lms, results=(_late("Ada Lovelace"), result("Grace Hopper")), late=late, replace=True))
    assert {change.student: change.new for change in outcome.changes} == {"Ada Lovelace": points, "Grace Hopper": "11"}
    notes = "\n".join(outcome.notes)
    assert ("Ada Lovelace: 2 days late, 20 % off: 2.2 points" in notes) is (late != "ignore")
    assert ("Late, and taken off: 1" in notes) is (late == "apply")
    assert ("Late, and not taken off: 1" in notes) is (late == "show")
    assert "Grace Hopper:" not in notes


def test_the_default_takes_off(ask: Any) -> None:
    """A policy that an instructor wrote down holds without an option."""
    assert ask("canvas").late == "apply"


def test_a_share_is_of_all_that_counts(ask: Any) -> None:
    """Written answers and bonus too; the machine's points and people's stay as they are in their columns."""
    ada = replace(_late("ada"), bonus=("ex2_plot",))
    written = {"ada": WRITTEN["ada"]}
    scores = sum(mark.score or 0 for mark in WRITTEN["ada"])
    request = ask("canvas", results=(ada,), marks=written)
    (change,) = export(request).changes
    assert change.new == f"{(11 + scores) * 0.8:g}"
    path = export(_request("csv", request.out, results=(ada,), marks=written)).path
    assert path is not None
    (row,) = csv.DictReader(path.read_text().splitlines())
    assert float(row["machine"]) == 11
    assert float(row["late_penalty"]) == pytest.approx((11 + scores) * 0.2)
    assert float(row["score"]) + float(row["late_penalty"]) == pytest.approx(11 + scores)
    assert {name: float(row[name]) for name in (mark.name for mark in WRITTEN["ada"])} == {
        mark.name: mark.score for mark in WRITTEN["ada"]
    }


def test_the_share_is_taken_before_scores_are_cut_or_converted(ask: Any) -> None:
    """--cap cuts what is left, and --scale converts it."""
    high = replace(_late("ada"), score=30.0, max_score=17.0)
    assert [change.new for change in export(ask("canvas", results=(high,), cap=True)).changes] == ["20"]
    assert [change.new for change in export(ask("canvas", results=(_late("ada"),), scale=True)).changes] == ["10.35"]


def test_who_has_no_score_loses_none(ask: Any) -> None:
    """Where the grader failed there is nothing to take a share of."""
    broken = replace(_late("ada"), checks=(replace(result("ada").checks[0], status="error"),))
    outcome = export(ask("canvas", results=(broken,)))
    assert [one.who for one in outcome.kept] == ["ada"]
    assert not any("late" in note.lower() for note in outcome.notes)


@pytest.mark.parametrize(
    ("late", "score", "column"), [("apply", "8.8", "2.2"), ("show", "11", "2.2"), ("ignore", "11", "")]
)
def test_a_spreadsheet_has_a_column(tmp_path: Path, late: Any, score: str, column: str) -> None:
    """Blank for who is on time, and no 0."""
    path = export(_request("csv", tmp_path, late=late)).path
    assert path is not None
    rows = {row["student"]: row for row in csv.DictReader(path.read_text().splitlines())}
    assert (rows["ada"]["score"], rows["ada"]["late_penalty"], rows["ada"]["machine"]) == (score, column, "11")
    assert (rows["grace"]["score"], rows["grace"]["late_penalty"]) == ("11", "")


@pytest.mark.parametrize(
    ("late", "score", "words"),
    [
        ("apply", 8.8, "2 days late, 20 % off: 2.2 points taken off."),
        ("show", 11.0, "2 days late, 20 % off: 2.2 points, not taken off here."),
        ("ignore", 11.0, ""),
    ],
)
def test_students_are_told(ask: Any, tmp_path: Path, late: Any, score: float, words: str) -> None:
    """In Gradescope's output and in Moodle's comments; tests keep their points."""
    path = export(_request("gradescope", tmp_path / "gradescope", late=late, results=(_late("ada"),))).path
    assert path is not None
    values = json.loads((path / "ada" / "results.json").read_text())
    assert values["score"] == score
    assert (words in values["output"]) is (("late" in values["output"]) or not words)
    assert sum(test["score"] for test in values["tests"]) == 11
    (_, comment) = export(ask("moodle", results=(_late("Ada Lovelace"),), feedback=True, late=late)).changes
    assert comment.new.startswith(f"11 of 17 points. {words}")


def test_what_could_not_be_told_is_told(ask: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Sentences on the results stand among the notes."""
    request = ask("canvas", notes=("Nobody knows when.",))
    print_outcome(export(request), request)
    assert "Nobody knows when." in capsys.readouterr().out
