"""Read `assignment.toml`, and what the hidden checks need of it.

The module imports the standard library alone, since it travels in otter's zip. `schema` says what may stand in
the file: whoever builds or grades has checked it before a test reads it here.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["NO_ROLES", "SETTINGS", "Policy", "network_digest", "read_policy", "read_tables"]

SETTINGS = "assignment.toml"
NO_ROLES = ("class_scores", "flat")
"""The keys of [layers] that are no role's."""
_JUDGED = ("model", "data", "answers", "layers")  # the tables that change what the judge says


def read_tables(folder: Path) -> dict[str, Any]:
    """Return the tables of a folder's `assignment.toml`, unchecked.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it isn't TOML, or isn't UTF-8.
    """
    return tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))


def network_digest(folder: Path) -> str:
    """Return a digest of what the hidden checks look at: the network, its data, and settings.

    Titles, bars and the like may change without another measurement. It is "" where there is no network.
    """
    tables = read_tables(folder)
    if "model" not in tables:
        return ""
    settings = json.dumps([tables.get(name) for name in _JUDGED], sort_keys=True).encode()
    contents = [settings, *(file.read_bytes() for file in read_policy(folder).files)]
    return hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).hexdigest()


@dataclass(frozen=True)
class Policy:
    """What the hidden checks have to know of an assignment.

    Attributes:
        structure: file with the model's structure, JSON.
        weights: file with the model's weights.
        sample: .npz with uint8 x_train, y_train, x_test, y_test.
        scale: what the images are divided by.
        images: rows of each representation and embedding: the first training images.
        points: the least number of points in a plot.
        roles: for each role the names of the layers that are accepted.
        flat: the roles whose activations have to be handed in as flat rows.
        class_scores: the layers that hold class scores.
        classes: the classes' names, by label; empty where labels are all that there is.
        brief: True while hidden checks may name a mistake's kind only.
    """

    structure: Path
    weights: Path
    sample: Path
    scale: float
    images: int
    points: int
    roles: Mapping[str, tuple[str, ...]]
    flat: tuple[str, ...]
    class_scores: tuple[str, ...]
    brief: bool
    classes: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The files whose contents the reference is made from."""
        return self.structure, self.weights, self.sample


def read_policy(folder: Path) -> Policy:
    """Return what `assignment.toml` in the folder says to the hidden checks.

    Raises:
        FileNotFoundError: there is no such file.
        KeyError: an entry is missing.
    """
    values = read_tables(folder)
    layers = {role: tuple(names) for role, names in values["layers"].items()}
    scores, flat = (layers.pop(key, ()) for key in NO_ROLES)
    return Policy(
        structure=folder / values["model"]["structure"],
        weights=folder / values["model"]["weights"],
        sample=folder / values["data"]["sample"],
        scale=float(values["data"].get("scale", 255)),
        images=values["answers"]["images"],
        points=values["answers"]["points"],
        roles=layers,
        flat=flat,
        class_scores=scores,
        classes=tuple(values["data"].get("classes", ())),
        brief=values.get("messages", {}).get("detail", "full") == "brief",
    )
