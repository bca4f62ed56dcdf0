"""A network of PyTorch's: a Python file whose `load` returns the module, and its weights.

Activations are taken by forward hooks, call by call: what a module gives when it is called a second
time for the same images counts as a layer of its own, `relu#2`.
"""

from __future__ import annotations

import functools
import importlib.util
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.checks.values import Array
from autograder.hidden.network import BATCH_IMAGES

__all__ = ["TorchNetwork"]

_IMAGES = 4  # the axes of images with their channels last, as the assignment's data have them


class TorchNetwork:
    """Computes a PyTorch module's activations; see `TrainedNetwork`.

    Layers are the modules that have no modules in them, under the names that PyTorch gives them. Images
    go in with their channels first, and activations come out as PyTorch has them.

    Args:
        structure: a Python file; its `load(weights)` returns the module.
        weights: what `load` is given the path of.
        example: gives one image (1, ...): PyTorch knows the layers' order and shapes once it has seen one.
    """

    def __init__(self, structure: Path, weights: Path, example: Callable[[], Array]) -> None:
        self._structure = structure
        self._weights = weights
        self._example = example

    @functools.cached_property
    def module(self) -> Any:
        """The module in inference mode, loaded from its two files."""
        spec = importlib.util.spec_from_file_location(f"autograder_{self._structure.stem}", self._structure)
        if spec is None or spec.loader is None:
            raise ImportError(f"{self._structure} can't be imported")
        code = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(code)
        return code.load(str(self._weights)).eval()

    @functools.cached_property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of what each layer gives for one image, in the order in which they are called."""
        return {name: values.shape[1:] for name, values in self._run(self._example(), None).items()}

    @property
    def names(self) -> tuple[str, ...]:
        """The layers, in the order in which they are called."""
        return tuple(self._shapes)

    @property
    def after_dropout(self) -> frozenset[str]:
        """The first layer that training mode changes, and those behind it."""
        kinds = {name: type(module).__name__ for name, module in self.module.named_modules()}
        noisy = [place for place, name in enumerate(self.names) if "Drop" in kinds[name.partition("#")[0]]]
        return frozenset(self.names[noisy[0] :] if noisy else ())

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of what a layer gives for one image."""
        return self._shapes[name]

    def outputs(self, images: Array, names: Sequence[str]) -> Iterator[tuple[int, dict[str, Array]]]:
        """Yield some layers' activations batch by batch, in inference mode."""
        for start in range(0, len(images), BATCH_IMAGES):
            given = self._run(images[start : start + BATCH_IMAGES], set(names))
            yield start, {name: given[name] for name in names}

    def in_training(self, images: Array, name: str) -> Array:
        """Return a layer's activations in training mode, for one batch."""
        state = {key: value.clone() for key, value in self.module.state_dict().items()}
        self.module.train()
        try:
            return self._run(images, {name})[name]
        finally:
            self.module.load_state_dict(state)  # normalisation counts what it sees
            self.module.eval()

    def _run(self, images: Array, wanted: set[str] | None) -> dict[str, Array]:
        """Return what layers give for images; of all layers where none is named."""
        import torch  # type: ignore[import-not-found,unused-ignore]

        given: dict[str, Array] = {}
        calls: Counter[str] = Counter()

        def take(name: str, _: Any, __: Any, output: Any) -> None:
            calls[name] += 1
            place = name if calls[name] == 1 else f"{name}#{calls[name]}"
            if isinstance(output, torch.Tensor) and (wanted is None or place in wanted):
                given[place] = output.detach().numpy().astype(np.float32, copy=True)

        leaves = [(name, each) for name, each in self.module.named_modules() if name and not any(each.children())]
        hooks = [each.register_forward_hook(functools.partial(take, name)) for name, each in leaves]
        try:
            with torch.no_grad():
                self.module(torch.from_numpy(_channels_first(images)))
        finally:
            for hook in hooks:
                hook.remove()
        return given


def _channels_first(images: Array) -> Array:
    """Return images (n, h, w, c) as PyTorch wants them, (n, c, h, w); rows of features as they are."""
    moved = np.moveaxis(images, -1, 1) if images.ndim == _IMAGES else images
    return np.ascontiguousarray(moved, np.float32)
