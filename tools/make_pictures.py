"""Make README's pictures from what a demo left: three maps side by side, and a feedback page.

Usage, from the repository's root, after `make demo` (`make pictures` runs it):

    python tools/make_pictures.py [--results FOLDER]

Nothing is drawn here: the maps are the plots in the best submission's graded notebook, the page is the one that a student
with mistakes is given. The page needs chromium.
"""

import argparse
import base64
import io
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
ASSIGNMENT = "mapping_representations"
MAPS = ("pixels_plot", "ex3_map", "ex2_map")  # from the images up through the network
MAP_WIDTH = 620
PAGE_SIZE = (1000, 1100)


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
    """Write a picture with 256 colours: as good to look at, a third of the size."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture.quantize(256, dither=Image.Dither.NONE).save(PICTURES / name, optimize=True)
    print(f"{(PICTURES / name).relative_to(ROOT)}: {picture.width} x {picture.height}")


def photograph(page: Path) -> Image.Image:
    """Return what a browser shows of a page's beginning, without the empty rows below it."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit(
            "No chromium was found: install it (on Debian: apt-get install chromium), then run this again."
        )
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "page.png"
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
        command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        command += [f"--user-data-dir={folder}/profile", f"--window-size={PAGE_SIZE[0]},{PAGE_SIZE[1]}"]
        command += [f"--screenshot={target}", page.resolve().as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        picture = Image.open(target).convert("RGB")
    content = ImageChops.difference(picture, Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1))))
    return picture.crop(
        (0, 0, picture.width, min(picture.height, (content.getbbox() or (0, 0, 0, picture.height))[3] + 24))
    )


def main() -> None:
    """Make both pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=ROOT / "demo", help="what `autograder grade` wrote")
    folder = parser.parse_args().results
    rows = read_results(folder)
    best = rows[0]["student"]
    notebook = json.loads(
        (folder / "autograded" / best / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8")
    )
    save(side_by_side([read_plot(notebook, grade_id) for grade_id in MAPS]), "three_maps.png")
    mistaken = next(row["student"] for row in rows if row["score"] < row["max_score"])
    save(photograph(folder / "feedback" / mistaken / f"{ASSIGNMENT}.html"), "feedback.png")


if __name__ == "__main__":
    main()
