"""Do the commands for a question about a result: `explain`, `verify`."""

from __future__ import annotations

import argparse
import sys

from autograder.commands.root import root_of

__all__ = ["do_explain", "do_verify"]


def do_explain(options: argparse.Namespace) -> None:
    """Do `autograder explain`."""
    from autograder.appeal import ExplainRequest, explain, explanation_lines, render_explanation
    from autograder.files import write_file

    request = ExplainRequest(
        out=options.out,
        root=root_of(options),
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


def do_verify(options: argparse.Namespace) -> int:
    """Do `autograder verify`; 1 where not everything is as the receipt says."""
    from autograder.appeal import VerifyRequest, verification_lines, verify

    verification = verify(VerifyRequest(options.receipt, options.out, root_of(options), options.notebook))
    sys.stdout.write("".join(f"{line}\n" for line in verification_lines(verification)))
    return 0 if verification.holds else 1
