"""What is measured for an explanation: the nearest layers of activations, and how true a map is."""

import numpy as np
import pytest
from sklearn.manifold import TSNE

from autograder.checks.failure import CheckFailed
from autograder.hidden.evidence import collect_evidence
from autograder.hidden.judge import Judge
from autograder.hidden.measurements import note_layers, note_map, note_shape
from tests.hidden.small import activations, make_reference, pixels


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The reference of the small network."""
    return make_reference(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def judge(reference):
    """Its judge."""
    return Judge(reference)


def _of(notes):
    return {one.what: (one.found, one.bound) for one in notes}


def test_a_layer_is_at_no_distance_from_itself(judge, reference):
    """And others are told, with the bound."""
    values = activations("dense_relu", pixels())
    with collect_evidence() as notes:
        judge.activations(values, "reps", role="deep")
    found = _of(notes)
    assert found["shape of `reps`"][0] == str(values.shape)
    assert found["what it is"][0] == "the activations of `dense_relu`"
    assert found["largest difference of a row from `dense_relu`'s"] == ("0 of the spread", "at most 0.02")
    assert found["largest difference of a row from `dense`'s"][0] != "0 of the spread"
    assert {one.found for one in notes if one.what == "accepted"} == {"`dense`", "`dense_relu`", "`dense_dropout`"}


def test_a_wrong_shape_is_told_beside_the_right_ones(judge):
    """The check stops there, and what it saw is kept."""
    with collect_evidence() as notes, pytest.raises(CheckFailed):
        judge.activations(activations("dense", pixels())[:7], "reps", role="deep")
    assert notes[0].found == "(7, 9)"
    assert notes[0].bound == "right: (60, 9)"


def test_what_is_no_array_is_told(judge):
    """By its type; a check that was never reached notes nothing more."""
    with collect_evidence() as notes:
        note_shape("text", "reps", [(1, 2)])
        note_shape(None, "reps", [(1, 2)])
    assert [one.found for one in notes] == ["no numbers, but str", "no numbers, but NoneType"]


def test_a_layer_of_no_such_width(judge, reference):
    """None is near."""
    from autograder.hidden.findings import Finding

    with collect_evidence() as notes:
        note_layers(np.ones((60, 7)), reference, Finding("unknown", None), ("dense",))  # type: ignore[arg-type]
    assert _of(notes)["nearest layer"][0] == "none has 7 values for each image"


def test_a_map_is_measured_against_what_was_embedded(judge):
    """Neighbours kept, imbalance and divergence, each with its bound; other layers beside it."""
    values = activations("dense_relu", pixels())
    points = TSNE(perplexity=10, random_state=0).fit_transform(values)
    with collect_evidence() as notes:
        judge.embedding(points, "emb", of=values, role="deep")
    found = _of(notes)
    wanted = "`dense_relu`, which should be embedded"
    assert found["shape of `emb`"] == ("(60, 2)", "right: (60, 2)")
    assert found["what it is"][0].startswith("a t-SNE map of `dense_relu`")
    assert found[f"imbalance under {wanted}"][1] == "a finished map of it: at most 0.06"
    assert float(found[f"imbalance under {wanted}"][0]) <= 0.06
    assert found[f"nearest neighbours kept of {wanted}"][1] == "at least 30%"
    assert float(found[f"Kullback-Leibler divergence from {wanted}"][0]) > 0
    assert any("another layer" in what for what in found)


def test_nothing_is_measured_unasked(judge, reference, monkeypatch):
    """A verdict takes no longer than before."""
    from autograder.hidden import measurements
    from autograder.hidden.findings import MapFinding

    def refuse(*_, **__):
        raise AssertionError("measured")

    for name in ("make_candidate", "with_forces", "read_numbers"):
        monkeypatch.setattr(measurements, name, refuse)
    note_map(np.ones((60, 2)), [], [], MapFinding("map", None))
    note_shape(1, "reps", [])
    judge.activations(activations("dense", pixels()), "reps", role="deep")
