"""What can be done to a layer's activations on the right images, each way by itself, and none of them taken for another."""

import numpy as np
import pytest
from scipy.special import softmax

from autograder.checks.sketches import directions, sketch
from autograder.hidden.activations import from_right_images as ways
from autograder.hidden.activations.from_other_images import other_images
from autograder.hidden.findings import make_candidate
from tests.hidden.small import activations, make_reference, pixels

RANDOM = np.random.default_rng(2)
IMAGES = pixels()
DENSE, POOL, CONV = (activations(name, IMAGES) for name in ("dense", "pool", "conv"))
ORDER = RANDOM.permutation(60)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The small network."""
    return make_reference(tmp_path_factory.mktemp("network"))


@pytest.fixture
def ask(reference):
    """Ask one function about an array."""
    return lambda way, array: way(make_candidate(np.asarray(array, "f4"), reference, ("dense", "pool")))


@pytest.mark.parametrize(
    ("array", "layer"),
    [
        (DENSE, "dense"), (DENSE.astype("f2"), "dense"), (DENSE[:, ::-1], "dense"), (POOL.reshape(60, -1), "pool"),
        (CONV.transpose(0, 3, 1, 2), "conv"), (IMAGES, "pixels"),
    ],
    ids=["as it is", "rounded", "features reversed", "flat", "channels first", "pixels"],
)  # fmt: skip
def test_exactly_a_layers_values(ask, array, layer):
    """Rounded, flat, or with the features in another order."""
    found = ask(ways.exact, array)
    assert (found.kind, found.layer) == ("layer", layer)


@pytest.mark.parametrize("array", [DENSE * 1.1, DENSE[ORDER], np.where(np.arange(60)[:, None] == 9, 0, DENSE)])
def test_nearly_isnt_exactly(ask, array):
    """Scaled, shuffled, or one row of sixty lost."""
    assert ask(ways.exact, array) is None


def test_a_shift_of_whole_features_is_no_rounding(ask):
    """A small bias that was left out is a change of values; rounding moves no mean."""
    scatter = DENSE.std() * RANDOM.normal(0, 0.004, DENSE.shape)
    assert ask(ways.exact, DENSE + scatter - scatter.mean(axis=0)).kind == "layer"
    found = ask(
        ways.exact, DENSE + DENSE.std() * np.array([0.008, -0.01, 0.006, 0.009, -0.007, 0.01, 0.008, -0.009, 0.007])
    )
    assert (found.kind, found.layer) == ("rescaled_values", "dense")
    assert "bias" in found.note


def test_rows_as_far_from_each_other_but_for_one_factor(ask):
    """Maps of these are the same; of features that were each scaled they aren't."""
    assert ask(ways.proportional, DENSE * 3 + 7).name == "dense"
    assert ask(ways.proportional, DENSE * -1) is None
    assert ask(ways.proportional, DENSE * np.linspace(1, 2, 9)) is None


@pytest.fixture(scope="module")
def unseen():
    """Noise that the directions of sketches don't see, neither along rows nor along columns."""
    noise = RANDOM.normal(size=(60, CONV[0].size))
    across, along = (np.linalg.qr(directions(length, "<f8"))[0] for length in noise.shape[::-1])
    noise -= noise @ across @ across.T
    return noise - along @ (along.T @ noise)


@pytest.mark.parametrize("way", [ways.exact, ways.match_rows, ways.proportional, ways.rows_moved])
def test_noise_that_sketches_dont_see_is_no_layer(ask, unseen, way):
    """A hundred times as large as the values, in place, moved, or multiplied; the sketches are the layer's."""
    flat = CONV.reshape(60, -1)
    for change in (lambda rows: rows, lambda rows: rows[ORDER], lambda rows: rows * 3):
        assert ask(way, change(flat + 100 * unseen)) is None
    assert ask(other_images, flat + 100 * unseen) is None
    np.testing.assert_allclose(sketch(flat + 100 * unseen).rows, sketch(flat.astype("f8")).rows, atol=1e-9)


