"""The student's page, and the README that travels with each release: the same lines, and they work as they are typed."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder import checks
from autograder.assignment.settings import find_sources, read_source
from tests.docs.pages import ROOT, Shell, blocks
from tools.resolve_platforms import PYTHONS, SYSTEMS

NAME = "mapping_representations"
PAGE = "docs/student.md"
NAMES = [source.name for source in find_sources(ROOT)]
RELEASES = [f"release/{kind}/{NAME}" for kind in ("nbgrader", "otter")]
EVERY_RELEASE = [f"release/{kind}/{name}" for kind in ("nbgrader", "otter") for name in NAMES]
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")


def _set_up(page: str) -> str:
    """Return what a page says about setting up: from the Python that is needed to the next heading."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.search(r"^You need Python.*?(?=^#)", text, re.MULTILINE | re.DOTALL)[0]


def _lines(system: str) -> list[str]:
    """Return the lines that a system's users type."""
    return re.search(rf"^{system}.*?```\w+\n(.*?)```", _set_up(PAGE), re.MULTILINE | re.DOTALL)[1].splitlines()


@pytest.mark.parametrize(
    "page", [*(f"source/{name}/STUDENT.md" for name in NAMES), *(f"{release}/README.md" for release in EVERY_RELEASE)]
)
def test_setting_up_is_told_once(page: str) -> None:
    """The page and the releases have the same lines for each system."""
    assert _set_up(page) == _set_up(PAGE).replace(NAME, Path(page).parent.name)


@pytest.mark.parametrize("release", EVERY_RELEASE)
def test_a_readme_names_the_releases_own_files(release: str) -> None:
    """Each file in its table travels with it, and every file that travels is in the table or is one of these."""
    readme = (ROOT / release / "README.md").read_text(encoding="utf-8")
    rows = [line for line in readme.splitlines() if line.startswith("| `")]
    named = {
        name.rstrip("/") for line in rows for name in re.findall(r"`([\w.]+(?:\.\w+|/))`", line.rpartition("|")[0])
    }
    files = {path.name for path in (ROOT / release).iterdir() if not path.name.startswith(".")}
    assert named - {"otter"} == files - {"README.md"}


def test_each_system_has_its_lines() -> None:
    """Debian, Ubuntu and macOS have no `python`; Windows has `py`, and other folders; each environment is activated."""
    assert _lines("Linux") == _lines("macOS")
    assert _lines("Linux")[:2] == ["python3 -m venv .venv", "source .venv/bin/activate"]
    assert _lines("Windows")[:2] == ["py -m venv .venv", r".venv\Scripts\activate"]
    assert [lines[-1] for lines in map(_lines, ("Linux", "Windows"))] == [f"jupyter notebook {NAME}.ipynb"] * 2
    assert "Mac with an Intel processor" in _set_up(PAGE)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(3600)  # TensorFlow and all the rest come from a package index
def test_the_lines_for_linux_work(tmp_path: Path) -> None:
    """Typed in a release's folder they end with Jupyter, from the new environment; so do the two lines of the next day."""
    folder, home = tmp_path / NAME, tmp_path / "home"
    shutil.copytree(ROOT / RELEASES[0], folder)
    home.mkdir()
    shell = Shell(folder, home)
    *setting_up, starting = _lines("Linux")
    script = "\n".join([*setting_up, "command -v jupyter", "python3 -c 'import keras, matplotlib, sklearn'"])
    command = ["bash", "-e", "-c", script]
    done = subprocess.run(command, cwd=folder, env=shell.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(folder / ".venv" / "bin" / "jupyter") in done.stdout.splitlines()
    activating = next(line for line in setting_up if "activate" in line)
    assert "<title>" in shell.serve(f"{activating}\n{starting}")


def test_what_is_quoted_is_what_a_card_says() -> None:
    """The page quotes the check of a forgotten flatten, word for word."""
    quoted = " ".join(line.removeprefix("> ") for line in TEXT.splitlines() if line.startswith("> "))
    maps = np.zeros((1000, 12, 12, 32), "float32")
    with pytest.raises(checks.CheckFailed) as caught:
        checks.flattening(maps, "middle_reps", maps, "middle_activations")
    assert quoted == caught.value.message


def test_the_page_and_the_exercise_quote_what_tsne_says() -> None:
    """A forgotten flatten stops at scikit-learn, which the exercise's text and the page tell beforehand."""
    from sklearn.manifold import TSNE

    told = "ValueError: Found array with dim 4"
    with pytest.raises(ValueError, match="Found array with dim 4"):
        TSNE().fit_transform(np.zeros((40, 2, 2, 2), "float32"))
    text = (ROOT / RELEASES[0] / f"{NAME}.ipynb").read_text(encoding="utf-8")
    assert told in TEXT
    assert told in text
    assert (
        json.dumps('checks.flattening(middle_reps, "middle_reps", middle_activations, "middle_activations")')[1:-1]
        in text
    )


def _first_lines(release: str) -> str:
    """Return what a release's first code cell does before it imports anything large."""
    notebook = nbformat.read(ROOT / release / f"{NAME}.ipynb", as_version=nbformat.NO_CONVERT)
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return first.partition("%matplotlib")[0]


def _run(code: str, folder: Path) -> str:
    """Run code as a notebook in this folder would; return the last line that it wrote to stderr."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stderr.strip().rpartition("\n")[2]


@pytest.mark.parametrize("release", RELEASES)
def test_a_notebook_alone_says_what_is_missing(release: str, tmp_path: Path) -> None:
    """The first code cell names, in one sentence, everything that the notebook reads; with all of it it says nothing."""
    sentence = _run(_first_lines(release), tmp_path).removeprefix("FileNotFoundError: ")
    wanted = [name for name in read_source(ROOT / "source" / NAME).assignment.files if "LICENSE" not in name]
    assert set(sentence.partition(": ")[2].removesuffix(".").split(", ")) == {"checks/", *wanted}
    assert sentence.count(". ") == 0
    assert _run(_first_lines(release), ROOT / release) == ""


@pytest.mark.parametrize("release", RELEASES)
def test_colabs_cell_unpacks_the_folder(release: str, tmp_path: Path) -> None:
    """With the zip beside the notebook the page's cell makes the rest work, twice too; without it, it does nothing."""
    (cell,) = [content for language, content in blocks(PAGE) if language == "python"]
    assert _run(cell, tmp_path) == ""
    assert list(tmp_path.iterdir()) == []
    with zipfile.ZipFile(tmp_path / f"{NAME}.zip", "w") as archive:
        for path in (ROOT / release).rglob("*"):
            archive.write(path, Path(NAME) / path.relative_to(ROOT / release))
    assert _run(cell + cell + _first_lines(release), tmp_path) == ""


def test_the_table_has_every_system() -> None:
    """What `make platforms` prints stands on the page: each system, each Python."""
    rows = re.findall(r"^\| ([^|]+) \|" + r" ([^|]+) \|" * len(PYTHONS) + "$", TEXT, re.MULTILINE)
    found = {system: cells for system, *cells in rows}
    assert found["system"] == [f"Python {python}" for python in PYTHONS]
    assert found.keys() - {"system", "---"} == SYSTEMS.keys()
