"""A student's result is explained: what the check said and saw, where the answer came from; and it is run once more."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from autograder import cli
from autograder.appeal import ExplainRequest, explain, explanation_lines, render_explanation
from autograder.collect.record_files import record_path
from autograder.errors import GradeError
from autograder.grade import GradeRequest, Limits, grade
from autograder.hidden.evidence import Evidence
from autograder.report import write_page
from tests.grade.tiny import NAME, submission, write_course
from tests.needs import strongest_level

NOTES = 'from autograder.hidden.evidence import note\nnote("the answer", answer, "right: 42")\n'
HOSTILE = "answer = 41  # <script>alert(1)</script> \x1b[31m"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course whose test notes what it sees, and a class of three."""
    root = tmp_path_factory.mktemp("course")
    assignment, release = write_course(root)
    source = assignment.folder / f"{NAME}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    notebook.cells[2].source = notebook.cells[2].source.replace(
        "### BEGIN HIDDEN TESTS\n", f"### BEGIN HIDDEN TESTS\n{NOTES}"
    )
    nbformat.write(notebook, source)
    (root / "in").mkdir()
    for student, code in {"ada": "answer = 42", "carl": HOSTILE, "dora": "answer = -1"}.items():
        nbformat.write(submission(code), root / "in" / f"{student}.ipynb")
    request = GradeRequest(
        root / "in", assignment, release, root / "out", jobs=2, isolation=strongest_level(), limits=Limits(120, memory=2), quiet=True
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


def _explain(root, student, **options):
    return explain(ExplainRequest(root / "out", root, student, **options))


def test_what_a_check_saw_is_told(graded):
    """The message that counts, what was measured, against what, and the cell that it came from."""
    explanation = _explain(graded, "carl")
    (check,) = explanation.checks
    assert check.result.diagnosis == "wrong_layer"
    assert check.evidence == (Evidence("the answer", "41", "right: 42"),)
    assert [(cell.name, cell.source) for cell in check.cells] == [("ex1_map", HOSTILE)]
    assert check.now is None
    text = "\n".join(explanation_lines(explanation))
    assert "ex1_test: 0 of 3, failed, wrong_layer" in text
    assert "the answer: 41   (right: 42)" in text
    assert "| answer = 41" in text
    assert "\x1b" not in text


def test_a_page_runs_nothing_of_a_students(graded):
    """What stands in a cell is text."""
    page = render_explanation(_explain(graded, "carl"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "right: 42" in page


def test_json_has_everything(graded):
    """For programs."""
    values = json.loads(_explain(graded, "ada").to_json())
    assert values["checks"][0]["evidence"] == [{"what": "the answer", "found": "42", "bound": "right: 42"}]
    assert values["checks"][0]["result"]["status"] == "passed"


def test_without_claims_it_says_so(root):
    """What counts is told all the same."""
    shutil.rmtree(root / "out" / "claims")
    explanation = _explain(root, "dora")
    assert explanation.note == "Nothing could be measured again: none were kept."
    assert explanation.checks[0].evidence == ()
    assert "has to be positive" in (explanation.checks[0].result.message or "")


def test_another_verdict_of_today_is_told(root):
    """Where the check was mended since, what it would say now stands beside what counts."""
    source = root / "source" / NAME / f"{NAME}.ipynb"
    source.write_text(source.read_text().replace("answer == 41", "answer == 1000"))
    (check,) = _explain(root, "carl").checks
    assert check.result.status == "failed"
    assert check.now is not None
    assert check.now.status == "passed"
    assert any("Judged today" in line for line in explanation_lines(_explain(root, "carl")))


def test_who_is_not_there_is_told(graded):
    """With the nearest name; and so is a check that isn't there."""
    with pytest.raises(GradeError, match="no result of 'adda'") as caught:
        _explain(graded, "adda")
    assert "ada" in (caught.value.tip or "")
    with pytest.raises(GradeError, match="no check 'ex9'"):
        _explain(graded, "ada", check="ex9")


def test_run_plainly_the_verdict_stands(graded):
    """It runs once more, without shortcuts, and says the same."""
    plain = _explain(graded, "carl", plain=True).plain
    assert plain is not None
    assert plain.stands
    assert plain.score == 0
    assert [check.diagnosis for check in plain.checks] == ["wrong_layer"]


def test_run_plainly_a_verdict_that_does_not_stand_is_told(root):
    """Which check differs, and how."""
    results = root / "out" / "results.jsonl"
    results.write_text(results.read_text().replace('"diagnosis": "wrong_layer"', '"diagnosis": "pooled"'))
    explanation = _explain(root, "carl", plain=True)
    assert explanation.plain is not None
    assert explanation.plain.differing == ("ex1_test",)
    text = "\n".join(explanation_lines(explanation))
    assert "does not stand" in text
    assert "0 of 3 (pooled) counts, 0 of 3 (wrong_layer) now" in text


def test_only_the_notebook_that_was_graded_is_run(root, tmp_path):
    """A file that was changed since, or is gone, is told; the right one may be given."""
    handed_in = root / "in" / "ada.ipynb"
    kept = shutil.copy(handed_in, tmp_path / "as handed in.ipynb")
    handed_in.write_text(handed_in.read_text() + "\n")
    with pytest.raises(GradeError, match="not the notebook of ada that was graded"):
        _explain(root, "ada", plain=True)
    shutil.rmtree(root / "in")
    with pytest.raises(GradeError):
        _explain(root, "ada", plain=True)
    explanation = _explain(root, "ada", plain=True, notebook=kept)
    assert explanation.plain is not None
    assert explanation.plain.stands


def test_the_command_line(root, capsys, monkeypatch):
    """It prints lines or JSON, and writes the page."""
    monkeypatch.chdir(root)
    assert cli.main(["explain", "out", "carl", "ex1_test", "--html", "why.html"]) == 0
    assert "wrong_layer" in capsys.readouterr().out
    assert "right: 42" in Path("why.html").read_text()
    assert cli.main(["explain", "out", "carl", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["result"]["student"] == "carl"
    assert cli.main(["explain", "out", "nobody"]) == 2


def test_evidence_stays_out_of_records(graded):
    """What is kept of a run is the same whoever asks: an explanation changes no digest."""
    before = (graded / "out" / "claims" / "students" / "ada" / f"{NAME}.json").read_bytes()
    _explain(graded, "ada")
    assert (graded / "out" / "claims" / "students" / "ada" / f"{NAME}.json").read_bytes() == before
