"""Do the commands about this machine: `demo`, `doctor`."""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["do_demo", "do_doctor"]


def do_demo(options: argparse.Namespace) -> None:
    """Do `autograder demo`."""
    from autograder.demo import run_demo

    run_demo(Path.cwd(), jobs=options.jobs, rebuild=options.build)


def do_doctor(options: argparse.Namespace) -> int:
    """Do `autograder doctor`."""
    from autograder.doctor import examine, print_findings

    findings, ready = examine(Path.cwd(), options.out)
    print_findings(findings, ready=ready, as_json=options.json)
    return 0 if ready else 1
