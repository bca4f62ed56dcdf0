"""The zoo: right answers pass, wrong ones are caught at the check that they are about, and named."""

import warnings

import pytest

from autograder.accuracy import Figure
from autograder.checks import CheckFailed, CheckSkipped
from tests.zoo.confusion import ZOOS, count, describe, save_picture, save_table
from tests.zoo.readings import EX2_READINGS, EX3_READINGS, RIGHT_READINGS, WRONG_READINGS
from tests.zoo.right import RIGHT
from tests.zoo.run import Seen
from tests.zoo.spec import EX2, EX3
from tests.zoo.wrong import WRONG

# The published list, docs/: what is about which check.
DIAGNOSES = {
    "activations": "missing wrong_type not_finite wrong_layer class_scores input_pixels dropout_active unscaled_pixels test_images "
    "other_images shuffled_rows too_few_rows too_many_rows rescaled_values pooled transposed flattened_batch not_flattened unknown",
    "flatten": "missing not_flattened mixed_samples flattened_batch pooled not_these_activations",
    "embedding": "missing wrong_type not_finite wrong_components embedding_of_other_layer embedding_of_pixels not_tsne shuffled_rows "
    "not_converged degenerate too_few_rows",
    "plot": "missing no_plot no_labels labels_misaligned wrong_points too_few_points",
    "strays": "missing wrong_type not_a_stray too_few_readings",
    "borders": "missing wrong_type not_bordering too_few_readings",
    "survives": "missing does_not_survive survives embedding_of_pixels not_tsne",
    "moved": "missing not_moved too_few_readings",
}
# What can be told without the network and the images: a visible check that passes never precedes one of these.
IN_SIGHT = {
    *("missing", "wrong_type", "not_finite", "too_few_rows", "too_many_rows", "flattened_batch", "not_flattened"),
    *("wrong_components", "degenerate", "no_plot", "no_labels", "too_few_points"),
}
SOLUTION = ("predict(", "get_layer", "keras.Model", "fit_transform", ".reshape(", "TSNE(")


def _about(specs, check):
    return [spec for spec in specs if any(name.endswith(check) for name in spec.fails)]


def _every(specs, step):
    """Return some specimens, each `step`-th; the whole zoo has a run of its own."""
    return [pytest.param(spec, id=spec.name) for spec in specs[::step]]


