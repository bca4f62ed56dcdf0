"""Read what the hidden checks need from `assignment.toml`: which files, how many images, which layers count as what."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Settings", "read_settings"]


@dataclass(frozen=True)
class Settings:
    """The policy of one assignment.

    Attributes:
        structure: file with the model's structure, JSON.
        weights: file with the model's weights.
        sample: .npz with uint8 x_train, y_train, x_test, y_test.
        scale: what the images are divided by.
        images: rows of each representation and embedding: the first training images.
        points: the least number of points in a plot.
        roles: for each role ("deep", "middle") the names of the layers that are accepted.
        class_scores: the layers that hold class scores.
        brief: True while hidden checks may name a mistake's kind only.
    """

    structure: Path
    weights: Path
    sample: Path
    scale: float
    images: int
    points: int
    roles: Mapping[str, tuple[str, ...]]
    class_scores: tuple[str, ...]
    brief: bool

    @property
    def files(self) -> tuple[Path, ...]:
        """The files whose contents the reference is made from."""
        return self.structure, self.weights, self.sample


def read_settings(folder: Path) -> Settings:
    """Return what `assignment.toml` in the folder says.

    Raises:
        FileNotFoundError: there is no such file.
        KeyError: an entry is missing.
    """
    with (folder / "assignment.toml").open("rb") as file:
        values: dict[str, Any] = tomllib.load(file)
    layers = {role: tuple(names) for role, names in values["layers"].items()}
    scores = layers.pop("class_scores", ())
    return Settings(
        structure=folder / values["model"]["structure"],
        weights=folder / values["model"]["weights"],
        sample=folder / values["data"]["sample"],
        scale=float(values["data"].get("scale", 255)),
        images=int(values["answers"]["images"]),
        points=int(values["answers"]["points"]),
        roles=layers,
        class_scores=scores,
        brief=values.get("messages", {}).get("detail", "full") == "brief",
    )
