"""What the grader's own process leaves out of its libraries; no score depends on it."""

from __future__ import annotations

from contextlib import AbstractContextManager

from .table import replaced, stand_in

__all__ = ["flushing_only", "leave_grammar_out"]


def leave_grammar_out() -> None:
    """Let whoever checks notebooks find no grammar of addresses, as where it isn't installed."""
    stand_in("rfc3987_syntax", None)


def flushing_only() -> AbstractContextManager[None]:
    """Let database sessions write inside, but end no transaction."""
    return replaced("sqlalchemy.orm.scoping", {"scoped_session.commit": lambda _: lambda session: session.flush()})