def _visit(zoo, spec, only=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        verdicts = zoo.visit(spec, only)
    for v in verdicts:
        assert v.agrees, f"{v.specimen.name}: {v.said}, and not {v.wanted}. {v.message}"
        assert v.detail_right, f"{v.specimen.name}: {v.failure}"
        assert not any(piece in v.message for piece in SOLUTION), v.message
        assert not _contradicted(v), f"{v.specimen.name}: {v.public.failure}, but {v.failure}"
    return verdicts


def _contradicted(verdict):
    """Return whether a student read something else in the notebook than the verdict says, and could have read that."""
    whole, seen = verdict.failure, verdict.public.failure
    if seen is None:
        return whole is not None and whole.status == "failed" and whole.diagnosis in IN_SIGHT
    return whole is None or (seen.status, str(seen)) != (whole.status, str(whole))


@pytest.mark.parametrize(
    ("seen", "whole", "contradicted"),
    [
        (None, None, False),
        (None, CheckFailed("wrong_layer", ""), False),
        (None, CheckSkipped("missing", ""), False),
        (None, CheckFailed("no_labels", ""), True),
        (CheckFailed("no_labels", "x"), CheckFailed("no_labels", "x"), False),
        (CheckFailed("no_labels", "x"), CheckFailed("labels_misaligned", "x"), True),
        (CheckFailed("no_plot", "x"), None, True),
    ],
)
def test_a_visible_check_contradicts_no_verdict(seen, whole, contradicted):
    """What every specimen of both zoos is held to: the same words, and never "right so far" of what is in sight."""
    assert _contradicted(_seen(RIGHT[0], "ex2_plot", whole, seen)) is contradicted


def _seen(spec, check, failure=None, public=None):
    """Return a verdict on one check of a specimen."""
    (specimen,) = spec.specimens([check], lambda _: None)
    return Seen(specimen, failure, spec, Seen(specimen, public))


def test_the_zoo_is_large_enough_and_names_are_unique():
    """As many as were promised, each told apart."""
    assert len(RIGHT) >= 60
    assert len(WRONG) >= 120
    assert len({spec.name for spec in (*RIGHT, *WRONG)}) == len(RIGHT) + len(WRONG)
    assert all(set(spec.fails) <= set(spec.checks) <= {*EX2, *EX3} for spec in (*RIGHT, *WRONG))
    readings = (*RIGHT_READINGS, *WRONG_READINGS)
    assert len(RIGHT_READINGS) >= 25
    assert len({spec.name for spec in readings}) == len(readings) >= 55
    assert all(set(spec.fails) <= set(spec.checks) <= {*EX2_READINGS, *EX3_READINGS} for spec in readings)


@pytest.mark.parametrize(("check", "ids"), DIAGNOSES.items())
def test_every_diagnosis_has_its_specimens(check, ids):
    """Whatever a check may say is said to some specimen."""
    told = {
        outcome[0] for spec in (*WRONG, *WRONG_READINGS) for name, outcome in spec.fails.items() if name.endswith(check)
    }
    assert set(ids.split()) <= told | {"unknown"}


@pytest.mark.parametrize(
    "spec", _every([s for s in RIGHT if "TSNE(" not in s.code or "middle" in s.code or "t-SNE" not in s.name], 6)
)
def test_right_activations_are_accepted(zoo, spec):
    """Any code that arrives at right values."""
    _visit(zoo, spec, ("ex2_activations", "ex3_activations", "ex3_flatten"))


@pytest.mark.parametrize("spec", _every(_about(WRONG, "activations") + _about(WRONG, "flatten"), 5))
def test_wrong_activations_are_named(zoo, spec):
    """And flattening beside them is judged by itself."""
    _visit(zoo, spec, ("ex2_activations", "ex3_activations", "ex3_flatten"))


@pytest.mark.parametrize("spec", _every([*RIGHT_READINGS[::6], *WRONG_READINGS], 3))
def test_readings_are_looked_up(zoo, spec):
    """Of the student's own map; most specimens read the same one."""
    _visit(zoo, spec)


@pytest.mark.parametrize("spec", _every([s for s in (*RIGHT, *WRONG) if "plot:" in s.name], 1))
def test_plots_are_told_apart(zoo, spec):
    """All of them show one map, which is computed once."""
    if "seed" not in spec.name and "another run" not in spec.name:
        _visit(zoo, spec, ("ex2_plot",))


@pytest.mark.parametrize(
    "spec", _every([s for s in RIGHT if "embedding" in s.name or "t-SNE" in s.name or "first" in s.name], 12)
)
def test_right_embeddings_are_accepted(zoo, spec):
    """Whatever settings made them, wherever they lie."""
    _visit(zoo, spec)


@pytest.mark.parametrize("spec", _every(_about(WRONG, "embedding"), 8))
def test_wrong_embeddings_are_named(zoo, spec):
    """And cost the other checks nothing."""
    _visit(zoo, spec)


@pytest.mark.zoo
@pytest.mark.parametrize("name", ZOOS)
def test_the_whole_zoo_meets_its_targets(zoo, name, tmp_path, monkeypatch):
    """The figures that the README shows."""
    monkeypatch.setattr("tests.zoo.confusion.DOCS", tmp_path)
    verdicts = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for spec in ZOOS[name]:
            verdicts += zoo.visit(spec)
            assert not [v for v in verdicts if _contradicted(v)]
        save_picture(verdicts)
    figures = count(verdicts)
    assert figures.clean, save_table({name: verdicts}, zoo.seconds)
    assert figures.named.share >= 0.95
    assert figures.unknown.got <= 0.03 * figures.unknown.of


def test_the_figures_count_what_they_say():
    """A small confusion, counted by hand."""
    right, wrong = RIGHT[0], next(spec for spec in WRONG if set(spec.fails) == {"ex2_plot"})
    good = [_seen(right, check) for check in EX2]
    unknown = CheckFailed("unknown", "")
    bad = [_seen(wrong, check, unknown if check == "ex2_plot" else None) for check in EX2]
    figures = count([*good, *bad])
    assert [figures.right, figures.wrong, figures.lost] == [Figure(1, 1)] * 3
    assert (figures.kept, figures.named) == (Figure(2, 2), Figure(0, 1))
    assert figures.unknown == Figure(1, 1)
    assert figures.clean
    assert not count([_seen(right, check, unknown) for check in EX2]).clean
    told = "\n".join(describe({"own": figures, "other": figures}, [0.1]))
    assert "0.10 s (median)" in told
    assert "| points kept at the other checks | 2 of 2, 100.0% | 2 of 2, 100.0% |" in told
