"""Put finished folders in the place of old ones: all of them, or none."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment.settings import SourceNotebook

__all__ = ["PROGRAMS", "Compilation", "outputs_of", "publish", "staging", "write_zip"]

PROGRAMS = ("run_autograder", "setup.sh")
"""What Gradescope runs in a zip."""
_ZIP_DATE = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Compilation:
    """The outputs of one compilation, still in their stage.

    Attributes:
        source: what it was made from.
        stage: the folder that holds the outputs under the paths that they get in the project.
        otter_solved: the solved notebook in otter's form, for the gate.
    """

    source: SourceNotebook
    stage: Path
    otter_solved: Path

    def path(self, kind: str) -> Path:
        """Return the staged output of this kind, a key of `outputs_of`."""
        return self.stage / outputs_of(self.source.assignment.name)[kind]


def outputs_of(name: str) -> dict[str, str]:
    """Return each kind of output and its path in the project."""
    return {
        "nbgrader": f"release/nbgrader/{name}",
        "otter": f"release/otter/{name}",
        "solutions": f"solutions/{name}",
        "otter_zip": f"dist/{name}-otter-autograder.zip",
        "gradescope_zip": f"dist/{name}-gradescope.zip",
    }


def write_zip(target: Path, content: Mapping[str, bytes]) -> None:
    """Write files, by their names, into a zip; the same content gives the same bytes."""
    with zipfile.ZipFile(target, "w") as out:
        for name in sorted(content):
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.external_attr = (0o755 if name in PROGRAMS else 0o644) << 16
            out.writestr(info, content[name], zipfile.ZIP_DEFLATED)


@contextmanager
def staging(root: Path) -> Iterator[Path]:
    """Give an empty folder on the same file system as `root`, and remove it at the end, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix=".build-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(stage: Path, root: Path, outputs: tuple[str, ...]) -> None:
    """Move `stage/<output>` to `root/<output>` for each output.

    The old ones are kept aside until all new ones are in place; when a move fails, they go back.

    Args:
        stage: a folder made by `staging`.
        root: the project's root.
        outputs: files or folders, relative to both.
    """
    aside = stage / "replaced"
    swapped: list[str] = []
    try:
        for output in outputs:
            _swap(stage / output, root / output, aside / output)
            swapped.append(output)
    except BaseException:
        for output in reversed(swapped):
            _swap(aside / output, root / output, stage / output)
        raise


def _swap(new: Path, place: Path, aside: Path) -> None:
    """Move `place` aside if it is there, and `new` into it if there is a new one."""
    for parent in (place.parent, aside.parent):
        parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.rename(aside)
    try:
        if new.exists():
            new.rename(place)
    except OSError:
        if aside.exists():
            aside.rename(place)
        raise
