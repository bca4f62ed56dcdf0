"""The hidden checks stand alone, say what the settings let them say, and cost each mistake once."""

import shutil
import tomllib

import numpy as np
import pytest

from autograder.checks import CheckFailed, CheckSkipped
from autograder.hidden.judge import Judge
from tests.zoo.notebook import SOURCE


@pytest.fixture(scope="module")
def values(judge):
    """Some layers' activations, as a student has them."""
    images = judge.reference.first_images
    return judge.reference.values(images, ["pool", "dense", "dense_relu"])


@pytest.fixture(scope="module")
def brief(keras, tmp_path_factory):
    """A judge whose settings say little."""
    folder = tmp_path_factory.mktemp("brief")
    text = (SOURCE / "assignment.toml").read_text(encoding="utf-8")
    for name in tomllib.loads(text)["release"]["files"]:
        shutil.copy(SOURCE / name, folder / name)
    (folder / "assignment.toml").write_text(text.replace('detail = "full"', 'detail = "brief"'), encoding="utf-8")
    return Judge.load(folder=folder)


def test_a_judge_is_loaded_once_for_the_same_files(keras, judge, brief):
    """A class pays once; other settings make another judge."""
    assert Judge.load(folder=SOURCE) is judge
    assert brief is not judge


@pytest.mark.parametrize("named", ["dense_relu", 8, -4, np.int64(8), None, "nonsense", 99, 3.5])
def test_any_name_passes(judge, values, named):
    """What is judged is the values."""
    assert judge.activations(values["dense_relu"], "deep_reps", role="deep", named=named).notes == ()


def test_a_named_layer_that_doesnt_fit_is_noted(judge, values):
    """Accepted, with a note; layers may be given as objects."""
    layer = judge.reference.network.model.get_layer("dense")
    card = judge.activations(values["dense_relu"], "deep_reps", role="deep", named=layer)
    assert card.notes == ("The values are those of `dense_relu`; you named `dense`. Both count.",)


def test_brief_messages_name_the_kind_only(brief, judge, values):
    """Before the deadline neither layer nor numbers."""
    for one, says in ((brief, False), (judge, True)):
        with pytest.raises(CheckFailed) as caught:
            one.activations(values["pool"].reshape(1000, -1), "deep_reps", role="deep", named="dense")
        assert caught.value.diagnosis == "wrong_layer"
        assert (caught.value.detail is not None) is says
        assert ("`pool`" in str(caught.value)) is says


def test_flattening_is_judged_against_the_layers_where_activations_are_missing(judge, values):
    """One mistake costs once."""
    flat = values["pool"].reshape(1000, -1)
    assert judge.flattening(flat, "middle_reps", of=None, role="middle").status == "passed"
    wrong = {
        "pooled": values["pool"].mean((1, 2)),
        "mixed_samples": values["pool"].T.reshape(1000, -1),
        "not_these_activations": values["dense"],
        "not_flattened": values["pool"],
        "flattened_batch": flat.ravel(),
    }
    for diagnosis, value in wrong.items():
        with pytest.raises(CheckFailed, match=rf"\[{diagnosis}\]"):
            judge.flattening(value, "middle_reps", of=None, role="middle")
    with pytest.raises(CheckFailed, match=r"\[not_these_activations\]"):
        judge.flattening(flat[:10], "middle_reps", of="lost", role="middle")


@pytest.mark.parametrize("below", ["dense_relu", 8, -3, "softmax"])
def test_a_middle_layer_lies_below_the_students_own_deep_one(judge, values, below):
    """The first dense layer is lower than its ReLU; whichever way the deep layer was named."""
    card = judge.activations(values["dense"], "middle_activations", role="middle", named="dense", below=below)
    assert card.status == "passed"
    assert judge.flattening(values["dense"], "middle_reps", of=None, role="middle", below=below).status == "passed"


@pytest.mark.parametrize("below", ["dense", 7, "conv1", None, "nonsense"])
def test_a_deep_layer_is_no_middle_one_of_its_own(judge, values, below):
    """Nor of a deep layer that is lower still, or that was never named: the policy's list counts then."""
    with pytest.raises(CheckFailed, match=r"\[wrong_layer: dense\]"):
        judge.activations(values["dense"], "middle_activations", role="middle", named="dense", below=below)
    assert judge.activations(values["pool"], "middle_activations", role="middle", below=below).status == "passed"


def test_noise_is_flattened_from_nothing(judge, values):
    """A right flattening of a wrong layer counts; of what has nothing to do with the images, it doesn't."""
    noise = np.random.default_rng(0).random((1000, 2))
    with pytest.raises(CheckFailed, match=r"nothing to do with the images.*\[not_these_activations\]"):
        judge.flattening(noise, "middle_reps", of=noise, role="middle")
    dense = values["dense"]
    assert judge.flattening(dense, "middle_reps", of=dense, role="middle").status == "passed"


def test_an_embedding_of_nothing_known_is_skipped(judge):
    """Fewer points than images, and nothing that says what they are of."""
    points = np.random.default_rng(0).normal(size=(8, 2))
    with pytest.raises(CheckSkipped):
        judge.embedding(points, "deep_emb", of=np.ones((8, 3)), role="deep")


def test_a_plot_without_an_embedding_is_skipped(judge):
    """There is nothing to compare with."""
    from autograder.checks.read_plot import PlotData

    drawn = PlotData(np.random.default_rng(0).normal(size=(500, 2)), ("1",) * 500)
    with pytest.raises(CheckSkipped, match=r"builds on .*\[missing\]"):
        judge.plot(drawn, "deep_plot", of=None)


def test_nothing_is_written_to_stderr(judge, values, capfd):
    """nbgrader gives no points for a cell that wrote there; native code writes past Python."""
    with pytest.raises(CheckFailed):
        judge.activations(values["dense"] * np.float32(1e30), "deep_reps", role="deep")
    judge.reference.sketch_of_changed("dense", "nothing", lambda images, scale: images)
    assert not capfd.readouterr().err
