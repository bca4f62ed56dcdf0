"""A class with a deadline, graded whole by the command: times of the attempts that count reach every file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder import cli
from autograder.grade.ledger import Ledger
from autograder.grade.results import append_result, read_results
from autograder.model import Submission, SubmissionResult
from tests.grade.tiny import NAME, submission, write_course
from tests.needs import strongest_level
from tests.report.classes import Page

DEADLINE = "[deadline]\nat = 2026-03-01T12:00:00\nzone = 'America/New_York'\n[late]\npercent = 10\n"


def _hand_in(folder: Path, student: str, day: int, code: str = "answer = 42") -> Path:
    """Hand in on a day of March at 10:30, as Blackboard names it."""
    path = folder / f"HW_{student}_attempt_2026-03-{day:02}-10-30-00_{NAME}.ipynb"
    nbformat.write(submission(code), path)
    return path


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a deadline, and a class of three: on time, two attempts, longer than the others."""
    root = tmp_path_factory.mktemp("course")
    write_course(root)
    with (root / "source" / NAME / "assignment.toml").open("a") as file:
        file.write(DEADLINE)
    folder = root / "in"
    folder.mkdir()
    _hand_in(folder, "ada", 1)
    _hand_in(folder, "bob", 1, "answer = -1")
    _hand_in(folder, "bob", 2)
    _hand_in(folder, "cleo", 3)
    (root / "extensions.csv").write_text("student,until\ncleo,2026-03-02\nzoe,2026-03-02\n")
    return root


def _grade(course: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> dict[str, Any]:
    """Grade the class, and return what is said of each student's time."""
    monkeypatch.chdir(course)
    call = ["grade", "in", "--assignment", NAME, "--out", "out", "--jobs", "2", "--isolation", strongest_level()]
    assert cli.main([*call, *options]) == 0
    return {one.student: one.late for one in read_results(course / "out" / "results.jsonl")}


def test_a_class_is_graded_with_its_deadline(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The attempt that counts has its time; then a deadline moves, and a file comes again: nobody is graded again."""
    late = _grade(course, monkeypatch, "--extensions", "extensions.csv")
    assert {student: (one.count, one.percent) for student, one in late.items()} == {
        "ada": (0, 0.0),
        "bob": (1, 10.0),
        "cleo": (1, 10.0),
    }
    assert late["bob"].handed_in == "2026-03-02T10:30:00-05:00"
    assert late["cleo"].extended
    told = capsys.readouterr()
    assert "Line 3 of the extensions is about 'zoe', and nothing of theirs is here." in told.err
    assert "1 day late, 10 % off" in told.out
    pages = course / "out" / "feedback"
    assert (
        "for being 1 day late: 10 % of the 3 points reached" in Page((pages / "bob" / f"{NAME}.html").read_text()).text
    )
    with Gradebook(f"sqlite:///{course / 'out' / 'gradebook.db'}") as gradebook:
        bob = gradebook.find_submission(NAME, "bob")
        assert bob.timestamp == datetime(2026, 3, 2, 15, 30)  # noqa: DTZ001 - nbgrader's are in UTC, without a zone
        assert bob.total_seconds_late == 22.5 * 3600
    # The deadline moves, and ada's file comes again two days later.
    settings = course / "source" / NAME / "assignment.toml"
    settings.write_text(settings.read_text().replace("percent = 10", "percent = 25"))
    first = course / "in" / f"HW_ada_attempt_2026-03-01-10-30-00_{NAME}.ipynb"
    first.rename(first.with_name(first.name.replace("03-01", "03-03")))
    assert "ada: 3 of 3" in told.err
    late = _grade(course, monkeypatch)
    assert "3 of 3" not in capsys.readouterr().err
    assert {student: one.percent for student, one in late.items()} == {"ada": 50.0, "bob": 25.0, "cleo": 25.0}
    assert "25 % of the 3 points reached" in Page((pages / "bob" / f"{NAME}.html").read_text()).text
    assert "50 % of the 3 points reached" in Page((pages / "ada" / f"{NAME}.html").read_text()).text
    with Gradebook(f"sqlite:///{course / 'out' / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission(NAME, "ada").timestamp == datetime(2026, 3, 3, 15, 30)  # noqa: DTZ001


def test_a_time_is_taken_over_and_never_lost(tmp_path: Path) -> None:
    """The same work without a time, as from another folder, keeps the one that is known."""
    ledger = Ledger(tmp_path)
    append_result(ledger.results, SubmissionResult("ada", NAME, "graded", 3.0, 3.0, "process", 1.0))
    append_result(ledger.results, SubmissionResult("bob", NAME, "graded", 3.0, 3.0, "process", 1.0, handed_in="1"))
    for when in ("2026-03-01T10:30:00", ""):
        ledger.note_times([Submission("ada", NAME, None, "", handed_in=when), Submission("bob", NAME, None, "")])
        assert [one.handed_in for one in read_results(ledger.results)] == ["2026-03-01T10:30:00", "1"]
    ledger.note_times([Submission("ada", NAME, None, "", marked_late=True)])
    assert [one.marked_late for one in read_results(ledger.results)] == [True, None]
