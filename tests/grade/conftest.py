"""Engines of the tiny assignment, which imports nothing, don't wait for TensorFlow."""

from collections.abc import Iterator

import pytest

from autograder.execute.engine import Engine


@pytest.fixture(scope="module", autouse=True)
def _light_engines() -> Iterator[None]:
    """Let engines of this process import little before they fork."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Engine.__init__.__kwdefaults__, "modules", ("numpy",))
        yield
