"""TrainingData of many kinds: labels and scales that are found, and what doesn't fit."""

import io
from pathlib import Path

import numpy as np
import pytest
from keras import layers as kl

from autograder.errors import SourceError
from autograder.new.data import TrainingData, fit_to, read_data
from tests.new.networks import blobs, trained

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras's own, when it saves and trains

DENSE = (5,)


def _write(tmp_path: Path, **arrays: np.ndarray) -> Path:
    np.savez(tmp_path / "data.npz", **arrays)
    return tmp_path / "data.npz"


@pytest.mark.parametrize("shape", [(5,), (6, 6), (6, 6, 3)])
def test_rows_pictures_and_colours(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """Grey pictures get an axis for their channel."""
    data = read_data(_write(tmp_path, **blobs(shape)), ())
    assert data.shape == shape
    assert data.images == (len(shape) > 1)
    assert data.as_input(data.x_test).shape[1:] == ((*shape, 1) if len(shape) == 2 else shape)
    assert data.classes == ("0", "1", "2")


def test_test_rows_are_split_off_where_there_are_none(tmp_path: Path) -> None:
    """A seventh of the rows, the last ones."""
    whole = blobs(DENSE)
    data = read_data(_write(tmp_path, x_train=whole["x_train"], y_train=whole["y_train"]), ())
    assert (len(data.x_train), len(data.x_test)) == (308, 52)
    assert np.array_equal(np.concatenate([data.x_train, data.x_test]), whole["x_train"])


def test_labels_may_be_names(tmp_path: Path) -> None:
    """In alphabetical order, or as `--classes` says; columns of labels are labels."""
    whole = blobs(DENSE)
    names = np.array(["cat", "ant", "bee"])
    named = whole | {part: names[whole[part]] for part in ("y_train", "y_test")}
    data = read_data(_write(tmp_path, **named), ())
    assert (data.classes, data.named) == (("ant", "bee", "cat"), True)
    data = read_data(_write(tmp_path, **named), ("cat", "ant", "bee"))
    assert np.array_equal(data.y_train, whole["y_train"])
    columns = whole | {part: whole[part][:, np.newaxis] for part in ("y_train", "y_test")}
    assert read_data(_write(tmp_path, **columns), ()).y_test.ndim == 1
    with pytest.raises(SourceError, match="doesn't name 'cat'"):
        read_data(_write(tmp_path, **named), ("ant", "bee"))


@pytest.mark.parametrize("scale", [1.0, 255.0])
def test_the_scale_is_found(tmp_path: Path, scale: float) -> None:
    """By what the network is right about."""
    arrays = blobs((6, 6), scale=scale)
    model = trained([kl.Flatten(), kl.Dense(16, activation="tanh"), kl.Dense(3, activation="softmax")], arrays, scale)
    data = fit_to(read_data(_write(tmp_path, **arrays), ()), model)
    assert data.scale == scale
    assert data.accuracy > 0.9


def test_a_network_that_learnt_other_labels(tmp_path: Path) -> None:
    """It doesn't know the data."""
    arrays = blobs(DENSE)
    model = trained([kl.Dense(3, activation="softmax")], arrays)
    shuffled = arrays | {"y_train": arrays["y_train"][::-1], "y_test": (arrays["y_test"] + 1) % 3}
    with pytest.raises(SourceError, match="doesn't know this data"):
        fit_to(read_data(_write(tmp_path, **shuffled), ()), model)


def test_the_sample_is_small_enough() -> None:
    """As many rows as fit into it, the first ones."""
    random = np.random.default_rng(0)
    rows = random.integers(0, 256, (7000, 32, 32, 3)).astype("u1")
    data = TrainingData(rows[:6000], np.zeros(6000, int), rows[6000:], np.zeros(1000, int), ("0", "1"), named=False)
    sample = data.cut().as_npz()
    assert len(sample) < 4_000_000
    with np.load(io.BytesIO(sample)) as file:
        assert np.array_equal(file["x_train"], rows[: len(file["x_train"])])
        assert len(file["x_train"]) > 500
