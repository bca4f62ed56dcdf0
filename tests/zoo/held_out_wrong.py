"""The held-out wrong specimens: each loses the points of the checks that its mistakes are about, and no others."""

from .held_out_wrong_deep import WRONG_DEEP
from .held_out_wrong_flattening import WRONG_FLATTENING
from .held_out_wrong_maps import WRONG_MAPS
from .held_out_wrong_middle import WRONG_MIDDLE
from .held_out_wrong_plots import WRONG_PLOTS
from .held_out_wrong_values import WRONG_VALUES
from .spec import Spec

__all__ = ["HELD_OUT_WRONG"]

HELD_OUT_WRONG: tuple[Spec, ...] = (
    *WRONG_DEEP,
    *WRONG_VALUES,
    *WRONG_MIDDLE,
    *WRONG_FLATTENING,
    *WRONG_MAPS,
    *WRONG_PLOTS,
)
