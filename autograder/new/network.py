"""Read a trained network, and propose which of its layers are what."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import SourceError

__all__ = [
    "Network",
    "NetworkLayer",
    "Roles",
    "class_scores_of",
    "propose_roles",
    "read_network",
    "table_of_layers",
]

_ACTIVATIONS = ("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax")
_PREPARING = ("Normalization",)  # has weights, which it takes from the data
_READ_BY_KERAS = (".keras", ".h5", ".json")
_TIP = "A Lambda or custom layer can't be kept as data: build it of Keras's own layers, and save the network again."


@dataclass(frozen=True)
class NetworkLayer:
    """One layer.

    Attributes:
        name: its own.
        kind: its class.
        shape: of what it gives for one row of data.
        prepares: whether nothing has learnt up to here: what it gives is the data in another form.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    prepares: bool = False

    @property
    def flat(self) -> bool:
        """Whether it gives one flat row."""
        return len(self.shape) == 1


@dataclass(frozen=True)
class Network:
    """A network that was read.

    Attributes:
        model: Keras's.
        layers: its own, in order, inputs aside.
    """

    model: Any
    layers: tuple[NetworkLayer, ...]

    @property
    def classes(self) -> int:
        """How many classes it tells apart."""
        return self.layers[-1].shape[-1]


@dataclass(frozen=True)
class Roles:
    """Which layers count as what.

    Attributes:
        deep: hidden layers near the answer, flat.
        middle: hidden layers below these.
        class_scores: the layers that hold the answer.
        note: what is unusual about this network; "" where nothing is.
    """

    deep: tuple[str, ...]
    middle: tuple[str, ...]
    class_scores: tuple[str, ...]
    note: str = ""


