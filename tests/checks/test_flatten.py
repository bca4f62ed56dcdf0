"""Flattening is judged by shape and values, and each wrong way to flatten has its name."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import checks
from autograder.checks import sketches

RANDOM = np.random.default_rng(0)
MAPS = RANDOM.normal(size=(40, 6, 5, 3)).astype("f4")


def _diagnosis(check, *args, **kwargs):
    with pytest.raises(checks.CheckFailed) as caught:
        check(*args, **kwargs)
    return caught.value.diagnosis


def test_a_message_sets_names_as_code_and_words_as_words():
    """The hidden check doesn't know what the student's activations are called."""
    flat = MAPS.reshape(40, -1)
    assert "all of `y`," in checks.flattening(flat, "x", MAPS, "y").text
    assert "all of the activations," in checks.flattening(flat, "x", MAPS, "the activations").text
    with pytest.raises(checks.CheckFailed, match="not those of the activations:"):
        checks.flattening(flat + 1, "x", MAPS, "the activations")


@settings(deadline=None, max_examples=30)
@given(st.permutations([1, 2, 3]), st.integers(0, 2**32 - 1), st.sampled_from(["f2", "f4", "f8"]))
def test_any_order_that_is_the_same_for_all_rows_is_flat(axes, seed, dtype):
    """Axes exchanged, or features shuffled."""
    turned = MAPS.transpose(0, *axes).reshape(40, -1)
    shuffled = turned[:, np.random.default_rng(seed).permutation(turned.shape[1])]
    assert checks.flattening(turned.astype(dtype), "x", MAPS, "y")
    assert checks.flattening(shuffled.copy(), "x", MAPS, "y")


@pytest.mark.parametrize(
    ("change", "diagnosis"),
    [
        (lambda a: a, "not_flattened"), (lambda a: a.reshape(40, 30, 3), "not_flattened"), (lambda a: a.reshape(-1, 3), "not_flattened"),
        (lambda a: a.reshape(3, -1), "mixed_samples"), (lambda a: a.T.reshape(40, -1), "mixed_samples"), (lambda a: a.reshape(40, -1).T, "mixed_samples"),
        (lambda a: a.ravel(), "flattened_batch"), (lambda a: a.reshape(1, -1), "flattened_batch"),
        (lambda a: a.mean((1, 2)), "pooled"), (lambda a: a.max(3).reshape(40, -1), "pooled"), (lambda a: a.sum((1, 2, 3)).reshape(40, 1), "pooled"),
        (lambda a: a[:, ::2, ::2].reshape(40, -1), "not_these_activations"), (lambda a: a.reshape(40, -1) * 2, "not_these_activations"),
        (lambda a: a.reshape(40, -1)[::-1], "not_these_activations"), (lambda a: np.sort(a.reshape(40, -1), axis=1), "not_these_activations"),
        (lambda a: a[:20].reshape(20, -1), "not_these_activations"), (lambda a: np.ones((40, 90)), "not_these_activations"),
        (lambda a: a[:, :4, :4].reshape(40, 2, 2, 2, 2, 3).mean((2, 4)).reshape(40, -1), "not_these_activations"),
    ],
)  # fmt: skip
def test_wrong_ways_to_flatten_are_named(change, diagnosis):
    """Everything about flattening can be said in public."""
    assert _diagnosis(checks.flattening, change(MAPS), "x", MAPS, "y") == diagnosis


def test_ways_to_exchange_many_axes_are_not_tried():
    """Of 32 axes there are more ways to exchange or to pool them than anybody can try."""
    many = MAPS.reshape(40, *[1] * 28, 6, 5, 3)
    assert checks.flattening(MAPS.reshape(40, -1), "x", many, "y")
    assert _diagnosis(checks.flattening, MAPS[:, 0, 0], "x", many, "y") == "not_these_activations"
    assert _diagnosis(checks.flattening, MAPS[::-1].reshape(40, -1), "x", many, "y") == "not_these_activations"


def test_rows_of_millions_of_values_have_to_be_equal():
    """The search for an order of features takes gigabytes where two rows are as long as an answer may be."""
    long = RANDOM.random((2, 2**21 + 1), dtype=np.float32)
    assert checks.flattening(long.copy(), "x", long, "y")
    assert checks.flattening(long[:, :1000][:, ::-1], "x", long[:, :1000], "y")
    assert _diagnosis(checks.flattening, long[:, ::-1], "x", long, "y") == "not_these_activations"


def test_one_wrong_row_is_seen():
    """All rows count, not most."""
    flat = MAPS.reshape(40, -1).copy()
    flat[17] = flat[16]
    assert _diagnosis(checks.flattening, flat, "x", MAPS, "y") == "not_these_activations"


def test_values_are_compared_and_not_their_sketches():
    """Even who knew the directions could add nothing that they don't see."""
    across, along = (np.linalg.qr(sketches.directions(length, "<f8"))[0] for length in (90, 40))
    noise = RANDOM.normal(size=(40, 90))
    noise -= noise @ across @ across.T
    noise -= along @ (along.T @ noise)
    maps = MAPS.astype("f8")
    flat = maps.reshape(40, -1)
    assert checks.flattening(flat * (1 + 1e-7), "x", maps, "y")
    assert _diagnosis(checks.flattening, flat + 100 * noise, "x", maps, "y") == "not_these_activations"
    assert _diagnosis(checks.flattening, 1e200 * noise, "x", maps * 1e200, "y") == "not_these_activations"


@pytest.mark.parametrize("source", [None, "pool", np.full((40, 2), np.nan)])
def test_without_activations_only_the_shape_is_judged(source):
    """Their absence is the other check's business."""
    assert "could not be compared" in repr(checks.flattening(MAPS.reshape(40, -1), "x", source, "y"))
    assert _diagnosis(checks.flattening, MAPS, "x", source, "y") == "not_flattened"


def test_activations_in_one_vector_can_be_flattened_rightly():
    """The vector is the other check's mistake."""
    assert checks.flattening(MAPS.reshape(40, -1), "x", MAPS.ravel(), "y")
