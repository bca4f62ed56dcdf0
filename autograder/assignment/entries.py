"""What entries of `assignment.toml` have to fit beyond their types: files, layers, images, cells.

A reason begins with a verb, as it follows the key's name: "names the file 'a.npz', which isn't there".
"""

from __future__ import annotations

import difflib
import keyword
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version
from pydantic import ValidationInfo

from autograder.assignment.names import names_if_python
from autograder.assignment.policy import NO_ROLES, SETTINGS
from autograder.assignment.surroundings import Surroundings, read_layers, read_lengths
from autograder.model import NEIGHBOURS

__all__ = [
    "answer_name",
    "distinct",
    "distribution",
    "file_for_students",
    "file_of_release",
    "file_of_source",
    "image_count",
    "layer_name",
    "module_name",
    "moment",
    "not_empty",
    "of_no_role",
    "once_in",
    "point_count",
    "role",
    "sample_file",
    "solution_id",
    "structure_file",
    "test_id",
    "time_zone",
    "weights_file",
    "with_deadline",
]

_WEIGHTS = (b"\x89HDF\r\n\x1a\n", b"PK")  # what an HDF5 file begins with, and a .keras file, which is a zip
_FEW_NAMES = 20
_ARRAYS = ("x_train", "y_train", "x_test", "y_test")
_YEARS = range(2000, 2100)


def not_empty(text: str) -> str:
    """Require more than spaces."""
    if not text.strip():
        raise ValueError("is empty")
    return text


def distinct(values: list[str]) -> list[str]:
    """Require that nothing stands in a list twice."""
    if twice := [value for value, count in Counter(values).items() if count > 1]:
        raise ValueError(f"names {twice[0]!r} twice")
    return values


def file_of_source(name: str, info: ValidationInfo) -> str:
    """Require a file of the source folder."""
    around = _around(info)
    if not name or not (around.folder / name).resolve().is_relative_to(around.folder.resolve()):
        raise ValueError(f"names the file {name!r}, which lies outside the source folder")
    if around.files is not None and Path(name).as_posix() not in around.files:
        raise ValueError(f"names the file {name!r}, which isn't there{_nearest(name, around.files)}")
    return name


def file_for_students(name: str, info: ValidationInfo) -> str:
    """Require a file that may go to students."""
    if Path(name).name in (SETTINGS, f"{_around(info).folder.name}.ipynb"):
        raise ValueError(f"names the file {name!r}, which students must not see")
    return name


def file_of_release(name: str, info: ValidationInfo) -> str:
    """Require one of the released files: tests run beside these."""
    released = _around(info).entry("release", "files")
    if isinstance(released, list) and name not in released:
        near = _nearest(name, [each for each in released if isinstance(each, str)])
        raise ValueError(f"names the file {name!r}, which [release] doesn't{near}")
    return name


def structure_file(name: str, info: ValidationInfo) -> str:
    """Require a model's structure: Keras's, or a Python file that makes PyTorch's."""
    around = _around(info)
    if around.files is not None and name.endswith(".py"):
        if "load" not in names_if_python((around.folder / name).read_text(encoding="utf-8")).functions:
            raise ValueError(f"names {name!r}, which defines no function `load(weights)` that returns the network")
    elif around.files is not None:
        try:
            read_layers(around.folder / name)
        except ValueError as error:
            raise ValueError(f"names {name!r}, which is no model's structure as `model.to_json()` writes it") from error
    return name


def weights_file(name: str, info: ValidationInfo) -> str:
    """Require a file that begins as Keras's weights do; what the function of a Python file reads is its own affair."""
    around = _around(info)
    if str(around.entry("model", "structure")).endswith(".py"):
        return name
    if around.files is not None and not (around.folder / name).read_bytes().startswith(_WEIGHTS):
        raise ValueError(f"names {name!r}, which holds no weights as `model.save_weights()` writes them")
    return name


def sample_file(name: str, info: ValidationInfo) -> str:
    """Require the arrays of images and labels."""
    around = _around(info)
    if around.files is not None:
        try:
            lengths = read_lengths(around.folder / name)
        except Exception as error:  # whatever NumPy raises for a file that it didn't write
            raise ValueError(f"names {name!r}, which is no .npz of arrays: {error}") from error
        if missing := [array for array in _ARRAYS if array not in lengths]:
            raise ValueError(f"names {name!r}, which lacks {', '.join(missing)}")
    return name


def image_count(count: int, info: ValidationInfo) -> int:
    """Require no more images than there are."""
    available = _around(info).training_images
    if available is not None and count > available:
        raise ValueError(f"is {count}, and the sample has {available} training images")
    return count


def point_count(count: int, info: ValidationInfo) -> int:
    """Require no more points than a map has."""
    images = _around(info).entry("answers", "images")
    if type(images) is int and NEIGHBOURS < images < count:
        raise ValueError(f"is {count}, and a map has {images} points, one for each of `images`")
    return count


