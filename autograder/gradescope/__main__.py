"""Grade as `python -m autograder.gradescope ROOT` in Gradescope's container.

With `--set-up` before ROOT, make what needs no submission, and print which sandbox works there, for
the image's build log.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.assignment.plan import make_plan
from autograder.gradescope.container import Container
from autograder.gradescope.run import grade_container
from autograder.judging.server import make_reference
from autograder.log import show_log
from autograder.sandbox.isolation import probe_bubblewrap, probe_user

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Do what the scripts of the zip ask for; return the exit code."""
    if arguments[0] == "--set-up":
        container = Container(Path(arguments[1]))
        make_reference(make_plan(container.source, container.release))
        sys.stdout.write("".join(f"{line}\n" for line in _level_lines()))
        return 0
    show_log(1)
    return grade_container(Container(Path(arguments[0])))


def _level_lines() -> Iterator[str]:
    """Yield a line for each level, and one on what that means."""
    probes = {"bubblewrap": probe_bubblewrap(), "user": probe_user()}
    for level, probe in probes.items():
        yield f"isolation level {level}: {'works' if probe.works else f'does not work ({probe.reason})'}"
    best = next((level for level, probe in probes.items() if probe.works), None)
    if best is None:
        yield "NO SANDBOX WORKS: submissions will not be graded, and get a sentence that says so. See docs/gradescope.md."
    else:
        yield f"Submissions will be graded at level {best}, if it works where they are graded too."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
