"""Write `results.json`: always there, always whole, and with a sentence where something went wrong."""

from __future__ import annotations

import json
from typing import Any

from autograder.execute.engine import Result
from autograder.export import results_json
from autograder.files import replacing
from autograder.gradescope.container import Container
from autograder.gradescope.shown import show_more
from autograder.model import MapImages

__all__ = ["FAILED", "NO_SANDBOX", "STOPPED", "TOO_SLOW", "write_result", "write_sentence"]

_NOT_YOURS = "This says nothing about your answers. "
NO_SANDBOX = (
    "This submission was not graded: no sandbox for it works in this container. "
    f"{_NOT_YOURS}Please tell your instructor, who finds the reason in the autograder's output."
)
FAILED = (
    "This submission was not graded: the grader itself failed. "
    f"{_NOT_YOURS}Please tell your instructor, who finds the reason in the autograder's output."
)
TOO_SLOW = (
    "Grading did not end within {seconds:g} seconds, and was stopped. If your notebook takes long, make it faster and "
    "submit once more; if it doesn't, tell your instructor."
)
STOPPED = (
    f"Grading was stopped from outside before it ended. {_NOT_YOURS}Please submit once more; if it happens again, "
    "tell your instructor."
)
_WRITTEN_NOTE = "Written answers are marked by a person, and are not part of this score."


def write_result(
    container: Container, graded: Result, images: MapImages | None = None, *, written: frozenset[str] = frozenset()
) -> None:
    """Write a submission's result, its maps and its written answers.

    Args:
        container: where to.
        graded: what came of it.
        images: what its maps are of; None where nobody knows.
        written: the answers that a person marks.
    """
    result = graded.result
    record = show_more(results_json(result, wrote=bool(written - graded.blank)), graded, images)
    if result.checks and all(check.status == "error" for check in result.checks):
        record["output"] = FAILED  # the message is about the grader's inside
    elif written:
        record["output"] = " ".join(filter(None, [record["output"], _WRITTEN_NOTE]))
    _write(container, record | {"extra_data": {"isolation": result.isolation, "status": result.status}})


def write_sentence(container: Container, sentence: str, *, status: str, isolation: str | None = None) -> None:
    """Write that there is no result, and why; no check gets points.

    Args:
        container: where to.
        sentence: what students read.
        status: what instructors read.
        isolation: the sandbox level, where one was found.
    """
    record = json.loads(container.unfinished.read_text(encoding="utf-8"))
    _write(container, record | {"output": sentence, "extra_data": {"isolation": isolation, "status": status}})


def _write(container: Container, record: dict[str, Any]) -> None:
    """Write the file so that Gradescope meets a whole one, and students none."""
    container.results.parent.mkdir(mode=0o700, exist_ok=True)
    with replacing(container.results) as partial:
        partial.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        partial.chmod(0o600)
