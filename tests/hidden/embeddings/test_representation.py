"""Distances, neighbours and components of a representation are those of its rows."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler, normalize

from autograder.hidden.embeddings.representation import (
    EVERY_PAIR,
    VARIANTS,
    cache_latest,
    components_of,
    distances,
    make_representation,
    nearest_marks,
    neighbours,
    products_of,
    rows_of,
    share_of_nearest,
    some_distances,
    squared_distances,
)
from tests.hidden.embeddings.small import VALUES


@pytest.fixture
def representation():
    """A representation of ninety images."""
    return make_representation("own", VALUES, lambda: VALUES)


def _squared(rows):
    return squareform(pdist(rows.astype(float), "sqeuclidean"))


@pytest.mark.parametrize("width", [3, 1500])
def test_squared_distances(width):
    """In double precision where rows are narrow, in single where they are wide."""
    rows = np.random.default_rng(1).normal(50, 2, size=(40, width)).astype("f4")
    found = squared_distances(rows)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, _squared(rows), rtol=1e-4, atol=1e-4)


SEEN = {
    "euclidean": lambda rows: rows,
    EVERY_PAIR: lambda rows: rows,
    "unit rows": normalize,
    "standardised": lambda rows: StandardScaler().fit_transform(rows),
    "10 components": lambda rows: PCA(8).fit_transform(rows),
}


@pytest.mark.parametrize("variant", SEEN)
def test_ways_to_see_a_representation(representation, variant):
    """As scikit-learn's own steps before t-SNE make them; some rows are the same as all."""
    direct = _squared(SEEN[variant](VALUES))
    np.testing.assert_allclose(distances(representation, variant), direct, atol=2e-3)
    np.testing.assert_allclose(some_distances(representation, variant, np.array([5, 2])), direct[[5, 2]], atol=2e-3)


def test_few_components_are_the_first():
    """Of twelve features, ten components are seen."""
    wide = np.column_stack([VALUES, np.random.default_rng(2).normal(size=(90, 4))]).astype("f4")
    found = distances(make_representation("wide", wide, lambda: wide), "10 components")
    np.testing.assert_allclose(found, _squared(PCA(10).fit_transform(wide)), atol=2e-3)


def test_cosine_distances_are_squared(representation):
    """As scikit-learn's t-SNE squares every metric's; a row of zeros is at distance 1 from all."""
    direct = np.square(squareform(pdist(VALUES.astype(float), "cosine")))
    np.testing.assert_allclose(distances(representation, "cosine"), direct, atol=1e-5)
    rows = np.array([[0, 0], [3, 0], [0, 2]], "f4")
    np.testing.assert_allclose(
        distances(make_representation("axes", rows), "cosine"), [[0, 1, 1], [1, 0, 1], [1, 1, 0]], atol=1e-6
    )


def test_standard_scores_need_the_values():
    """Of distances alone they can't be had: nothing is known, not even a neighbour."""
    bare = make_representation("bare", VALUES)
    assert distances(bare, "standardised") is None
    assert some_distances(bare, "standardised", np.arange(3)) is None
    assert neighbours(bare, "standardised") is None
    assert share_of_nearest(bare, "standardised", np.ones((90, 90), bool)) is None
    assert all(distances(bare, variant) is not None for variant in VARIANTS if variant != "standardised")


def test_neighbours_are_the_fifteen_nearest(representation):
    """And no point is its own."""
    graph = NearestNeighbors(n_neighbors=15).fit(VALUES).kneighbors_graph().toarray().astype(bool)
    np.testing.assert_array_equal(neighbours(representation), graph)
    np.testing.assert_array_equal(nearest_marks(_squared(VALUES)), graph)


def test_of_few_points_all_others_are_neighbours():
    """Four points have three each."""
    np.testing.assert_array_equal(nearest_marks(_squared(VALUES[:4])), ~np.eye(4, dtype=bool))


def test_the_part_of_the_neighbours_that_is_marked(representation):
    """All of them, none, or those of every second point."""
    marks = neighbours(representation).copy()
    assert share_of_nearest(representation, "euclidean", marks) == 1
    assert share_of_nearest(representation, "euclidean", ~marks) == 0
    marks[::2] = False
    assert share_of_nearest(representation, "euclidean", marks) == 0.5


def test_some_rows_of_a_representation(representation):
    """A submission that shuffled a layer's rows has that layer's distances, shuffled."""
    rows = np.array([3, 3, 70, 0])
    some = rows_of(representation, "shuffled", rows, lambda: VALUES[rows])
    np.testing.assert_allclose(some.squared, _squared(VALUES[rows]), atol=1e-3)
    np.testing.assert_allclose(some.lengths, np.linalg.norm(VALUES[rows], axis=1), rtol=1e-6)
    assert (some.name, some.width) == ("shuffled", 8)


def test_inner_products_of_centred_rows(representation):
    """From the distances alone (Gower 1966)."""
    centred = VALUES.astype(float) - VALUES.mean(axis=0, dtype=float)
    np.testing.assert_allclose(products_of(representation), centred @ centred.T, atol=1e-3)


@pytest.mark.parametrize("values", [None, lambda: VALUES])
def test_components(values):
    """From distances alone as from few features: as many as there are, ascending, and orthonormal."""
    variances, directions = components_of(make_representation("own", VALUES, values))
    direct = PCA().fit(VALUES)
    np.testing.assert_allclose(variances[::-1], direct.explained_variance_ * 89, rtol=1e-4)
    np.testing.assert_allclose(directions.T @ directions, np.eye(8), atol=1e-4)
    scores = direct.transform(VALUES) / np.sqrt(direct.explained_variance_ * 89)
    np.testing.assert_allclose(np.abs(np.sum(scores[:, ::-1] * directions, axis=0)), np.ones(8), atol=1e-3)


def test_results_are_remembered_with_the_representation(representation):
    """The latest two, each computed once; another representation has its own."""
    asked = []

    @cache_latest(2)
    def measure(of, number):
        asked.append((of.name, number))
        return number * 10

    other = make_representation("other", VALUES)
    assert [measure(representation, number) for number in (1, 2, 1, 3, 1, 2)] == [10, 20, 10, 30, 10, 20]
    assert asked == [("own", 1), ("own", 2), ("own", 3), ("own", 2)]
    measure(other, 1)
    assert asked[-1] == ("other", 1)
