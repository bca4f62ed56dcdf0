"""Students' functions that mean harm: a test that calls one is not fooled, and nobody else is judged by what it did."""

import dataclasses
import threading
import time

import nbformat
import pytest

from autograder.execute.engine import Engine
from autograder.model import Submission
from autograder.sandbox.limits import MIB

from .conftest import LIGHT, LIMITS
from .small import make_small

GIVEN = """\
import numpy as np
data, items, table = np.arange(4.0), [1, 2], {"a": 1}
def mean_of_data():
    return float(data.mean())
"""
TEST = """\
assert mean_of_data() == 1.5 and items == [1, 2] and table == {"a": 1}
work(data, items, table)
work(data[1:], items, table)
assert work(3) == 9
"""
LOOPS = """\
assert all(map(lambda found, wanted: found == wanted, map(work, [1, 2]), [1, 4]))
"""
CELLS = [
    ("setup", "given", "code", GIVEN, "", 0),
    ("work", "solution", "code", "", "def work(x, *_):\n    return x * x", 0),
    ("work_test", "test", "code", "", TEST, 2),
    ("loop_test", "test", "code", "", LOOPS, 2),
    ("next", "solution", "code", "", "def keep(x):\n    return x", 0),
    (
        "keep_test",
        "test",
        "code",
        "",
        "kept = [keep(3) for _ in range(9)]\nassert sum(getattr(one, 'nbytes', 0) for one in kept) <= 2**24",
        1,
    ),
]
CALLS = dataclasses.replace(LIMITS, seconds=60.0, call_seconds=2.0, calls_seconds=3.0, calls=100, results=16 * MIB)


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """An assignment whose tests hand data of the given cells to functions."""
    return make_small(tmp_path_factory.mktemp("work"), CELLS, "work")


@pytest.fixture(scope="module")
def engine(plan):
    """An engine without a sandbox: what is asked of a kernel is the same in each."""
    with Engine(plan, isolation="process", limits=CALLS, threads=1, modules=LIGHT) as engine:
        yield engine


@pytest.fixture
def grade(engine, plan, tmp_path):
    """Grade a submission with these functions; returns the result."""

    def run(work="def work(x, *_):\n    return x * x", keep="def keep(x):\n    return x"):
        notebook = nbformat.read(plan.release / "work.ipynb", as_version=4)
        for cell in notebook.cells:
            cell.source = {"work": work, "next": keep}.get(cell.metadata.nbgrader.grade_id, cell.source)
        path = tmp_path / "student.ipynb"
        nbformat.write(notebook, path)
        return engine.run(Submission("student", plan.name, path, str(path))).result

    return run


def _scores(result):
    return [check.score for check in result.checks]


def test_nobody_is_judged_by_what_a_function_did_to_given_data(grade):
    """Arrays, lists and dictionaries that a call changes are changed for its own test alone, views of them too."""
    spoil = """
    def work(x, *more):
        if more:
            x[...] = 7
            more[0].clear()
            more[1]["a"] = 9
        return x * x
    """
    assert _scores(grade(spoil.replace("\n    ", "\n"))) == [2, 2, 1]
    assert _scores(grade()) == [2, 2, 1]


@pytest.mark.parametrize("kind", ["StopIteration", "StopAsyncIteration"])
def test_an_exception_does_not_end_the_loop_of_a_test(grade, kind):
    """`map` takes a StopIteration for the end, and a test of nothing passes."""
    result = grade(f"def work(x, *_):\n    raise {kind}")
    assert _scores(result)[:2] == [0, 0]
    assert f"`work` raised {kind}." in result.checks[1].message


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("UnicodeDecodeError('utf-8', b'x', 0, 1, 'bad')", "UnicodeDecodeError: 'utf-8' codec"),
        ("ExceptionGroup('two', [ValueError(1), KeyError(2)])", "ExceptionGroup: two (2 sub-exceptions)."),
        ("type('CheckFailed', (Exception,), {})('fine [missing]')", "`work` raised CheckFailed: fine [missing]."),
        ("type('CheckSkipped', (Exception,), {})('fine [missing]')", "`work` raised CheckSkipped: fine [missing]."),
        ("type('x' * 5000, (Exception,), {})('\\ud800')", "`work` raised xxx"),
        ("type('not a name', (Exception,), {})(1)", "`work` raised Exception: 1."),
    ],
)
def test_whatever_it_raises_is_the_students(grade, raised, said):
    """Exceptions that are made of more than a text, or are called as ours are."""
    check = grade(f"def work(x, *_):\n    raise {raised}").checks[0]
    assert (check.status, check.diagnosis) == ("failed", "unknown")
    assert said in check.message


def test_what_calls_give_back_has_one_limit(grade):
    """A test that keeps nine results of 8 MB keeps two; the others are too large to be handed over."""
    result = grade(keep="import numpy as np\ndef keep(x):\n    return np.zeros(2**20 - 100)")
    assert _scores(result) == [2, 2, 1]


DEAF = """
def work(x, *_):
    return x * x
get_ipython().kernel.shell_handlers["hold_request"] = lambda *a: None
"""


def test_a_kernel_that_answers_no_call_is_not_waited_for(grade):
    """A class waits for it as long as for all its calls, and no longer."""
    begin = time.monotonic()
    result = grade(DEAF)
    assert _scores(result) == [0, 0, 0]
    assert "can't be called any more" in result.checks[0].message
    assert time.monotonic() - begin < 60


ASKS = """
import sys
def work(x, *_):
    service = next(module.SERVICE for name, module in sys.modules.items() if hasattr(module, "SERVICE"))
    wire = sys.modules[service.__class__.__module__]
    wire.send(peer, {"prediction": "slow"}, b"")
    wire.receive(peer, most=0)
    return x * x
peer = next(module.SERVICE for name, module in sys.modules.items() if hasattr(module, "SERVICE")).peer
"""


def test_a_call_that_asks_for_something_waits_in_its_own_time(engine, grade, monkeypatch):
    """Waiting for the service counts in a call: the class waits meanwhile."""
    grade()

    def slow(key):
        time.sleep(8)

    monkeypatch.setattr(engine.service, "_prediction", slow)
    assert "`work` did not return within" in grade(ASKS).checks[0].message


HOARDS = """
import os, time
if os.fork() == 0:
    time.sleep(1)
    rest = [bytearray(os.urandom(1) * 2**28) for _ in range(2)] if os.fork() else [bytearray(b"x" * 2**29)]
    time.sleep(60)
    os._exit(0)
def work(x, *_):
    return x * x
"""


def test_what_it_left_running_keeps_to_its_limits_while_it_waits(engine, grade):
    """Judging may be busy with others for minutes: processes of a kernel that waits may not fill the machine meanwhile."""
    grade()
    lock = engine._judging._lock
    lock.acquire()
    freed = threading.Timer(6, lock.release)
    freed.start()
    result = grade(HOARDS)
    assert result.status == "memory"
    freed.join()


def test_waiting_to_be_judged_is_no_time_of_its_own(engine, grade, monkeypatch):
    """Others hold the judging process for longer than a notebook may take: calls are made all the same."""
    grade()
    short = dataclasses.replace(CALLS, seconds=4.0)
    monkeypatch.setattr(engine, "_limits", short)
    monkeypatch.setattr(engine._executor, "_limits", short)
    lock = engine._judging._lock
    lock.acquire()
    freed = threading.Timer(12, lock.release)
    freed.start()
    assert _scores(grade()) == [2, 2, 1]
    freed.join()
