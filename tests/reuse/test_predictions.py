"""What the network gives for the class's images is handed out to kernels, and nothing else is taken for it."""

import os
import shutil

import keras
import numpy as np
import pytest

from autograder.assignment.policy import read_policy
from autograder.hidden.judge import Judge
from autograder.hidden.stored_reference import StoredReference
from autograder.judging import references
from autograder.reuse.service import ReuseService
from autograder.sandbox.inside.patches.predict import join_in_place, prediction_key, remember_predictions
from autograder.sandbox.inside.wire import Service, receive, send
from autograder.sandbox.sealed_files import SealedFile, StoredArray

trainer = pytest.importorskip("keras.src.backend.tensorflow.trainer").TensorFlowTrainer


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    """The release's files and the instructor's settings, with 40 images."""
    name = "mapping_representations"
    folder = tmp_path_factory.mktemp("predictions") / "files"
    shutil.copytree(root / "release" / "nbgrader" / name, folder)
    settings = (root / "source" / name / "assignment.toml").read_text("utf-8")
    (folder / "assignment.toml").write_text(settings.replace("images = 1000", "images = 40"), "utf-8")
    assert "images = 40" in (folder / "assignment.toml").read_text("utf-8")
    return folder


@pytest.fixture(scope="module")
def reference(folder):
    """The instructor's network and images."""
    return Judge.load(folder=folder).reference


@pytest.fixture
def network(folder):
    """The network, as a student's notebook loads it."""
    model = keras.models.model_from_json((folder / "mnist_cnn.json").read_text("utf-8"))
    model.load_weights(folder / "mnist_cnn.weights.h5")
    return model


@pytest.fixture
def images(reference):
    """The images, as a student's notebook has them."""
    return reference.first_images


@pytest.fixture(scope="module")
def predictions(folder, tmp_path_factory):
    """What the network gives for the images, as it is stored."""
    place = tmp_path_factory.mktemp("stored")
    references.main(str(folder), str(place))
    files = StoredReference(place, read_policy(folder)).files()
    return {key: StoredArray(file, "<f4", shape) for key, (file, shape) in files.items()}


@pytest.fixture
def asking(predictions, monkeypatch):
    """A process whose `predict` asks; yields the keys that were asked for and had an answer."""

    class Noted(dict):
        def get(self, key):
            if key in self:
                answered.append(key)
            return super().get(key)

    answered = []
    monkeypatch.setattr(trainer, "predict", trainer.predict)
    with ReuseService() as service, service.connect() as (peer, _):
        service.predictions = Noted(predictions)
        remember_predictions(Service(peer))
        yield answered


def _model(network, layer):
    return keras.Model(network.inputs, network.get_layer(layer).output)


@pytest.mark.parametrize("layer", ["dense_relu", "pool", "pool_dropout", "conv1"])
def test_a_remembered_prediction_is_the_computed_one(asking, network, images, layer):
    """The same to the last bit, of the same type, and the student's own to change."""
    cached = _model(network, layer).predict(images, verbose=0)
    assert len(asking) == 1
    computed = _model(network, layer).predict(images, verbose=0, batch_size=32, steps=2)
    assert len(asking) == 1
    assert type(cached) is np.ndarray
    assert cached.dtype == computed.dtype
    np.testing.assert_array_equal(cached, computed)
    cached[:] = -1
    np.testing.assert_array_equal(_model(network, layer).predict(images, verbose=0), computed)
    assert len(asking) == 2


def _other_weights(network, images):
    network.layers[0].set_weights([weight * 2 for weight in network.layers[0].get_weights()])
    return network, images


def _other_images(network, images):
    return network, images[::-1].copy()


def _fewer_images(network, images):
    return network, images[:20]


def _unscaled(network, images):
    return network, images * 255


def _replaced_call(network, images):
    network.get_layer("conv1").call = lambda inputs: keras.ops.repeat(inputs[:, 1:-1, 1:-1], 32, axis=-1)
    return network, images


def _float64(network, images):
    return network, images.astype(np.float64)


