"""The record of a run: equal runs have equal texts, in any process."""

import subprocess
import sys

from autograder.execute.kept_run import KeptAnswers, KeptRun, run_from_json, run_to_json
from autograder.execute.notebook_run import Execution
from autograder.judging import messages
from autograder.stops import Stop

NAMES = frozenset({"ex1", "ex2", "ex3", "ex4", "ex5"})
RUN = KeptRun(
    Execution(NAMES, Stop.TIMEOUT, ("ex4",), {"b": "2", "a": "1"}, (3,), {"a": NAMES}),
    NAMES,
    (KeptAnswers(("ex1",), ("answer",), None),),
    {"ex2": messages.TestOutcome("ex2", None, "", value=1.0)},
    {"ex2": "digest"},
)


def test_it_comes_back() -> None:
    """What is written is what is read."""
    assert run_from_json(run_to_json(RUN).encode()) == RUN


def test_sets_have_one_order() -> None:
    """Their own is another one in each process: a receipt's digest would be, too."""
    program = "from tests.execute.test_kept_run import RUN, run_to_json; print(run_to_json(RUN))"
    for seed in ("1", "2"):
        run = [sys.executable, "-c", program]
        printed = subprocess.run(run, env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True, check=True)  # fmt: skip
        assert printed.stdout.strip() == run_to_json(RUN)
