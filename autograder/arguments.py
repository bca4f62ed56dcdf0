"""Describe what each command of `autograder` takes."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["Command", "make_parser"]

Command = Callable[[argparse.Namespace], int | None]
"""Does a command; returns its exit code, None for 0."""


def make_parser(commands: Mapping[str, Command]) -> argparse.ArgumentParser:
    """Return the parser, with the function that does each command.

    Args:
        commands: the functions, by the commands' names.
    """
    parser = argparse.ArgumentParser(prog="autograder", description="Build an assignment, and grade a class on it.")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=0,
        help="say what processes write and what was passed over; -vv says all",
    )
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, (add_arguments, summary) in _COMMANDS.items():
        described = subparsers.add_parser(name, help=summary)
        add_arguments(described)
        described.set_defaults(command=commands[name])
    return parser


def _add_build(parser: argparse.ArgumentParser) -> None:
    """Describe `build`."""
    parser.add_argument("assignment", metavar="ASSIGNMENT", nargs="?", help="a folder under source/ (default: all)")
    parser.add_argument("--no-gate", dest="gate", action="store_false", help="leave out the gate, which takes minutes")
    parser.add_argument("--draft", action="store_true", help="build though words of yours are missing; pages say so")
    parser.add_argument("--html", action="store_true", help="render the solved notebook to HTML, plots included")
    _add_root(parser)


def _add_new(parser: argparse.ArgumentParser) -> None:
    """Describe `new`."""
    parser.add_argument("name", metavar="NAME", help="the assignment's name: a new folder under source/")
    parser.add_argument(
        "--model", metavar="FILE", type=Path, required=True, help="a .keras file, or .json with --weights"
    )
    parser.add_argument("--weights", metavar="FILE", type=Path, help="the network's weights, where --model has none")
    parser.add_argument(
        "--data",
        metavar="FILE",
        type=Path,
        required=True,
        help="an .npz with x_train, y_train and perhaps x_test, y_test",
    )
    parser.add_argument("--deep", metavar="LAYER", nargs="+", default=(), help="the layers that count as deep")
    parser.add_argument("--middle", metavar="LAYER", nargs="+", default=(), help="the layers that count as middle ones")
    parser.add_argument("--classes", metavar="NAME", nargs="+", default=(), help="the classes' names, by label")
    parser.add_argument("--images", metavar="N", type=int, help="rows in each map (default: 1000, or all there are)")
    parser.add_argument("--title", metavar="T", default="", help="the name that people read (default: of NAME)")
    parser.add_argument("--licence", metavar="TEXT", default="", help="a line about whose the data is")
    _add_root(parser)


def _add_assess(parser: argparse.ArgumentParser) -> None:
    """Describe `assess`."""
    parser.add_argument("assignment", metavar="NAME", help="a folder under source/")
    _add_root(parser)


def _add_root(parser: argparse.ArgumentParser) -> None:
    """Describe where a command finds assignments."""
    parser.add_argument(
        "--root", metavar="DIR", type=Path, help="the repository, which holds source/ (default: this folder)"
    )


def _add_collect(parser: argparse.ArgumentParser) -> None:
    """Describe `collect`."""
    _add_handed_in(parser)
    parser.add_argument(
        "--out", metavar="OUT", type=Path, help="takes collected.csv and collected.json (default: none)"
    )
    parser.add_argument("--dry-run", action="store_true", help="show a line for each file, and write nothing")


def _add_handed_in(parser: argparse.ArgumentParser) -> None:
    """Describe what was handed in, for `collect` and `grade`."""
    parser.add_argument(
        "path",
        metavar="PATH",
        type=Path,
        help="nbgrader's submitted/<student>/<assignment>/, <student>.ipynb or a folder of these, an LMS bulk download, "
        "or a .zip or .tar.gz of one of these",
    )
    _add_class(parser)


def _add_class(parser: argparse.ArgumentParser) -> None:
    """Describe whose work it is, for `collect`, `grade` and `watch`."""
    parser.add_argument("--assignment", metavar="A", required=True, help="the assignment's name")
    parser.add_argument(
        "--from",
        dest="convention",
        metavar="C",
        choices=("auto", "nbgrader", "canvas", "moodle", "blackboard", "d2l", "gradescope", "github", "folder"),
        default="auto",
        help="how the files are named: one of %(choices)s (default: %(default)s, told by all names together)",
    )
    parser.add_argument("--roster", metavar="FILE", type=Path, help="a class list: tells who handed in nothing")
    _add_root(parser)


def _add_grade(parser: argparse.ArgumentParser) -> None:
    """Describe `grade`."""
    _add_handed_in(parser)
    _add_grading(parser)
    parser.add_argument(
        "--fresh", action="store_true", help="grade everything again, from nothing: results and maps are forgotten"
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        help="grade the slow way, for appeals: with libraries as they are, nothing shared, nothing remembered",
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help='grade on the workers of this Dask scheduler; "local" starts one here (default: no cluster)',
    )


def _add_watch(parser: argparse.ArgumentParser) -> None:
    """Describe `watch`."""
    parser.add_argument("path", metavar="INBOX", type=Path, help="a folder that hand-ins arrive in")
    _add_class(parser)
    _add_grading(parser)
    parser.add_argument(
        "--until-idle",
        metavar="SECONDS",
        type=_positive,
        help="end when nothing new came for so long (default: go on until Ctrl-C)",
    )


def _add_grading(parser: argparse.ArgumentParser) -> None:
    """Describe how work is graded, for `grade` and `watch`."""
    parser.add_argument("--out", metavar="OUT", type=Path, required=True, help="takes results, gradebook and feedback")
    parser.add_argument(
        "--isolation",
        choices=("auto", "bubblewrap", "user", "process"),
        default="auto",
        help="the sandbox that submissions run in (default: %(default)s)",
    )
    parser.add_argument("--memory", metavar="GIB", type=_positive, default=4.0, help="for each (default: %(default)g)")
    parser.add_argument("--timeout", metavar="S", type=_positive, default=600.0, help="for each (default: %(default)g)")
    _add_extensions(parser)
    parser.add_argument(
        "--claims",
        metavar="MIB",
        type=_whole,
        default=2048,
        help="how much of what submissions answered is kept for `rejudge`, in all; 0 for nothing (default: %(default)g)",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing while grading")
    _add_jobs(parser)


def _add_extensions(parser: argparse.ArgumentParser) -> None:
    """Describe `--extensions`, for `grade` and `report`."""
    parser.add_argument(
        "--extensions",
        metavar="FILE",
        type=Path,
        help="who has longer than the class: a CSV with the columns student and until; it is kept in OUT",
    )


def _add_rejudge(parser: argparse.ArgumentParser) -> None:
    """Describe `rejudge`."""
    parser.add_argument("out", metavar="OUT", type=Path, help="the folder that grade wrote; takes rejudge.csv")
    parser.add_argument("--assignment", metavar="A", help="whose results, where OUT holds several assignments'")
    parser.add_argument(
        "--policy", metavar="FILE", type=Path, help="judge by this file in the place of the source's assignment.toml"
    )
    parser.add_argument(
        "--check", metavar="NAME", nargs="+", default=[], help="judge these checks alone (default: all of them)"
    )
    parser.add_argument("--apply", action="store_true", help="let the new results count: write them, and the pages")
    parser.add_argument(
        "--never-lower", action="store_true", help="keep a check's result where it would give fewer points now"
    )
    parser.add_argument(
        "--run-again", action="store_true", help="have the next grade run those that can't be judged from claims"
    )
    _add_root(parser)
    _add_jobs(parser)


def _add_explain(parser: argparse.ArgumentParser) -> None:
    """Describe `explain`."""
    parser.add_argument("out", metavar="OUT", type=Path, help="the folder that grade wrote")
    parser.add_argument("student", metavar="STUDENT", help="whose result, by the id in grades.csv")
    parser.add_argument("check", metavar="CHECK", nargs="?", help="one check, by its grade_id (default: all)")
    parser.add_argument("--assignment", metavar="A", help="which assignment, where OUT has several")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a page, each map beside the grader's")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--plain",
        action="store_true",
        help="run the submission once more without any shortcut, and say whether the verdict stands",
    )
    _add_notebook(parser)
    _add_root(parser)


def _add_verify(parser: argparse.ArgumentParser) -> None:
    """Describe `verify`."""
    parser.add_argument("receipt", metavar="RECEIPT", type=Path, help="such as OUT/receipts/STUDENT/ASSIGNMENT.json")
    parser.add_argument(
        "--out", metavar="OUT", type=Path, help="the folder to compare with (default: the one that RECEIPT lies in)"
    )
    _add_notebook(parser)
    _add_root(parser)


def _add_notebook(parser: argparse.ArgumentParser) -> None:
    """Describe the option for what was handed in."""
    parser.add_argument(
        "--notebook",
        metavar="FILE",
        type=Path,
        help="the file as it was handed in (default: from where the class was collected)",
    )


def _add_report(parser: argparse.ArgumentParser) -> None:
    """Describe `report`."""
    parser.add_argument("out", metavar="OUT", type=Path, help="the folder that grade wrote; takes report.html")
    parser.add_argument("--assignment", metavar="A", help="whose results, where OUT holds several assignments'")
    parser.add_argument(
        "--marking",
        action="store_true",
        help="write marking.html, each written answer with its rubric and maps, and marking.csv to fill",
    )
    taking = parser.add_mutually_exclusive_group()
    taking.add_argument(
        "--marks",
        metavar="FILE",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        help="take in the marks of filled sheets first, and say how alike several people marked",
    )
    taking.add_argument("--undo", action="store_true", help="take back the sheet that was taken in last")
    parser.add_argument(
        "--marker",
        metavar="NAME",
        default="",
        help="who marks, or marked what doesn't say so (default: who is logged in)",
    )
    parser.add_argument(
        "--markers",
        metavar="NAME,NAME",
        type=_markers,
        default=(),
        help="write a page and a sheet for each of several people, with the answers dealt out among them",
    )
    parser.add_argument(
        "--overlap",
        metavar="SHARE",
        type=_share,
        default=0.1,
        help="with --markers: how many of the answers two people mark, without being told (default: 10%%)",
    )
    parser.add_argument(
        "--conflicts",
        choices=("ask", "sheet", "gradebook"),
        default="ask",
        help="what counts where somebody else changed a mark since the sheet was made (default: %(default)s)",
    )
    parser.add_argument(
        "--viva",
        metavar="STUDENT",
        help="write a sheet for a short conversation: three questions about this student's own maps, with the answers",
    )
    parser.add_argument(
        "--feedback", action="store_true", help="write every feedback page again, with the marks and comments of today"
    )
    _add_extensions(parser)


def _markers(text: str) -> tuple[str, ...]:
    """Return the names of several people.

    Raises:
        argparse.ArgumentTypeError: they can't be told apart, or can't stand in a file's name.
    """
    names = tuple(name.strip() for name in text.split(","))
    if len({name.casefold() for name in names}) != len(names) or len(names) < 2:
        raise argparse.ArgumentTypeError("two different names or more are wanted, such as ada,ben.")
    if not all(re.fullmatch(r"\w[\w-]{0,40}", name) for name in names):
        raise argparse.ArgumentTypeError("names are letters, digits, - and _ here, since files are called by them.")
    return names


def _share(text: str) -> float:
    """Return a share that is written as 10% or 0.1.

    Raises:
        argparse.ArgumentTypeError: it is none between 0 and 1.
    """
    match = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)( ?%)?", text.strip())
    share = (float(match[1]) / (100 if match[2] else 1)) if match else -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share: write 10% or 0.1.")
    return share


def _add_export(parser: argparse.ArgumentParser) -> None:
    """Describe `export`."""
    from autograder.export.arguments import add_export

    add_export(parser)


def _add_return(parser: argparse.ArgumentParser) -> None:
    """Describe `return`."""
    from autograder.give_back.lms import find_systems

    parser.add_argument("out", metavar="OUT", type=Path, help="the folder that grade wrote")
    parser.add_argument("--lms", choices=tuple(find_systems()), required=True, help="which system takes the feedback")
    parser.add_argument("--assignment", metavar="A", help="whose feedback, where OUT holds several assignments'")
    parser.add_argument("--to", metavar="DIR", type=Path, help="where to write (default: OUT/return)")
    parser.add_argument("--dry-run", action="store_true", help="list who gets nothing, and why; write nothing")


def _add_merge(parser: argparse.ArgumentParser) -> None:
    """Describe `merge`."""
    parser.add_argument("outs", metavar="OUT", type=Path, nargs="+", help="folders that grade wrote, two or more")
    parser.add_argument(
        "--out", metavar="OUT", type=Path, required=True, help="takes everything: a folder that isn't there yet"
    )
    parser.add_argument("--assignment", metavar="A", help="whose results, where the folders hold several assignments'")
    parser.add_argument("--prefer", metavar="OUT", type=Path, help="the folder that is right where two disagree")


def _add_demo(parser: argparse.ArgumentParser) -> None:
    """Describe `demo`."""
    parser.add_argument("--no-build", dest="build", action="store_false", help="use the release that is there")
    _add_jobs(parser)


def _add_preview(parser: argparse.ArgumentParser) -> None:
    """Describe `preview`."""
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="a folder under source/")
    parser.add_argument("--no-open", dest="open", action="store_false", help="write the pages, and open no browser")
    _add_root(parser)
    _add_jobs(parser)


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    """Describe `doctor`."""
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument("--out", metavar="OUT", type=Path, help="look too whether this folder can be written")


def _add_jobs(parser: argparse.ArgumentParser) -> None:
    """Describe `--jobs`."""
    cores = os.cpu_count() or 1
    parser.add_argument(
        "--jobs", metavar="N", type=_count, default=cores, help="graded side by side (default: one for each core)"
    )


def _positive(text: str) -> float:
    """Return a number above 0."""
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def _count(text: str) -> int:
    """Return a whole number above 0."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _whole(text: str) -> int:
    """Return a whole number, 0 or above."""
    return 0 if text == "0" else _count(text)


