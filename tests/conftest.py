"""What every test may count on: plots without a screen, a quiet TensorFlow, the environment's programs on PATH."""

import os
import signal
import sys
import warnings
from collections import Counter
from pathlib import Path

import pytest

from tests.needs import NEEDS, PREFIX, require

os.environ["MPLBACKEND"] = "Agg"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# nbgrader finds `alembic` on PATH, and a kernel's `python` is looked for there too.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
# References that are made for tests stay out of the user's cache, and are there for the next run.
os.environ.setdefault("AUTOGRADER_CACHE", str(Path(__file__).parent.parent / ".cache"))
# A shell starts what runs in the background deaf to Ctrl-C, and every process of a test would inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def keras():
    """The keras module; its import takes seconds and warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras

        return keras


@pytest.fixture(scope="session")
def zoo():
    """The zoo's runner, with what the notebook's given cells define."""
    from tests.zoo.run import Zoo

    return Zoo()


@pytest.fixture(scope="session")
def judge(root):
    """The judge of the shipped assignment."""
    from autograder.hidden.judge import Judge

    return Judge.load(folder=root / "source" / "mapping_representations")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that lacks what it needs from the machine, before its fixtures are set up."""
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            require(name)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option that chooses tests by what they need."""
    parser.addoption("--needing", metavar="NAME", help="run only the tests marked `needs(NAME)`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a need that `tests/needs.py` does not list, and choose by `--needing`."""
    asked = {item: {name for marker in item.iter_markers("needs") for name in marker.args} for item in items}
    wanted = config.getoption("--needing")
    if unknown := set().union({wanted} - {None}, *asked.values()) - set(NEEDS):
        raise pytest.UsageError(f"tests/needs.py does not list {', '.join(sorted(unknown))}")
    if wanted is not None:
        config.hook.pytest_deselected(items=[item for item in items if wanted not in asked[item]])
        items[:] = [item for item in items if wanted in asked[item]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line how many tests were skipped for want of what."""
    reasons = (str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ()))
    lacking = Counter(r.partition(PREFIX)[2].partition(":")[0] for r in reasons if PREFIX in r)
    if lacking:
        told = ", ".join(f"{name} ({count})" for name, count in sorted(lacking.items()))
        terminalreporter.write_line(f"Skipped for want of: {told}.")
