"""The ledger is who writes: it repairs what a kill left, and keeps assignments apart."""

from pathlib import Path

from autograder.grade.ledger import Ledger
from autograder.grade.results import append_result, read_results
from autograder.model import Submission, SubmissionResult


def _result(student: str, assignment: str = "hw1") -> SubmissionResult:
    return SubmissionResult(student, assignment, "graded", 1.0, 3.0, "process", 1.5)


def _submission(student: str, tmp_path: Path, text: str = "{}", assignment: str = "hw1") -> Submission:
    path = tmp_path / f"{student}.ipynb"
    path.write_text(text)
    return Submission(student, assignment, path, str(path))


def test_half_a_line_is_cut_off_by_the_writer(tmp_path: Path) -> None:
    """A kill in the middle of a line costs that line, in both files, and the next one stands on its own."""
    ledger, ada, bob = Ledger(tmp_path), _submission("ada", tmp_path), _submission("bob", tmp_path)
    append_result(ledger.results, _result("ada"))
    ledger.note(ada)
    for name in ("results.jsonl", "submissions.jsonl"):
        with (tmp_path / name).open("a") as file:
            file.write('{"student": "bo')
    assert ledger.waiting([ada, bob]) == [bob]
    ledger.note(bob)
    append_result(ledger.results, _result("bob"))
    assert [one.student for one in read_results(ledger.results)] == ["ada", "bob"]
    assert set(ledger.digests()) == {("ada", "hw1"), ("bob", "hw1")}


def test_to_begin_anew_is_about_one_assignment(tmp_path: Path) -> None:
    """The other's results, and what they were made from, stay; a line that is no result stops nobody."""
    ledger = Ledger(tmp_path)
    for name in ("hw1", "hw2"):
        append_result(ledger.results, _result("ada", name))
        ledger.note(_submission("ada", tmp_path, assignment=name))
    with ledger.results.open("a") as file:
        file.write("no json\n")
    ledger.forget("hw2")
    assert [one.assignment for one in read_results(ledger.results)] == ["hw1"]
    assert [one.assignment for one in read_results(ledger.previous)] == ["hw2"]
    assert set(ledger.digests()) == {("ada", "hw1")}


def test_what_is_taken_away_is_noted_for_its_assignment(tmp_path: Path) -> None:
    """What hw1's results were before stays when hw2's change."""
    ledger = Ledger(tmp_path)
    append_result(ledger.previous, _result("carl"))
    for name in ("hw1", "hw2"):
        append_result(ledger.results, _result("ada", name))
        ledger.note(_submission("ada", tmp_path, assignment=name))
    changed = _submission("ada", tmp_path, "[]", "hw2")
    assert ledger.waiting([changed]) == [changed]
    assert [(one.student, one.assignment) for one in read_results(ledger.previous)] == [("carl", "hw1"), ("ada", "hw2")]
    assert [one.assignment for one in read_results(ledger.results)] == ["hw1"]
