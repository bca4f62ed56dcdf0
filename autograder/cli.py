"""The command line: it parses and calls. Every message to people that is not a result goes to stderr."""

from __future__ import annotations

import argparse
import atexit
import gc
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.arguments import make_parser
from autograder.errors import AutograderError
from autograder.log import hold_log, keep_logs, show_log
from autograder.sandbox.inside.patches.grader import leave_grammar_out
from autograder.signals import StoppedBySignal, stopped_by_signals

if TYPE_CHECKING:
    from autograder.grade import GradeRequest
    from autograder.model import SubmissionResult

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 when it did its work, 2 when it was called wrongly or could not do it, 1 when the fault is this program's, and
    128 and a signal's number when it was stopped: 130 by hand. With `--debug`, whatever was raised comes out instead.

    `doctor` returns 1 where a class can't be graded in a sandbox, `verify` where a receipt says another thing.

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
        with stopped_by_signals():
            return command(options) or 0
    except (Exception, KeyboardInterrupt) as error:
        if options.debug:
            raise
        code, message, tip = _explain(error, options)
        sys.stderr.write(f"autograder: {message}\n" + (f"  {tip}\n" if tip else ""))
        return code


def _explain(error: BaseException, options: argparse.Namespace) -> tuple[int, str, str | None]:
    """Return exit code, message and tip for what ended a command."""
    if isinstance(error, AutograderError):
        return 2, error.message, error.tip
    if isinstance(error, KeyboardInterrupt):
        number = error.number if isinstance(error, StoppedBySignal) else signal.SIGINT
        return 128 + number, f"stopped. {_after_stop(options)}", None
    message = f"this is a fault of the program's own: {type(error).__name__}: {error}"
    return 1, message, "Put --debug before the command to see where, and report it."


def _after_stop(options: argparse.Namespace) -> str:
    """Say what a command that was stopped does when it is called again."""
    if options.command not in (_grade, _watch):
        return "The same command begins anew."
    fresh = options.command is _grade and options.fresh
    return f"The same command{' without --fresh' if fresh else ''} goes on where this one was."


def _parser() -> argparse.ArgumentParser:
    """Return the parser, each command with the function that does it."""
    return make_parser(
        {
            "build": _build,
            "assess": _assess,
            "preview": _preview,
            "new": _new,
            "collect": _collect,
            "grade": _grade,
            "watch": _watch,
            "rejudge": _rejudge,
            "explain": _explain_result,
            "verify": _verify,
            "report": _report,
            "export": _export,
            "return": _return,
            "merge": _merge,
            "demo": _demo,
            "doctor": _doctor,
        }
    )


# Each command imports what it needs: TensorFlow and nbgrader take seconds, `--help` needs neither.


def _root(options: argparse.Namespace) -> Path:
    """Return the repository's root.

    Raises:
        AutograderError: there is no assignment in it.
    """
    from autograder.assignment.settings import find_sources

    root: Path = (options.root or Path.cwd()).resolve()
    if not find_sources(root):
        raise AutograderError(
            f"{root} holds no assignment: there is no folder in its source/ with an assignment.toml.",
            "Run it at the repository's root, or give --root DIR.",
        )
    return root


def _build(options: argparse.Namespace) -> None:
    """Do `autograder build`."""
    from autograder.compile.compiler import build

    build(_root(options), options.assignment, gate=options.gate, html=options.html, draft=options.draft)


def _new(options: argparse.Namespace) -> None:
    """Do `autograder new`."""
    from autograder.new import NewAssignment, create

    new = NewAssignment(
        name=options.name,
        model=options.model,
        data=options.data,
        weights=options.weights,
        deep=tuple(options.deep),
        middle=tuple(options.middle),
        classes=tuple(options.classes),
        images=options.images,
        title=options.title,
        licence=options.licence,
    )

    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    folder = create((options.root or Path.cwd()).resolve(), new, say)
    sys.stdout.write(f"{folder}\n")
    sys.stderr.write(
        f"Look at {folder.name}.ipynb: `autograder build {new.name}` lists the places that wait for your words, and "
        f"`autograder build {new.name} --draft` builds without them.\n"
    )


def _assess(options: argparse.Namespace) -> None:
    """Do `autograder assess`."""
    from autograder.accuracy import write_accuracy
    from autograder.assess import assess
    from autograder.assess.table import lines_of
    from autograder.assignment.settings import read_source

    root = _root(options)
    source = read_source(root / "source" / options.assignment).assignment

    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    accuracy = assess(source.folder, say)
    path = write_accuracy(root / "solutions" / source.name, accuracy)
    sys.stdout.write("".join(f"{line}\n" for line in (*lines_of(accuracy), path)))


