"""A class of the tiny assignment, graded whole."""

import json
import stat
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.errors import GradeError
from autograder.files import held
from autograder.grade import GradeRequest, Limits, grade
from autograder.grade import grade as run
from autograder.model import SubmissionResult
from tests.grade.tiny import NAME, submission, write_course
from tests.needs import strongest_level

STRONGEST = strongest_level()


def _page(result: SubmissionResult, executed: nbformat.NotebookNode | None, path: Path, **_: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(result.student)


def _pages_since(out: Path, moment: float) -> list[str]:
    """Return the students whose pages were written since: another process writes them."""
    return sorted(page.read_text() for page in (out / "feedback").rglob("*.html") if page.stat().st_mtime >= moment)


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> GradeRequest:
    """A class of four: right, blank, none of ours, no notebook."""
    root = tmp_path_factory.mktemp("class")
    assignment, release = write_course(root)
    folder = root / "in"
    folder.mkdir()
    nbformat.write(submission(), folder / "ada.ipynb")
    nbformat.write(submission("# YOUR CODE HERE", "YOUR ANSWER HERE"), folder / "=bob.ipynb")
    nbformat.write(nbformat.v4.new_notebook(), folder / "carl.ipynb")
    (folder / "dora.ipynb").write_text("no notebook")
    return GradeRequest(
        folder, assignment, release, root / "out", jobs=2, isolation=STRONGEST, limits=Limits(60, memory=2)
    )


@pytest.fixture(scope="module")
def results(request_: GradeRequest) -> tuple[SubmissionResult, ...]:
    """The class's results."""
    return grade(request_, Console(stderr=True), _page)


def test_every_submission_has_a_result(results: tuple[SubmissionResult, ...]) -> None:
    """Each student is told apart, and what is no notebook of ours costs nobody else anything."""
    told = {result.student: (result.status, result.score, result.max_score) for result in results}
    assert told == {
        "=bob": ("graded", 0.0, 3.0),
        "ada": ("graded", 3.0, 3.0),
        "carl": ("wrong_assignment", 0.0, 3.0),
        "dora": ("unreadable", 0.0, 3.0),
    }
    assert {result.isolation for result in results} == {STRONGEST}


def test_files_are_where_the_contract_says(request_: GradeRequest, results: tuple[SubmissionResult, ...]) -> None:
    """Results, grades, notebooks and pages are written, each student's in a folder of its own."""
    out = request_.out
    assert len((out / "results.jsonl").read_text().splitlines()) == len(results)
    assert (out / "autograded" / "ada" / NAME / f"{NAME}.ipynb").is_file()
    assert (out / "feedback" / "ada" / f"{NAME}.html").read_text() == "ada"
    assert "'=bob" in (out / "grades.csv").read_text()


def test_what_happened_is_written_down(request_: GradeRequest, results: tuple[SubmissionResult, ...]) -> None:
    """The logs tell of each submission and of each process, and are the grader's alone."""
    ours = (request_.logs / "grade.log").read_text()
    assert all(f"{result.student}: {result.status}, {result.score:g} of 3" in ours for result in results)
    assert "ended with exit code" in (request_.logs / "judging.log").read_text()
    assert "Started as process" in (request_.logs / "sandbox.log").read_text()
    assert stat.S_IMODE(request_.logs.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in request_.logs.iterdir()} == {0o600}


def test_the_gradebook_leaves_words_to_people(request_: GradeRequest, results: tuple[SubmissionResult, ...]) -> None:
    """The machine's scores stand in nbgrader's gradebook; a written answer waits for a person, a blank one is 0."""
    with Gradebook(f"sqlite:///{request_.out / 'gradebook.db'}") as gradebook:
        ada = {grade.name: grade for grade in gradebook.find_submission_notebook(NAME, NAME, "ada").grades}
        assert (ada["ex1_test"].auto_score, ada["ex1_test"].needs_manual_grade) == (3.0, False)
        assert (ada["ex1_written"].auto_score, ada["ex1_written"].needs_manual_grade) == (None, True)
        bob = next(student for student in gradebook.students if student.lms_user_id == "=bob")
        blank = gradebook.find_grade("ex1_written", NAME, NAME, bob.id)
        assert (blank.auto_score, blank.needs_manual_grade) == (0.0, False)


def test_a_second_run_grades_what_is_new(request_: GradeRequest, results: tuple[SubmissionResult, ...]) -> None:
    """Students with a result are skipped; a mark by hand survives, and so does the result file."""
    with Gradebook(f"sqlite:///{request_.out / 'gradebook.db'}") as gradebook:
        gradebook.find_grade("ex1_written", NAME, NAME, "ada").manual_score = 1.5
        gradebook.db.commit()
    nbformat.write(submission("answer = 41"), request_.path / "emil.ipynb")
    moment = time.time()
    again = grade(request_, Console(stderr=True), _page)
    assert _pages_since(request_.out, moment) == ["emil"]
    assert [result.student for result in again] == ["=bob", "ada", "carl", "dora", "emil"]
    with Gradebook(f"sqlite:///{request_.out / 'gradebook.db'}") as gradebook:
        assert gradebook.find_grade("ex1_written", NAME, NAME, "ada").manual_score == 1.5
    last = json.loads((request_.out / "results.jsonl").read_text().splitlines()[-1])
    assert list(last)[:4] == ["student", "assignment", "status", "score"]


def test_what_was_handed_in_again_is_graded_again(
    request_: GradeRequest, results: tuple[SubmissionResult, ...]
) -> None:
    """A notebook that changed loses its old result and gets a new one; the results as they were stay beside them."""
    nbformat.write(submission("answer = -1"), request_.path / "ada.ipynb")
    moment = time.time()
    again = {result.student: result.score for result in grade(request_, Console(stderr=True), _page)}
    assert _pages_since(request_.out, moment) == ["ada"]
    assert again["ada"] == 0.0
    before = [json.loads(line) for line in (request_.out / "results.previous.jsonl").read_text().splitlines()]
    assert {result["student"]: result["score"] for result in before}["ada"] == 3.0
    students = [json.loads(line)["student"] for line in (request_.out / "results.jsonl").read_text().splitlines()]
    assert sorted(students) == sorted(set(students))


def test_a_missing_release_is_told(request_: GradeRequest, tmp_path: Path) -> None:
    """Grading without a build says what to run."""
    asked = GradeRequest(request_.path, request_.assignment, tmp_path / "nowhere", tmp_path / "o")
    with pytest.raises(GradeError) as raised:
        run(asked, Console(stderr=True), _page)
    assert "autograder build" in str(raised.value.tip)


def test_two_runs_do_not_write_into_one_folder(request_: GradeRequest, results: tuple[SubmissionResult, ...]) -> None:
    """The second is refused, and has changed nothing."""
    before = (request_.out / "results.jsonl").read_bytes()
    with held(request_.out), pytest.raises(GradeError, match="Another run is grading into"):
        grade(request_, Console(stderr=True), _page)
    assert (request_.out / "results.jsonl").read_bytes() == before
