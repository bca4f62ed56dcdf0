"""Make the notebooks of the assignments that `autograder new` wrote again, with their instructor's words in every place.

The words stand in `source/NAME/words.toml`, beside the network and the data. Settings and the page for students are the
instructor's own, and stay.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from pathlib import Path

import nbformat

from autograder.new import NewAssignment, create

ROOT = Path(__file__).resolve().parent.parent
WORDS = "words.toml"


def renew(folder: Path) -> str:
    """Return the notebook of a source folder, made anew.

    Raises:
        SystemExit: a place has no words, or words have no place.
    """
    values = tomllib.loads((folder / WORDS).read_text(encoding="utf-8"))
    new = NewAssignment(
        folder.name,
        folder / "network.json",
        folder / "data.npz",
        folder / "network.weights.h5",
        classes=tuple(values.get("classes", ())),
        title=values["title"],
        licence=values["licence"],
    )
    with tempfile.TemporaryDirectory() as scratch:
        made = create(Path(scratch), new, lambda line: None)
        notebook = nbformat.read(made / f"{folder.name}.ipynb", as_version=4)
    for place, words in values["words"].items():
        cells = [cell for cell in notebook.cells if f"{{words:{place}}}" in cell.source]
        if not cells:
            raise SystemExit(f"{folder / WORDS}: there is no place for {place!r}")
        cells[0].source = cells[0].source.replace(f"{{words:{place}}}", words.strip())
    if empty := [cell.id for cell in notebook.cells if "{words:" in cell.source]:
        raise SystemExit(f"{folder / WORDS} has no words for a place in {empty[0]}")
    return f"{nbformat.writes(notebook)}\n"


def main() -> None:
    """Write the notebooks."""
    for words in sorted((ROOT / "source").glob(f"*/{WORDS}")):
        path = words.parent / f"{words.parent.name}.ipynb"
        path.write_text(renew(words.parent), encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