def _preview(options: argparse.Namespace) -> None:
    """Do `autograder preview`."""
    import webbrowser

    from autograder.preview import preview

    pages = preview(_root(options), options.assignment, jobs=options.jobs)
    sys.stdout.write("".join(f"{page}\n" for page in pages))
    if options.open and not all(webbrowser.open(page.as_uri()) for page in pages):
        sys.stderr.write("No browser could be started here: open these pages by hand.\n")


def _collect(options: argparse.Namespace) -> None:
    """Do `autograder collect`."""
    from autograder.assignment.plan import make_plan
    from autograder.assignment.recognise import recogniser
    from autograder.assignment.settings import read_source
    from autograder.collect.console import file_lines, summary_lines
    from autograder.collect.record_files import write_collection
    from autograder.collect.submissions import CollectRequest, collect
    from autograder.export.roster import read_roster

    root = _root(options)
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


def _grade(options: argparse.Namespace) -> None:
    """Do `autograder grade`."""
    from rich.console import Console

    from autograder.grade import grade
    from autograder.report import write_page

    root = _root(options)
    request = replace(_grade_request(options, root), fresh=options.fresh, cluster=options.cluster, plain=options.plain)
    if not options.fresh:
        _follow_checks(request, root)
    results = grade(request, Console(stderr=True), write_page(request.assignment.title))
    _show_class(request, root, results)


def _watch(options: argparse.Namespace) -> None:
    """Do `autograder watch`."""
    from rich.console import Console

    from autograder.report import write_page
    from autograder.watch import WatchRequest, watch

    root = _root(options)
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


def _rejudge(options: argparse.Namespace) -> None:
    """Do `autograder rejudge`."""
    from rich.console import Console

    from autograder.rejudge import RejudgeRequest, changes_path, judge_class_again, print_changes

    request = RejudgeRequest(
        out=options.out,
        root=_root(options),
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


def _explain_result(options: argparse.Namespace) -> None:
    """Do `autograder explain`."""
    from autograder.appeal import ExplainRequest, explain, explanation_lines, render_explanation
    from autograder.files import write_file

    request = ExplainRequest(
        out=options.out,
        root=_root(options),
        student=options.student,
        check=options.check,
        assignment=options.assignment,
        plain=options.plain,
        notebook=options.notebook,
    )
    explanation = explain(request)
    if options.html:
        write_file(options.html, render_explanation(explanation))
        sys.stderr.write(f"The page: {options.html}\n")
    lines = [explanation.to_json().rstrip("\n")] if options.json else explanation_lines(explanation)
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _verify(options: argparse.Namespace) -> int:
    """Do `autograder verify`; 1 where not everything is as the receipt says."""
    from autograder.appeal import VerifyRequest, verification_lines, verify

    verification = verify(VerifyRequest(options.receipt, options.out, _root(options), options.notebook))
    sys.stdout.write("".join(f"{line}\n" for line in verification_lines(verification)))
    return 0 if verification.holds else 1


def _report(options: argparse.Namespace) -> None:
    """Do `autograder report`."""
    from autograder.course import ReportRequest, report

    request = ReportRequest(
        out=options.out,
        root=Path.cwd(),
        assignment=options.assignment,
        marks=options.marks,
        extensions=options.extensions,
        feedback=options.feedback,
        marking=options.marking,
    )

    def tell(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    names = report(request, tell)
    sys.stdout.write("".join(f"{options.out / name}\n" for name in names))


def _export(options: argparse.Namespace) -> None:
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


def _merge(options: argparse.Namespace) -> int:
    """Do `autograder merge`."""
    from autograder.merge import MergeRequest, merge

    outcome = merge(MergeRequest(tuple(options.outs), options.out, options.assignment, options.prefer))
    stream = sys.stderr if outcome.undecided else sys.stdout
    stream.write("".join(f"{line}\n" for line in outcome.lines))
    return 2 if outcome.undecided else 0


def _return(options: argparse.Namespace) -> None:
    """Do `autograder return`."""
    from autograder.give_back import GiveBackRequest, give_back
    from autograder.texts import printable

    request = GiveBackRequest(options.out, options.lms, options.assignment, options.to, options.dry_run)
    given = give_back(request)
    without = "".join(f"  {printable(student)} {why}.\n" for student, why in given.without.items())
    if without:
        sys.stderr.write(f"{len(given.without)} get nothing:\n{without}")
    count = len(given.students)
    pages = f"{count} page{'s' * (count != 1)}"
    if options.dry_run:
        sys.stdout.write(f"Would write {pages} to {given.path}.\n")
    else:
        sys.stdout.write(f"{given.path}\n")
        sys.stderr.write(f"{pages}. {given.next_step}\n")


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
