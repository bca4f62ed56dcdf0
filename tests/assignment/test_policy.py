"""What the hidden checks need is read from `assignment.toml`."""

from pathlib import Path

import pytest

from autograder.assignment.policy import read_policy

TEXT = """
[model]
structure = "net.json"
weights = "net.h5"
[data]
sample = "images.npz"
scale = 16
[answers]
images = 100
points = 50
[layers]
deep = ["dense", "dense_relu"]
middle = ["conv"]
flat = ["deep"]
class_scores = ["softmax"]
[messages]
detail = "brief"
"""


def _read(folder: Path, text: str):
    (folder / "assignment.toml").write_text(text, encoding="utf-8")
    return read_policy(folder)


def test_every_entry_has_its_place(tmp_path):
    """Files lie in the folder; class scores are no role."""
    found = _read(tmp_path, TEXT)
    assert found.files == (tmp_path / "net.json", tmp_path / "net.h5", tmp_path / "images.npz")
    assert (found.scale, found.images, found.points, found.brief) == (16.0, 100, 50, True)
    assert found.roles == {"deep": ("dense", "dense_relu"), "middle": ("conv",)}
    assert (found.class_scores, found.flat) == (("softmax",), ("deep",))


def test_what_may_be_left_out(tmp_path):
    """Images of one byte, no layer of class scores, messages in full."""
    text = TEXT.replace("scale = 16\n", "").replace('class_scores = ["softmax"]\n', "").partition("[messages]")[0]
    found = _read(tmp_path, text)
    assert (found.scale, found.class_scores, found.brief) == (255.0, (), False)


@pytest.mark.parametrize("entry", ['structure = "net.json"', 'sample = "images.npz"', "images = 100", "points = 50"])
def test_what_may_not(tmp_path, entry):
    """A missing entry is the instructor's mistake."""
    with pytest.raises(KeyError):
        _read(tmp_path, TEXT.replace(entry, ""))