RESCALED = {
    "by features": (DENSE * np.linspace(1, 5, 9) + np.arange(9), "each feature was scaled or shifted"),
    "by rows": (DENSE / np.linalg.norm(DENSE, axis=1, keepdims=True), "each row was scaled or shifted"),
    "by rows, each shifted": (DENSE - DENSE.mean(axis=1, keepdims=True), "each row was scaled or shifted"),
}


@pytest.mark.parametrize("how", RESCALED)
def test_rescaled_values(ask, how):
    """Standardised, normalised, centred."""
    array, words = RESCALED[how]
    found = ask(ways.rescaled, array)
    assert (found.kind, found.layer) == ("rescaled_values", "dense")
    assert words in found.note


@pytest.mark.parametrize("array", [DENSE**2, DENSE[ORDER], RANDOM.normal(size=(60, 9))])
def test_other_changes_are_no_rescaling(ask, array):
    """Squares, other rows, noise."""
    assert ask(ways.rescaled, array) is None


def test_how_much_larger_rescaled_values_are(ask):
    """Twice is said to be twice."""
    assert ask(ways.rescaled, DENSE * 2).note.endswith("the spread is 2 times the layer's")


def test_rows_that_were_never_filled(ask):
    """From row 50 on, with zeros or with ones; full and wholly empty arrays are another matter."""
    rows = np.arange(60)[:, np.newaxis]
    for filling in (0, 1):
        found = ask(ways.unfilled, np.where(rows < 50, DENSE, filling))
        assert (found.kind, found.layer) == ("too_few_rows", "dense")
        assert found.note == "10 of 60 rows were never filled, the first is row 50"
    assert ask(ways.unfilled, DENSE) is None
    assert ask(ways.unfilled, np.zeros((60, 9))) is None
    assert ask(ways.unfilled, np.where(rows < 50, DENSE + 1, 0)) is None


