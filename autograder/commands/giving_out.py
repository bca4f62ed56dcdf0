"""Do the commands that give results out: `report`, `export`, `return`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.errors import AutograderError

__all__ = ["do_export", "do_give_back", "do_report"]


def do_report(options: argparse.Namespace) -> None:
    """Do `autograder report`."""
    from autograder.course import ReportRequest, report

    request = ReportRequest(
        out=options.out,
        root=Path.cwd(),
        assignment=options.assignment,
        marks=tuple(options.marks),
        marker=options.marker,
        conflicts=options.conflicts,
        undo=options.undo,
        extensions=options.extensions,
        feedback=options.feedback,
        marking=options.marking,
        markers=options.markers,
        overlap=options.overlap,
        viva=options.viva,
    )

    def tell(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    names = report(request, tell)
    sys.stdout.write("".join(f"{options.out / name}\n" for name in names))


def do_export(options: argparse.Namespace) -> None:
    """Do `autograder export`."""
    from autograder.course import export_class
    from autograder.export.console import print_outcome

    if options.course:
        return _export_course(options)
    of_courses = ("weights", "drop_lowest")
    _refuse(options, of_courses, f"--lms {options.lms}")
    others = ("command", "debug", "verbose", "assignment", "course", *of_courses)
    choices = {key: value for key, value in vars(options).items() if key not in others}
    print_outcome(*export_class(choices, options.assignment, Path.cwd()))
    return None


def _export_course(options: argparse.Namespace) -> None:
    """Do `autograder export --course`."""
    from autograder.course import CourseRequest, export_course

    of_lists = ("column", "new_column", "overwrite", "match", "replace", "scale", "cap", "feedback", "student")
    _refuse(options, (*of_lists, "assignment"), "--course")
    request = CourseRequest(
        out=options.out,
        root=Path.cwd(),
        weights=options.weights or {},
        drop_lowest=options.drop_lowest,
        zeros=options.missing is not None,
        scores=options.scores,
        late=options.late,
        class_list=options.class_list,
        output=options.output,
        comma=options.decimal == "comma",
        dry_run=options.dry_run,
    )
    sys.stdout.write("".join(f"{line}\n" for line in export_course(request)))


def _refuse(options: argparse.Namespace, names: Sequence[str], what: str) -> None:
    """Refuse options that say nothing there.

    Raises:
        AutograderError: one of them was given.
    """
    for name in names:
        if getattr(options, name):
            flag = f"--{name.replace('_', '-')}"
            raise AutograderError(f"{flag} says nothing for {what}.", f"Leave out {flag}.")


def do_give_back(options: argparse.Namespace) -> None:
    """Do `autograder return`."""
    from autograder.give_back.give_back import ReturnRequest, give_back, return_lines

    request = ReturnRequest(options.out, options.lms, options.assignment, options.to, options.dry_run)
    sys.stdout.write("".join(f"{line}\n" for line in return_lines(give_back(request))))
