"""The instructor's own test cells decide, on claims, in a process of their own."""

import json
import threading

import psutil
import pytest

from autograder.errors import AutograderError
from autograder.execute.notebook_run import Execution
from autograder.execute.verdicts import check_results
from autograder.judging.messages import Question, Spent
from autograder.judging.server import Judging
from autograder.log import keep_logs
from autograder.sandbox.sealed_files import SealedFile
from tests.execute.conftest import LIMITS
from tests.execute.small import make_small

ANSWER = {"kind": "plain", "value": 42}
TESTS = {
    "passes": ("assert answer == 42", 2),
    "fails": ("assert answer == 41, 'not 41'", 2),
    "partial": ("answer - 40.5", 2),
    "too_much": ("answer * 1.0", 2),
    "quotes": ("assert answer == 41, answer", 2),
    "undefined": ("assert nowhere == 1", 2),
    "counts": ("import numpy as np\nnp.empty(answer.shape, bool)", 2),
    "breaks": ("import no_such_module", 2),
    "method": ("answer.area()", 2),
    "hangs": ("while True: pass", 2),
    "dies": ("import os; os._exit(1)", 2),
    "raises": ("class Odd(BaseException): pass\nraise Odd('for no reason')", 2),
    "calls": ("assert double(2) == 4", 2),
    "given": ("assert n == 3 and data == 'data\\n'", 2),
    "types": ("assert answer > 'a'", 2),
    "inside": ("from checks.shapes import check_embedding_shape\ncheck_embedding_shape(3, 'x', 4)", 2),
    "magic": ("%matplotlib inline\nassert answer == 42", 2),
}
CELLS = [
    ("title", "given", "markdown", "## Exercise 1: work", "", 0),
    ("setup", "given", "code", "n = 3\ndata = open('data.txt').read()", "", 0),
    ("work", "solution", "code", "answer = None", "answer, nowhere = 42, 1\ndef double(x): return 2 * x", 0),
    *((name, "test", "code", "", text, points) for name, (text, points) in TESTS.items()),
]


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """An assignment with one test of each kind."""
    return make_small(tmp_path_factory.mktemp("judged"), CELLS)


@pytest.fixture(scope="module")
def judging(plan):
    """A judging process."""
    with Judging(plan, limits=LIMITS, seconds=1) as judging:
        yield judging


@pytest.fixture
def judge(plan, judging):
    """Judge claims, as a kernel describes them, by one test."""

    def run(name, **claims):
        text = json.dumps(claims).encode()
        written = SealedFile.from_bytes(len(text).to_bytes(8, "little") + text)
        outcomes = judging.judge((Question((name,), ("answer", "nowhere"), written),)).outcomes
        execution = Execution(errors={"work": "ValueError: no."})
        return next(check for check in check_results(plan.tests, outcomes, execution) if check.name == name)

    return run


@pytest.mark.parametrize(
    ("name", "status", "score", "diagnosis", "words"),
    [
        ("passes", "passed", 2, None, None),
        ("given", "passed", 2, None, None),
        ("magic", "passed", 2, None, None),
        ("fails", "failed", 0, "unknown", "not 41"),
        ("partial", "failed", 1.5, "unknown", "gave 1.5 of its 2"),
        ("too_much", "error", 0, None, "gave 42 of 2"),
        (
            "undefined",
            "failed",
            0,
            "missing",
            "assign it in the answer cell of Exercise 1. The answer cell of Exercise 1 stopped with ValueError: no.",
        ),
        ("breaks", "error", 0, None, "ModuleNotFoundError"),
        (
            "types",
            "failed",
            0,
            "unknown",
            "stopped with TypeError: '>' not supported between instances of 'int' and 'str'.",
        ),
        ("inside", "error", 0, None, "it stopped with"),
        ("hangs", "error", 0, None, "longer than 1 s"),
        ("dies", "error", 0, None, "ended the judging process"),
        ("calls", "failed", 0, "missing", "`double` is not defined"),
    ],
)
def test_each_outcome_has_its_result(judge, name, status, score, diagnosis, words):
    """Passing, failing, partial credit, missing answers, and faults of our own are told apart; none is a silent zero."""
    check = judge(name, answer=ANSWER)
    assert (check.status, check.score, check.max_score, check.diagnosis) == (status, score, 2, diagnosis)
    assert words is None or words in check.message


def test_what_broke_the_judging_process_is_in_the_log(judge, tmp_path):
    """A process that a test ends is started again, and its traceback, or its exit code, is there to be read."""
    with keep_logs(tmp_path):
        for name in ("raises", "dies"):
            assert judge(name, answer=ANSWER).message.startswith(
                "This check could not be made: it ended the judging process"
            )
    said = (tmp_path / "judging.log").read_text()
    assert "Odd: for no reason" in said
    assert "in serve" in said
    assert "ended with exit code 1" in said
    assert (
        "EOFError suppressed in autograder.judging.server.Judging._judge_once" in (tmp_path / "grade.log").read_text()
    )


