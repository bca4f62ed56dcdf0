"""A map in words: how many groups there are, how clean they are, which touch, and how many points lie among others."""

import numpy as np

from autograder.checks.describe import describe_map

LABELS = np.arange(60) % 3
POINTS = np.array([(0, 0), (9, 0), (0, 9)], float)[LABELS] + np.random.default_rng(0).normal(0, 1, (60, 2))


def test_groups_that_stand_apart():
    """Each is named, and no two touch."""
    words = " ".join(describe_map(POINTS, LABELS))
    assert "60 points of 3 classes" in words
    assert "0, 1 and 2 are groups of their own." in words
    assert "No two groups touch. 0 points lie among those of another class." in words


def test_groups_that_mix():
    """The pair is named by its classes' names, and a stray is counted."""
    points = POINTS.copy()
    points[0] = points[1]
    points[LABELS == 2] = points[LABELS == 1] + 0.5
    words = " ".join(describe_map(points, LABELS, ("boot", "shirt", "coat")))
    assert "boot is a group of its own." in words
    assert "Groups that touch or mix: shirt and coat." in words
    assert "coat (" in words
    assert "1 point lies among those of another class." in words


def test_labels_without_a_name():
    """They are told as numbers; one point is no map."""
    assert "0, 1 and 2 are groups" in " ".join(describe_map(POINTS, LABELS, ()))
    assert describe_map(POINTS[:1], LABELS[:1]) == ["A map of one point shows nothing."]
