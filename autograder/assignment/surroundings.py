"""What the entries of an `assignment.toml` speak of: files, layers, images, cells."""

from __future__ import annotations

import ast
import functools
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from packaging.utils import canonicalize_name

from autograder.assignment.cells import cell_kind, grade_id, is_test
from autograder.assignment.names import makes_answers, names_if_python, parse_cell

__all__ = ["Surroundings"]

_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==", re.MULTILINE)


@dataclass(frozen=True)
class Surroundings:
    """A source folder as its `assignment.toml` has to fit it; what can't be told is None.

    Attributes:
        folder: the source folder.
        tables: the file's own tables, unchecked: entries have to fit each other too.
        notebook: the source notebook; None where it can't be read, or isn't looked at.
        files: the folder's files, relative to it; None where it needn't hold them, as in Gradescope's container.
    """

    folder: Path
    tables: Mapping[str, Any]
    notebook: NotebookNode | None = None
    files: tuple[str, ...] | None = None

    def entry(self, table: str, key: str) -> Any:
        """Return what stands at a key, whatever its type; None where nothing does."""
        values = self.tables.get(table)
        return values.get(key) if isinstance(values, dict) else None

    @functools.cached_property
    def layers(self) -> tuple[str, ...] | None:
        """The names of the network's layers but its inputs, in its order."""
        try:
            return read_layers(self.folder / self.entry("model", "structure"))
        except (OSError, ValueError, TypeError):
            return None

    @functools.cached_property
    def training_images(self) -> int | None:
        """How many training images the sample holds."""
        try:
            return read_lengths(self.folder / self.entry("data", "sample")).get("x_train")
        except (OSError, ValueError, TypeError, zipfile.BadZipFile):
            return None

    @functools.cached_property
    def locked(self) -> tuple[str, ...] | None:
        """The distributions that the project's lock has versions of, by their canonical names."""
        lock = self.folder.parent.parent / "requirements.lock"
        names = _PIN.findall(lock.read_text(encoding="utf-8")) if lock.is_file() else []
        return tuple(map(canonicalize_name, names)) or None

    @functools.cached_property
    def tests(self) -> tuple[str, ...] | None:
        """The ids of the test cells."""
        if self.notebook is None:
            return None
        return tuple(grade_id(cell) for cell in self.notebook.cells if is_test(cell))

    @functools.cached_property
    def solutions(self) -> tuple[str, ...] | None:
        """The ids of the solution cells of code."""
        if self.notebook is None:
            return None
        return tuple(grade_id(cell) for cell in self.notebook.cells if cell_kind(cell) == "solution")

    @functools.cached_property
    def answers(self) -> tuple[str, ...] | None:
        """The names that students assign: in solution cells, and by given cells that build on these."""
        if self.notebook is None:
            return None
        answers: dict[str, None] = {}
        for cell in self.notebook.cells:
            if cell.cell_type == "code":
                names = names_if_python(cell.source)
                if makes_answers(cell_kind(cell), names, answers):
                    answers |= dict.fromkeys(names.assigned)
        return tuple(answers)

    @functools.cached_property
    def roles(self) -> tuple[str, ...]:
        """The roles of layers that test cells speak of, as in `role="deep"`."""
        return tuple(sorted({role for code in self._tests_code for role in _roles(code)}))

    @functools.cached_property
    def asks_judge(self) -> bool:
        """Whether a test cell calls the hidden checks, which need the network."""
        return any("autograder.hidden" in code for code in self._tests_code)

    @property
    def _tests_code(self) -> list[str]:
        """The test cells' code."""
        return [cell.source for cell in self.notebook.cells if is_test(cell)] if self.notebook is not None else []


def _roles(code: str) -> Iterator[str]:
    """Yield the texts that are passed as `role`."""
    try:
        tree = parse_cell(code)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "role" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def read_layers(structure: Path) -> tuple[str, ...]:
    """Return the names of the layers in a model's structure as Keras writes it, without its inputs.

    Raises:
        OSError: the file can't be read.
        ValueError: it is no structure.
    """
    try:
        layers = json.loads(structure.read_text(encoding="utf-8"))["config"]["layers"]
        return tuple(str(layer["config"]["name"]) for layer in layers if layer["class_name"] != "InputLayer")
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError("it is no structure of a Keras model, as `model.to_json()` writes it") from error


def read_lengths(sample: Path) -> dict[str, int]:
    """Return the length of each array in an .npz, by name; its numbers are not read.

    Raises:
        OSError: the file can't be read.
        ValueError: it is no .npz of arrays.
        zipfile.BadZipFile: the same.
    """
    from numpy.lib import format as npy

    lengths = {}
    with zipfile.ZipFile(sample) as arrays:
        for name in arrays.namelist():
            with arrays.open(name) as file:
                read = npy.read_array_header_1_0 if npy.read_magic(file) == (1, 0) else npy.read_array_header_2_0
                shape = read(file)[0]
                lengths[name.removesuffix(".npy")] = shape[0] if shape else 0
    return lengths
