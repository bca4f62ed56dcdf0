"""Affinities are t-SNE's joint probabilities: those of the slow formula, and of the perplexity that was asked for."""

import numpy as np
import pytest

from autograder.hidden.embeddings.affinities import affinities, sharpness, some_affinities
from autograder.hidden.embeddings.representation import EVERY_PAIR, distances, make_representation
from tests.hidden.embeddings.small import VALUES, joint


@pytest.fixture(scope="module")
def representation():
    """A representation of ninety images."""
    return make_representation("own", VALUES, lambda: VALUES)


def _whole(found):
    """Return all probabilities (n, n) of the pairs that are kept."""
    whole = np.zeros((90, 90))
    whole[found.rows, found.columns] = found.weights
    return whole + whole.T


def test_a_kernel_of_two_neighbours_by_hand():
    """Weights 0.8 and 0.2 have this perplexity: at squared distances 1 and 3, exp(-2 b) is 1/4."""
    perplexity = np.exp(-(0.8 * np.log(0.8) + 0.2 * np.log(0.2)))
    precision, total = sharpness(np.array([[1.0, 3.0]], "f4"), np.array([1.0], "f4"), perplexity)
    assert precision[0] == pytest.approx(np.log(4) / 2, rel=1e-3)
    assert total[0] == pytest.approx(1.25, rel=1e-3)


@pytest.mark.parametrize("perplexity", [2.0, 5.0, 20.0])
def test_kernels_have_the_perplexity(perplexity):
    """Wide rows and narrow ones, near and far."""
    near = np.random.default_rng(0).exponential(size=(50, 60)).astype("f4") * np.logspace(-4, 6, 50)[:, np.newaxis]
    precision, total = sharpness(near.astype("f4"), near.min(axis=1), perplexity)
    weights = np.exp(precision[:, np.newaxis] * (near.min(axis=1, keepdims=True) - near).astype(float))
    np.testing.assert_allclose(weights.sum(axis=1), total, rtol=1e-3)
    weights /= weights.sum(axis=1, keepdims=True)
    entropy = -np.sum(weights * np.log(weights + 1e-300), axis=1)
    np.testing.assert_allclose(np.exp(entropy), perplexity, rtol=1e-3)


@pytest.mark.parametrize(("variant", "reach"), [("euclidean", 31), (EVERY_PAIR, 89), ("cosine", 31)])
def test_affinities_are_those_of_the_slow_formula(representation, variant, reach):
    """Of three times as many neighbours as the perplexity, and one, or of every pair."""
    found = affinities(representation, variant, 10.0)
    direct = joint(distances(representation, variant), 10.0, reach)
    np.testing.assert_allclose(_whole(found), direct, rtol=5e-3, atol=1e-9)
    assert 2 * found.weights.sum() == pytest.approx(1)
    assert found.entropy == pytest.approx(np.sum(direct * np.log(direct + 1e-300)), rel=1e-3)
    assert (found.rows < found.columns).all()


@pytest.mark.parametrize("variant", ["euclidean", EVERY_PAIR, "unit rows"])
def test_some_rows_are_the_same_as_all(representation, variant):
    """Of given distances."""
    rows = np.array([0, 41, 7])
    whole = _whole(affinities(representation, variant, 10.0))[rows]
    apart = distances(representation, variant)[rows]
    np.testing.assert_allclose(some_affinities(representation, variant, 10.0, rows, apart), whole, rtol=1e-3, atol=1e-9)


def test_standard_scores_need_the_values():
    """Of distances alone nothing can be said of them."""
    bare = make_representation("bare", VALUES)
    assert affinities(bare, "standardised") is None
    assert some_affinities(bare, "standardised", 10.0, np.arange(3), bare.squared[:3]) is None


def test_rows_at_one_place_have_affinities_without_a_warning() -> None:
    """Rows whose neighbours coincide, as class scores' do, get the sharpest kernel, and no overflow."""
    rows = np.zeros((120, 4))
    rows[:40, 0] = np.linspace(1, 2, 40)
    rows[:40, 1] = 1e-18
    found = affinities(make_representation("coinciding", rows, lambda: rows), "cosine")
    assert found is not None
    assert np.isfinite(found.weights).all()
