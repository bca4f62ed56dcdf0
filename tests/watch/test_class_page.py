"""The class page follows the results, not too often, and its failures stop nobody."""

import errno
import time
from pathlib import Path

import pytest

from autograder.files import held
from autograder.grade.results import append_result, read_results
from autograder.model import SubmissionResult
from autograder.watch.class_page import ClassPage
from tests.grade.tiny import NAME, write_course

OLD = "The class page is older than the results: `autograder report` makes a new one."


@pytest.fixture
def said() -> list[str]:
    """What was told."""
    return []


@pytest.fixture
def page(tmp_path: Path, said: list[str]) -> ClassPage:
    """The page of a class of one, with an hour between two of it."""
    write_course(tmp_path)
    (tmp_path / "out").mkdir()
    append_result(tmp_path / "out" / "results.jsonl", SubmissionResult("ada", NAME, "graded", 3.0, 3.0, "process", 1.0))
    return ClassPage(tmp_path / "out", NAME, tmp_path, 3600.0, said.append)


def test_it_waits_while_results_come(
    page: ClassPage, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written when nothing came for a while, or the time is over; and at the end."""
    path, moment = tmp_path / "out" / "report.html", time.monotonic()
    page.renew(idle=True)
    page.note()
    page.renew(idle=True)
    page.renew(idle=False)
    assert not path.exists()
    monkeypatch.setattr("time.monotonic", lambda: moment + 60)
    page.renew(idle=False)
    assert not path.exists()
    page.renew(idle=True)
    page.finish()
    assert "ada" in path.read_text()
    assert "ada" in (tmp_path / "out" / "grades.csv").read_text()
    path.unlink()
    page.finish()  # nothing new
    assert not path.exists()
    page.note()
    page.finish()
    assert path.exists()
    assert said == []


def test_a_deadline_is_followed_by_who_grades(page: ClassPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though nobody else may write into the folder meanwhile."""
    with (tmp_path / "source" / NAME / "assignment.toml").open("a") as file:
        file.write("[deadline]\nat = 2026-03-01T12:00:00\nzone = 'America/New_York'\n")
    written: list[int] = []
    monkeypatch.setattr("autograder.late_work.write_times", lambda *_: written.append(1))
    page.note()
    with held(tmp_path / "out"):
        page.finish()
    assert written == [1]
    (ada,) = read_results(tmp_path / "out" / "results.jsonl")
    assert ada.late is not None


def test_while_a_report_is_made_it_waits(page: ClassPage, tmp_path: Path, said: list[str]) -> None:
    """Another one comes; at the end it is told that there is none."""
    (tmp_path / "out" / "gradebook.db").touch()
    page.note()
    with held(tmp_path / "out" / "gradebook.db"):
        page.finish()
    assert not (tmp_path / "out" / "report.html").exists()
    assert said == [OLD]


def test_a_mistake_in_the_assignment_is_told_once(page: ClassPage, tmp_path: Path, said: list[str]) -> None:
    """Whoever edits it reads it, and hand-ins are graded meanwhile."""
    (tmp_path / "source" / NAME / "assignment.toml").write_text("title = ")
    page.note()
    page.finish()
    page.finish()
    assert said[1:] == [OLD, OLD]
    assert said[0].startswith("The class page can't be written now: ")


def test_a_full_disk_is_told_by_who_writes_results(
    page: ClassPage, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page adds nothing to it."""

    def full(*_: object) -> None:
        """Fail as a full disk does."""
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("autograder.watch.class_page.write_pages", full)
    page.note()
    page.finish()
    assert said == [OLD]
