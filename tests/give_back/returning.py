"""A graded class that was collected from a system, with a page for each student."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.collect.record_files import write_collection
from autograder.collect.submissions import CollectRequest, collect
from autograder.grade.folders import folder_name
from autograder.grade.results import append_result
from autograder.model import SubmissionResult
from autograder.report.feedback.map_figures import library
from autograder.report.templates import fill_template

NAME = "hw"
DOWNLOADS = {
    "moodle": ("Ada Lovelace_71_assignsubmission_file_/hw.ipynb", "Émile_72_assignsubmission_file/my work.ipynb"),
    "canvas": ("lovelaceada_LATE_4711_9301_hw-1.ipynb", "borelemile_4712_9302_hw.ipynb"),
    "blackboard": (
        "Homework_ada_attempt_2026-03-01-10-30-00_hw.ipynb",
        "Homework_emile_attempt_2026-03-01-10-30-00_hw.ipynb",
    ),
    "d2l": (
        "4711-12 - Ada Lovelace - Mar 1, 2026 1030 AM/hw.ipynb",
        "4712-12 - Émile Borel - Mar 1, 2026 1031 AM/hw.ipynb",
    ),
    "nbgrader": (
        *("ada/hw/hw.ipynb", "ada/hw/timestamp.txt", "ada/hw/submission_secret.txt"),
        *("emile/hw/hw.ipynb", "emile/hw/timestamp.txt", "emile/hw/submission_secret.txt"),
    ),
    "gradescope": ("submission_71/hw.ipynb", "submission_72/hw.ipynb", "submission_metadata.yml"),
    "folder": ("ada.ipynb", "emile.ipynb"),
}
_METADATA = "".join(
    f"submission_{number}:\n  :submitters:\n  - :name: {name}\n    :sid: '{number}'\n"
    for number, name in ((71, "Ada"), (72, "Emile"))
)


def graded(root: Path, names: Sequence[str], *, without_page: Sequence[str] = ()) -> tuple[Path, tuple[str, ...]]:
    """Collect files of these names, and write a result and a page for each student.

    Returns:
        OUT, and the students.
    """
    for name in names:
        path = root / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "2026-03-01 10:30:00 UTC" if name.endswith("timestamp.txt") else f"text of {name}"
        path.write_text(_METADATA if name.endswith(".yml") else text)
    out = root / "out"
    out.mkdir()
    with collect(CollectRequest(root / "inbox", NAME)) as collection:
        write_collection(collection, out)
    students = tuple(sorted(one.student for one in collection.submissions))
    for student in students:
        append_result(out / "results.jsonl", SubmissionResult(student, NAME, "graded", 1.0, 1.0, "process", 1.0))
        if student not in without_page:
            path = out / "feedback" / folder_name(student) / f"{NAME}.html"
            path.parent.mkdir(parents=True)
            path.write_text(page(student), "utf-8")
    return out, students


def page(student: str) -> str:
    """Return a page with a policy and scripts, as the house makes them."""
    result = SubmissionResult(student, NAME, "graded", 1.0, 1.0, "process", 1.0)
    scripts = [library(), "draw();"]
    return fill_template("feedback", "feedback", scripts, **_values(result))


def _values(result: SubmissionResult) -> dict[str, object]:
    """Return what the template shows of a result without a notebook."""
    from autograder.report.feedback import page as module

    captured: dict[str, object] = {}

    def keep(name: str, style: str, scripts: Sequence[str], **values: object) -> str:
        captured.update(values)
        return ""

    original, module.fill_template = module.fill_template, keep  # type: ignore[attr-defined,assignment]
    try:
        module.render_page("Homework", result, None)
    finally:
        module.fill_template = original  # type: ignore[attr-defined]
    return captured
