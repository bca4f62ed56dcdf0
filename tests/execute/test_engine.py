"""The engine: answers count up to a stop, the warm process may die, and levels are told truthfully."""

import os
import resource
import sys
import threading
import time

import psutil
import pytest

from autograder.errors import AutograderError
from autograder.execute.engine import Engine
from autograder.model import Submission
from autograder.sandbox import bubblewrap, isolation
from autograder.sandbox.fork import ForkFailedError
from autograder.sandbox.forkserver import Forkserver

from .conftest import LIGHT, LIMITS
from .small import submit


def test_names_come_from_the_source(plan):
    """A test's answers are what a solution assigns and the test reads; given names come from us."""
    assert {test.grade_id: test.answers for test in plan.tests} == {
        "first_test": ("answer",),
        "second_test": ("table",),
    }


def test_tests_stand_in_the_executed_notebook(grade):
    """The executed notebook holds each test's whole text and what it said, and none of our own code."""
    notebook = grade(first="answer = 41").notebook
    test = next(c for c in notebook.cells if c.metadata.nbgrader.grade_id == "first_test")
    assert "answer == 42" in test.source
    assert test.outputs[0].ename == "AssertionError"
    assert "taking" not in str(notebook)


def test_an_error_costs_its_own_question(grade):
    """A question whose cell raises has no answer, and says why; the next one counts."""
    result = grade(first="answer = 1 / 0").result
    assert [check.score for check in result.checks] == [0, 3]
    assert "ZeroDivisionError" in result.checks[0].message


def test_warnings_cost_nothing(grade):
    """Words on stderr take no points."""
    assert (
        grade(first="import sys, warnings\nwarnings.warn('x')\nprint('y', file=sys.stderr)\nanswer = 42").result.score
        == 5
    )


@pytest.mark.parametrize(
    ("name", "status"), [("none", "unreadable"), ("empty", "unreadable"), ("other", "wrong_assignment")]
)
def test_what_can_not_run_is_a_result(engine, tmp_path, name, status):
    """No notebook, an empty file, and another notebook are results, with every check skipped."""
    path = tmp_path / f"{name}.ipynb"
    path.write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}' if name == "other" else "", encoding="utf-8"
    )
    result = engine.run(Submission("s", "small", None if name == "none" else path, "x")).result
    assert (result.status, result.score, result.max_score) == (status, 0, 5)
    assert {check.status for check in result.checks} == {"skipped"}


def test_the_death_of_the_warm_process_costs_nothing(engine, plan, tmp_path):
    """When the forkserver dies, the kernel that runs goes on, and the next submission gets a new one."""
    sandbox = psutil.Process(engine._sources.forkserver()._process.pid)
    server = next(process for process in sandbox.children(recursive=True) if process.name().startswith("python"))
    timer = threading.Timer(1.0, server.kill)
    timer.start()
    result = engine.run(submit(tmp_path, plan, "import time\ntime.sleep(2)\nanswer = 42")).result
    timer.join()
    assert (result.status, result.score) == ("graded", 5)
    assert not engine._sources.alive
    assert engine.run(submit(tmp_path, plan)).result.score == 5


def test_the_end_of_a_submissions_own_process_costs_that_submission(engine, plan, tmp_path):
    """What was answered before counts, and the next one has a process of its own."""
    template = engine._processes._template.pid

    def end():
        wait_for(lambda: psutil.Process(template).children())
        time.sleep(3)
        for process in psutil.Process(template).children():
            process.kill()

    thread = threading.Thread(target=end)
    thread.start()
    graded = engine.run(submit(tmp_path, plan, second="import time\ntime.sleep(8)"))
    thread.join()
    assert (graded.result.status, graded.result.score, graded.notebook) == ("crashed", 2, None)
    assert "showed more than can be taken in and was stopped" in graded.result.message
    assert graded.blank == frozenset()
    assert engine.run(submit(tmp_path, plan)).result.score == 5


def test_a_fork_that_fails_is_tried_again(engine, plan, tmp_path, monkeypatch):
    """A kernel that can't be forked is forked from a new warm process; a second failure is our fault, and told as that."""
    fork, failures = Forkserver.fork, iter([True, False, True, True])

    def fail_or_fork(self, request, maps=None):
        if next(failures):
            raise ForkFailedError("no room")
        return fork(self, request, maps)

    monkeypatch.setattr(Forkserver, "fork", fail_or_fork)
    monkeypatch.setattr(engine._sources, "_cells", ())
    assert engine.run(submit(tmp_path, plan)).result.score == 5
    result = engine.run(submit(tmp_path, plan)).result
    assert (result.status, result.score) == ("crashed", 0)
    assert "could not be run: no room. A person has to look at it" in result.message
    assert {check.status for check in result.checks} == {"error"}


@pytest.mark.needs("bubblewrap")
def test_where_no_kernel_ever_starts_the_grader_stops(plan, tmp_path, monkeypatch):
    """A class isn't given errors one by one for a sandbox that has never worked."""

    def fail(self, request, maps=None):
        raise ForkFailedError("no room")

    with Engine(plan, modules=("numpy",)) as engine:
        monkeypatch.setattr(Forkserver, "fork", fail)
        with pytest.raises(AutograderError, match="cannot start a kernel: no room"):
            engine.run(submit(tmp_path, plan))


