"""What arrives in an inbox is graded once, whole, within seconds; and on where it was stopped."""

import dataclasses
import errno
import json
import shutil
import time
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.errors import GradeError
from autograder.execute.engine import Result
from autograder.grade import grade
from autograder.grade.results import append_result, read_results
from autograder.grade.workers import Turns
from autograder.model import Submission, SubmissionResult
from autograder.report import write_page
from autograder.watch import WatchRequest
from tests.grade.tiny import NAME, submission
from tests.watch.watching import Watched, make_course

DEADLINE = "[deadline]\nat = 2026-03-01T12:00:00\nzone = 'America/New_York'\n[late]\npercent = 10\n"
TEXT = nbformat.writes(submission())


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A course that the tests below watch one after the other."""
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def watched(course: Watched) -> Watched:
    """The course after a first day."""
    with course.running():
        course.hand_in("ada.ipynb")
        course.wait_for_score("ada", "graded", 3.0)
        half = course.inbox / "bob.ipynb"
        half.write_text(TEXT[: len(TEXT) // 2])
        (course.inbox / "zoe.ipynb.part").write_text(TEXT)
        time.sleep(1)  # five looks
        assert set(course.scores()) == {"ada"}  # half a notebook is nobody's hand-in
        half.write_text(TEXT)
        course.hand_in("ada.ipynb", "answer = -1")
        course.wait_for_score("bob", "graded", 3.0)
        course.wait_for_score("ada", "graded", 0.0)
        with zipfile.ZipFile(course.inbox / "carl.zip", "w") as zipped:
            zipped.writestr("work/homework.ipynb", TEXT)
        course.hand_in("dora/homework.ipynb")
        (course.inbox / "emil.ipynb").write_text(TEXT[:300])
        (course.inbox / "fay").mkdir()
        (course.inbox / "fay" / "essay.pdf").write_bytes(b"%PDF")
        course.wait_for_score("carl", "graded", 3.0)
        with pytest.raises(GradeError, match="Another run is grading into"):
            course.run()
        with pytest.raises(GradeError, match="Another run is grading into"):
            grade(course.request.grading, Console(quiet=True), write_page("Tiny"))
    return course


def test_each_hand_in_is_graded_as_it_was_last(watched: Watched) -> None:
    """Notebook, folder and archive; half a file, and a folder without a notebook, only when nobody goes on with them."""
    assert watched.scores() == {
        "ada": ("graded", 0.0),
        "bob": ("graded", 3.0),
        "carl": ("graded", 3.0),
        "dora": ("graded", 3.0),
        "emil": ("unreadable", 0.0),
        "fay": ("unreadable", 0.0),
    }
    told = [line.split(" ", 1)[1].partition(":")[0] for line in watched.said.getvalue().splitlines() if "of 3" in line]
    assert sorted(told) == ["ada", "ada", "bob", "carl", "dora", "emil", "fay"]


def test_everything_is_there_that_grade_writes(watched: Watched) -> None:
    """Pages, notebooks, receipts, gradebook, tables, and the class page."""
    out = watched.out
    for student in ("ada", "carl", "emil"):
        assert (out / "feedback" / student / f"{NAME}.html").is_file()
        assert (out / "receipts" / student / f"{NAME}.json").is_file()
    assert (out / "autograded" / "carl" / NAME / f"{NAME}.ipynb").is_file()
    assert "emil" in (out / "report.html").read_text()
    assert "fay" in (out / "grades.csv").read_text()
    assert "essay.pdf" in (out / "collected.csv").read_text()
    before = [json.loads(line) for line in (out / "results.previous.jsonl").read_text().splitlines()]
    assert {one["student"]: one["score"] for one in before}["ada"] == 3.0
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission(NAME, "bob").score == 3.0
    assert [path.name for path in out.rglob("*.part")] == []


def test_grade_has_nothing_left_to_do(watched: Watched) -> None:
    """By the same rules everything is graded; the result of each is the same line."""
    before = (watched.out / "results.jsonl").read_bytes()
    grade(watched.request.grading, Console(quiet=True), write_page("Tiny"))
    assert (watched.out / "results.jsonl").read_bytes() == before


def test_it_goes_on_where_it_was(watched: Watched, tmp_path: Path) -> None:
    """Called again, only what came or changed meanwhile is graded; people's marks stay."""
    with Gradebook(f"sqlite:///{watched.out / 'gradebook.db'}") as gradebook:
        mark = gradebook.find_grade("ex1_written", NAME, NAME, "bob")
        mark.manual_score, mark.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    before = watched.said.tell()
    watched.hand_in("bob.ipynb", "answer = -1")
    watched.hand_in("gus.ipynb")
    watched.run()
    told = [line for line in watched.said.getvalue()[before:].splitlines() if "of 3" in line]
    assert sorted(line.split(" ", 1)[1].partition(":")[0] for line in told) == ["bob", "gus"]
    assert watched.scores()["bob"] == ("graded", 0.0)
    with Gradebook(f"sqlite:///{watched.out / 'gradebook.db'}") as gradebook:
        mark = gradebook.find_grade("ex1_written", NAME, NAME, "bob")
        assert (mark.manual_score, mark.needs_manual_grade) == (1.5, False)  # for the same words
    assert "1.5" in (watched.out / "feedback" / "bob" / f"{NAME}.html").read_text()


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A disk that is full for a while, and a student whose hand-in fails on our side; the list has who was run."""
    full, run, take = [3], [], Turns.grade

    def append(path: Path, result: SubmissionResult) -> None:
        """Fail as a full disk does, three times."""
        if full[0]:
            full[0] -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        append_result(path, result)

    def grade_or_fail(turns: Turns, one: Submission) -> Result:
        """Fail for one student."""
        run.append(one.student)
        if one.student == "hal":
            raise RuntimeError("something broke.")
        return take(turns, one)

    monkeypatch.setattr("autograder.grade.recording.append_result", append)
    monkeypatch.setattr(Turns, "grade", grade_or_fail)
    return run


def test_what_fails_is_told_and_the_others_go_on(faults: list[str], tmp_path: Path) -> None:
    """A full disk, an inbox that is away for a while, a hand-in that fails twice; late work is late meanwhile."""
    course = make_course(tmp_path, DEADLINE, "student,until\nbob,2026-03-02\n")
    away = course.inbox.with_name("away")
    with course.running():
        course.hand_in(f"HW_ada_attempt_2026-03-02-10-30-00_{NAME}.ipynb")
        course.wait_for_score("ada", "graded", 3.0)
        course.inbox.rename(away)
        course.wait_for(lambda: "grading waits until it is back" in course.said.getvalue())
        shutil.copytree(away, course.inbox)
        course.hand_in(f"HW_hal_attempt_2026-03-01-10-30-00_{NAME}.ipynb")
        course.hand_in(f"HW_bob_attempt_2026-03-02-10-30-00_{NAME}.ipynb")
        course.wait_for_score("bob", "graded", 3.0)
    assert course.scores() == {"ada": ("graded", 3.0), "bob": ("graded", 3.0), "hal": ("crashed", 0.0)}
    said = course.said.getvalue()
    assert said.count("can't be written (No space left on device): grading waits until it can") == 1
    assert said.count("can be written again: grading goes on.") == 1
    assert said.count("can't be read (No such file or directory): grading waits until it is back.") == 1
    assert said.count("is back: grading goes on.") == 1
    assert sorted(faults) == ["ada", "bob", "hal", "hal"]
    results = {one.student: one for one in read_results(course.out / "results.jsonl")}
    assert {student: one.late.percent for student, one in results.items()} == {"ada": 10.0, "bob": 0.0, "hal": 0.0}
    message = "This submission could not be run: RuntimeError: something broke. A person has to look at it."
    assert results["hal"].message == message
    assert "1 day late" in (course.out / "feedback" / "ada" / f"{NAME}.html").read_text()


def test_wrong_folders_are_refused(tmp_path: Path) -> None:
    """An inbox that isn't there, or a file, and results that would lie in it."""
    course = make_course(tmp_path)
    inside = dataclasses.replace(course.request.grading, out=course.inbox / "out")
    with pytest.raises(GradeError, match="lies in the inbox"):
        Watched(WatchRequest(inside, tmp_path)).run()
    course.inbox.rmdir()
    with pytest.raises(GradeError, match="is no folder that could be watched"):
        course.run()
