"""The forces in a map are the gradient of its divergence, and balance where t-SNE has finished."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.spatial.distance import pdist, squareform
from sklearn.neighbors import NearestNeighbors

from autograder.hidden.embeddings.affinities import Affinities, affinities
from autograder.hidden.embeddings.forces import (
    attraction,
    clumping,
    divergence,
    exaggeration,
    fit_scale,
    imbalance,
    linear_part,
    map_neighbours,
    rescale,
    some_exaggeration,
    some_imbalance,
    with_forces,
)
from autograder.hidden.embeddings.representation import make_representation
from tests.hidden.embeddings.small import OTHER, VALUES, make_map

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def own():
    """The affinities that the map was made from."""
    return affinities(make_representation("own", VALUES), "euclidean", 10)


@pytest.fixture(scope="module")
def finished():
    """A finished map."""
    return with_forces(make_map())


def _whole(found, count):
    """Return the probabilities (n, n) of the pairs that are kept."""
    whole = np.zeros((count, count))
    whole[found.rows, found.columns] = found.weights
    return whole + whole.T


def _pairs(whole):
    """Return the affinities of probabilities (n, n)."""
    rows, columns = np.nonzero(np.triu(whole, 1))
    some = whole[whole > 0]
    return Affinities(rows, columns, whole[rows, columns], float(np.sum(some * np.log(some))))


def test_two_points_by_hand():
    """At distance 2 the kernel is 1/5; both forces are 1/5 along the line, so that any two points are in balance."""
    embedding = with_forces(np.array([[4.0, 1], [6, 1]]))
    np.testing.assert_allclose(embedding.points, [[-1, 0], [1, 0]])
    np.testing.assert_allclose(embedding.squared, [[0, 4], [4, 0]])
    np.testing.assert_allclose(embedding.kernel, [[0, 0.2], [0.2, 0]])
    assert embedding.partition == pytest.approx(0.4)
    np.testing.assert_allclose(embedding.repulsion, [[-0.2, 0], [0.2, 0]], atol=1e-7)
    pair = Affinities(np.array([0]), np.array([1]), np.array([0.5]), np.log(0.5))
    np.testing.assert_allclose(attraction(embedding, pair), [[-0.2, 0], [0.2, 0]], atol=1e-7)
    assert imbalance(embedding, pair) < 1e-6


def test_forces_are_the_gradient_of_the_divergence():
    """A quarter of it, taken numerically (van der Maaten and Hinton 2008, equation 5)."""
    points, raw = RANDOM.normal(size=(7, 2)), RANDOM.random((7, 7))
    whole = np.triu(raw, 1) + np.triu(raw, 1).T
    whole /= whole.sum()
    some = whole > 0

    def cost(flat):
        kernel = 1 / (1 + squareform(pdist(flat.reshape(7, 2), "sqeuclidean"))) * some
        return np.sum(whole[some] * np.log(whole[some] / (kernel / kernel.sum())[some]))

    embedding, known = with_forces(points), _pairs(whole)
    gradient = approx_fprime(points.ravel(), cost).reshape(7, 2) / 4
    np.testing.assert_allclose(attraction(embedding, known) - embedding.repulsion, gradient, atol=1e-6)
    expected = np.linalg.norm(gradient) / np.linalg.norm(embedding.repulsion)
    assert imbalance(embedding, known) == pytest.approx(expected, rel=1e-4)


def test_a_finished_map_is_in_balance_under_its_own_affinities_only(finished, own):
    """That tells whose map it is."""
    assert imbalance(finished, own) < 0.005
    assert imbalance(finished, affinities(make_representation("other", OTHER), "euclidean", 10)) > 0.3
    assert imbalance(finished, affinities(make_representation("own", VALUES), "euclidean", 15)) > 0.1
    assert imbalance(with_forces(finished.points * 3), own) > 0.3


def test_the_sample_of_so_few_points_is_all_of_them(finished, own):
    """Then its imbalance is theirs."""
    some = _whole(own, 90).astype("f4")
    assert finished.sample.tolist() == list(range(90))
    moved = with_forces(finished.points * [1.3, 0.8])
    assert some_imbalance(moved, some) == pytest.approx(imbalance(moved, own), rel=1e-3)
    assert some_exaggeration(moved, some) == pytest.approx(exaggeration(moved, own), rel=1e-3)


def test_of_many_points_two_hundred_are_the_sample():
    """The same ones every time, in order, and their forces alone."""
    points = RANDOM.normal(size=(300, 2))
    embedding, again = with_forces(points), with_forces(points + 1)
    assert embedding.sample.tolist() == again.sample.tolist() == sorted(set(embedding.sample.tolist()))
    assert len(embedding.sample) == 200
    pull = np.full((200, 300), 1 / (300 * 299), "f4")
    pull[np.arange(200), embedding.sample] = 0
    whole = _pairs((1 - np.eye(300)) / (300 * 299))
    forces = (attraction(embedding, whole) - embedding.repulsion)[embedding.sample]
    expected = np.linalg.norm(forces) / np.linalg.norm(embedding.repulsion[embedding.sample])
    assert some_imbalance(embedding, pull) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("factor", [0.5, 1.0, 4.0])
def test_exaggeration_is_undone_by_its_factor(finished, own, factor):
    """Attraction that is a quarter of what holds the map has to be taken four times."""
    weaker = Affinities(own.rows, own.columns, own.weights / factor, own.entropy)
    left, best = exaggeration(finished, weaker)
    assert left < 0.005
    assert best == pytest.approx(factor, rel=0.005)


def test_the_divergence_is_kullback_and_leiblers(finished, own):
    """At the best of sixteen scales; moved and scaled, a map has the same."""
    found, whole = divergence(finished, own), _whole(own, 90)
    some, direct = whole > 0, []
    for scale in np.geomspace(1, 400, 16) / np.sqrt(np.median(finished.squared)):
        kernel = 1 / (1 + squareform(pdist(finished.points * scale, "sqeuclidean")))
        np.fill_diagonal(kernel, 0)
        direct.append(np.sum(whole[some] * np.log(whole[some] / (kernel / kernel.sum())[some])))
    assert found == pytest.approx(min(direct), rel=1e-3)
    assert divergence(with_forces(finished.points * 3 + 1), own) == pytest.approx(found, rel=1e-3)
    assert divergence(with_forces(RANDOM.permutation(finished.points)), own) > 2 * found


CHANGES = {
    "smaller": lambda points: points / 40 + 7,
    "turned": lambda points: points @ [[0.6, 0.8], [-0.8, 0.6]],
    "each axis": lambda points: points * [0.1, 0.03],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_scaled_map_is_brought_back(finished, own, change):
    """To where neither force is stronger along either axis, and near balance."""
    moved = with_forces(CHANGES[change](finished.points))
    back = rescale(moved, own, finished.points.std(axis=0) / moved.points.std(axis=0))
    pull, push = (np.sum(forces * back.points, axis=0) for forces in (attraction(back, own), back.repulsion))
    np.testing.assert_allclose(pull / push, [1, 1], atol=0.05)
    assert imbalance(back, own) < 0.06


@pytest.mark.parametrize("change", CHANGES)
def test_the_sample_finds_the_scale(finished, own, change):
    """Its imbalance is that of the map at these factors; factors that are near lead to the same."""
    moved = with_forces(CHANGES[change](finished.points))
    some = _whole(own, 90).astype("f4")
    left, factors = fit_scale(moved, some)
    assert left == pytest.approx(imbalance(with_forces(moved.points * factors), own), abs=0.01)
    assert left < 0.2
    assert fit_scale(moved, some, factors * 0.9)[0] < 0.2
    assert imbalance(rescale(moved, own, factors), own) < 0.15


def test_noise_doesnt_clump(finished):
    """Rows need not correspond for that."""
    assert clumping(finished) < -0.2
    assert clumping(with_forces(RANDOM.permutation(finished.points))) < -0.2
    assert abs(clumping(with_forces(RANDOM.normal(size=(1000, 2))))) < 0.1


def test_neighbours_in_the_map(finished):
    """The nearest, without the point itself."""
    graph = NearestNeighbors(n_neighbors=5).fit(finished.points).kneighbors_graph().toarray().astype(bool)
    np.testing.assert_array_equal(map_neighbours(finished, 5), graph)
    assert map_neighbours(with_forces(finished.points[:3]), 5).sum() == 6


def test_which_part_of_a_map_is_linear():
    """One coordinate lies in the plane of the directions, the other is as long and at right angles to it: a half."""
    directions = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]) / np.sqrt(2)
    across = np.array([1.0, -1, 1, -1])
    outside = np.array([1.0, 1, -1, -1])
    assert linear_part(with_forces(np.column_stack([across, across[[2, 3, 0, 1]] * 2])), directions) == pytest.approx(1)
    assert linear_part(with_forces(np.column_stack([across, outside])), directions) == pytest.approx(0.5)
    assert linear_part(with_forces(np.column_stack([outside, outside])), directions) == pytest.approx(0)
