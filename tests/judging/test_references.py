"""A network's reference is made once, kept as files, and read without a framework."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from autograder.hidden.reference import Reference
from autograder.hidden.stored_reference import StoredReference
from autograder.judging import references

NAME = "mapping_representations"


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    """The release's files and the instructor's settings, with 40 images of 300."""
    folder = tmp_path_factory.mktemp("references") / "files"
    shutil.copytree(root / "release" / "nbgrader" / NAME, folder)
    settings = (root / "source" / NAME / "assignment.toml").read_text("utf-8")
    (folder / "assignment.toml").write_text(settings.replace("images = 1000", "images = 40"), "utf-8")
    with np.load(folder / "mnist_sample.npz") as sample:
        few = {name: sample[name][:150] for name in sample}
    np.savez(folder / "mnist_sample.npz", **few)
    return folder


@pytest.fixture(scope="module")
def made(folder, tmp_path_factory):
    """A cache that holds the reference."""
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(references.CACHE, str(cache))
        assert isinstance(references.open_reference(folder), StoredReference)
    return cache


@pytest.fixture
def cache(made, tmp_path, monkeypatch):
    """A copy of that cache, which this process uses."""
    copy = tmp_path / "cache"
    shutil.copytree(made, copy)
    monkeypatch.setenv(references.CACHE, str(copy))
    return copy


@pytest.fixture
def unmade(monkeypatch):
    """Nothing can be made."""

    def refuse(*_, **__):
        raise subprocess.CalledProcessError(1, "references")

    monkeypatch.setattr(references.subprocess, "run", refuse)


def _place(cache):
    """Return the one reference's folder."""
    (place,) = (cache / "references").iterdir()
    return place


def test_no_framework_is_imported_for_it(folder, cache):
    """The judging process holds neither TensorFlow nor Keras."""
    code = (
        "import sys\nfrom pathlib import Path\nimport autograder.judging.process\n"
        "from autograder.judging.references import open_reference\n"
        f"reference = open_reference(Path({str(folder)!r}))\nreference.layers['pool'].representation\n"
        "print(type(reference).__name__, [name for name in ('tensorflow', 'keras', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "StoredReference []"


def test_another_network_is_another_reference(folder, cache, unmade, tmp_path):
    """And so are other images; roles and points change nothing."""
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    settings = copy / "assignment.toml"
    settings.write_text(settings.read_text("utf-8").replace('deep = ["dense", ', "deep = ["), "utf-8")
    assert isinstance(references.open_reference(copy), StoredReference)
    settings.write_text(settings.read_text("utf-8").replace("images = 40", "images = 41"), "utf-8")
    assert type(references.open_reference(copy)) is Reference


@pytest.mark.parametrize("file", ["reference.json", "changed.npz", "0.f4"])
def test_what_is_not_whole_is_made_again(folder, cache, file):
    """Half a file is no file."""
    path = _place(cache) / file
    os.truncate(path, path.stat().st_size // 2)
    assert isinstance(references.open_reference(folder), StoredReference)
    assert [each.name[0] != "." for each in (cache / "references").iterdir()] == [True]


def test_without_a_place_for_files_it_is_computed(folder, unmade, tmp_path, monkeypatch):
    """A cache that can't be written costs time, and nothing else."""
    (tmp_path / "file").write_text("no folder", "utf-8")
    monkeypatch.setenv(references.CACHE, str(tmp_path / "file"))
    assert type(references.open_reference(folder)) is Reference


def test_a_large_one_is_computed(folder, tmp_path, monkeypatch):
    """Beyond a limit no files are made."""
    monkeypatch.setattr(references, "_MOST_BYTES", 10**6)
    with pytest.raises(ValueError, match=r"40 images have 0\.0 GB"):
        references.main(str(folder), str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_are_forgotten(cache):
    """A few are kept."""
    root = cache / "references"
    for number in range(6):
        (root / f"{number}").mkdir()
        os.utime(root / f"{number}", (number, number))
    references._forget_others(root)  # the real one is the newest
    assert sorted(place.name for place in root.iterdir() if len(place.name) == 1) == ["3", "4", "5"]