@pytest.mark.parametrize(
    "change",
    [_other_weights, _other_images, _fewer_images, _unscaled, _replaced_call, _float64],
    ids=lambda one: one.__name__,
)
def test_what_is_another_prediction_is_computed(asking, network, images, change):
    """What a student did otherwise comes out otherwise: it is not replaced by what would have been right."""
    changed, shown = change(network, images)
    _model(changed, "dense_relu").predict(shown, verbose=0)
    assert asking == []


def test_a_model_of_ones_own_is_computed(network, images):
    """A subclass may compute anything."""

    class Own(type(_model(network, "conv1"))):
        def predict_step(self, data):
            return data

    model = _model(network, "conv1")
    assert prediction_key(model, images) is not None
    assert prediction_key(Own(network.inputs, network.get_layer("conv1").output), images) is None


def test_a_class_replaced_in_the_process_is_computed(network, images, monkeypatch):
    """A layer's class that was changed computes what it was changed to."""
    monkeypatch.setattr(keras.layers.Conv2D, "call", lambda self, inputs: inputs)
    assert prediction_key(_model(network, "conv1"), images) is None


def test_what_cannot_be_digested_is_computed(asking, network, images, monkeypatch):
    """Where the key fails, on whatever a student's model is, `predict` goes its own way."""
    model = _model(network, "conv1")
    monkeypatch.setattr(type(model), "get_config", lambda self: 1 / 0)
    assert model.predict(images, verbose=0).shape == (40, 26, 26, 32)
    assert asking == []


def test_batches_are_joined_as_keras_joins_them(network, images, monkeypatch):
    """Outputs are the same, in values, type and structure; what isn't plain is left to Keras."""
    import tensorflow as tf
    from keras.src.backend.tensorflow import trainer

    for name in ("potentially_ragged_concat", "convert_to_np_if_not_ragged"):
        monkeypatch.setattr(trainer, name, getattr(trainer, name))
    some = keras.Model(
        network.inputs, {"dense": network.get_layer("dense").output, "all": [network.get_layer("softmax").output]}
    )
    theirs = some.predict(images[:70], verbose=0)
    join_in_place()
    batches = [tf.ones((2, 3)), tf.zeros((1, 3))]
    joined = trainer.potentially_ragged_concat(batches)
    assert type(joined) is np.ndarray
    assert joined.tolist() == [[1, 1, 1], [1, 1, 1], [0, 0, 0]]
    assert not batches
    ours = some.predict(images[:70], verbose=0)
    assert ours.keys() == theirs.keys()
    np.testing.assert_array_equal(ours["dense"], theirs["dense"])
    np.testing.assert_array_equal(ours["all"][0], theirs["all"][0])
    assert ours["dense"].flags.writeable == theirs["dense"].flags.writeable
    ragged = trainer.potentially_ragged_concat([tf.ones((2, 3)), tf.ones((1, 2))])
    assert isinstance(ragged, tf.RaggedTensor)


def _received(service: ReuseService) -> SealedFile:
    """Return the file that a kernel of its own gets."""
    with service.connect() as (peer, _):
        send(peer, {"prediction": "key"}, b"")
        header, _ = receive(peer, most=0)
        assert header == {"dtype": "<f4", "shape": [6]}
        return SealedFile.receive(peer)


def test_no_two_kernels_hold_the_same_file(tmp_path):
    """An offset, a lock, a mode or an extended attribute that one leaves is no message to the next."""
    np.arange(6, dtype=np.float32).tofile(tmp_path / "6.f4")
    with ReuseService() as service:
        service.predictions = {"key": StoredArray(tmp_path / "6.f4", "<f4", (6,))}
        first, second, third = (_received(service) for _ in range(3))
    assert not os.path.samestat(os.fstat(first.file), os.fstat(second.file))
    os.lseek(first.file, 3, os.SEEK_SET)
    os.fchmod(first.file, 0o400)
    assert os.lseek(second.file, 0, os.SEEK_CUR) == os.lseek(third.file, 0, os.SEEK_CUR) != 3
    assert os.fstat(second.file).st_mode == os.fstat(third.file).st_mode
    np.testing.assert_array_equal(second.numbers(0, (6,), np.dtype("<f4")), np.arange(6))
    with pytest.raises(OSError, match="Bad file"):
        os.pwrite(second.file, b"x", 0)
