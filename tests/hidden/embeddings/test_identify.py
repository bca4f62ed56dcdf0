"""An embedding is a map of what it should be, of something else, or no finished map at all."""

import numpy as np
import pytest
from sklearn.manifold import TSNE

from autograder.hidden.embeddings.affinities import affinities
from autograder.hidden.embeddings.balance import Balance
from autograder.hidden.embeddings.forces import imbalance, with_forces
from autograder.hidden.embeddings.identify import BALANCED, _Evidence, identify_map
from autograder.hidden.embeddings.representation import EVERY_PAIR, make_representation
from tests.hidden.embeddings.small import OTHER, VALUES, make_map

RANDOM = np.random.default_rng(0)
OWN = make_representation("own", VALUES, lambda: VALUES)
STRANGE = make_representation("strange", OTHER, lambda: OTHER)

RIGHT = {
    "as it was made": lambda points: points,
    "moved and turned": lambda points: points @ [[0.6, 0.8], [-0.8, 0.6]] + 50,
    "scaled": lambda points: points * [0.01, 0.003],
    "rounded": lambda points: points.astype("f2"),
}


@pytest.mark.parametrize("change", RIGHT)
def test_a_map_of_what_it_should_be(change):
    """Wherever it lies, however large it is."""
    found = identify_map(RIGHT[change](make_map()), [OWN], [STRANGE])
    assert (found.kind, found.representation) == ("map", "own")


def test_any_of_the_right_ones_will_do():
    """Those behind the one that fits are not looked at, nor are the others."""

    def right():
        yield from (STRANGE, OWN)
        pytest.fail("it was asked for more")

    def others():
        pytest.fail("it was asked for the others")
        yield OWN

    assert identify_map(make_map(), right(), others()).representation == "own"


def test_a_map_of_something_else():
    """The representation that holds it is named."""
    found = identify_map(make_map(), [STRANGE], [STRANGE, OWN])
    assert (found.kind, found.representation) == ("other", "own")
    assert "of those it should keep" in found.note


WRONG = {
    "noise": (RANDOM.normal(0, 8, (90, 2)), "not_tsne", "scattered as noise"),
    "random start": (RANDOM.normal(0, 1e-4, (90, 2)), "not_converged", "hardly moved"),
    "rows shuffled": (RANDOM.permutation(make_map()), "shuffled_rows", "belong to images that aren't"),
    "half way": (make_map() + RANDOM.normal(0, 4, (90, 2)), "not_converged", "Kullback-Leibler divergence"),
    "stopped early": (make_map(perplexity=89 / 3, reach=89, pull=4), "not_converged", "of the nearest neighbours"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_map(kind):
    """Each mistake has its diagnosis, and words for what was found."""
    points, diagnosis, words = WRONG[kind]
    found = identify_map(points, [OWN], [STRANGE])
    assert found.kind == diagnosis
    assert words in found.note


@pytest.mark.parametrize(("factor", "diagnosis"), [(1, "not_tsne"), (1e-4, "not_converged")])
def test_a_projection_is_linear_in_the_values(factor, diagnosis):
    """Two features: as they are, or as small as t-SNE's start is."""
    rows = np.random.default_rng(0).normal(size=(90, 20))
    found = identify_map(rows[:, :2] * factor, [make_representation("round", rows)], [])
    assert (found.kind, found.representation) == (diagnosis, "round")
    assert "linear function" in found.note


def test_the_two_features_themselves_are_no_map_of_them():
    """They would be in balance with themselves."""
    noise = np.random.default_rng(0).random((90, 2))
    found = identify_map(noise * 40, [make_representation("noise", noise)], [])
    assert (found.kind, found.representation) == ("not_tsne", "noise")


def test_a_coordinate_of_few_values_is_none_of_a_map():
    """The label in place of one."""
    found = identify_map(np.column_stack([make_map()[:, 0], np.arange(90) // 45]), [OWN], [STRANGE])
    assert (found.kind, found.note) == ("not_tsne", "one of its coordinates has 2 different values")


@pytest.mark.parametrize("part", [lambda rows: rows < 200, lambda rows: rows % 2 == 0])
def test_maps_of_parts_that_were_joined_are_no_map_of_all(part):
    """Halves, and every second row; a map of all keeps neighbours wherever they stand."""
    values = np.random.default_rng(3).normal(size=(400, 2))
    own, whole = make_representation("own", np.column_stack([values, values**2])), with_forces(values * 9)
    first = part(np.arange(400))
    joined = with_forces(np.where(first[:, np.newaxis], values * 9, values[:, ::-1] * [9, -9]))
    assert _Evidence(joined).is_joined(own)
    assert not _Evidence(whole).is_joined(own)


def test_the_least_imbalance_is_over_the_ways_to_see_a_representation():
    """A map made by cosine distances is in balance under those."""
    embedding = with_forces(make_map(metric="cosine"))
    assert Balance(embedding, OWN).least(("euclidean", "cosine")) < 0.01
    assert Balance(embedding, OWN).least(("euclidean",)) > BALANCED


def test_a_map_of_wide_rows_by_the_exact_method_is_in_balance_under_all_pairs(monkeypatch):
    """Behind the nearest neighbours there is much that it was made from; it needs no comparison of neighbourhoods."""
    wide = np.random.default_rng(1).normal(size=(120, 2000)).astype("f4")
    own, other = make_representation("own", wide), make_representation("other", wide[:, :400])
    embedding = with_forces(TSNE(method="exact", init="pca", perplexity=10, random_state=0).fit_transform(wide))
    assert imbalance(embedding, affinities(own, perplexity=10)) > BALANCED
    assert imbalance(embedding, affinities(own, EVERY_PAIR, 10)) < BALANCED / 2
    assert imbalance(embedding, affinities(other, EVERY_PAIR, 10)) > 2 * BALANCED
    monkeypatch.setattr(
        "autograder.hidden.embeddings.identify._compare", lambda *_: pytest.fail("it was not told by its balance")
    )
    found = identify_map(embedding.points, [own], [other])
    assert (found.kind, found.representation) == ("map", "own")
