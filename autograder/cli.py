"""The command line: it parses and calls. Every message to people that is not a result goes to stderr."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.errors import AutograderError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, or 2 when it was called wrongly or could not do its work.

    Args:
        arguments: what follows `autograder`; None for the process's own.
    """
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    try:
        command(options)
    except AutograderError as error:
        if options.debug:
            raise
        sys.stderr.write(f"autograder: {error.message}\n" + (f"  {error.tip}\n" if error.tip else ""))
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("autograder: stopped. The same command goes on where this one was.\n")
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    """Return the parser, each command with the function that does it."""
    parser = argparse.ArgumentParser(prog="autograder", description="Build an assignment, and grade a class on it.")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_build(commands.add_parser("build", help="compile source/ into releases, solutions and autograders"))
    _add_grade(commands.add_parser("grade", help="grade a folder of submissions"))
    _add_demo(commands.add_parser("demo", help="build the assignment and grade a class of sample submissions"))
    return parser


def _add_build(parser: argparse.ArgumentParser) -> None:
    """Describe `build`."""
    parser.add_argument("assignment", metavar="ASSIGNMENT", nargs="?", help="a folder under source/ (default: all)")
    parser.add_argument("--no-gate", dest="gate", action="store_false", help="leave out the gate, which takes minutes")
    parser.add_argument("--html", action="store_true", help="render the solved notebook to HTML, plots included")
    parser.set_defaults(command=_build)


def _add_grade(parser: argparse.ArgumentParser) -> None:
    """Describe `grade`."""
    parser.add_argument(
        "path",
        metavar="PATH",
        type=Path,
        help="nbgrader's submitted/<student>/<assignment>/, a folder of <student>.ipynb files, an LMS bulk download, "
        "or a .zip of one of these",
    )
    parser.add_argument("--assignment", metavar="A", required=True, help="the assignment's name")
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
        "--cluster",
        metavar="ADDRESS",
        help='grade on the workers of this Dask scheduler; "local" starts one here (default: no cluster)',
    )
    _add_jobs(parser)
    parser.set_defaults(command=_grade)


def _add_demo(parser: argparse.ArgumentParser) -> None:
    """Describe `demo`."""
    parser.add_argument("--no-build", dest="build", action="store_false", help="use the release that is there")
    _add_jobs(parser)
    parser.set_defaults(command=_demo)


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
    from autograder.build import build

    build(Path.cwd(), options.assignment, gate=options.gate, html=options.html)


def _grade(options: argparse.Namespace) -> None:
    """Do `autograder grade`."""
    from rich.console import Console

    from autograder.build.source import read_source
    from autograder.grade import Limits, Request, grade
    from autograder.report import print_table, write_page

    assignment = read_source(Path.cwd() / "source" / options.assignment).assignment
    request = Request(
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
    )
    results = grade(request, Console(stderr=True), write_page(assignment.title))
    print_table(results, options.out)


def _demo(options: argparse.Namespace) -> None:
    """Do `autograder demo`."""
    from autograder.demo import run_demo

    run_demo(Path.cwd(), jobs=options.jobs, rebuild=options.build)
