"""A receipt is compared part by part: what is the same, what differs, and what nobody can tell."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from autograder import cli
from autograder.appeal import VerifyRequest, verification_lines, verify
from autograder.collect.record_files import record_path
from autograder.errors import GradeError
from autograder.grade import GradeRequest, Limits, grade
from autograder.report import write_page
from tests.grade.tiny import NAME, submission, write_course
from tests.needs import strongest_level


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of one."""
    root = tmp_path_factory.mktemp("course")
    assignment, release = write_course(root)
    (root / "in").mkdir()
    nbformat.write(submission("answer = 42"), root / "in" / "ada.ipynb")
    request = GradeRequest(
        root / "in", assignment, release, root / "out", isolation=strongest_level(), limits=Limits(120, memory=2), quiet=True
    )  # fmt: skip
    grade(request, Console(stderr=True), write_page("Tiny"))
    return root


@pytest.fixture
def root(graded, tmp_path):
    """A copy of the graded course, to be changed."""
    root = Path(shutil.copytree(graded, tmp_path / "course"))
    record = record_path(root / "out", NAME)
    record.write_text(record.read_text().replace(str(graded), str(root)))
    return root


def _receipt(root):
    return root / "out" / "receipts" / "ada" / f"{NAME}.json"


def _outcomes(root, **options):
    verification = verify(VerifyRequest(_receipt(root), None, root, **options))
    return {one.part: one.outcome for one in verification.comparisons}


def test_what_nobody_touched_is_the_same(graded):
    """Every part, and the command says so with 0."""
    assert set(_outcomes(graded).values()) == {"same"}
    assert len(_outcomes(graded)) == 7


def _change_results(root):
    path = root / "out" / "results.jsonl"
    path.write_text(path.read_text().replace('"score": 3.0', '"score": 2.0'))


def _change_notebook(root):
    nbformat.write(submission("answer = 41"), root / "in" / "ada.ipynb")


def _change_claims(root):
    path = root / "out" / "claims" / "students" / "ada" / f"{NAME}.json"
    path.write_text(path.read_text().replace("ex1_test", "ex1_tost"))


def _change_release(root):
    (root / "release" / "nbgrader" / NAME / "data.txt").write_text("another")


def _change_policy(root):
    path = root / "source" / NAME / "assignment.toml"
    path.write_text(path.read_text().replace("'Tiny'", "'Another'"))


def _change_checks(root):
    path = root / "source" / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text().replace("answer == 41", "answer == 39"))


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (_change_results, "verdict"),
        (_change_notebook, "notebook"),
        (_change_claims, "claims"),
        (_change_release, "release"),
        (_change_policy, "policy"),
        (_change_checks, "checks"),
    ],
)
def test_what_differs_is_named(root, change, part):
    """That part, and no other."""
    change(root)
    assert {name for name, outcome in _outcomes(root).items() if outcome == "differs"} == {part}


def test_what_is_gone_can_not_be_told(root):
    """The notebook, the claims, the assignment: none is called the same, or another."""
    for folder in ("in", "out/claims", "source"):
        shutil.rmtree(root / folder)
    outcomes = _outcomes(root)
    assert outcomes.pop("verdict") == "same"
    assert set(outcomes.values()) == {"unknown"}


def test_another_notebook_may_be_given(root, tmp_path):
    """The one that was handed in is the same, wherever it lies."""
    kept = Path(shutil.copy(root / "in" / "ada.ipynb", tmp_path / "kept.ipynb"))
    shutil.rmtree(root / "in")
    assert _outcomes(root, notebook=kept)["notebook"] == "same"
    kept.write_text("{}")
    assert _outcomes(root, notebook=kept)["notebook"] == "differs"
    assert _outcomes(root, notebook=tmp_path / "nowhere.ipynb")["notebook"] == "unknown"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"student": 1, "assignment": "a", "verdict": "v"}', "[" * 10_000]
)
def test_what_is_no_receipt_is_told(root, text):
    """In a sentence."""
    _receipt(root).write_text(text)
    with pytest.raises(GradeError, match="no receipt"):
        verify(VerifyRequest(_receipt(root), None, root))


def test_a_receipt_that_was_sent_needs_its_folder(root, tmp_path):
    """A student's copy lies anywhere."""
    copy = Path(shutil.copy(_receipt(root), tmp_path / "mine.json"))
    with pytest.raises(GradeError, match="no graded folder"):
        verify(VerifyRequest(copy, None, root))
    assert verify(VerifyRequest(copy, root / "out", root)).holds
    forged = json.loads(copy.read_text()) | {"verdict": "0" * 64}
    copy.write_text(json.dumps(forged))
    verification = verify(VerifyRequest(copy, root / "out", root))
    assert not verification.holds
    assert any("DIFFERS" in line for line in verification_lines(verification))


def test_the_command_line(root, capsys, monkeypatch):
    """0 where everything is as the receipt says, else 1; 2 where it is none."""
    monkeypatch.chdir(root)
    receipt = f"out/receipts/ada/{NAME}.json"
    assert cli.main(["verify", receipt]) == 0
    assert "Everything is as the receipt says." in capsys.readouterr().out
    _change_results(root)
    assert cli.main(["verify", receipt]) == 1
    assert cli.main(["verify", "out/results.jsonl"]) == 2
