"""Submissions run side by side, as many as there are jobs, and are judged one at a time meanwhile."""

import threading
from pathlib import Path

import pytest

from autograder.execute.engine import FinishedRun
from autograder.grade import workers
from autograder.grade.workers import LocalWorkers
from autograder.model import Submission
from autograder.sandbox.limits import Limits

JOBS = 2


class _Sized(FinishedRun):
    """What has run, with so many bytes of answers as the engine says."""

    @property
    def size(self) -> int:
        """The number that it was made with."""
        return self.process


class _Engine:
    """Runs at once; judges nothing before so many have run, or a time is over."""

    def __init__(self, wanted: int, size: int) -> None:
        self.wanted, self.size = wanted, size
        self.running = self.most = self.ran = 0
        self.enough, self.lock, self.judging = threading.Event(), threading.Lock(), threading.Lock()

    def execute(self, submission: Submission) -> FinishedRun:
        """Count."""
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        threading.Event().wait(0.05)
        with self.lock:
            self.running, self.ran = self.running - 1, self.ran + 1
            if self.ran >= self.wanted:
                self.enough.set()
        return _Sized(submission, None, None, self.size, 0.0)

    def judge(self, ran: FinishedRun) -> tuple[str, int]:
        """Return the student, and how many had run when the judgement began."""
        with self.judging:
            self.enough.wait(10)
            return ran.submission.student, self.ran


@pytest.mark.parametrize(("size", "wanted"), [(20_000_000, 5), (500_000_000, 2)])
def test_others_run_while_some_wait_for_their_judgement(
    size: int, wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two jobs and a judgement that takes long, a fifth submission has run, unless answers take much memory.

    More than two never run at a time.
    """
    engine = _Engine(wanted, size)
    monkeypatch.setattr(workers, "Engine", lambda *_, **__: engine)
    crew = LocalWorkers(None, jobs=JOBS, isolation="process", limits=Limits())
    class_ = [Submission(f"s{number}", "small", Path("x.ipynb"), "x") for number in range(12)]
    begun: list[str] = []
    results = list(crew.grade(class_, begun.append))
    assert sorted(student for student, _ in results) == sorted(begun) == sorted(one.student for one in class_)
    first = min(ran for _, ran in results)
    assert first >= 5 if wanted == 5 else first == 2
    assert engine.most == JOBS
