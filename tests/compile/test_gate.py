"""The gate's own judgement of scores, and the gate itself on the real assignment."""

import contextlib
from types import SimpleNamespace

import pytest

from autograder.accuracy import SHORT, Accuracy, Figure
from autograder.assignment.settings import read_source
from autograder.compile import gate
from autograder.compile.compiler import compile_source
from autograder.compile.gate import agreement_findings, check_promises, score_findings
from autograder.errors import GateError, OutOfTimeError
from autograder.model import CheckResult
from tests.compile.small import small_source, write_small_course


@pytest.fixture
def source(tmp_path):
    """The small course: one test, `sum_test`, of 2 points."""
    return small_source(tmp_path)


@pytest.mark.parametrize(
    ("results", "expect_all", "words"),
    [
        ((), True, "sum_test was not scored"),
        ((CheckResult("sum_test", "passed", 0, 0),), True, "gives 0 of 0, expected 2 of 2"),
        ((CheckResult("sum_test", "failed", 1, 2),), True, "gives 1 of 2, expected 2 of 2"),
        ((CheckResult("sum_test", "passed", 2, 2),), False, "gives 2 of 2, expected 0 of 2"),
        ((CheckResult("other", "passed", 2, 2),), True, "sum_test was not scored"),
    ],
)
def test_a_score_that_is_not_what_it_must_be_is_found(source, results, expect_all, words):
    """A crashed grader reports 0 of 0 and calls that a pass."""
    findings = list(score_findings(source, "route", results, expect_all=expect_all))
    assert len(findings) == 1
    assert words in findings[0]


def test_right_scores_are_no_finding(source):
    """All points for the solved notebook, none for the blank one."""
    assert not list(score_findings(source, "r", (CheckResult("sum_test", "passed", 2, 2),), expect_all=True))
    assert not list(score_findings(source, "r", (CheckResult("sum_test", "failed", 0, 2),), expect_all=False))


@pytest.mark.slow
@pytest.mark.long  # `make demo` builds it with its gate
def test_the_real_assignment_passes_its_gate(root, tmp_path):
    """Solved 21 of 21, blank 0 of 21, by nbgrader, by `otter run` on the zip itself, and by `autograder grade`."""
    source = read_source(root / "source" / "mapping_representations")
    built = compile_source(root, source, tmp_path / "first")
    told = list(check_promises(built, lambda: compile_source(root, source, tmp_path / "second")))
    assert told[0] == "leaks: none"
    for route in ("otter run", "nbgrader", "autograder grade"):
        assert f"solved notebook by {route}: 21 of 21" in told
        assert f"blank release by {route}: 0 of 21" in told


def test_our_own_limit_of_time_is_no_finding(source, monkeypatch, tmp_path):
    """A run that was stopped says nothing about what was built: the gate ends with that, and blames no test."""
    late = OutOfTimeError("`otter run`", 600, "")

    def stopped(*_, **__):
        raise late

    monkeypatch.setattr(gate, "otter_run", stopped)
    monkeypatch.setattr(gate, "_by_nbgrader", lambda *_: ())
    built = SimpleNamespace(source=source, path=lambda kind: tmp_path / kind, otter_solved=tmp_path)
    with pytest.raises(OutOfTimeError) as caught:
        list(gate._by_peers(built, [gate._Graded("solved", tmp_path, tmp_path, expected=True)]))
    assert caught.value is late


def test_scores_that_differ_from_route_to_route_are_found(source):
    """So is an error of ours, and a test that a route knows nothing of."""
    right, wrong = (CheckResult("sum_test", "passed", 2, 2),), (CheckResult("sum_test", "failed", 0, 2),)
    error = (CheckResult("sum_test", "error", 0, 2, message="no plain data"),)
    assert not list(agreement_findings(source, "s", {"a": wrong, "b": wrong, "c": wrong}))
    assert list(agreement_findings(source, "s", {"a": right, "b": wrong})) == ["s: sum_test gives 2 by a, 0 by b"]
    assert list(agreement_findings(source, "s", {"a": right, "b": ()})) == ["s: sum_test gives 2 by a, nothing by b"]
    assert list(agreement_findings(source, "s", {"a": wrong, "b": error})) == [
        "s: sum_test gives 0 by a, 0 by b: no plain data"
    ]


@pytest.mark.parametrize("accepted", [20, 19])
def test_below_a_bar_nothing_is_published(source, monkeypatch, tmp_path, accepted):
    """The figures are told, and an instructor reads which specimens the grader took for something else."""
    wrong = () if accepted == 20 else (("deep: dense", "passed", "wrong_layer"),)
    accuracy = Accuracy(Figure(accepted, 20), Figure(40, 40), Figure(39, 40), wrong, form=SHORT)
    for name in ("_leaks", "_changes", "_notebooks", "_by_peers", "_by_grade", "find_faults"):
        monkeypatch.setattr(gate, name, lambda *_: ())
    monkeypatch.setattr(gate, "accuracy_of", lambda built: accuracy)
    built = SimpleNamespace(source=source, path=lambda kind: tmp_path / kind, stage=tmp_path)
    told = []
    with pytest.raises(GateError) if wrong else contextlib.nullcontext() as caught:
        told.extend(check_promises(built, lambda: built))
    if wrong:
        assert '"deep: dense" should be passed, and the grader says wrong_layer.' in caught.value.message
    else:
        assert (
            told[-1]
            == "accuracy (short form): right values accepted 20 of 20, wrong ones caught 40 of 40, named 39 of 40"
        )


SUBMISSIONS = """
[[submissions]]
title = "equal to everything"
cell = "sum"
text = '''
class Equal:
    def __eq__(self, other):
        return True

total = Equal()
'''
"""


@pytest.mark.slow
def test_sample_submissions_are_graded_on_every_route(tmp_path):
    """Where the routes don't agree nothing is published; nbgrader and otter believe an answer that says it is equal."""
    folder = write_small_course(tmp_path)
    with (folder / "assignment.toml").open("a", encoding="utf-8") as file:
        file.write(SUBMISSIONS)
    built = compile_source(tmp_path, read_source(folder), tmp_path / "first")
    told = []
    with pytest.raises(GateError) as caught:
        told.extend(check_promises(built, lambda: compile_source(tmp_path, built.source, tmp_path / "second")))
    lines = caught.value.message.splitlines()[1:]
    assert len(lines) == 1
    assert (
        "submission 'equal to everything': sum_test gives 2 by otter run, 2 by nbgrader, 0 by autograder grade"
        in lines[0]
    )