def read_network(model_file: Path, weights: Path | None) -> Network:
    """Read a network: `.keras`, whole `.h5`, or `.json` with weights.

    Raises:
        SourceError: it can't be read, or can't be used, and why.
    """
    import keras

    for file in filter(None, (model_file, weights)):
        if not file.is_file():
            raise SourceError(f"{file} is no file." if file.exists() else f"{file} isn't there.")
    if model_file.suffix not in _READ_BY_KERAS:
        raise SourceError(f"{model_file.name} is none of {', '.join(_READ_BY_KERAS)}: save the network by Keras.")
    if model_file.suffix == ".keras" and not zipfile.is_zipfile(model_file):
        raise SourceError(f"{model_file.name} is no .keras file, or not all of it: such a file is an archive.")
    if model_file.suffix == ".json" and weights is None:
        raise SourceError(f"{model_file} holds a network's structure alone: give --weights FILE, too.")
    try:
        if model_file.suffix == ".json":
            model = keras.models.model_from_json(model_file.read_text(encoding="utf-8"))
        else:
            model = keras.models.load_model(model_file, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds
        said = _said(error)
        tip = _TIP if re.search("lambda|class", said, re.IGNORECASE) else ""
        raise SourceError(f"Keras can't read {model_file.name}: {said}", tip) from error
    _check_model(keras, model, model_file.name)
    _check_layers(keras, model, model_file.name)
    if weights is not None:
        try:
            model.load_weights(weights)
        except Exception as error:
            raise SourceError(
                f"The weights in {weights.name} can't be put into {model_file.name}: {_said(error)}",
                "Give those that this network's own save_weights() wrote, as name.weights.h5.",
            ) from error
    return Network(model, _layers_of(model, model_file.name))


def _said(error: BaseException) -> str:
    """Return what Keras says first, and what it says last of the reason."""
    first, cause = str(error).strip(), error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    lines = [*first.splitlines()[:1], *str(cause).strip().splitlines()[:1]]
    return " ".join(line[:300] for line in dict.fromkeys(lines)) or type(error).__name__


def _check_model(keras: Any, model: Any, name: str) -> None:
    """Refuse a model whose layers' outputs can't be taken one by one.

    Raises:
        SourceError: so it is, and why.
    """
    if not isinstance(model, keras.Model):
        raise SourceError(f"{name} holds no network, but a {type(model).__name__}.")
    if isinstance(model, keras.Sequential) and not model.built:
        raise SourceError(f"{name} doesn't say what shape its input has: begin it with keras.Input(shape).")
    if not isinstance(model, (keras.Sequential, keras.src.models.functional.Functional)):
        raise SourceError(
            f"{name} is a subclassed model: the outputs of its layers can't be taken one by one.",
            "Build the same layers as a functional or Sequential model, load the weights, and save it again.",
        )
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise SourceError(
            f"{name} has {len(model.inputs)} inputs and {len(model.outputs)} outputs; one of each is needed."
        )
    if None in model.input_shape[1:]:
        raise SourceError(
            f"{name} takes inputs of any size, {model.input_shape[1:]}: how much its layers give isn't fixed.",
            "Build it with keras.Input of the data's size, load the weights, and save it again.",
        )
    if len(model.output_shape) != 2:
        raise SourceError(f"{name} gives {model.output_shape[1:]} for one row; one score for each class is needed.")


def _check_layers(keras: Any, model: Any, name: str) -> None:
    """Refuse layers that are code, and layers whose output can't be taken.

    Raises:
        SourceError: there is one.
    """
    for layer in model._flatten_layers(include_self=False, recursive=True):  # noqa: SLF001 (Keras has no other way)
        if type(layer).__name__ == "Lambda" or not type(layer).__module__.startswith("keras."):
            raise SourceError(
                f"{name} has the layer {layer.name!r} of the class {type(layer).__name__}, which is code and not data.",
                _TIP,
            )
    for layer in model.layers:
        if isinstance(layer.output, (list, tuple, dict)):
            raise SourceError(
                f"{name} has the layer {layer.name!r}, which gives {len(layer.output)} arrays; one is needed."
            )
        try:
            keras.Model(model.inputs, layer.output)
        except ValueError as error:  # a functional model knows its own input alone
            raise SourceError(
                f"{name} has the layer {layer.name!r}, a network itself, whose output can't be taken from outside.",
                "Build one network of the layers of both, load the weights, and save it again.",
            ) from error


def _layers_of(model: Any, name: str) -> tuple[NetworkLayer, ...]:
    """Return a model's layers, inputs aside.

    Raises:
        SourceError: one gives arrays of no fixed size.
    """
    layers: list[NetworkLayer] = []
    learnt = False
    for layer in model.layers:
        kind, output = type(layer).__name__, layer.output  # of a layer that stands in several places, the first
        if kind == "InputLayer":
            continue
        if None in output.shape[1:]:
            raise SourceError(f"{name} has the layer {layer.name!r}, which gives {output.shape[1:]}: of no fixed size.")
        learnt = learnt or (bool(layer.weights) and kind not in _PREPARING)
        layers.append(NetworkLayer(layer.name, kind, tuple(output.shape[1:]), prepares=not learnt))
    return tuple(layers)


def propose_roles(network: Network) -> Roles:
    """Return which layers count as what, by the network's graph.

    Deep are the flat layers behind the last one that learns and has places, without the class scores; middle the hidden ones
    below.
    """
    layers = list(network.layers)
    scores = class_scores_of(network)
    hidden = [layer for layer in layers if layer.name not in scores and not layer.prepares]
    last_dense = [n for n, layer in enumerate(hidden) if layer.kind == "Dense"]
    if last_dense:
        begin = _last_block(hidden, last_dense)
        note = ""
    else:
        flat = [n for n, layer in enumerate(hidden) if layer.flat]
        begin = flat[0] if flat else len(hidden)
        note = (
            "It has no hidden dense layer: the deep layer is the one that makes flat rows of what the layers before it give. "
            "Its map shows what those have learnt."
        )
    deep = tuple(layer.name for layer in hidden[begin:] if layer.flat)
    middle = tuple(layer.name for layer in hidden[:begin])
    if not deep:
        raise SourceError(
            "No hidden layer of this network gives one flat row: there is no deep layer to map.",
            "Name one by --deep, or use a network with a hidden dense or a global pooling layer.",
        )
    if not middle:
        note = " ".join(
            filter(None, [note, "No hidden layer lies below the deep ones: there is no exercise on a middle layer."])
        )
    return Roles(deep, middle, scores, note)


def class_scores_of(network: Network) -> tuple[str, ...]:
    """Return the layers that hold the answer: the last, and the one before where the last is its activation."""
    layers = network.layers
    names = [layers[-1].name]
    for layer in reversed(layers[:-1]):
        if layers[-1].kind not in _ACTIVATIONS or layer.shape != layers[-1].shape:
            break
        names.insert(0, layer.name)
        if layer.kind == "Dense":
            break
    return tuple(names)


def _last_block(hidden: list[NetworkLayer], dense: list[int]) -> int:
    """Return where the last hidden dense layer begins; of a network of dense layers alone, its last one."""
    places = [n for n, layer in enumerate(hidden) if not layer.flat]
    behind = [n for n in dense if n > max(places, default=-1)]
    return (behind or dense)[0] if places else dense[-1]


def table_of_layers(network: Network, roles: Roles) -> Iterator[str]:
    """Yield a line for each layer: what it is taken for."""
    kinds = {name: kind for kind in ("deep", "middle", "class_scores") for name in getattr(roles, kind)}
    width = max(len(layer.name) for layer in network.layers)
    for layer in network.layers:
        shape = " x ".join(map(str, layer.shape))
        yield f"{layer.name:{width}}  {layer.kind:20}  {shape:16}  {kinds.get(layer.name, '-').replace('_', ' ')}"
