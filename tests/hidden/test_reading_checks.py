"""What the checks of readings say to a student: one sentence, with what the map shows, and never the right answers."""

import dataclasses

import numpy as np
import pytest
from sklearn.manifold import TSNE

from autograder.checks import CheckFailed, CheckSkipped
from autograder.hidden.evidence import collect_evidence
from autograder.hidden.judge import Judge

from .small import make_reference, pixels

PLACES = np.array([(0, 0), (4, 2), (30, 0), (0, 70)], float)
MIDDLES = PLACES[[2, 0, 3, 1]]
"""Of the four kinds of images: 1 and 3 run into each other, 0 lies beside them, and 2 far away."""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A judge of the small network."""
    return Judge(make_reference(tmp_path_factory.mktemp("small")))


@pytest.fixture(scope="module")
def labels(small):
    """The kinds of its first images."""
    return small.reference.labels[: small.settings.images].astype(int)


@pytest.fixture
def drawn(labels):
    """A map in which the first three images that are plotted lie amid another kind."""
    points = MIDDLES[labels] + np.random.default_rng(0).normal(0, 1.5, (len(labels), 2))
    for image in (0, 1, 2):
        points[image] = MIDDLES[0 if labels[image] == 2 else 2] + np.random.default_rng(image).normal(0, 0.2, 2)
    return points


def _said(check, *args, **kwargs):
    """Return what a check raised."""
    with pytest.raises(CheckFailed) as caught:
        check(*args, **kwargs)
    return caught.value


def test_strays_are_looked_up(small, drawn, labels):
    """In numbers and words; evidence says what was counted."""
    strays = [0, 1, 2]
    with collect_evidence() as notes:
        assert small.strays(strays, "deep_strays", of=drawn).status == "passed"
    assert [one.what for one in notes[:3]] == [f"image {image}" for image in strays]
    said = _said(small.strays, [*strays, 10], "deep_strays", of=drawn)
    assert (said.diagnosis, said.detail) == ("not_a_stray", "10")
    assert f"Image 10 is a {labels[10]}" in said.message
    assert not any(f"mage {image} " in said.message for image in strays)


def test_too_few_is_told_by_what_the_map_has(small, drawn, labels):
    """One of three is too few; of a map without strays none is wanted."""
    said = _said(small.strays, [0], "deep_strays", of=drawn)
    assert said.diagnosis == "too_few_readings"
    assert "names 1 image" in said.message
    clean = MIDDLES[labels] + np.random.default_rng(0).normal(0, 1, (len(labels), 2))
    assert small.strays([], "deep_strays", of=clean).status == "passed"


def test_borders_are_looked_up(small, labels):
    """Of six pairs, one mixes, and some lie closest."""
    drawn = MIDDLES[labels] + np.random.default_rng(0).normal(0, 1.5, (len(labels), 2))
    assert small.borders([(1, 3), (3, 0)], "deep_borders", of=drawn).status == "passed"
    said = _said(small.borders, [(3, 1), (2, 0)], "deep_borders", of=drawn)
    assert (said.diagnosis, said.detail) == ("not_bordering", "0 and 2")
    assert "times as wide as the smaller one is long" in said.message
    assert _said(small.borders, [(1, 3)], "deep_borders", of=drawn).diagnosis == "too_few_readings"


def test_a_second_map_is_compared(small, labels):
    """What borders in both has to be named, what borders in one must not."""
    noise = np.random.default_rng(1).normal(0, 1.5, (2, len(labels), 2))
    first = MIDDLES[labels] + noise[0]
    both, other = MIDDLES[labels] + noise[1], PLACES[[1, 0, 2, 3]][labels] + noise[1]
    ask = {"among": [(1, 3), (0, 3)]}
    assert small.survives([(1, 3)], "again", maps=(first, both), **ask).status == "passed"
    left = _said(small.survives, [], "again", maps=(first, both), **ask)
    assert (left.diagnosis, left.detail) == ("survives", "1 and 3")
    gone = _said(small.survives, [(1, 3)], "again", maps=(first, other), **ask)
    assert gone.diagnosis == "does_not_survive"
    same = _said(small.survives, [(1, 3)], "again", maps=(first, first.copy()), **ask)
    assert same.diagnosis == "missing"
    assert "same as the first" in same.message


@pytest.mark.parametrize("among", [None, "1-3", [], [(0, 2)]])
def test_nothing_survives_of_nothing(small, labels, among):
    """What was not read off the first map can't be followed into the second: the other check has said so."""
    maps = tuple(MIDDLES[labels] + np.random.default_rng(seed).normal(0, 1, (len(labels), 2)) for seed in (4, 5))
    said = _said(small.survives, [], "again", among=among, maps=maps)
    assert isinstance(said, CheckSkipped)


@pytest.mark.parametrize(
    "of", [None, np.zeros((0, 2)), np.zeros((60, 3)), "a map", np.zeros((5, 2)), np.full((60, 2), np.nan)]
)
def test_without_a_map_there_is_nothing_to_read(small, of):
    """A wrong map costs its own check: readings of it are skipped where it can't be read at all."""
    for check in (small.strays, small.borders):
        with pytest.raises(CheckSkipped):
            check([(1, 3)] if check == small.borders else [1], "readings", of=of)


def test_what_moved_is_looked_up_in_both_maps(small, labels):
    """An image among others by its pixels, and among its own in the layer."""
    rows = pixels()[:60].reshape(60, -1)
    before = TSNE(perplexity=10, random_state=0).fit_transform(rows)
    after = MIDDLES[labels] * 10 + np.random.default_rng(0).normal(0, 1, (len(labels), 2))
    named = [image for image in range(60) if small._reading(before, None, "moved", "pixels").could_be_stray(image)][:3]
    assert small.moved(named, "moved", before=before, after=after).status == "passed"
    staying = next(i for i in range(60) if not small._reading(before, None, "moved", "pixels").could_be_stray(i))
    said = _said(small.moved, [staying], "moved", before=before, after=after)
    assert (said.diagnosis, said.detail) == ("not_moved", str(staying))
    assert "already" in said.message
    lost = _said(small.moved, [], "moved", before=after, after=after)
    assert (lost.diagnosis, "given to something else" in lost.message) == ("missing", True)


def test_brief_messages_have_no_numbers(small, drawn):
    """Before the deadline the kind alone is told."""
    judge = Judge(small.reference)
    judge.settings = dataclasses.replace(small.settings, brief=True)
    said = _said(judge.strays, [10], "deep_strays", of=drawn)
    assert (said.diagnosis, said.detail) == ("not_a_stray", None)
    assert "10" not in said.message
