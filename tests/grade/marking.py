"""Marks that somebody gives: what was there before is left alone where nothing is said."""

from collections.abc import Mapping

from autograder.model import Mark, MarkChange

__all__ = ["given"]


def given(marks: Mapping[str, tuple[Mark, ...]]) -> dict[str, tuple[MarkChange, ...]]:
    """Return marks as changes; a score of None and a comment of "" say nothing."""
    return {
        student: tuple(MarkChange(Mark(one.name, None, one.max_score), one.score, one.comment) for one in own)
        for student, own in marks.items()
    }
