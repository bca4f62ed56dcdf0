"""What `autograder new` is given: everything that doesn't fit is told in a sentence, and nothing is written."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers as kl

from autograder.assess.specimens import Bench, _right_activations
from autograder.assignment.policy import read_policy
from autograder.errors import SourceError
from autograder.hidden.judge import Judge
from autograder.new import NewAssignment, create
from tests.new.networks import blobs, knowing

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras's own, when it saves and reads

ROWS, GREY, COLOUR = blobs((5,)), blobs((6, 6)), blobs((6, 6, 3))
Given = dict[str, Any]
"""What of the right arguments is another."""


def _mlp(outputs: int = 3) -> keras.Model:
    """Return a network for the rows, with one hidden layer."""
    return keras.Sequential(
        [keras.Input((5,)), kl.Dense(8, activation="relu", name="hidden"), kl.Dense(outputs, name="end")]
    )


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a network that knows the rows, in each form, and the rows."""
    folder = tmp_path_factory.mktemp("right")
    model = knowing(_mlp(), ROWS)
    model.save(folder / "network.keras")
    model.save(folder / "network.h5")
    (folder / "network.json").write_text(model.to_json())
    model.save_weights(folder / "network.weights.h5")
    np.savez(folder / "data.npz", **ROWS)
    return folder


def _data(**arrays: np.ndarray | None) -> Callable[[Path, Path], Given]:
    """Return what gives other arrays."""

    def give(folder: Path, right: Path) -> Given:
        np.savez(folder / "other.npz", **{name: array for name, array in (ROWS | arrays).items() if array is not None})
        return {"data": folder / "other.npz"}

    return give


def _labels(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path, Path], Given]:
    """Return what gives other labels."""
    return _data(y_train=change(ROWS["y_train"]), y_test=change(ROWS["y_test"]))


def _file(argument: str, name: str, content: Callable[[Path], bytes], **more: str) -> Callable[[Path, Path], Given]:
    """Return what gives a file of these bytes, made from the right folder; `more` are files of it."""

    def give(folder: Path, right: Path) -> Given:
        (folder / name).write_bytes(content(right))
        return {argument: folder / name} | {key: right / value for key, value in more.items()}

    return give


def _network(make: Callable[[], Any], data: dict[str, Any] = ROWS) -> Callable[[Path, Path], Given]:
    """Return what gives another network and its data."""

    def give(folder: Path, right: Path) -> Given:
        make().save(folder / "other.keras")
        np.savez(folder / "other.npz", **data)
        return {"model": folder / "other.keras", "data": folder / "other.npz"}

    return give


def _words(**arguments: Any) -> Callable[[Path, Path], Given]:
    """Return what gives other words on the command line."""
    return lambda folder, right: arguments


def _half(name: str) -> Callable[[Path], bytes]:
    """Return the first half of a file."""
    return lambda right: (right / name).read_bytes()[: (right / name).stat().st_size // 2]


def _zip_of_texts(right: Path) -> bytes:
    path = right / "texts.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x_train", "hello")
        file.writestr("y_train", "hello")
    return path.read_bytes()


def _corrupt(right: Path) -> bytes:
    content = bytearray((right / "data.npz").read_bytes())
    content[300:340] = bytes(40)
    return bytes(content)


class Own(kl.Layer):
    """A layer of somebody's own."""

    def call(self, inputs: Any) -> Any:
        """Return twice the values."""
        return inputs * 2


