"""A reference that was stored says what the one says that it was made from."""

import numpy as np
import pytest

from autograder.hidden.activations.from_other_images import SCALES
from autograder.hidden.reference import PIXELS
from autograder.hidden.stored_reference import StoredReference, store_reference
from tests.hidden.small import activations, make_reference, pixels

FIELDS = ("rows", "columns", "row_sums", "means", "weights", "feature_sums", "spread")


@pytest.fixture
def computed(tmp_path):
    """The reference of the small network."""
    return make_reference(tmp_path)


@pytest.fixture
def stored(computed, tmp_path):
    """The same from files; a notebook can ask for all layers but one."""
    folder = tmp_path / "stored"
    folder.mkdir()
    store_reference(computed, folder, lambda name: f"key of {name}" if name != "conv" else None)
    return StoredReference(folder, computed.settings)


def _assert_alike(one, other):
    for field in FIELDS:
        np.testing.assert_allclose(getattr(one, field), getattr(other, field), rtol=1e-4, atol=1e-4)


def test_its_layers_are_those(stored, computed):
    """In the same order, with the same values in the same place."""
    assert list(stored.layers) == list(computed.layers)
    for name, ours in stored.layers.items():
        theirs = computed.layers[name]
        assert (ours.name, ours.shape, ours.first) == (theirs.name, theirs.shape, theirs.first)
        assert ours.after_dropout is theirs.after_dropout
        _assert_alike(ours.sketch, theirs.sketch)
        np.testing.assert_array_equal(ours.probe, theirs.probe)
        np.testing.assert_allclose(ours.witness, theirs.witness, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(ours.deviations, theirs.deviations, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(ours.representation.squared, theirs.representation.squared, atol=1e-4)


def test_it_knows_other_images(stored, computed):
    """Changed ones, and those of the whole data."""
    for name in stored.layers:
        for words, change in SCALES.items():
            _assert_alike(*(each.sketch_of_changed(name, words, change) for each in (stored, computed)))
        np.testing.assert_array_equal(stored.rows_of_all(name)[0], computed.rows_of_all(name)[0])
        assert stored.rows_of_all(name)[1] == computed.rows_of_all(name)[1]


def test_it_asks_no_network(stored):
    """Values lie on disk; so do those of layers with the same values, in their own shape."""
    stored.network = None
    values = stored.first_values(["pool", "pool_dropout", "flatten", "dense"])
    np.testing.assert_array_equal(values["flatten"], values["pool"].reshape(60, -1))
    np.testing.assert_array_equal(values["dense"], activations("dense", pixels()))
    assert stored.layers[PIXELS].representation.name == PIXELS
    assert not values["pool"].flags.writeable


def test_what_it_lets_go_is_there_again(stored):
    """Memory is given back, and the values are read anew when they are looked at."""
    before = {name: np.array(stored.first_values([name])[name]) for name in stored.stored}
    stored.let_go()
    for name, values in before.items():
        np.testing.assert_array_equal(stored.first_values([name])[name], values)


def test_layers_have_a_file_each(stored):
    """Of layers with the same values, the first one."""
    files = stored.layer_files()
    assert "pool" in files
    assert not files.keys() & {"flatten", "pool_dropout"}
    path, shape = files["pool"]
    np.testing.assert_array_equal(np.fromfile(path, "<f4").reshape(shape), stored.first_values(["pool"])["pool"])


def test_what_a_notebook_may_ask_for(stored):
    """The file of each layer, by its key."""
    files = stored.files()
    assert "key of conv" not in files
    path, shape = files["key of flatten"]
    assert (path, shape) == (files["key of pool"][0], (60, *stored.layers["flatten"].shape))
    np.testing.assert_array_equal(np.fromfile(path, "<f4").reshape(shape), activations("flatten", pixels()))


@pytest.mark.parametrize("file", ["reference.json", "changed.npz", "all_rows.npz", "0.f4"])
def test_a_file_less_is_no_reference(stored, computed, tmp_path, file):
    """It is told when it is opened, and not in the middle of a class."""
    (tmp_path / "stored" / file).unlink()
    with pytest.raises(OSError, match=file):
        StoredReference(tmp_path / "stored", computed.settings)
