"""`grade --plain`, the slow way: the same scores, in a sandbox, and nothing shared or remembered."""

import dataclasses
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from autograder import cli
from autograder.assignment.settings import read_source
from autograder.demo.run import ASSIGNMENT, fill
from autograder.demo.students import STUDENTS
from autograder.grade import GradeRequest, Limits, grade
from autograder.grade.results import read_results
from autograder.model import SubmissionResult
from autograder.report import write_page
from tests.grade.tiny import NAME, submission, write_course
from tests.needs import strongest_level

STRONGEST = strongest_level()


def _comparable(result: SubmissionResult) -> SubmissionResult:
    """Return a result without time, way, and the digest of its claims: last digits of a network's values differ."""
    assert result.receipt["verdict"]
    receipt = {name: digest for name, digest in result.receipt.items() if name != "claims"}
    return dataclasses.replace(result, seconds=0, plain=False, receipt=receipt)


def _both_ways(request: GradeRequest) -> None:
    """Grade a class both ways; everything that the machine says is the same but for how it was graded."""
    told = []
    for plain in (False, True):
        asked = dataclasses.replace(request, out=request.out / str(plain), plain=plain)
        title = request.assignment.title
        results = grade(asked, Console(stderr=True), write_page(title))
        assert {result.plain for result in results} == {plain}
        assert read_results(asked.out / "results.jsonl")[0].plain == plain
        told.append([_comparable(result) for result in results])
    assert told[0] == told[1]
    assert not (request.out / "True" / "tsne_memory").exists()


def test_scores_of_a_tiny_class_agree(tmp_path: Path) -> None:
    """Right, wrong, blank, an error, a broken test, and no notebook at all."""
    assignment, release = write_course(tmp_path)
    folder = tmp_path / "in"
    folder.mkdir()
    for name, code in {
        "ada": "answer = 42",
        "bob": "answer = 41",
        "carl": "",
        "dora": "1 / 0",
        "emil": "answer = 43",
    }.items():
        nbformat.write(submission(code), folder / f"{name}.ipynb")
    (folder / "fritz.ipynb").write_text("no notebook")
    limits = Limits(60, memory=2)
    _both_ways(GradeRequest(folder, assignment, release, tmp_path / "out", isolation=STRONGEST, limits=limits))


@pytest.mark.slow
def test_scores_of_real_submissions_agree(root: Path, tmp_path: Path) -> None:
    """One that is right, and one that is wrong in the middle."""
    release = root / "release" / "nbgrader" / ASSIGNMENT
    blank = nbformat.read(release / f"{ASSIGNMENT}.ipynb", as_version=4)
    (tmp_path / "in").mkdir()
    for student in STUDENTS:
        if student.name in ("Ada Lovelace", "Sofya Kovalevskaya"):
            nbformat.write(fill(blank, student), tmp_path / "in" / f"{student.name}.ipynb")
    assignment = read_source(root / "source" / ASSIGNMENT).assignment
    _both_ways(GradeRequest(tmp_path / "in", assignment, release, tmp_path / "out", isolation=STRONGEST, jobs=2))
    scores = {result.student: result.score for result in read_results(tmp_path / "out" / "True" / "results.jsonl")}
    assert scores == {"Ada Lovelace": 21.0, "Sofya Kovalevskaya": 15.0}


def test_the_command_line_asks_for_it() -> None:
    """`--plain` is off by default."""
    asked = ["grade", "in", "--assignment", NAME, "--out", "out"]
    assert not cli._parser().parse_args(asked).plain
    assert cli._parser().parse_args([*asked, "--plain"]).plain
