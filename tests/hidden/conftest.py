"""What the tests of the checks share: one judge, one zoo, made once."""

from __future__ import annotations

import warnings

import pytest


@pytest.fixture(scope="session")
def keras():
    """The keras module; its import takes seconds and warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras

        return keras


@pytest.fixture(scope="session")
def zoo(keras):
    """The zoo's runner, with the shipped model."""
    from tests.zoo.run import Zoo

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Zoo(keras)


@pytest.fixture(scope="session")
def judge(zoo):
    """The judge of the shipped assignment."""
    return zoo.judge
