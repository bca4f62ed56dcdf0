"""The held-out right specimens: every check should pass each of them."""

from .held_out_right_activations import RIGHT_ACTIVATIONS
from .held_out_right_maps import RIGHT_MAPS
from .spec import Spec

__all__ = ["HELD_OUT_RIGHT"]

HELD_OUT_RIGHT: tuple[Spec, ...] = (*RIGHT_ACTIVATIONS, *RIGHT_MAPS)
