"""A file counts when two looks find it the same and it is whole, or when it stays as it is for long."""

from pathlib import Path

import nbformat
import pytest

from autograder.watch.inbox import Inbox
from tests.grade.tiny import submission

TEXT = nbformat.writes(submission())
PATIENCE = 60.0


class Clock:
    """Tells the seconds that a test says."""

    now = 0.0

    def __call__(self) -> float:
        """Return them."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Seconds."""
    return Clock()


@pytest.fixture
def inbox(tmp_path: Path, clock: Clock) -> Inbox:
    """An empty inbox."""
    return Inbox(tmp_path, PATIENCE, clock)


def test_a_file_is_finished_at_the_second_look(tmp_path: Path, inbox: Inbox) -> None:
    """And looks that find nothing new say so."""
    assert not inbox.look()
    path = tmp_path / "ada.ipynb"
    path.write_text(TEXT)
    assert not inbox.look()
    assert inbox.has_news
    assert not inbox.is_finished(path)
    assert inbox.look()
    assert not inbox.has_news
    assert inbox.is_finished(path)
    assert inbox.all_finished
    assert not inbox.look()
    path.unlink()
    assert inbox.look()
    assert inbox.has_news


def test_a_file_that_grows_is_not_finished(tmp_path: Path, inbox: Inbox) -> None:
    """Nor is one that was finished, and is written again."""
    path = tmp_path / "ada.ipynb"
    for end in (100, 200, len(TEXT)):
        path.write_text(TEXT[:end])
        inbox.look()
        assert not inbox.is_finished(path)
    inbox.look()
    assert inbox.is_finished(path)
    path.write_text(TEXT[:300])
    inbox.look()
    inbox.look()
    assert not inbox.is_finished(path)
    assert not inbox.all_finished


@pytest.mark.parametrize(("name", "text"), [("ada.ipynb", TEXT[:300]), ("ada.ipynb.part", TEXT)])
def test_half_a_file_is_taken_when_nobody_writes_it(
    name: str, text: str, tmp_path: Path, inbox: Inbox, clock: Clock
) -> None:
    """After a minute it is what was handed in."""
    path = tmp_path / name
    path.write_text(text)
    for seconds in (0.0, 1.0, PATIENCE - 1):
        clock.now = seconds
        inbox.look()
        assert not inbox.is_finished(path)
    clock.now = PATIENCE
    assert inbox.look()
    assert inbox.is_finished(path)


def test_what_was_never_seen_is_not_finished(tmp_path: Path, inbox: Inbox) -> None:
    """It came after the look."""
    inbox.look()
    inbox.look()
    (tmp_path / "late.ipynb").write_text(TEXT)
    assert not inbox.is_finished(tmp_path / "late.ipynb")


def test_of_too_many_files_the_rest_is_not_waited_for(
    tmp_path: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A student with more files than are looked at is graded; the collect stage says so."""
    for module in ("stamps", "inbox"):
        monkeypatch.setattr(f"autograder.watch.{module}.MAX_ENTRIES", 3)
    (tmp_path / "ada").mkdir()
    for number in range(6):
        (tmp_path / "ada" / f"{number}.txt").write_text("x")
    inbox.look()
    inbox.look()
    assert all(inbox.is_finished(tmp_path / "ada" / f"{number}.txt") for number in range(6))
    assert not inbox.is_finished(tmp_path / "bob.txt")
