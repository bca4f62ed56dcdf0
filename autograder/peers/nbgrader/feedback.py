"""Make the page of `nbgrader generate_feedback`: points and messages, and no hidden test.

nbgrader's own page shows each test cell whole, hidden lines included, and tracebacks through them.
"""

from __future__ import annotations

from pathlib import Path

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode

from autograder.checks.cards import Card
from autograder.peers.nbgrader.outcomes import explain_error

__all__ = ["FEEDBACK_FILTERS", "TEMPLATE", "TEMPLATES", "FeedbackExporter", "about_test", "failure_card"]

TEMPLATE = "graded"
TEMPLATES = str(Path(__file__).parent / "templates")

FEEDBACK_FILTERS = {name: f"{__name__}.{name}" for name in ("about_test", "failure_card")}
"""What the template uses beside nbconvert's own filters."""


class FeedbackExporter(HTMLExporter):
    """nbconvert's exporter under a name of its own, so that its settings leave formgrader's pages alone."""


def about_test(source: str) -> str:
    """Return what a test cell's first comment says; nothing where it begins otherwise."""
    first = source.lstrip().partition("\n")[0]
    return first.lstrip("# ").rstrip() if first.startswith("#") and not first.startswith("###") else ""


def failure_card(error: NotebookNode) -> str:
    """Return an error output of a test cell as HTML: its message, and no line of the test."""
    status, diagnosis, message = explain_error(error)
    lines = () if diagnosis is None else (f"Kind of mistake: {diagnosis.replace('_', ' ')}",)
    return Card(status, message, lines)._repr_html_()
