"""A course of nbgrader's own knows the deadline of `assignment.toml`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.model import Deadline
from autograder.peers.nbgrader import update_gradebook
from tests.grade.tiny import NAME, write_course


def test_the_gradebook_is_told_the_deadline(tmp_path: Path) -> None:
    """In UTC, as nbgrader keeps it, and again when it moves; without one what nbgrader knows stays."""
    assignment, _ = write_course(tmp_path)
    path = tmp_path / "gradebook.db"
    for hour, deadline in ((22, "2026-03-01T23:59:00"), (21, "2026-03-01T22:59:00"), (21, None)):
        at = datetime.fromisoformat(deadline) if deadline else None
        update_gradebook(path, replace(assignment, deadline=at and Deadline(at, "Europe/Berlin")))
        with Gradebook(f"sqlite:///{path}") as gradebook:
            assert gradebook.find_assignment(NAME).duedate == datetime(2026, 3, 1, hour, 59)  # noqa: DTZ001