class Subclassed(keras.Model):
    """A model whose graph nobody knows."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.dense = kl.Dense(3)

    def call(self, inputs: Any) -> Any:
        """Return scores."""
        return self.dense(inputs)


def _subclassed() -> keras.Model:
    model = Subclassed()
    model.build((None, 5))
    return model


def _two_inputs() -> keras.Model:
    one, other = keras.Input((5,)), keras.Input((5,))
    return keras.Model([one, other], kl.Dense(3)(kl.Add()([one, other])))


def _two_outputs() -> keras.Model:
    first = keras.Input((5,))
    return keras.Model(first, [kl.Dense(3)(first), kl.Dense(3)(first)])


def _with_state() -> keras.Model:
    first = keras.Input((6, 6, 3))
    row, *_ = kl.LSTM(4, return_state=True, name="memory")(kl.Reshape((6, 18))(first))
    return keras.Model(first, kl.Dense(3)(row))


def _network_in_a_network() -> keras.Model:
    inner, first = keras.Input((5,)), keras.Input((5,))
    part = keras.Model(inner, kl.Dense(4)(inner), name="part")
    return keras.Model(first, kl.Dense(3)(part(first)))


def _of(*layers: Any, shape: tuple[int | None, ...] = (5,)) -> Callable[[], keras.Model]:
    return lambda: keras.Sequential([keras.Input(shape), *layers])


NOT_FITTING: dict[str, tuple[Callable[[Path, Path], Given], str]] = {
    # The data's file.
    "no data": (_words(data=Path("nowhere.npz")), "nowhere.npz isn't there"),
    "a folder for data": (lambda folder, right: {"data": folder}, "is no file"),
    "one array": (_file("data", "x.npz", lambda right: b"\x93NUMPY\x01\x00"), r"x.npz is no \.npz: .* archive of named"),
    "a text for data": (_file("data", "x.npz", lambda right: b"1,2,3"), r"is no \.npz"),
    "half of the data": (_file("data", "x.npz", _half("data.npz")), r"is no \.npz"),
    "damaged data": (_file("data", "x.npz", _corrupt), r"no \.npz of plain arrays: Bad CRC"),
    "an archive of texts": (_file("data", "x.npz", _zip_of_texts), "expected numbers of shape"),
    "objects": (_data(x_train=np.array([{}] * 360)), r"no \.npz of plain arrays: Object arrays"),
    # Its arrays.
    "no labels": (_data(y_train=None), "lacks y_train; it holds x_train, x_test, y_test"),
    "one number": (_data(x_train=np.array(3.0)), "expected numbers of shape"),
    "words for rows": (_data(x_train=np.array([["a"]] * 360)), "expected numbers of shape"),
    "complex numbers": (_data(x_train=ROWS["x_train"] * 1j), "type complex.*expected numbers"),
    "five axes": (_data(x_train=np.zeros((360, 2, 2, 2, 2))), "expected numbers of shape"),
    "no rows": (_data(x_train=ROWS["x_train"][:0], y_train=ROWS["y_train"][:0]), "it holds no values"),
    "no test rows": (_data(x_test=ROWS["x_test"][:0], y_test=ROWS["y_test"][:0]), "it holds no values"),
    "no columns": (_data(x_train=np.zeros((360, 0))), "it holds no values"),
    "values that aren't numbers": (_data(x_train=np.full((360, 5), np.nan)), "aren't finite"),
    "values beyond float32": (_data(x_train=np.full((360, 5), 1e300)), "too large for float32"),
    "other test rows": (_data(x_test=np.zeros((60, 7))), "rows of different shapes"),
    "rows that are all the same": (_data(x_train=np.ones((360, 5)), x_test=np.ones((60, 5))), "doesn't know this data"),
    # Its labels.
    "labels for some": (_data(y_train=np.zeros(3, int)), "expected one label for each of 360 rows"),
    "a column for each class": (_labels(lambda y: np.eye(3)[y]), r"shape \(360, 3\); expected one label"),
    "halves": (_labels(lambda y: y / 2), "neither whole numbers from 0 on nor names"),
    "negative labels": (_labels(lambda y: y - 1), "neither whole numbers from 0 on nor names"),
    "no number for a label": (_labels(lambda y: np.where(y, y, np.nan)), "neither whole numbers from 0 on nor names"),
    "labels from 1 on": (_labels(lambda y: y + 1), "tells 3 classes apart.* the labels 1, 2, 3; labels are 0 to 2"),
    "labels with gaps": (_labels(lambda y: y * 2), "with the labels 0, 2, 4; labels are 0 to 2"),
    "huge labels": (_labels(lambda y: y * 10**9), "more than 100 classes"),
    "one class": (_labels(lambda y: y * 0), "the same label; a map needs at least two"),
    "101 classes": (_data(y_train=np.arange(360) % 101), "more than 100 classes"),
    "names and numbers": (_data(y_train=ROWS["y_train"].astype(str)), "one holds names, and the other numbers"),
    "more classes than scores": (_data(y_train=np.arange(360) % 4), "tells 3 classes apart, and the data has 4"),
    "too few names": (_words(classes=("a", "b")), "names 2 classes, and data.npz has labels up to 2"),
    "a name twice": (_words(classes=("a", "b", "a")), "Two classes have the name 'a'"),
    "an empty name": (_words(classes=("a", "", "b")), "'' can't be a class's name"),
    "a name of two lines": (_words(classes=("a", "b", "c\nd")), "can't be a class's name: one line"),
    "a long name": (_words(classes=("a", "b", "c" * 31)), "one line of 1 to 30 characters"),
    # How much there is.
    "too few rows": (_data(x_train=ROWS["x_train"][:50], y_train=ROWS["y_train"][:50]), "Each map would have 50 rows"),
    "more images than rows": (_words(images=1000), "from 100 to the 360 training rows"),
    "few images": (_words(images=20), "from 100 to the 360 training rows"),
    "rows too large to hand out": (
        _network(
            lambda: knowing(
                _of(kl.AveragePooling2D(12), kl.Flatten(), kl.Dense(9), kl.Dense(3), shape=(48, 48, 3))(),
                blobs((48, 48, 3), 3, 300),
            ),
            blobs((48, 48, 3), 3, 300),
        ),
        r"training rows alone take \d+\.\d MB",
    ),
    # The network's files.
    "no network": (_words(model=Path("nowhere.keras")), "nowhere.keras isn't there"),
    "a folder for a network": (lambda folder, right: {"model": folder}, "is no file"),
    "another framework's file": (_file("model", "x.pt", lambda right: b"PK"), r"x.pt is none of \.keras, \.h5, \.json"),
    "a text for a network": (_file("model", "x.keras", lambda right: b"text"), r"x.keras is no \.keras file"),
    "an archive of something else": (
        _file("model", "x.keras", lambda right: (right / "data.npz").read_bytes()),
        "Keras can't read x.keras: .*config.json",
    ),
    "half of a network": (_file("model", "x.keras", _half("network.keras")), "or not all of it"),
    "half of an HDF5 file": (_file("model", "x.h5", _half("network.h5")), "Keras can't read x.h5: .*truncated"),
    "no JSON": (_file("model", "x.json", lambda right: b"{", weights="network.weights.h5"), "Keras can't read x.json"),
    "a list for a network": (
        _file("model", "x.json", lambda right: b"[1]", weights="network.weights.h5"), "holds no network, but a list",
    ),
    "JSON alone": (lambda folder, right: {"model": right / "network.json"}, "give --weights FILE"),
    "no weights": (lambda folder, right: {"weights": folder / "nowhere.weights.h5"}, "nowhere.weights.h5 isn't there"),
    "half of the weights": (
        _file("weights", "x.weights.h5", _half("network.weights.h5"), model="network.json"),
        "The weights in x.weights.h5 can't be put into network.json: .*truncated",
    ),
    "a text for weights": (
        _file("weights", "x.weights.h5", lambda right: b"text", model="network.json"), "can't be put into network.json",
    ),
    # The network.
    "an untrained network": (_network(_mlp), "doesn't know this data: .* chance is 33%"),
    "another input": (_network(_mlp, GREY), r"takes rows of shape \(5,\), and the data has rows of shape \(6, 6, 1\)"),
    "one number for two classes": (
        _network(_of(kl.Dense(4), kl.Dense(1, activation="sigmoid"))), "one score for each class is needed",
    ),
    "no scores": (_network(_of(kl.Dense(3), shape=(5, 4))), r"gives \(5, 3\) for one row"),
    "inputs of any size": (
        _network(_of(kl.Conv2D(4, 3), kl.GlobalMaxPooling2D(), kl.Dense(3), shape=(None, None, 3)), COLOUR),
        r"any size, \(None, None, 3\)",
    ),
    "no input at all": (_network(lambda: keras.Sequential([kl.Dense(3)])), "begin it with keras.Input"),
    "a Lambda layer": (_network(_of(kl.Lambda(lambda x: x * 2), kl.Dense(3))), "Lambda"),
    "a layer of one's own": (_network(_of(Own(), kl.Dense(3))), "Own"),
    "a subclassed model": (_network(_subclassed), "[Ss]ubclassed"),
    "two inputs": (_network(_two_inputs), "2 inputs and 1 outputs"),
    "two outputs": (_network(_two_outputs), "1 inputs and 2 outputs"),
    "a layer of several outputs": (_network(_with_state, COLOUR), "the layer 'memory', which gives 3 arrays"),
    "a network in a network": (_network(_network_in_a_network), "the layer 'part', a network itself"),
    "no hidden layer": (_network(lambda: knowing(_of(kl.Dense(3))(), ROWS)), "there is no deep layer to map"),
    "raw values alone below the scores": (
        _network(lambda: knowing(_of(kl.Flatten(), kl.Dense(3), shape=(6, 6, 1))(), GREY), GREY), "there is no deep layer",
    ),
    # The layers.
    "a layer that isn't there": (_words(deep=("nowhere",)), "no layer 'nowhere'; it has hidden, end"),
    "scores for a deep layer": (_words(deep=("end",)), "'end' holds the class scores"),
    "scores for a middle layer": (_words(middle=("end",)), "'end' holds the class scores"),
    "a middle layer that is deep": (_words(middle=("hidden",)), "'hidden' doesn't lie below the deep layer 'hidden'"),
    "a name that is none": (_words(name="../x"), "can't be an assignment's name"),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_FITTING)
def test_what_doesnt_fit_is_told_and_nothing_is_written(right: Path, tmp_path: Path, case: str) -> None:
    """Whatever it is."""
    give, words = NOT_FITTING[case]
    given = {"name": "kit", "model": right / "network.keras", "data": right / "data.npz"} | give(tmp_path, right)
    with pytest.raises(SourceError, match=words):
        create(tmp_path, NewAssignment(**given), lambda line: None)
    assert not (tmp_path / "source").exists() or not any((tmp_path / "source").iterdir())


def test_weights_of_another_network_are_told(right: Path, tmp_path: Path) -> None:
    """Keras says of which layer."""
    _mlp(outputs=4).save_weights(tmp_path / "x.weights.h5")
    new = NewAssignment("kit", right / "network.json", right / "data.npz", tmp_path / "x.weights.h5")
    with pytest.raises(SourceError, match=r"x\.weights\.h5 can't be put into network\.json: .*name=end"):
        create(tmp_path, new, lambda line: None)


def _residual() -> keras.Model:
    first = keras.Input((6, 6, 3))
    begin = kl.Conv2D(6, 3, padding="same", name="begin")(first)
    end = kl.ReLU(name="relu")(kl.BatchNormalization(name="norm")(kl.Conv2D(6, 3, padding="same", name="in")(begin)))
    end = kl.Add(name="add")([begin, kl.Conv2D(6, 3, padding="same", name="out")(end)])
    end = kl.Dense(24, activation="relu", name="one")(kl.Flatten(name="flat")(end))
    return keras.Model(first, kl.Dense(3, name="end")(kl.Dense(20, name="two")(end)))


def _twice() -> keras.Model:
    first, twice = keras.Input((5,)), kl.Dense(5, name="twice")
    return keras.Model(first, kl.Dense(3, name="end")(kl.Dense(9, name="deep")(twice(twice(first)))))


FITTING: dict[str, tuple[Callable[[], keras.Model], dict[str, Any], dict[str, tuple[str, ...]]]] = {
    "fused activations": (
        _of(kl.Conv2D(6, 3, activation="relu", name="conv"), kl.Flatten(name="flat"), kl.Dense(9, activation="tanh", name="hidden"), kl.Dense(3, name="end"), shape=(6, 6, 3)),
        COLOUR, {"middle": ("conv", "flat"), "deep": ("hidden",)},
    ),
    "activations apart, and normalisation": (
        _of(kl.Conv2D(6, 3, name="conv"), kl.BatchNormalization(name="norm"), kl.ReLU(name="relu"), kl.Flatten(name="flat"), kl.Dense(9, name="hidden"), kl.ReLU(name="hidden_relu"), kl.Dense(3, name="end"), shape=(6, 6, 1)),
        GREY, {"middle": ("conv", "norm", "relu", "flat"), "deep": ("hidden", "hidden_relu")},
    ),
    "a residual branch and two dense layers": (
        _residual, COLOUR, {"middle": ("begin", "in", "norm", "relu", "out", "add", "flat"), "deep": ("one", "two")},
    ),
    "a layer that stands twice": (_twice, ROWS, {"middle": ("twice",), "deep": ("deep",)}),
    "no convolution": (
        _of(kl.Dense(9, activation="relu", name="one"), kl.Dense(8, activation="relu", name="two"), kl.Dense(3, name="end")),
        ROWS, {"middle": ("one",), "deep": ("two",)},
    ),
    "no hidden dense layer": (
        _of(kl.Conv2D(6, 3, name="conv"), kl.GlobalAveragePooling2D(name="mean"), kl.Dense(3, name="end"), shape=(6, 6, 3)),
        COLOUR, {"middle": ("conv",), "deep": ("mean",)},
    ),
    "what only prepares is no hidden layer": (
        _of(kl.Rescaling(1.0, name="scale"), kl.RandomFlip(name="flip"), kl.Flatten(name="raw"), kl.Dropout(0.1, name="drop"), kl.Dense(20, name="one"), kl.Dense(9, name="two"), kl.Dense(3, name="end"), shape=(6, 6, 1)),
        GREY, {"middle": ("one",), "deep": ("two",)},
    ),
    "an input without a channel": (
        _of(kl.Flatten(name="raw"), kl.Dense(20, name="one"), kl.Dense(9, name="two"), kl.Dense(3, name="end"), shape=(6, 6)),
        GREY, {"middle": ("one",), "deep": ("two",)},
    ),
    "a Sequential part": (
        _of(keras.Sequential([keras.Input((6, 6, 3)), kl.Conv2D(6, 3), kl.Flatten()], name="part"), kl.Dense(9, name="hidden"), kl.Dense(3, name="end"), shape=(6, 6, 3)),
        COLOUR, {"middle": ("part",), "deep": ("hidden",)},
    ),
    "a hundred classes": (
        _of(kl.Dense(64, name="one"), kl.Dense(48, name="two"), kl.Dense(100, name="end"), shape=(20,)),
        blobs((20,), 100, 2100), {"middle": ("one",), "deep": ("two",)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FITTING)
def test_networks_of_these_kinds_work(tmp_path: Path, case: str) -> None:
    """Their layers get the right roles, and the judge accepts what these give."""
    make, arrays, roles = FITTING[case]
    keras.utils.set_random_seed(0)
    model = knowing(make(), arrays)
    (tmp_path / "network.json").write_text(model.to_json())
    model.save_weights(tmp_path / "network.weights.h5")
    np.savez(tmp_path / "data.npz", **arrays)
    files = [tmp_path / name for name in ("network.json", "data.npz", "network.weights.h5")]
    said: list[str] = []
    source = create(tmp_path, NewAssignment("kit", *files, images=100), said.append)
    assert read_policy(source).roles == roles
    assert ("no hidden dense layer" in said[-1]) == (case == "no hidden dense layer")
    judge = Judge.load(folder=source)
    bench = Bench(judge)
    for role in roles:
        for specimen in _right_activations(bench, role):
            specimen.ask(judge)
