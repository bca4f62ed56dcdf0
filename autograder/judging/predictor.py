"""Predict the network's outputs for the class's images, from the instructor's own network.

This runs in the judging process.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from autograder.hidden.reference import PIXELS, Reference
from autograder.sandbox.inside.patches.predict import prediction_key

__all__ = ["ReferencePredictor"]


class ReferencePredictor:
    """Predicts with the models that students make of the network's layers.

    Args:
        keras: the keras module.
        reference: the instructor's network and images.
    """

    def __init__(self, keras: Any, reference: Reference) -> None:
        self._reference = reference
        images = reference.first_images
        self._waiting: dict[str, NDArray[Any]] = {}  # computed, and not asked for yet
        model = reference.model
        models = {
            name: keras.Model(model.inputs, model.get_layer(name).output) for name in reference.layers if name != PIXELS
        }
        keyed = ((prediction_key(one, images), name) for name, one in models.items())
        self._names = {key: name for key, name in keyed if key is not None}
        self._left = list(self._names.values())  # computed for nobody yet

    @property
    def keys(self) -> frozenset[str]:
        """The digests that there is an answer to."""
        return frozenset(self._names)

    def predict(self, key: str) -> NDArray[Any]:
        """Return what the model of this digest predicts for the images.

        One pass through the network gives it for the layers that follow too: who asks for one will ask for the next.
        """
        name = self._names[key]
        if name not in self._waiting:
            together = self._reference.together(name, self._left if name in self._left else [name])
            self._left = [one for one in self._left if one not in together]
            self._waiting |= self._reference.first_values(together)
        return self._waiting.pop(name)
