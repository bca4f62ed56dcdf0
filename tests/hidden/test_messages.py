"""A hidden check says the kind of mistake, and as much more as the settings allow."""

import dataclasses

import pytest

from autograder.hidden.findings import Finding, MapFinding, PlotFinding
from autograder.hidden.messages import about_activations, about_map, about_plot, likeness
from autograder.hidden.reference import PIXELS

OTHER_LAYER = Finding("wrong_layer", "conv", "of 5 by 5 positions")
OTHER_MAP = MapFinding("other", "conv", "it keeps 70% there")


def test_activations_in_full():
    """What it is, what was found, what to look at; the layer is the diagnosis's detail."""
    failure = about_activations(OTHER_LAYER, "deep_reps", "deep", "dense", brief=False)
    assert (failure.diagnosis, failure.detail) == ("wrong_layer", "conv")
    assert failure.message.startswith("`deep_reps` holds activations, but of another layer than a deep one")
    for words in ("They are like those of `conv`", "you named `dense`", "of 5 by 5 positions", "Look at which layer"):
        assert words in failure.message


@pytest.mark.parametrize(
    ("finding", "unsaid"),
    [
        (dataclasses.replace(OTHER_LAYER, layer=PIXELS), "They are like"),
        (dataclasses.replace(OTHER_LAYER, layer=None), "you named"),
        (dataclasses.replace(OTHER_LAYER, layer="dense"), "you named"),
    ],
)
def test_what_nobody_needs_to_be_told(finding, unsaid):
    """Pixels are no layer's; a name that fits, or that nothing fits, is no news."""
    assert unsaid not in about_activations(finding, "x", "deep", "dense", brief=False).message


@pytest.mark.parametrize(
    ("finding", "kind", "detail"),
    [
        (OTHER_MAP, "embedding_of_other_layer", "conv"),
        (dataclasses.replace(OTHER_MAP, representation=PIXELS), "embedding_of_pixels", None),
        (MapFinding("not_tsne", "dense", "it keeps 20%"), "not_tsne", None),
    ],
)
def test_maps_in_full(finding, kind, detail):
    """Of a map of something else, what of is the detail, but for pixels; what it should be is always said."""
    failure = about_map(finding, "deep_emb", "`dense`", brief=False)
    assert (failure.diagnosis, failure.detail) == (kind, detail)
    assert "t should be one of `dense`" in failure.message
    assert finding.note in failure.message
    assert ("a map of `conv`" in failure.message) is (detail == "conv")


def test_plots_in_full():
    """What was counted is said."""
    failure = about_plot(PlotFinding("labels_misaligned", "7 of 500 points"), "deep_plot", brief=False)
    assert (failure.diagnosis, failure.detail) == ("labels_misaligned", None)
    assert "`deep_plot` shows the embedding" in failure.message
    assert "7 of 500 points" in failure.message


def test_brief_messages_name_neither_layers_nor_numbers():
    """The kind of mistake, and what to look at."""
    for failure in (
        about_activations(OTHER_LAYER, "x", "deep", "dense", brief=True),
        about_map(OTHER_MAP, "x", "`dense`", brief=True),
        about_plot(PlotFinding("wrong_points", "7 of 500"), "x", brief=True),
    ):
        assert failure.detail is None
        assert not any(word in failure.message for word in ("conv", "dense", "70%", "positions", "500"))
        assert "Look at" in failure.message


def test_another_accepted_layer_than_the_one_named_is_a_note():
    """And nothing is noted where they are the same, where nobody was named, or in brief."""
    assert likeness("pool", "conv", brief=False) == ("The values are those of `pool`; you named `conv`. Both count.",)
    assert likeness("pool", "pool", brief=False) == likeness("pool", None, brief=False) == ()
    assert likeness(None, "conv", brief=False) == likeness("pool", "conv", brief=True) == ()
