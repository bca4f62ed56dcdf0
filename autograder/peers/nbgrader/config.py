"""How nbgrader is configured: for the repository's root as a course folder, and for a private course.

Both run the same preprocessors, so that a course on plain `nbgrader autograde` sees the scores that `autograder grade` gives.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from traitlets.config import Config

from autograder.assignment.settings import find_sources, read_assignment
from autograder.errors import SourceError
from autograder.peers.nbgrader.feedback import FEEDBACK_FILTERS, TEMPLATE, TEMPLATES
from autograder.peers.nbgrader.html_filters import FILTERS

__all__ = ["course_config", "private_config"]

CELL_SECONDS = 300
"""The longest that one cell may take: t-SNE by the exact method, the slowest that a reasonable person would ask for."""

NOTEBOOK_SECONDS = 1200
"""The longest that one notebook may take under plain `nbgrader autograde`."""

_PREPROCESSORS = "autograder.peers.nbgrader.preprocessors"

_GENERATE = [
    f"nbgrader.preprocessors.{name}"
    for name in (
        *("IncludeHeaderFooter", "InstantiateTests", "LockCells", "ClearSolutions", "ClearOutput", "CheckCellMetadata"),
        *("ComputeChecksums", "SaveCells", "ClearHiddenTests", "ClearMarkScheme", "ComputeChecksums"),
        "CheckCellMetadata",
    )
]
"""nbgrader's own list; ours comes before it."""

_SANITIZE = [
    "nbgrader.preprocessors.ClearOutput",
    f"{_PREPROCESSORS}.UniqueIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
"""nbgrader's own list, with ours in the place of its `DeduplicateIds`."""

_AUTOGRADE = [
    f"{_PREPROCESSORS}.RestoreFiles",
    f"{_PREPROCESSORS}.ExecuteWithin",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
"""nbgrader's own list, with our two in front and in the place of its `Execute`."""


def course_config(root: Path) -> Config:
    """Return the configuration that makes a checkout of this repository an nbgrader course folder.

    Args:
        root: the folder that holds `source/`, `release/` and `solutions/`.
    """
    root = root.resolve()
    config = _grading_config(root / "release" / "nbgrader" / "{assignment}", root / "source" / "{assignment}")
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.source_directory = "source"
    config.CourseDirectory.release_directory = "release/nbgrader"
    config.CourseDirectory.solution_directory = "solutions"
    config.Execute.timeout = CELL_SECONDS  # of `nbgrader validate` and formgrader, whose own limit is 30 s
    config.GenerateAssignment.preprocessors = [f"{_PREPROCESSORS}.FillPoints", *_GENERATE]
    config.GenerateFeedback.preprocessors = [
        f"{_PREPROCESSORS}.GetMarks",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    config.GenerateFeedback.exporter_class = "autograder.peers.nbgrader.feedback.FeedbackExporter"
    config.FeedbackExporter.template_name = TEMPLATE
    config.FeedbackExporter.extra_template_basedirs = [TEMPLATES]
    config.FeedbackExporter.filters = FILTERS | FEEDBACK_FILTERS
    config.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", *_unreleased(root)]
    return config


def private_config(root: Path, release: Path, source: Path, *, cell_seconds: float | None = None) -> Config:
    """Return the configuration of a private course for one assignment.

    Args:
        root: the private course's folder.
        release: the folder whose files a submission meets, all but its notebooks.
        source: the assignment's source folder; its `assignment.toml` goes to the tests.
        cell_seconds: the longest that one cell may take.
    """
    config = _grading_config(release.resolve(), source.resolve())
    config.CourseDirectory.root = str(root)
    config.ExecuteWithin.timeout = int(cell_seconds or CELL_SECONDS)
    return config


def _grading_config(release: Path, source: Path) -> Config:
    """Return what both kinds of course share: the preprocessors, and where the restored files come from."""
    config = Config()
    config.HTMLExporter.sanitize_html = True  # formgrader and feedback show what students wrote
    config.HTMLExporter.filters = FILTERS
    config.Autograde.sanitize_preprocessors = list(_SANITIZE)
    config.Autograde.autograde_preprocessors = list(_AUTOGRADE)
    config.RestoreFiles.release = str(release)
    config.RestoreFiles.source = str(source)
    config.ExecuteWithin.timeout = CELL_SECONDS
    config.ExecuteWithin.seconds = float(NOTEBOOK_SECONDS)
    return config


def _unreleased(root: Path) -> list[str]:
    """Return patterns for the source folders' files that no `[release] files` names.

    nbgrader looks each pattern up beside every file it copies and compares the paths as text, so that only the very
    path that it builds itself, with its `.` for the student, hides a single file.
    """
    patterns = []
    for folder in find_sources(root):
        released: set[Path] = set()
        with contextlib.suppress(
            SourceError
        ):  # the build's to report: nbgrader's commands are about other assignments too
            released.update(map(Path, read_assignment(folder).files))
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            if path.is_file() and path.suffix != ".ipynb" and released.isdisjoint({relative, *relative.parents}):
                patterns.append(str(root / "source") + f"/./{folder.name}/{relative}")
    return patterns
