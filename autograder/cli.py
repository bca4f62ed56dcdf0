"""The command line: it parses and calls. Every message to people that is not a result goes to stderr."""

from __future__ import annotations

import argparse
import atexit
import gc
import signal
import sys
from collections.abc import Callable, Sequence

from autograder.arguments import make_parser
from autograder.commands import appeals, authoring, environment, giving_out, grading
from autograder.errors import AutograderError
from autograder.log import show_log
from autograder.sandbox.inside.patches.grader import leave_grammar_out
from autograder.signals import StoppedBySignal, stopped_by_signals

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
    if options.command not in (grading.do_grade, grading.do_watch):
        return "The same command begins anew."
    fresh = options.command is grading.do_grade and options.fresh
    return f"The same command{' without --fresh' if fresh else ''} goes on where this one was."


def _parser() -> argparse.ArgumentParser:
    """Return the parser, each command with the function that does it."""
    return make_parser(
        {
            "build": authoring.do_build,
            "assess": authoring.do_assess,
            "preview": authoring.do_preview,
            "new": authoring.do_new,
            "collect": grading.do_collect,
            "grade": grading.do_grade,
            "watch": grading.do_watch,
            "rejudge": grading.do_rejudge,
            "explain": appeals.do_explain,
            "verify": appeals.do_verify,
            "report": giving_out.do_report,
            "export": giving_out.do_export,
            "return": giving_out.do_give_back,
            "merge": grading.do_merge,
            "demo": environment.do_demo,
            "doctor": environment.do_doctor,
        }
    )