def test_rows_in_other_places(ask):
    """Each is found; where one image stands for many, nothing was shuffled."""
    layer, places = ask(ways.match_rows, DENSE[ORDER])
    assert layer.name == "dense"
    np.testing.assert_array_equal(places, ORDER)
    found = ask(ways.rows_moved, DENSE[ORDER])
    assert (found.kind, found.layer) == ("shuffled_rows", "dense")
    assert found.note.endswith(f"row 0 holds image {ORDER[0]}")
    assert ask(ways.match_rows, DENSE[ORDER] + 1) is None
    assert ask(ways.rows_moved, DENSE[np.arange(60) // 2]) is None


def test_the_nearest_rows_and_how_far_they_are(reference):
    """In units of the layer's spread, as eight projections tell."""
    layer = reference.layers["dense"]
    candidate = make_candidate(DENSE[ORDER[:5]], reference, ())
    nearest, apart = ways.nearest_rows(candidate, layer.sketch.rows, layer.sketch.spread)
    assert nearest.tolist() == ORDER[:5].tolist()
    assert apart.max() < 1e-3
    _, twice = ways.nearest_rows(make_candidate(DENSE * 2, reference, ()), layer.sketch.rows, layer.sketch.spread)
    assert np.median(twice) > 0.1


def test_training_mode(ask):
    """A quarter of the values are 0, the others a third larger: behind the dropout layer only."""
    kept = RANDOM.random(DENSE.shape) < 0.75
    found = ask(ways.dropout, np.maximum(DENSE, 0) * kept / 0.75)
    assert (found.kind, found.layer) == ("dropout_active", "dense_relu")
    share = np.mean(~kept[:48][DENSE[:48] > 0])
    assert found.note == f"{share:.0%} of the values that should not be zero are"
    assert ask(ways.dropout, CONV * (RANDOM.random(CONV.shape) < 0.75) / 0.75) is None


@pytest.mark.parametrize("change", [np.sign, np.exp, lambda rows: rows + 3, lambda rows: rows[ORDER]])
def test_what_looks_like_training_mode_and_isnt(ask, change):
    """A function of the single values, the same shift of all images, other rows."""
    assert ask(ways.dropout, change(np.maximum(DENSE, 0))) is None


@pytest.mark.parametrize("change", [np.exp, lambda rows: -(rows**3), np.sign, np.round])
def test_a_function_of_the_single_values_is_no_chance(change):
    """It rises or falls with them, or has few levels; noise, and zeros here and there, do neither."""
    assert ways._monotone(change(DENSE), DENSE)
    assert not ways._monotone(change(DENSE) + RANDOM.normal(0, 1, DENSE.shape), DENSE)
    assert not ways._monotone(np.where(RANDOM.random(DENSE.shape) < 0.2, 0, np.exp(DENSE)), DENSE)


POOLED = {
    "means over positions": (
        CONV.mean(axis=(1, 2)),
        "conv",
        "means over axis 1 and 2: 3 values an image instead of 75",
    ),
    "maxima over channels": (CONV.max(axis=3).reshape(60, -1), "conv", "maxima over axis 3: 25 values"),
    "windows": (CONV[:, :4, :4].reshape(60, 2, 2, 2, 2, 3).mean(axis=(2, 4)), "conv", "means over windows of 2 by 2"),
}


@pytest.mark.parametrize("how", POOLED)
def test_pooled_values(ask, how):
    """Summaries over axes or windows."""
    array, layer, words = POOLED[how]
    found = ask(ways.pooled, array)
    assert (found.kind, found.layer) == ("pooled", layer)
    assert words in found.note
    assert ask(ways.pooled, array + 1) is None


def test_a_part_of_the_features(ask):
    """One channel, some features in any order; all of them are no part."""
    found = ask(ways.parts, DENSE[:, [7, 2, 4]])
    assert (found.kind, found.layer, found.note) == ("pooled", "dense", "these are 3 of the layer's 9 values an image")
    assert ask(ways.parts, CONV[..., 1]).layer == "conv"
    assert ask(ways.parts, DENSE) is None
    assert ask(ways.parts, DENSE[:, :3] + 1) is None


def test_values_in_the_rows_of_other_images(ask):
    """Axes exchanged, then reshaped; values that were changed are other values."""
    found = ask(ways.values_moved, np.ascontiguousarray(POOL.T).reshape(60, -1))
    assert (found.kind, found.layer) == ("transposed", "pool")
    assert ask(ways.values_moved, DENSE * 1.01) is None


FUNCTIONS = {
    "softmax": lambda rows: softmax(rows, axis=1),
    "softmax over the images": lambda rows: softmax(rows, axis=0),
    "sigmoid": lambda rows: 1 / (1 + np.exp(rows)),
    "tanh": np.tanh,
    "thresholds": lambda rows: rows > 0,
}


@pytest.mark.parametrize("change", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_of_each_rows_or_features_values(ask, change):
    """Its values rise or fall with the layer's; those of other rows, and noise, don't."""
    found = ask(ways.function_of, change(DENSE))
    assert (found.kind, found.layer, found.certain) == ("rescaled_values", "dense", True)
    assert ask(ways.function_of, change(DENSE)[ORDER]) is None
    assert ask(ways.function_of, change(DENSE) + RANDOM.normal(0, 0.1, DENSE.shape)) is None


@pytest.mark.parametrize("array", [np.zeros((60, 9)), np.tile(np.arange(9), (60, 1)), np.tile(np.arange(60), (9, 1)).T])
def test_values_that_follow_nothing_are_no_function_of_a_layer(ask, array):
    """Constant ones, and those that are the same in all rows or in all features."""
    assert ask(ways.function_of, array) is None


@pytest.mark.parametrize("change", [np.tanh, lambda rows: rows + RANDOM.normal(0, 0.5, rows.shape)])
def test_values_that_follow_a_layers(ask, change):
    """A curve of them, or noise on them: likely, and not certain."""
    found = ask(ways.derived, change(DENSE))
    assert (found.kind, found.layer, found.certain) == ("rescaled_values", "dense", False)
    assert "correlation of inner products 0." in found.note


def test_noise_follows_nothing(ask):
    """Nor do a layer's values in other rows."""
    assert ask(ways.derived, RANDOM.normal(size=(60, 9))) is None
    assert ask(ways.derived, DENSE[ORDER]) is None
