"""Describe what `export` takes."""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path

from autograder.export.lms import find_systems

__all__ = ["add_export"]


def add_export(parser: argparse.ArgumentParser) -> None:
    """Describe `export`."""
    parser.add_argument("out", metavar="OUT", type=Path, help="the folder that grade wrote")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--lms", choices=tuple(find_systems()), help="whose file to write")
    what.add_argument("--course", action="store_true", help="write one table of all assignments in OUT, with totals")
    _add_course(parser)
    parser.add_argument("--class-list", metavar="FILE", type=Path, help="the file that the LMS gave, to be filled")
    parser.add_argument(
        "--output", metavar="FILE", type=Path, help="where to write (default: OUT/<lms>.csv, OUT/course.csv)"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and write nothing")
    _add_column(parser)
    parser.add_argument(
        "--scores",
        choices=("machine", "all"),
        help="the checks alone, or with the marks in the gradebook (default: all, once every written answer is marked)",
    )
    parser.add_argument(
        "--missing",
        choices=("0",),
        help="give 0 to who handed in nothing, or nothing that could be graded (default: leave these rows as they are)",
    )
    parser.add_argument(
        "--decimal", choices=("point", "comma"), help="how to write numbers (default: as the file does)"
    )
    parser.add_argument("--feedback", action="store_true", help="fill Moodle's column of comments too")
    parser.add_argument(
        "--late",
        choices=("apply", "show", "ignore"),
        default="apply",
        help="take off what late work loses, name it beside the score, or neither (default: %(default)s)",
    )
    parser.add_argument("--student", metavar="ID", help="write this student's results.json only (gradescope)")
    parser.add_argument("--assignment", metavar="A", help="whose results, where OUT holds several assignments'")


def _add_column(parser: argparse.ArgumentParser) -> None:
    """Describe how `export` fills a column of a class list."""
    parser.add_argument("--overwrite", action="store_true", help="fill the class list itself, and write no other file")
    parser.add_argument(
        "--column", metavar="TITLE", help="the column to fill (default: the one with the assignment's title)"
    )
    parser.add_argument("--new-column", action="store_true", help="add a column; Canvas then makes a new assignment")
    parser.add_argument("--replace", action="store_true", help="replace scores that are there already and differ")
    parser.add_argument("--scale", action="store_true", help="convert scores to the column's maximum")
    parser.add_argument("--cap", action="store_true", help="cut scores off at the column's maximum")
    parser.add_argument(
        "--match",
        choices=("number", "id", "login", "email", "name"),
        help="recognise students by this alone (default: by ids, then by names that are unique)",
    )


def _add_course(parser: argparse.ArgumentParser) -> None:
    """Describe what `export --course` takes."""
    parser.add_argument(
        "--weights",
        metavar="A=W,...",
        type=_weights,
        help="how often each assignment's points count in a course's total, such as hw1=2,hw2=1/2 (default: once)",
    )
    parser.add_argument(
        "--drop-lowest",
        metavar="N",
        type=_number,
        default=0,
        help="leave each student's N lowest assignments out of a course's total (default: %(default)s)",
    )


def _weights(text: str) -> dict[str, Fraction]:
    """Return weights by assignment."""
    weights: dict[str, Fraction] = {}
    for part in text.split(","):
        name, _, number = part.strip().partition("=")
        try:
            weight = Fraction(number.strip())
        except (ValueError, ZeroDivisionError):
            raise argparse.ArgumentTypeError(f"{part!r} gives no weight: write hw1=2,hw2=1/2") from None
        if weight < 0 or name in weights:
            raise argparse.ArgumentTypeError(f"{part!r} is below 0, or gives a second weight")
        weights[name] = weight
    return weights


def _number(text: str) -> int:
    """Return a whole number, 0 or above."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)
