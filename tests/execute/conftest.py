"""One engine for all: a small assignment, a forkserver that imports little, and tight limits."""

import pytest

from autograder.execute.engine import Engine
from autograder.sandbox.limits import MIB, Limits
from tests.needs import require

from .small import make_small, submit

LIGHT = ("numpy",)
LIMITS = Limits(
    seconds=20,
    cell_seconds=4,
    memory=0.75,
    processes=128,
    scratch=32 * MIB,
    output=MIB,
    message=MIB,
    answer=8 * MIB,
    answers=16 * MIB,
    grace=1.0,
)


@pytest.fixture(scope="session")
def plan(tmp_path_factory):
    """The small assignment's plan."""
    return make_small(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def engine(plan):
    """An engine for the small assignment."""
    require("bubblewrap")
    with Engine(plan, limits=LIMITS, threads=1, modules=LIGHT) as engine:
        yield engine


@pytest.fixture
def grade(engine, plan, tmp_path):
    """Grade a submission with these answers; returns the result."""

    def run(first="answer = 42", second="table = np.arange(6.0).reshape(2, 3)", **more):
        return engine.run(submit(tmp_path, plan, first, second, **more))

    return run
