"""Grade as `python -m autograder.gradescope ROOT` in Gradescope's container.

With `--levels` in the place of ROOT, print which sandbox works there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.gradescope.container import Container
from autograder.gradescope.levels import level_lines
from autograder.gradescope.run import grade_container

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Do what the scripts of the zip ask for; return the exit code."""
    if arguments == ["--levels"]:
        sys.stdout.write("".join(f"{line}\n" for line in level_lines()))
        return 0
    return grade_container(Container(Path(arguments[0])))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
