"""Maps and images come back from their files as they went in."""

import json
from pathlib import Path

import pytest

from autograder.errors import GradeError
from autograder.grade.map_files import read_images, read_maps, write_images, write_maps
from autograder.model import MapImages, StudentMap

MAP = StudentMap(
    "ex2_embedding",
    "Deep layer",
    "dense",
    0.6525,
    ((0.0, 0.25), (1.0, 0.75)),
    ((0.5, 0.5), (0.125, 1.0)),
    {"deep_reps": "21694a", "deep_emb": "bc16e4"},
)
IMAGES = MapImages(("5", "0"), ("data:image/png;base64,AA==", "data:image/png;base64,AQ=="), ("0", "5"))


@pytest.mark.parametrize("student", ["ada", "../../etc", "a/b\n<i>", "..", ""])
def test_maps_come_back(tmp_path: Path, student: str) -> None:
    """What was written is what is read, whatever the student is called, and no file lies outside `maps/`."""
    write_maps(tmp_path / "out", student, "tiny", (MAP,))
    assert read_maps(tmp_path / "out", student, "tiny") == (MAP,)
    (written,) = tmp_path.rglob("*.json")
    assert written.resolve().is_relative_to((tmp_path / "out" / "maps").resolve())


def test_the_order_of_the_answers_is_kept(tmp_path: Path) -> None:
    """What was embedded stands before the embedding, as the class page reads it."""
    write_maps(tmp_path, "ada", "tiny", (MAP,))
    (found,) = read_maps(tmp_path, "ada", "tiny")
    assert list(found.digests) == ["deep_reps", "deep_emb"]


def test_earlier_maps_go(tmp_path: Path) -> None:
    """A submission that has no maps any more has none; no part of a file is left."""
    write_maps(tmp_path, "ada", "tiny", (MAP,))
    write_maps(tmp_path, "ada", "tiny", ())
    assert read_maps(tmp_path, "ada", "tiny") == ()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["tiny.json"]


def test_nothing_written_is_nothing_read(tmp_path: Path) -> None:
    """Where no file is, there are no maps and no images, and none is made."""
    assert read_maps(tmp_path, "ada", "tiny") == ()
    assert read_images(tmp_path, "tiny") is None
    assert list(tmp_path.iterdir()) == []


def test_images_come_back(tmp_path: Path) -> None:
    """The images of one assignment are read as they were written, and are no other assignment's."""
    write_images(tmp_path, "tiny", IMAGES)
    assert read_images(tmp_path, "tiny") == IMAGES
    assert read_images(tmp_path, "other") is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", json.dumps({"maps": [{"check": "a"}]}), json.dumps({"maps": 3}), "null"]
)
def test_a_damaged_file_of_maps_is_named(tmp_path: Path, text: str) -> None:
    """What holds no maps is an error that names the file."""
    write_maps(tmp_path, "ada", "tiny", (MAP,))
    (path,) = tmp_path.rglob("*.json")
    path.write_text(text)
    with pytest.raises(GradeError, match=r"tiny\.json holds no maps"):
        read_maps(tmp_path, "ada", "tiny")


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"labels": 3, "pictures": []})])
def test_a_damaged_file_of_images_is_named(tmp_path: Path, text: str) -> None:
    """What holds no images is an error that names the file."""
    write_images(tmp_path, "tiny", IMAGES)
    (tmp_path / "maps" / "tiny.images.json").write_text(text)
    with pytest.raises(GradeError, match=r"tiny\.images\.json holds no images"):
        read_images(tmp_path, "tiny")
