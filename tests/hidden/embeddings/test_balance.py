"""The search for the affinities that hold a map finds what looking at all of them would find."""

import itertools

import numpy as np
import pytest

from autograder.hidden.embeddings.affinities import affinities
from autograder.hidden.embeddings.balance import BALANCED, COMMON, HOPELESS, Balance
from autograder.hidden.embeddings.forces import imbalance, with_forces
from autograder.hidden.embeddings.representation import EVERY_PAIR, VARIANTS, make_representation
from tests.hidden.embeddings.small import OTHER, VALUES, make_map

PLAIN = tuple(variant for variant in VARIANTS if "components" not in variant)


@pytest.fixture(scope="module")
def own():
    """The representation that the maps are of."""
    return make_representation("own", VALUES, lambda: VALUES)


def _least(points, representation, variants, perplexities):
    """Return the least imbalance of all that there are."""
    most = (len(points) - 1) / 3
    embedding = with_forces(points)
    found = [
        affinities(representation, variant, min(perplexity, most))
        for variant, perplexity in itertools.product(variants, perplexities)
    ]
    return min(imbalance(embedding, each) for each in found if each is not None)


@pytest.mark.parametrize("settings", [{}, {"perplexity": 20, "reach": 61}, {"metric": "cosine"}])
def test_the_affinities_of_a_map_are_found(own, settings):
    """Whatever it was made with, among the ways and perplexities that people use."""
    points = make_map(**settings)
    left = Balance(with_forces(points), own).least(("euclidean", "cosine"))
    assert left == pytest.approx(_least(points, own, ("euclidean", "cosine"), COMMON), rel=1e-3)
    assert left < 0.01


def test_every_pair_is_a_way_of_its_own(own):
    """A map that was made from all pairs needs all of them; of a narrow representation, most are next to nothing."""
    points = make_map(reach=89, perplexity=29)
    assert Balance(with_forces(points), own).least((EVERY_PAIR,), (29,)) < 0.01
    assert Balance(with_forces(points), own).least((EVERY_PAIR,), (5,)) > BALANCED


def test_a_perplexity_between_the_common_ones_is_found(own):
    """Where the best of them is near balance, those beside it are tried."""
    points = make_map(perplexity=12, reach=37)
    assert _least(points, own, ("euclidean",), COMMON) > BALANCED
    assert Balance(with_forces(points), own).least(("euclidean",)) < BALANCED / 2


def test_another_representation_is_nowhere_near(own):
    """Neither is one whose rows are shuffled, nor noise."""
    other = make_representation("other", OTHER, lambda: OTHER)
    points = make_map()
    assert Balance(with_forces(points), other).least(PLAIN) > 5 * BALANCED
    for strange in (np.random.default_rng(0).permutation(points), np.random.default_rng(0).normal(0, 8, (90, 2))):
        assert Balance(with_forces(strange), own).least(PLAIN) > HOPELESS


def test_the_likeliest_affinities_come_first(own):
    """Distances as they are, at scikit-learn's perplexity, or at the largest that so many points allow."""
    points = make_map()
    expected = imbalance(with_forces(points), affinities(own, "euclidean", 89 / 3))
    assert Balance(with_forces(points), own).first() == expected


def test_standard_scores_of_a_representation_without_values_are_infinitely_far():
    """They aren't known, and never the best."""
    bare = make_representation("bare", VALUES)
    assert Balance(with_forces(make_map()), bare).least(("standardised",), (10,)) == np.inf
    assert Balance(with_forces(make_map()), bare).least(("standardised", "euclidean"), (10,)) < np.inf


@pytest.mark.parametrize("factors", [(1, 1), (0.01, 0.01), (30, 8)])
def test_a_scaled_map_is_in_balance_once_it_is_scaled_back(own, factors):
    """Of the few perplexities one is the map's."""
    embedding = with_forces(make_map() * factors)
    assert Balance(embedding, own).least_scaled(BALANCED) < BALANCED
    assert Balance(embedding, make_representation("other", OTHER)).least_scaled(BALANCED) > BALANCED


def test_a_map_that_was_stopped_in_early_exaggeration(own):
    """It is in balance for nearly four times the attraction; a finished one only for the attraction as it is."""
    stopped = with_forces(make_map(perplexity=89 / 3, reach=89, pull=4))
    assert Balance(stopped, own).is_stopped(0.6, 3.0)
    assert not Balance(stopped, own).is_stopped(0.6, 5.0)
    assert not Balance(stopped, own).is_stopped(0.0, 3.0)
    assert not Balance(with_forces(make_map()), own).is_stopped(0.6, 3.0)
