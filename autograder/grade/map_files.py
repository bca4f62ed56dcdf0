"""`OUT/maps/`: what pages show of each submission's maps, and the images, once for a class."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from autograder.errors import GradeError
from autograder.files import write_file
from autograder.grade.folders import folder_name
from autograder.model import MapImages, StudentMap

__all__ = ["read_images", "read_maps", "write_images", "write_maps"]


def write_maps(out: Path, student: str, assignment: str, maps: tuple[StudentMap, ...]) -> None:
    """Write a submission's maps; an empty list where it has none, so that an earlier one's are gone."""
    text = json.dumps({"maps": [each.to_json() for each in maps]}, separators=(",", ":"))
    write_file(_maps_path(out, student, assignment), text)


def read_maps(out: Path, student: str, assignment: str) -> tuple[StudentMap, ...]:
    """Return a submission's maps; none where none were written.

    Raises:
        GradeError: the file is damaged.
    """
    path = _maps_path(out, student, assignment)
    if not path.exists():
        return ()
    try:
        return tuple(StudentMap.from_json(each) for each in json.loads(path.read_text("utf-8"))["maps"])
    except (ValueError, TypeError, KeyError) as error:
        raise GradeError(f"{path} holds no maps: {error}.", "Remove it, or grade again with --fresh.") from error


def write_images(out: Path, assignment: str, images: MapImages) -> None:
    """Write the images whose maps the class makes."""
    write_file(_images_path(out, assignment), json.dumps(dataclasses.asdict(images)))


def read_images(out: Path, assignment: str) -> MapImages | None:
    """Return the images; None where there are none.

    Raises:
        GradeError: the file is damaged.
    """
    path = _images_path(out, assignment)
    if not path.exists():
        return None
    try:
        values = json.loads(path.read_text("utf-8"))
        return MapImages(**{field: tuple(map(str, values[field])) for field in ("labels", "pictures", "classes")})
    except (ValueError, TypeError, KeyError) as error:
        raise GradeError(f"{path} holds no images: {error}.", "Remove it, or grade again with --fresh.") from error


def _maps_path(out: Path, student: str, assignment: str) -> Path:
    """Return where a submission's maps lie."""
    return out / "maps" / folder_name(student) / f"{assignment}.json"


def _images_path(out: Path, assignment: str) -> Path:
    """Return where the images lie."""
    return out / "maps" / f"{assignment}.images.json"
