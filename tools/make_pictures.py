"""Make the pictures of README and docs/ from what a demo left: maps, and the pages as a browser shows them.

Usage, from the repository's root, after `make demo` (`make pictures` runs it):

    python tools/make_pictures.py [--results FOLDER] [NAME ...]

Nothing is drawn here: the maps are the plots in the best submission's graded notebook, the pages are those that people get.
Pages need chromium. Without names, all pictures are made.
"""

import argparse
import base64
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from nbgrader.api import Gradebook
from photograph import formgrader, photograph
from PIL import Image

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
ASSIGNMENT = "mapping_representations"
MAPS = ("pixels_plot", "ex3_map", "ex2_map")  # from the images up through the network
MAP_WIDTH = 620
PAGE_SIZE = (1000, 1100)
WRITTEN = "ex2_written"  # the answer at which pages for marking are opened
MOST_BYTES = 200_000


def read_results(folder: Path) -> list[dict]:
    """Return the rows of `results.jsonl`, the best score first."""
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    return sorted(rows, key=lambda row: (-row["score"], row["student"]))


def read_plot(notebook: dict, grade_id: str) -> Image.Image:
    """Return the last picture that the cell with this id put out."""
    (cell,) = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id]
    pictures = [o["data"]["image/png"] for o in cell["outputs"] if "image/png" in o.get("data", {})]
    return Image.open(io.BytesIO(base64.b64decode(pictures[-1]))).convert("RGB")


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    """Return the pictures in a row, each as wide as the others, on white."""
    scaled = [p.resize((MAP_WIDTH, round(p.height * MAP_WIDTH / p.width)), Image.Resampling.LANCZOS) for p in pictures]
    row = Image.new("RGB", (MAP_WIDTH * len(scaled), max(p.height for p in scaled)), "white")
    for index, picture in enumerate(scaled):
        row.paste(picture, (index * MAP_WIDTH, 0))
    return row


def save(picture: Image.Image, name: str) -> None:
    """Write a picture, with 256 colours where it would be too large otherwise."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    picture.save(path, optimize=True)
    if path.stat().st_size >= MOST_BYTES:
        picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {picture.width} x {picture.height}, {path.stat().st_size // 1000} kB")


def three_maps(folder: Path) -> Image.Image:
    """Return the best submission's maps of the pixels, a middle layer and a deep one."""
    best = read_results(folder)[0]["student"]
    path = folder / "autograded" / best / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return side_by_side([read_plot(notebook, grade_id) for grade_id in MAPS])


def feedback(folder: Path) -> Image.Image:
    """Return the page of the best student who lost points, from the exercise with a map on."""
    student = next(row["student"] for row in read_results(folder) if row["score"] < row["max_score"])
    return photograph(
        (folder / "feedback" / student / f"{ASSIGNMENT}.html").resolve().as_uri(),
        *PAGE_SIZE,
        at="h2:has-text('2')",
        above=20,
    )


def report(folder: Path, *options: str) -> None:
    """Call `autograder report` beside the folder: pages repeat its name as it was given."""
    command = [sys.executable, "-m", "autograder", "report", folder.name, *options]
    subprocess.run(command, check=True, cwd=folder.resolve().parent)


def class_page(folder: Path) -> Image.Image:
    """Return the class page."""
    report(folder)
    return photograph((folder / "report.html").resolve().as_uri(), *PAGE_SIZE)


def marking(folder: Path) -> Image.Image:
    """Return the marking page."""
    report(folder, "--marking")
    return photograph(
        (folder / "marking.html").resolve().as_uri(), *PAGE_SIZE, at=f"h2:has(code:text-is('{WRITTEN}'))", above=20
    )


def submission_in_formgrader(folder: Path) -> Image.Image:
    """Return the best submission as formgrader shows it, from its first written answer on."""
    best = read_results(folder)[0]["student"]
    with Gradebook(f"sqlite:///{folder.resolve() / 'gradebook.db'}") as gradebook:
        number = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, best).id
    with formgrader(folder, ROOT / "source") as address:
        return photograph(f"{address}/submissions/{number}/", *PAGE_SIZE, at=f"#{WRITTEN}", above=460)


MADE: dict[str, Callable[[Path], Image.Image]] = {
    "three_maps": three_maps,
    "feedback": feedback,
    "class_page": class_page,
    "marking": marking,
    "formgrader": submission_in_formgrader,
}
"""Each picture, and what makes it."""


def main() -> None:
    """Make the pictures that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"some of {', '.join(MADE)} (default: all)")
    parser.add_argument("--results", type=Path, default=ROOT / "demo", help="what `autograder grade` wrote")
    options = parser.parse_args()
    if unknown := set(options.names) - MADE.keys():
        parser.error(f"there is no picture {', '.join(sorted(unknown))}")
    for name in options.names or MADE:
        save(MADE[name](options.results), name)


if __name__ == "__main__":
    main()
