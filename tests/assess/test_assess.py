"""The accuracy of an assignment's grader: measured on a network of tests' own, and what a wrong policy looks like in it."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers as kl

from autograder.accuracy import ACCURACY, FULL, SHORT, Figure, read_accuracy, write_accuracy
from autograder.assess import assess
from autograder.assess.specimens import Bench, one_of_each, specimens
from autograder.assess.table import lines_of
from autograder.assignment.policy import network_digest
from autograder.errors import SourceError
from autograder.hidden.judge import Judge
from autograder.new import NewAssignment, create
from tests.compile.small import write_small_course
from tests.new.networks import blobs, save

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras's own, when it saves and trains


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of an assignment on small pictures."""
    folder = tmp_path_factory.mktemp("assessed")
    arrays = blobs((8, 8), 4, 900)
    keras.utils.set_random_seed(3)
    stack = [
        kl.Conv2D(6, 3, activation="relu", name="conv"), kl.MaxPooling2D(name="pool"), kl.Flatten(name="flat"),
        kl.Dense(24, activation="relu", name="hidden"), kl.Dropout(0.3, name="drop"), kl.Dense(4, name="scores"),
        kl.Softmax(name="softmax"),
    ]  # fmt: skip
    model = keras.Sequential([keras.Input((8, 8, 1)), *stack])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(arrays["x_train"][..., np.newaxis], arrays["y_train"], epochs=3, verbose=0)
    network, data = save(folder / "files", model, arrays)
    return create(folder, NewAssignment("kit", network, data, images=200), lambda line: None)


def test_right_values_pass_and_wrong_ones_dont(source: Path, tmp_path: Path) -> None:
    """On another network than the judge was made with; the figures are written down and shown."""
    told: list[str] = []
    accuracy = assess(source, told.append)
    assert told[0] == "25 specimens judged"
    assert accuracy.accepted.of >= 35
    assert accuracy.caught.of >= 80
    assert accuracy.accepted.got == accuracy.accepted.of, accuracy.disagreements
    assert accuracy.caught.got >= 0.98 * accuracy.caught.of, accuracy.disagreements
    assert accuracy.named.got >= 0.9 * accuracy.named.of, accuracy.disagreements
    assert ("hidden", "drop") in accuracy.alike
    values = json.loads(write_accuracy(tmp_path / "solutions", accuracy).read_text("utf-8"))
    assert values["accepted"]["got"] == values["accepted"]["of"] == accuracy.accepted.of
    assert (tmp_path / "solutions" / ACCURACY).is_file()
    assert values["digest"] == network_digest(source) != ""
    assert read_accuracy(tmp_path / "solutions") == accuracy
    assert accuracy.form == FULL
    shown = list(lines_of(accuracy))
    assert shown[0].startswith(f"right values accepted   {accuracy.accepted.of} of {accuracy.accepted.of}, 100.0%")
    assert any(line.endswith("hidden, drop") for line in shown)


def test_the_short_form_has_one_specimen_of_each_kind(source: Path) -> None:
    """Each accepted layer, and each diagnosis but those that take the network through all of the data."""
    every = list(specimens(Bench(Judge.load(folder=source))))
    few = list(one_of_each(iter(every)))
    assert len(few) < len(every) / 2
    for check in ("activations", "flattening", "embedding", "plot"):
        tried = {kind for one in every if one.check == check for kind in one.said}
        kept = {kind for one in few if one.check == check for kind in one.said}
        assert kept == tried - {"test_images", "other_images"}, check
    accuracy = assess(source, lambda line: None, SHORT)
    assert accuracy.form == SHORT
    assert accuracy.accepted.got == accuracy.accepted.of == sum(not one.said for one in few), accuracy.disagreements
    assert accuracy.caught.of == sum(bool(one.said) for one in few)


def test_a_specimen_that_the_judge_takes_otherwise_is_seen(source: Path) -> None:
    """Where the policy accepts nothing of what the specimens hold, none of the right ones passes."""
    judge = Judge(Judge.load(folder=source).reference)  # one of its own: the other is remembered
    (first, *_) = specimens(Bench(judge))
    assert first.said == frozenset()
    judge.settings = type(judge.settings)(**{**vars(judge.settings), "roles": {"deep": ("pool",), "middle": ("conv",)}})
    with pytest.raises(Exception, match="wrong_layer"):
        first.ask(judge)


def test_every_diagnosis_that_applies_is_tried(source: Path) -> None:
    """Of activations, flattening, maps and plots."""
    tried = {kind for specimen in specimens(Bench(Judge.load(folder=source))) for kind in specimen.said}
    assert {
        "wrong_layer", "class_scores", "input_pixels", "dropout_active", "other_images", "shuffled_rows", "too_few_rows",
        "too_many_rows", "rescaled_values", "pooled", "flattened_batch", "not_finite", "missing", "not_flattened",
        "mixed_samples", "not_these_activations", "wrong_components", "embedding_of_other_layer", "embedding_of_pixels",
        "not_tsne", "not_converged", "degenerate", "no_labels", "labels_misaligned", "wrong_points", "too_few_points",
    } <= tried  # fmt: skip


@pytest.mark.parametrize(
    ("figure", "low", "high"), [(Figure(0, 0), 0, 1), (Figure(10, 10), 0.722, 1), (Figure(50, 100), 0.404, 0.596)]
)
def test_wilsons_bounds(figure: Figure, low: float, high: float) -> None:
    """As tables have them."""
    assert figure.bounds == pytest.approx((low, high), abs=1e-3)


def test_an_assignment_without_a_network_has_none(tmp_path: Path) -> None:
    """It says so."""
    with pytest.raises(SourceError, match="has no network"):
        assess(write_small_course(tmp_path), lambda line: None)
