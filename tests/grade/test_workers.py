"""Submissions run side by side, as many as there are jobs, and are judged one at a time meanwhile."""

import threading
from pathlib import Path

import pytest

from autograder.execute.engine import Ran
from autograder.execute.limits import Limits
from autograder.grade import workers
from autograder.grade.workers import LocalWorkers
from autograder.model import Submission

JOBS = 2


class _Engine:
    """Runs at once; judges nothing before so many have run, or a time is over."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.running = self.most = self.ran = 0
        self.enough, self.lock, self.judging = threading.Event(), threading.Lock(), threading.Lock()

    def execute(self, submission: Submission) -> Ran:
        """Count."""
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        threading.Event().wait(0.05)
        with self.lock:
            self.running, self.ran = self.running - 1, self.ran + 1
            if self.ran >= self.wanted:
                self.enough.set()
        return Ran(submission, None, None, 0, 0.0)

    def judge(self, ran: Ran) -> tuple[str, int]:
        """Return the student, and how many had run when the judgement began."""
        with self.judging:
            self.enough.wait(10)
            return ran.submission.student, self.ran


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> _Engine:
    """What runs in the place of the engine."""
    engine = _Engine(wanted=5)
    monkeypatch.setattr(workers, "Engine", lambda *_, **__: engine)
    return engine


def test_others_run_while_some_wait_for_their_judgement(engine: _Engine) -> None:
    """With two jobs and a judgement that takes long, a fifth submission has run; more than two never run at a time."""
    crew = LocalWorkers(None, jobs=JOBS, isolation="process", limits=Limits())
    class_ = [Submission(f"s{number}", "small", Path("x.ipynb"), "x") for number in range(12)]
    begun: list[str] = []
    results = list(crew.grade(class_, begun.append))
    assert sorted(student for student, _ in results) == sorted(begun) == sorted(one.student for one in class_)
    assert min(ran for _, ran in results) >= 5
    assert engine.most == JOBS
