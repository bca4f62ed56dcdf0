"""The command line: it parses and calls. Every message to people that is not a result goes to stderr."""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import AutograderError
from autograder.log import show_log
from autograder.sandbox.inside.patches.grader import leave_grammar_out

if TYPE_CHECKING:
    from autograder.model import Mark

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 when it did its work, 2 when it was called wrongly or could not do it, 1 when the fault is this program's, and 130
    when it was stopped by hand. With `--debug`, whatever was raised comes out instead.

    `doctor` returns 1 where a class can't be graded in a sandbox.

    Args:
        arguments: what follows `autograder`; None for the process's own.
    """
    options = _parser().parse_args(arguments)
    if not getattr(options, "plain", False):
        leave_grammar_out()
    atexit.register(gc.freeze)  # what ends with the process needs no collection: half a second
    show_log(options.verbose)
    command: Callable[[argparse.Namespace], int | None] = options.command
    try:
        return command(options) or 0
    except (Exception, KeyboardInterrupt) as error:
        if options.debug:
            raise
        code, message, tip = _told(error, options)
        sys.stderr.write(f"autograder: {message}\n" + (f"  {tip}\n" if tip else ""))
        return code


def _told(error: BaseException, options: argparse.Namespace) -> tuple[int, str, str | None]:
    """Return exit code, message and tip for what ended a command."""
    if isinstance(error, AutograderError):
        return 2, error.message, error.tip
    if isinstance(error, KeyboardInterrupt):
        return 130, f"stopped. {_after_stop(options)}", None
    message = f"this is a fault of the program's own: {type(error).__name__}: {error}"
    return 1, message, "Put --debug before the command to see where, and report it."


def _after_stop(options: argparse.Namespace) -> str:
    """Say what a command that was stopped by hand does when it is called again."""
    if options.command is not _grade:
        return "The same command begins anew."
    return f"The same command{' without --fresh' if options.fresh else ''} goes on where this one was."


def _parser() -> argparse.ArgumentParser:
    """Return the parser, each command with the function that does it."""
    parser = argparse.ArgumentParser(prog="autograder", description="Build an assignment, and grade a class on it.")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=0,
        help="say what processes write and what was passed over; -vv says all",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_build(commands.add_parser("build", help="compile source/ into releases, solutions and autograders"))
    _add_collect(
        commands.add_parser("collect", help="say of every file that was handed in whose it is, and what counts")
    )
    _add_grade(commands.add_parser("grade", help="grade a folder of submissions"))
    _add_report(commands.add_parser("report", help="make the class page, or mark written answers without formgrader"))
    _add_export(
        commands.add_parser("export", help="write scores into the file that a learning management system takes")
    )
    _add_demo(commands.add_parser("demo", help="build the assignment and grade a class of sample submissions"))
    _add_doctor(commands.add_parser("doctor", help="say what this machine gives, and how to get what is missing"))
    return parser


def _add_build(parser: argparse.ArgumentParser) -> None:
    """Describe `build`."""
    parser.add_argument("assignment", metavar="ASSIGNMENT", nargs="?", help="a folder under source/ (default: all)")
    parser.add_argument("--no-gate", dest="gate", action="store_false", help="leave out the gate, which takes minutes")
    parser.add_argument("--html", action="store_true", help="render the solved notebook to HTML, plots included")
    parser.set_defaults(command=_build)


def _add_collect(parser: argparse.ArgumentParser) -> None:
    """Describe `collect`."""
    _add_handed_in(parser)
    parser.add_argument(
        "--out", metavar="OUT", type=Path, help="takes collected.csv and collected.json (default: none)"
    )
    parser.add_argument("--dry-run", action="store_true", help="show a line for each file, and write nothing")
    parser.set_defaults(command=_collect)


def _add_handed_in(parser: argparse.ArgumentParser) -> None:
    """Describe what was handed in, for `collect` and `grade`."""
    parser.add_argument(
        "path",
        metavar="PATH",
        type=Path,
        help="nbgrader's submitted/<student>/<assignment>/, <student>.ipynb or a folder of these, an LMS bulk download, "
        "or a .zip or .tar.gz of one of these",
    )
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


def _add_grade(parser: argparse.ArgumentParser) -> None:
    """Describe `grade`."""
    _add_handed_in(parser)
    parser.add_argument("--out", metavar="OUT", type=Path, required=True, help="takes results, gradebook and feedback")
    parser.add_argument(
        "--isolation",
        choices=("auto", "bubblewrap", "user", "process"),
        default="auto",
        help="the sandbox that submissions run in (default: %(default)s)",
    )
    parser.add_argument("--memory", metavar="GIB", type=_positive, default=4.0, help="for each (default: %(default)g)")
    parser.add_argument("--timeout", metavar="S", type=_positive, default=600.0, help="for each (default: %(default)g)")
    parser.add_argument(
        "--fresh", action="store_true", help="grade everything again, from nothing: results and maps are forgotten"
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing while grading")
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
    _add_jobs(parser)
    parser.set_defaults(command=_grade)


def _add_report(parser: argparse.ArgumentParser) -> None:
    """Describe `report`."""
    parser.add_argument("out", metavar="OUT", type=Path, help="the folder that grade wrote; takes report.html")
    parser.add_argument("--assignment", metavar="A", help="whose results, where OUT holds several assignments'")
    parser.add_argument(
        "--marking",
        action="store_true",
        help="write marking.html, each written answer with its rubric and maps, and marking.csv to fill",
    )
    parser.add_argument("--marks", metavar="FILE", type=Path, help="take in the marks of a filled marking.csv first")
    parser.add_argument(
        "--feedback", action="store_true", help="write every feedback page again, with the marks and comments of today"
    )
    parser.set_defaults(command=_report)


def _add_export(parser: argparse.ArgumentParser) -> None:
    """Describe `export`."""
    from autograder.export import find_systems

    parser.add_argument("out", metavar="OUT", type=Path, help="the folder that grade wrote")
    parser.add_argument("--lms", choices=tuple(find_systems()), required=True, help="whose file to write")
    parser.add_argument("--class-list", metavar="FILE", type=Path, help="the file that the LMS gave, to be filled")
    parser.add_argument("--output", metavar="FILE", type=Path, help="where to write (default: OUT/<lms>.csv)")
    parser.add_argument("--overwrite", action="store_true", help="fill the class list itself, and write no other file")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and write nothing")
    parser.add_argument(
        "--column", metavar="TITLE", help="the column to fill (default: the one with the assignment's title)"
    )
    parser.add_argument("--new-column", action="store_true", help="add a column; Canvas then makes a new assignment")
    parser.add_argument("--replace", action="store_true", help="replace scores that are there already and differ")
    parser.add_argument(
        "--scores",
        choices=("machine", "all"),
        help="the checks alone, or with the marks in the gradebook (default: all, once every written answer is marked)",
    )
    parser.add_argument("--scale", action="store_true", help="convert scores to the column's maximum")
    parser.add_argument("--cap", action="store_true", help="cut scores off at the column's maximum")
    parser.add_argument(
        "--match",
        choices=("number", "id", "login", "email", "name"),
        help="recognise students by this alone (default: by ids, then by names that are unique)",
    )
    parser.add_argument(
        "--decimal", choices=("point", "comma"), help="how to write numbers (default: as the file does)"
    )
    parser.add_argument("--feedback", action="store_true", help="fill Moodle's column of comments too")
    parser.add_argument("--student", metavar="ID", help="write this student's results.json only (gradescope)")
    parser.add_argument("--assignment", metavar="A", help="whose results, where OUT holds several assignments'")
    parser.set_defaults(command=_export)


def _add_demo(parser: argparse.ArgumentParser) -> None:
    """Describe `demo`."""
    parser.add_argument("--no-build", dest="build", action="store_false", help="use the release that is there")
    _add_jobs(parser)
    parser.set_defaults(command=_demo)


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    """Describe `doctor`."""
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument("--out", metavar="OUT", type=Path, help="look too whether this folder can be written")
    parser.set_defaults(command=_doctor)


def _add_jobs(parser: argparse.ArgumentParser) -> None:
    """Describe `--jobs`."""
    cores = os.cpu_count() or 1
    parser.add_argument(
        "--jobs", metavar="N", type=_count, default=cores, help="graded side by side (default: one for each core)"
    )


def _positive(text: str) -> float:
    """Return a number above 0."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def _count(text: str) -> int:
    """Return a whole number above 0."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


# Each command imports what it needs: TensorFlow and nbgrader take seconds, and `--help` needs neither.


def _build(options: argparse.Namespace) -> None:
    """Do `autograder build`."""
    from autograder.compile.compiler import build

    build(Path.cwd(), options.assignment, gate=options.gate, html=options.html)


def _collect(options: argparse.Namespace) -> None:
    """Do `autograder collect`."""
    from autograder.assignment.plan import make_plan
    from autograder.assignment.recognise import recogniser
    from autograder.assignment.settings import read_source
    from autograder.collect.console import file_lines, summary_lines
    from autograder.collect.record_files import write_collection
    from autograder.collect.submissions import CollectRequest, collect
    from autograder.export.roster import read_roster

    assignment = read_source(Path.cwd() / "source" / options.assignment).assignment
    plan = make_plan(assignment.folder, Path.cwd() / "release" / "nbgrader" / assignment.name)
    roster = read_roster(options.roster) if options.roster else None
    request = CollectRequest(options.path, assignment.name, options.convention, recogniser(plan), roster)
    with collect(request) as collection:
        lines = [*file_lines(collection), ""] if options.dry_run else []
        if options.out is not None and not options.dry_run:
            write_collection(collection, options.out)
        sys.stdout.write("".join(f"{line}\n" for line in [*lines, *summary_lines(collection)]))


def _grade(options: argparse.Namespace) -> None:
    """Do `autograder grade`."""
    from rich.console import Console

    from autograder.assignment.settings import read_source
    from autograder.collect.record_files import read_unclear
    from autograder.export.roster import read_roster
    from autograder.grade import GradeRequest, Limits, grade
    from autograder.grade.gradebook.read import students_who_wrote
    from autograder.report import print_table, write_page

    assignment = read_source(Path.cwd() / "source" / options.assignment).assignment
    request = GradeRequest(
        path=options.path,
        assignment=assignment,
        release=Path.cwd() / "release" / "nbgrader" / assignment.name,
        out=options.out,
        jobs=options.jobs,
        isolation=options.isolation,
        limits=Limits(seconds=options.timeout, memory=options.memory),
        fresh=options.fresh,
        quiet=options.quiet,
        cluster=options.cluster,
        plain=options.plain,
        convention=options.convention,
        roster=read_roster(options.roster) if options.roster else None,
    )
    results = grade(request, Console(stderr=True), write_page(assignment.title))
    print_table(results, options.out, wrote=students_who_wrote(options.out))
    sys.stderr.write("".join(f"{line}\n" for line in read_unclear(options.out)))
    if any(result.has_fault for result in results):
        sys.stderr.write(f"Something crashed, or a check of ours failed: {request.logs} has what was said meanwhile.\n")


def _report(options: argparse.Namespace) -> None:
    """Do `autograder report`."""
    from autograder.grade.gradebook.write_marks import apply_marks
    from autograder.graded_folder import read_class, read_class_answers, write_feedback_again
    from autograder.report.class_page.page import write_class_page
    from autograder.report.marking.page import write_marking
    from autograder.report.marking.sheets import read_sheet

    records = read_class(options.out, options.assignment)
    given: dict[str, tuple[Mark, ...]] = {}
    if options.marks:
        given = read_sheet(options.marks, {entry.student: entry.marks for entry in records.entries})
        count = apply_marks(options.out / "gradebook.db", records.assignment, given)
        sys.stderr.write(f"{count} written answers of {len(given)} students have new marks or comments.\n")
        records = read_class(options.out, options.assignment)
    write_class_page(records, options.out / "report.html")
    written = ["report.html"]
    again = {entry.student for entry in records.entries} if options.feedback else set(given)
    if again:
        write_feedback_again(options.out, records, again)
        sys.stderr.write(f"{len(again)} feedback pages were written again.\n")
    if options.marking:
        written += write_marking(records, read_class_answers(options.out, records), options.out)
    sys.stdout.write("".join(f"{options.out / name}\n" for name in written))


def _export(options: argparse.Namespace) -> None:
    """Do `autograder export`."""
    from autograder.export import ExportRequest, export
    from autograder.export.console import print_outcome
    from autograder.grade.folders import folder_name
    from autograder.grade.gradebook.read import read_marks, read_overrides
    from autograder.grade.results import read_results
    from autograder.graded_folder import title_of

    results = [
        result
        for result in read_results(options.out / "results.jsonl")
        if options.assignment in (None, result.assignment)
    ]
    choices = {
        key: value for key, value in vars(options).items() if key not in ("command", "debug", "verbose", "assignment")
    }
    gradebook = options.out / "gradebook.db"
    request = ExportRequest(
        **choices,
        results=tuple(results),
        title=title_of(results[0].assignment) if results else "",
        folder_name=folder_name,
        marks=read_marks(gradebook),
        overrides=read_overrides(gradebook),
    )
    print_outcome(export(request), request)


def _demo(options: argparse.Namespace) -> None:
    """Do `autograder demo`."""
    from autograder.demo import run_demo

    run_demo(Path.cwd(), jobs=options.jobs, rebuild=options.build)


def _doctor(options: argparse.Namespace) -> int:
    """Do `autograder doctor`."""
    from autograder.doctor import examine, print_findings

    findings, ready = examine(Path.cwd(), options.out)
    print_findings(findings, ready=ready, as_json=options.json)
    return 0 if ready else 1