_COMMANDS: dict[str, tuple[Callable[[argparse.ArgumentParser], None], str]] = {
    "build": (_add_build, "compile source/ into releases, solutions and autograders"),
    "new": (_add_new, "write the source of a new assignment for a trained network and its data"),
    "assess": (_add_assess, "measure how right the grader is about an assignment, before anybody is graded"),
    "preview": (_add_preview, "show the release as a student sees it, and feedback on it blank and solved"),
    "collect": (_add_collect, "say of every file that was handed in whose it is, and what counts"),
    "grade": (_add_grade, "grade a folder of submissions"),
    "watch": (_add_watch, "grade what arrives in a folder, as soon as it is whole"),
    "rejudge": (_add_rejudge, "judge a graded class again without running it: who would change, and why"),
    "explain": (_add_explain, "say what the checks saw of one student, in numbers, and against which bounds"),
    "verify": (_add_verify, "compare a result's receipt with a folder, and say what differs"),
    "report": (_add_report, "make the class page, or mark written answers without formgrader"),
    "export": (_add_export, "write scores into the file that a learning management system takes"),
    "return": (_add_return, "write the feedback of a class as a system takes it back"),
    "merge": (_add_merge, "put together what several people or machines graded of one assignment"),
    "demo": (_add_demo, "build the assignment and grade a class of sample submissions"),
    "doctor": (_add_doctor, "say what this machine gives, and how to get what is missing"),
}
"""What describes each command's arguments, and what it does in a few words."""
