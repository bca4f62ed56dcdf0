"""Do the commands that grade: `collect`, `grade`, `watch`, `rejudge`, `merge`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.root import root_of
from autograder.log import hold_log, keep_logs

if TYPE_CHECKING:
    from autograder.grade import GradeRequest
    from autograder.model import SubmissionResult

__all__ = ["do_collect", "do_grade", "do_merge", "do_rejudge", "do_watch"]


def do_collect(options: argparse.Namespace) -> None:
    """Do `autograder collect`."""
    from autograder.assignment.plan import make_plan
    from autograder.assignment.recognise import recogniser
    from autograder.assignment.settings import read_source
    from autograder.collect.console import file_lines, summary_lines
    from autograder.collect.record_files import write_collection
    from autograder.collect.submissions import CollectRequest, collect
    from autograder.export.roster import read_roster

    root = root_of(options)
    assignment = read_source(root / "source" / options.assignment).assignment
    plan = make_plan(assignment.folder, root / "release" / "nbgrader" / assignment.name)
    roster = read_roster(options.roster) if options.roster else None
    request = CollectRequest(options.path, assignment.name, options.convention, recogniser(plan), roster)
    with hold_log() as earlier, collect(request) as collection:
        lines = [*file_lines(collection), ""] if options.dry_run else []
        if options.out is not None and not options.dry_run:
            write_collection(collection, options.out)
            logs = options.out / "logs"
            logs.mkdir(mode=0o700, exist_ok=True)
            with keep_logs(logs, earlier):
                pass
        sys.stdout.write("".join(f"{line}\n" for line in [*lines, *summary_lines(collection)]))


def do_grade(options: argparse.Namespace) -> None:
    """Do `autograder grade`."""
    from rich.console import Console

    from autograder.grade import grade
    from autograder.report import write_page

    root = root_of(options)
    request = replace(_grade_request(options, root), fresh=options.fresh, cluster=options.cluster, plain=options.plain)
    if not options.fresh:
        _follow_checks(request, root)
    results = grade(request, Console(stderr=True), write_page(request.assignment.title))
    _show_class(request, root, results)


def do_watch(options: argparse.Namespace) -> None:
    """Do `autograder watch`."""
    from rich.console import Console

    from autograder.report import write_page
    from autograder.watch import WatchRequest, watch

    root = root_of(options)
    request = WatchRequest(_grade_request(options, root), root, options.until_idle)
    _follow_checks(request.grading, root)
    results = watch(request, Console(stderr=True), write_page(request.grading.assignment.title))
    _show_class(request.grading, root, results)


def _grade_request(options: argparse.Namespace, root: Path) -> GradeRequest:
    """Return what `grade` and `watch` are asked alike."""
    from autograder.assignment.settings import read_source
    from autograder.export.roster import read_roster
    from autograder.grade import GradeRequest, Limits
    from autograder.late_work import extensions_of, take_extensions

    assignment = read_source(root / "source" / options.assignment).assignment
    if options.extensions:
        take_extensions(options.out, assignment.name, root, options.extensions)
    return GradeRequest(
        path=options.path,
        assignment=assignment,
        release=root / "release" / "nbgrader" / assignment.name,
        out=options.out,
        jobs=options.jobs,
        isolation=options.isolation,
        limits=Limits(seconds=options.timeout, memory=options.memory),
        quiet=options.quiet,
        convention=options.convention,
        roster=read_roster(options.roster) if options.roster else None,
        extensions=extensions_of(options.out, assignment.name, assignment.deadline),
        claims=options.claims * 2**20,
    )


def _follow_checks(request: GradeRequest, root: Path) -> None:
    """Judge a class again that was graded with other checks, and say what came of it."""
    from autograder.rejudge import follow_checks, summary_lines

    again = follow_checks(request.out, root, request.assignment.name, request.jobs)
    if again is not None:
        lines = ("The assignment has other checks than this class was graded with.", *summary_lines(again))
        sys.stderr.write("".join(f"{line}\n" for line in lines))


def _show_class(request: GradeRequest, root: Path, results: Sequence[SubmissionResult]) -> None:
    """Print the table of a class, and what a person should look at."""
    from autograder.collect.record_files import read_unclear
    from autograder.grade.gradebook.read import students_who_wrote
    from autograder.late_work import renew_pages
    from autograder.report import print_table

    work = renew_pages(request.out, request.assignment.name, root)
    timed = {result.student: result for result in work.results}
    results = tuple(timed.get(result.student, result) for result in results)
    print_table(results, request.out, wrote=students_who_wrote(request.out, request.assignment.name))
    unclear = read_unclear(request.out, request.assignment.name)
    sys.stderr.write("".join(f"{line}\n" for line in (*unclear, *work.notes)))
    if any(result.has_fault for result in results):
        sys.stderr.write(f"Something crashed, or a check of ours failed: {request.logs} has what was said meanwhile.\n")


def do_rejudge(options: argparse.Namespace) -> None:
    """Do `autograder rejudge`."""
    from rich.console import Console

    from autograder.rejudge import RejudgeRequest, changes_path, judge_class_again, print_changes

    request = RejudgeRequest(
        out=options.out,
        root=root_of(options),
        assignment=options.assignment,
        policy=options.policy,
        checks=tuple(options.check),
        never_lower=options.never_lower,
        apply=options.apply,
        run_again=options.run_again,
        jobs=options.jobs,
    )
    again, cells = judge_class_again(request)
    print_changes(again, Console())
    notes = [*cells, f"The whole table: {changes_path(options.out, options.assignment)}"]
    if not options.apply and again.changed:
        notes.append("Nothing has been written yet: --apply lets these results count.")
    if options.apply and options.policy:
        notes.append("`grade` goes on judging by the assignment's own assignment.toml: put this policy there.")
    if again.gone:
        notes.append("`autograder grade` runs them again, once this was called with --run-again.")
    sys.stderr.write("".join(f"{line}\n" for line in notes))


def do_merge(options: argparse.Namespace) -> int:
    """Do `autograder merge`."""
    from autograder.merge import MergeRequest, merge

    outcome = merge(MergeRequest(tuple(options.outs), options.out, options.assignment, options.prefer))
    stream = sys.stderr if outcome.undecided else sys.stdout
    stream.write("".join(f"{line}\n" for line in outcome.lines))
    return 2 if outcome.undecided else 0