def test_given_cells_that_fail_are_in_the_log(tmp_path):
    """The sentence says which cell it is, the log where it failed."""
    cells = [("setup", "given", "code", "1 / 0", "", 0), ("test", "test", "code", "", "assert True", 1)]
    with (
        keep_logs(tmp_path),
        Judging(make_small(tmp_path, cells), limits=LIMITS) as judging,
        pytest.raises(AutograderError, match="'setup' fails"),
    ):
        judging.wait_until_ready()
    assert "ZeroDivisionError: division by zero" in (tmp_path / "judging.log").read_text()


def test_who_ends_the_process_waits_for_those_who_do_not(judging):
    """A submission at which the process fails costs the others one failure; its other tests are judged all the same."""
    text = json.dumps({"answer": ANSWER}).encode()
    written = SealedFile.from_bytes(len(text).to_bytes(8, "little") + text)
    finished = {}

    def judge(student, *tests):
        finished[student] = judging.judge((Question(tests, ("answer",), written),)).outcomes

    judging.wait_until_ready()
    hostile = threading.Thread(target=judge, args=("hostile", "dies", "passes", "raises", "partial"))
    hostile.start()
    while not judging._lock.locked():
        pass
    judge("honest", "passes")
    hostile.join()
    assert list(finished) == ["honest", "hostile"]
    assert {name: outcome.ename for name, outcome in finished["hostile"].items()} == {
        "dies": "JudgingStopped",
        "passes": None,
        "raises": "JudgingStopped",
        "partial": None,
    }


def test_what_a_test_quotes_is_cut(judge):
    """An answer has up to 20 MB, and each test may quote it in a line of results and on a page."""
    assert len(judge("quotes", answer={"kind": "plain", "value": "long" * 10_000}).message) < 10_200


def test_an_object_is_an_error_and_not_a_zero(judge):
    """A check that needs more of an answer than plain data has is flagged for a person."""
    check = judge("method", answer={"kind": "opaque", "type": "Circle"})
    assert check.status == "error"
    assert "`.area` of a Circle" in check.message


def test_a_check_that_needs_too_much_memory_is_an_error(judge):
    """The shape of an answer is a student's: what a check makes of it ends the check, and not the machine."""
    assert judge("counts", answer={"kind": "large", "shape": [2**20, 2**10]}).status == "passed"
    check = judge("counts", answer={"kind": "large", "shape": [2**20, 2**13]})
    assert (check.status, check.score) == ("error", 0)
    assert "Unable to allocate 8.00 GiB" in check.message


def test_nothing_stays_from_one_submission_to_the_next(judge):
    """A claim of one submission is not there for the next."""
    judge("passes", answer=ANSWER)
    assert judge("passes").diagnosis == "missing"


def test_given_cells_that_fail_are_told(tmp_path):
    """An assignment whose given cells don't run cannot be judged, and says which cell, whoever asks."""
    cells = [("setup", "given", "code", "1 / 0", "", 0), ("test", "test", "code", "", "assert True", 1)]
    with Judging(make_small(tmp_path, cells), limits=LIMITS) as judging:
        for _ in range(2):
            with pytest.raises(AutograderError, match="'setup' fails"):
                judging.wait_until_ready()


def test_claims_that_take_long_to_read_are_none(plan, judging):
    """Keys that all collide, each with all before it: reading is given up, and so is each test's wait for it."""
    keys = [part for number in range(60_000) for part in ({"kind": "plain", "value": number * (2**61 - 1)}, ANSWER)]
    text = json.dumps({"answer": {"kind": "dict", "items": keys}}).encode()
    hostile = SealedFile.from_bytes(len(text).to_bytes(8, "little") + text)
    names = ("passes", "fails", "given", "magic")
    begin = psutil.Process(judging._process.pid).cpu_times().user
    outcomes = judging.judge(tuple(Question((name,), ("answer",), hostile) for name in names)).outcomes
    assert psutil.Process(judging._process.pid).cpu_times().user - begin < 12
    assert [outcomes[name].ename for name in names] == ["NameError", "NameError", None, "NameError"]


def test_questions_that_are_judged_apart_have_one_budget(judging):
    """Where tests call functions, each question is judged by itself: what one lost is lost for the next."""
    text = json.dumps({"answer": ANSWER}).encode()
    written = SealedFile.from_bytes(len(text).to_bytes(8, "little") + text)
    spent, limits = Spent(), []
    for _ in range(3):
        outcomes = judging.judge((Question(("hangs",), ("answer",), written),), spent=spent).outcomes
        limits.append(float(outcomes["hangs"].evalue.split()[-2]))
    assert limits == [1, pytest.approx(0.5, abs=0.3), 0.5]
    for _ in range(3):
        outcomes = judging.judge((Question(("dies",), ("answer",), written),), spent=spent).outcomes
        assert outcomes["dies"].ename == "JudgingStopped"
    assert spent.failures == 3