@pytest.mark.needs("bubblewrap")
def test_a_killed_grader_leaves_nothing(plan, tmp_path):
    """`kill -9` of the grader ends the warm process, the kernel that runs, the judging process, and what they started."""
    submission = submit(tmp_path, plan, "import time\ntime.sleep(60)")
    script = (
        "from pathlib import Path\nfrom autograder.execute.engine import Engine\nfrom autograder.assignment.plan import make_plan\n"
        f"from autograder.model import Submission\nplan = make_plan(Path({str(plan.source)!r}), Path({str(plan.release)!r}))\n"
        f"with Engine(plan, modules=('numpy',)) as engine:\n    engine.run(Submission('s', 'small', Path({submission.origin!r}), 'x'))"
    )
    grader = psutil.Popen([sys.executable, "-c", script], env={**os.environ, "TMPDIR": str(tmp_path)})
    wait_for(lambda: len(grader.children(recursive=True)) >= 6)
    started = grader.children(recursive=True)
    grader.kill()
    grader.wait()
    _, alive = psutil.wait_procs(started, timeout=20)
    assert alive == []


def wait_for(condition):
    """Wait until something is so, at most half a minute."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_several_at_a_time_do_not_meet(engine, plan, tmp_path):
    """Submissions that run at the same time see neither each other's processes nor files."""
    look = "import os, time\nopen('/tmp/mine', 'x').close()\ntime.sleep(1)\nanswer = 42 if len([p for p in os.listdir('/proc') if p.isdigit()]) == 2 else 0"
    results = []

    def run(folder):
        folder.mkdir()
        results.append(engine.run(submit(folder, plan, look)).result.score)

    threads = [threading.Thread(target=run, args=(tmp_path / str(n),)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [5, 5, 5]


@pytest.mark.needs("bubblewrap")
def test_nothing_is_left_behind(plan, tmp_path):
    """When an engine is closed, no process of it is left."""
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    with Engine(plan, limits=LIMITS, modules=LIGHT) as engine:
        engine.run(submit(tmp_path, plan))
    left = [
        p
        for p in psutil.Process().children(recursive=True)
        if p.pid not in before and p.status() != psutil.STATUS_ZOMBIE
    ]
    assert left == []


def test_without_a_sandbox_it_has_to_be_asked_for(monkeypatch, plan):
    """Where no sandbox works, "auto" says what to install; "process" has to be asked for by name."""
    for level, reason in (("bubblewrap", "it is not installed"), ("user", "it needs root")):
        probe = isolation.Probe(works=False, reason=reason)
        monkeypatch.setitem(isolation._PROBES, level, lambda probe=probe: probe)
    with pytest.raises(AutograderError, match="No sandbox works here: it is not installed") as raised:
        Engine(plan)
    assert "autograder doctor" in raised.value.tip
    assert Engine(plan, isolation="process").isolation == "process"
    with pytest.raises(AutograderError, match="'moat'"):
        Engine(plan, isolation="moat")


@pytest.mark.needs("bubblewrap")
def test_bubblewrap_is_tried():
    """The probe runs a program in the sandbox that finds no network, no file and no process outside."""
    probe = isolation.probe_bubblewrap()
    assert probe.works
    assert probe.program in bubblewrap.bubblewrap_programs()
    assert isolation.describe_isolation("bubblewrap") == f"bubblewrap {probe.version} ({probe.program})"


def test_a_sandbox_that_leaks_does_not_work():
    """A probe that reaches something is no sandbox, and the reason says what it reached."""
    leaky = isolation._judge(type("Tried", (), {"stdout": "reached: network\n", "stderr": ""}), "bubblewrap")
    assert leaky == isolation.Probe(works=False, reason="in bubblewrap, a program still reaches network")


def test_the_process_level_runs_too(plan, tmp_path):
    """With no sandbox, the same submission gets the same points; the level says so, and no process is left."""
    with Engine(plan, isolation="process", limits=LIMITS, modules=LIGHT) as engine:
        daemon = "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'], start_new_session=True)\nanswer = 42\nprint(child.pid)"
        graded = engine.run(submit(tmp_path, plan, daemon))
    assert (graded.result.isolation, graded.result.score) == ("process", 5)
    pid = int(next(c for c in graded.notebook.cells if c.metadata.nbgrader.grade_id == "first").outputs[0].text)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_the_grader_may_have_more_files_on_their_way_than_a_kernel(engine):
    """The system counts them for each user: a kernel that sends a thousand to itself keeps no grader from sending one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == hard or soft >= 16 * LIMITS.open_files


def test_large_notebooks_are_judged_before_others_run(engine, plan, tmp_path):
    """What waits for its judgement is in memory: the notebook counts as its answers do."""
    submission = submit(tmp_path, plan, f"answer = 42  # {'x' * 10**6}")
    run = engine.execute(submission)
    assert 10**6 < run.size < 2 * 10**6
    assert engine.judge(run).result.score == 5
