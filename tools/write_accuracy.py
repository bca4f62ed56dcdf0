"""Write the accuracy of each assignment's grader into README, from what `autograder assess` has measured."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from autograder.accuracy import Accuracy, read_accuracy
from autograder.assignment.settings import find_sources

ROOT = Path(__file__).resolve().parent.parent
HEADING = "#### Before anybody is graded"
_ROWS = {"right values accepted": "accepted", "wrong values caught": "caught", "mistakes named rightly": "named"}


def table(root: Path) -> list[str]:
    """Return the lines of the table: an assignment a column, a figure with its bounds a row.

    Raises:
        SystemExit: an assignment hasn't been measured.
    """
    columns: dict[str, Accuracy] = {}
    for source in find_sources(root):
        accuracy = read_accuracy(root / "solutions" / source.name)
        if accuracy is None:
            raise SystemExit(f"{source.name} hasn't been measured: `make assess` does.")
        columns[source.name] = accuracy
    rows = [["", *(f"`{name}`" for name in columns)], ["---"] * (len(columns) + 1)]
    rows += [[words, *(str(getattr(one, figure)) for one in columns.values())] for words, figure in _ROWS.items()]
    return [f"| {' | '.join(row)} |" for row in rows]


def main() -> None:
    """Write the table under its heading in README."""
    path = ROOT / "README.md"
    before, heading, behind = path.read_text(encoding="utf-8").partition(f"{HEADING}\n")
    written, count = re.subn(
        r"(?:^\|.*\n)+", lambda _: "".join(f"{line}\n" for line in table(ROOT)), behind, count=1, flags=re.MULTILINE
    )
    if not count:
        raise SystemExit(f"README has no table under {HEADING!r}.")
    path.write_text(before + heading + written, encoding="utf-8")
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
