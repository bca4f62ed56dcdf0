"""The measures of an embedding, on data whose answers are known."""

import numpy as np
import pytest
from sklearn.manifold import TSNE, trustworthiness

from autograder.hidden.embeddings.affinities import (
    EVERY_PAIR,
    affinities,
    components_of,
    distances,
    make_representation,
    neighbours,
    trust,
)
from autograder.hidden.embeddings.forces import (
    clumping,
    divergence,
    exaggeration,
    imbalance,
    linear_part,
    rescale,
    with_forces,
)
from autograder.hidden.embeddings.identify import BALANCED, identify_map

RANDOM = np.random.default_rng(0)
CENTRES = RANDOM.normal(size=(6, 20)) * 3
VALUES = (CENTRES[RANDOM.integers(0, 6, 240)] + RANDOM.normal(size=(240, 20))).astype("f4")
OTHER = (RANDOM.normal(size=(240, 15)) * 2).astype("f4")


@pytest.fixture(scope="module")
def representation():
    """A representation of 240 images."""
    return make_representation("own", VALUES, lambda: VALUES)


@pytest.fixture(scope="module")
def points():
    """Its map."""
    return TSNE(init="pca", random_state=0, perplexity=30).fit_transform(VALUES)


def test_affinities_are_a_distribution_of_the_perplexity(representation):
    """They sum to 1 over ordered pairs, and each point has as many effective neighbours as asked for."""
    found = affinities(representation, "euclidean", 30.0)
    assert np.isclose(2 * found.weights.sum(), 1)
    assert affinities(make_representation("bare", VALUES), "standardised") is None
    assert neighbours(representation).sum(axis=1).tolist() == [15] * 240


def test_distances_are_those_of_the_rows(representation):
    """From inner products alone."""
    direct = np.sum((VALUES[:, None].astype(float) - VALUES[None]) ** 2, axis=2)
    np.testing.assert_allclose(distances(representation, "euclidean"), direct, atol=1e-3)
    unit = VALUES / np.linalg.norm(VALUES, axis=1, keepdims=True)
    np.testing.assert_allclose(distances(representation, "unit rows"), 2 * (1 - unit @ unit.T), atol=1e-4)


def test_a_finished_map_is_in_balance_under_its_own_affinities_only(representation, points):
    """That tells whose map it is."""
    embedding = with_forces(points)
    assert imbalance(embedding, affinities(representation)) < 0.05
    assert imbalance(embedding, affinities(make_representation("other", OTHER))) > 0.3
    assert imbalance(with_forces(points * 9), affinities(representation)) > 0.3


def test_a_map_of_wide_rows_by_the_exact_method_is_in_balance_under_all_pairs(monkeypatch):
    """Behind the nearest neighbours there is much that it was made from; it needs no comparison of neighbourhoods."""
    wide = np.random.default_rng(1).normal(size=(500, 2000)).astype("f4")
    own, other = make_representation("own", wide), make_representation("other", wide[:, :400])
    embedding = with_forces(TSNE(method="exact", init="pca", random_state=0).fit_transform(wide))
    assert imbalance(embedding, affinities(own)) > 2 * BALANCED
    assert imbalance(embedding, affinities(own, EVERY_PAIR)) < BALANCED / 2
    assert imbalance(embedding, affinities(other, EVERY_PAIR)) > 2 * BALANCED
    monkeypatch.setattr(
        "autograder.hidden.embeddings.identify._compare", lambda *_: pytest.fail("it was not told by its balance")
    )
    found = identify_map(embedding.points, [own], [other])
    assert (found.kind, found.representation) == ("map", "own")


def test_scale_and_turn_change_nothing(representation, points):
    """A rescaled map is brought back."""
    known = affinities(representation)
    for change in (points / 40 + 7, points @ [[0.6, 0.8], [-0.8, 0.6]], points * [0.1, 0.03]):
        assert imbalance(rescale(with_forces(change), known), known) < 0.06
    plain, moved = divergence(with_forces(points), known)[0], divergence(with_forces(points * 3 + 1), known)[0]
    assert np.isclose(plain, moved, rtol=1e-3)


def test_trustworthiness_is_scikit_learns(representation, points):
    """Venna and Kaski's measure, as everybody computes it."""
    ours = trust(distances(representation, "euclidean"), with_forces(points).squared)
    assert np.isclose(ours, trustworthiness(VALUES, points, n_neighbors=15), atol=1e-3)


def test_noise_doesnt_clump(points):
    """Rows need not correspond for that."""
    assert clumping(with_forces(points)) < -0.2
    assert abs(clumping(with_forces(RANDOM.normal(size=(1000, 2))))) < 0.1


def test_a_projection_is_linear(representation):
    """PCA, or the first two columns."""
    directions = components_of(representation)[1]
    assert linear_part(with_forces(VALUES[:, :2]), directions) > 0.9999
    assert linear_part(with_forces(RANDOM.normal(size=(240, 2))), directions) < 0.5


def test_a_finished_map_needs_no_exaggeration(representation, points):
    """Attraction as it is brings balance: the best factor is 1."""
    left, factor = exaggeration(with_forces(points), affinities(representation))
    assert left < 0.05
    assert 0.95 < factor < 1.05


def test_whose_map_it_is_is_told_for_any_data(representation, points):
    """Nothing in here knows about a certain network."""
    other = make_representation("other", OTHER, lambda: OTHER)
    theirs = TSNE(init="pca", random_state=0, perplexity=20).fit_transform(OTHER)
    assert identify_map(points, [representation], [other]).kind == "map"
    found = identify_map(theirs, [representation], [other])
    assert (found.kind, found.representation) == ("other", "other")
    assert identify_map(VALUES[:, :2], [representation], [other]).kind == "not_tsne"
    assert identify_map(RANDOM.permutation(points), [representation], [other]).kind == "shuffled_rows"


def test_rows_at_one_place_have_affinities_without_a_warning() -> None:
    """Rows whose neighbours coincide, as class scores' do, get the sharpest kernel, and no overflow."""
    rows = np.zeros((120, 4))
    rows[:40, 0] = np.linspace(1, 2, 40)
    rows[:40, 1] = 1e-18
    found = affinities(make_representation("coinciding", rows, lambda: rows), "cosine")
    assert found is not None
    assert np.isfinite(found.weights).all()
