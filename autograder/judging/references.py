"""Keep each network's reference as files, so that no class waits for it twice.

Run as `python -m autograder.judging.references FOLDER TARGET`, it makes the files: the framework
is imported in that process alone, which ends.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import platformdirs

import autograder.checks
import autograder.hidden
from autograder.assignment.policy import SETTINGS, Policy, read_policy, read_tables
from autograder.hidden.keras_network import KerasNetwork
from autograder.hidden.network import load_network
from autograder.hidden.reference import Reference
from autograder.hidden.stored_reference import StoredReference, store_reference
from autograder.log import logged_suppress
from autograder.sandbox.inside.patches.predict import prediction_key

__all__ = ["CACHE", "has_network", "open_reference"]

CACHE = "AUTOGRADER_CACHE"
"""The environment variable that names the folder; the user's cache folder where it isn't set."""
_MOST_BYTES = 4 * 2**30  # of one network's activations: what is larger is computed by whoever judges
_KEPT = 4  # references: one of a thousand images takes some hundred megabytes
_VERSIONS = ("tensorflow", "keras", "torch", "numpy")


def has_network(folder: Path) -> bool:
    """Return whether the assignment in a folder is about a network."""
    return (folder / SETTINGS).is_file() and "model" in read_tables(folder)


def open_reference(folder: Path) -> Reference:
    """Return the reference of the assignment whose files lie in a folder, from its own files if it may have any.

    They are made if they aren't there.
    """
    settings = read_policy(folder)
    root = Path(os.environ.get(CACHE) or platformdirs.user_cache_path("autograder")) / "references"
    place = root / _digest(settings)
    if place.is_dir():
        with logged_suppress(Exception):  # whatever is wrong with them, they are made again
            return _opened(place, settings)
    with logged_suppress(Exception):
        _make(folder, place)
        _forget_others(root)
        return _opened(place, settings)
    return Reference(load_network(settings), settings)


def _opened(place: Path, settings: Policy) -> StoredReference:
    """Return the reference whose files lie in a folder, and note that it was used."""
    reference = StoredReference(place, settings)
    with contextlib.suppress(OSError):
        os.utime(place)
    return reference


def _make(folder: Path, place: Path) -> None:
    """Have the files made: whole, or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=place.parent) as scratch:
        target = Path(scratch) / place.name
        target.mkdir()
        subprocess.run(
            [sys.executable, "-P", "-m", "autograder.judging.references", str(folder), str(target)],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        shutil.rmtree(place, ignore_errors=True)  # what can't be read
        with contextlib.suppress(OSError):  # another grader was faster
            target.rename(place)


def _forget_others(root: Path) -> None:
    """Remove the references that were not used for longest."""
    with contextlib.suppress(OSError):
        places = sorted(
            (place for place in root.iterdir() if place.name[0] != "."), key=lambda one: one.stat().st_mtime
        )
        for place in places[:-_KEPT]:
            shutil.rmtree(place, ignore_errors=True)


def _digest(settings: Policy) -> str:
    """Return a digest of whatever decides about the values."""
    digest = hashlib.sha256(repr((settings.images, settings.scale, platform.machine())).encode())
    for name in _VERSIONS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            digest.update(f"{name} {importlib.metadata.version(name)}\n".encode())
    own = [Path(str(each.__file__)).parent for each in (autograder.hidden, autograder.checks)]
    for file in (*settings.files, *sorted(file for folder in own for file in folder.rglob("*.py"))):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _key_of(reference: Reference) -> Callable[[str], str | None]:
    """Return what gives the digest that a notebook's `predict` asks for a layer by."""
    network = reference.network
    if not isinstance(network, KerasNetwork):
        return lambda name: None
    images = reference.first_images
    return functools.cache(lambda name: prediction_key(network.part(name), images))


def main(folder: str, target: str) -> None:
    """Compute an assignment's reference, and write it.

    Raises:
        ValueError: it would be too large.
    """
    settings = read_policy(Path(folder))
    network = load_network(settings)
    numbers = sum(int(np.prod(network.shape(name))) for name in network.names) * settings.images
    if numbers * 4 > _MOST_BYTES:
        raise ValueError(f"the activations of {settings.images} images have {numbers * 4 / 1e9:.1f} GB")
    reference = Reference(network, settings)
    store_reference(reference, Path(target), _key_of(reference))


if __name__ == "__main__":
    main(*sys.argv[1:])