def distribution(name: str, info: ValidationInfo) -> str:
    """Require a distribution's name: one that the project's lock has a version of, or one with its own."""
    plain, _, version = name.partition("==")
    try:
        canonical, locked = canonicalize_name(plain, validate=True), _around(info).locked
        own = str(Version(version)) if version else ""
    except (InvalidName, InvalidVersion) as error:
        raise ValueError(f"names {name!r}, which is no distribution; versions come from requirements.lock") from error
    if locked is not None and own and canonical in locked:
        raise ValueError(f"names {name!r}, whose version comes from requirements.lock: leave {version!r} out")
    if locked is not None and not own and canonical not in locked:
        raise ValueError(
            f"names {name!r}, which is not in requirements.lock{_nearest(canonical, locked)}; with a version, as in "
            f"'{canonical}==1.0', it is taken as it is"
        )
    return name


def layer_name(name: str, info: ValidationInfo) -> str:
    """Require a layer of the network."""
    around = _around(info)
    if around.layers is not None and name not in around.layers:
        structure = around.entry("model", "structure")
        raise ValueError(f"names the layer {name!r}, which {structure} doesn't have{_nearest(name, around.layers)}")
    return name


def module_name(name: str) -> str:
    """Require what a module can be called."""
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in name.split(".")):
        raise ValueError(f"names {name!r}, which is no module's name")
    return name


def test_id(name: str, info: ValidationInfo) -> str:
    """Require a test cell's id."""
    around = _around(info)
    if around.tests is not None and name not in around.tests:
        raise ValueError(f"is {name!r}, and no test cell has this grade_id{_nearest(name, around.tests)}")
    return name


def solution_id(name: str, info: ValidationInfo) -> str:
    """Require the id of a solution cell of code."""
    solutions = _around(info).solutions
    if solutions is not None and name not in solutions:
        raise ValueError(f"is {name!r}, and no solution cell has this grade_id{_nearest(name, solutions)}")
    return name


def once_in(tables: str) -> Callable[[str, ValidationInfo], str]:
    """Return a validator that requires that no other table of a list has the same value: people tell them apart by it."""

    def once(value: str, info: ValidationInfo) -> str:
        """Raise where another has it."""
        all_of_them = [each for each in _around(info).tables[tables] if isinstance(each, dict)]
        if [each.get(info.field_name) for each in all_of_them].count(value) > 1:
            raise ValueError(f"is {value!r} in two {tables}; each has its own")
        return value

    return once


def of_no_role(names: list[str], info: ValidationInfo) -> list[str]:
    """Require layers that no role accepts: what is accepted can't be named as a mistake."""
    for role in _roles(info):
        accepted = _around(info).entry("layers", role)
        if isinstance(accepted, list) and (both := [name for name in names if name in accepted]):
            raise ValueError(f"names {both[0]!r}, which `{role}` accepts")
    return names


def role(name: str, info: ValidationInfo) -> str:
    """Require a role that layers are named for; what is told of a role that a test asks for is said of [layers]."""
    if name not in (*_roles(info), *_around(info).roles):
        raise ValueError(f"names the role {name!r}, which no layers are named for{_nearest(name, _roles(info))}")
    return name


def _roles(info: ValidationInfo) -> list[str]:
    """Return the roles in [layers]."""
    layers = _around(info).tables.get("layers")
    return [name for name in layers if name not in NO_ROLES] if isinstance(layers, dict) else []


def answer_name(name: str, info: ValidationInfo) -> str:
    """Require a name that students assign."""
    answers = _around(info).answers
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"is {name!r}, which is no name of Python")
    if answers is not None and name not in answers:
        raise ValueError(f"is {name!r}, which no solution cell assigns{_nearest(name, answers)}")
    return name


def time_zone(name: str) -> str:
    """Require a time zone that this machine's data has; a container has none, and grades by no deadline."""
    zones = sorted(available_timezones())
    if zones and name not in zones:
        raise ValueError(f"names the time zone {name!r}, which isn't known here{_nearest(name, zones)}")
    return name


def moment(at: datetime, info: ValidationInfo) -> datetime:
    """Require a moment of this century that the clocks of the table's time zone show."""
    zone = _around(info).entry("deadline", "zone")
    if at.tzinfo is not None:
        raise ValueError(f"is {at.isoformat()}, with an offset; the time zone stands in `zone` alone")
    if at.year not in _YEARS:
        raise ValueError(f"is {at.isoformat()}, in the year {at.year}")
    if zone in available_timezones():
        there = at.replace(tzinfo=ZoneInfo(zone))
        if there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != at:
            raise ValueError(f"is {at.isoformat()}, which no clock in {zone} shows: they are put forward then")
    return at


def with_deadline(policy: object, info: ValidationInfo) -> object:
    """Require a deadline beside a late policy."""
    if "deadline" not in _around(info).tables:
        raise ValueError("stands alone: who is late follows from [deadline], which isn't there")
    return policy


def _around(info: ValidationInfo) -> Surroundings:
    """Return what the file is held to."""
    return cast(Surroundings, info.context)


def _nearest(name: str, names: Sequence[str]) -> str:
    """Name the nearest existing name, or all of them where they are few."""
    near = difflib.get_close_matches(name, names, 1)
    if near:
        return f"; the nearest is {near[0]!r}"
    return f"; there are {', '.join(map(repr, names))}" if 0 < len(names) <= _FEW_NAMES else ""
