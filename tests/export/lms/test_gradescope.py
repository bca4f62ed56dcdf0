"""What Gradescope's harness reads."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.export import ExportError, ExportRequest, export, results_json
from autograder.model import CheckResult, SubmissionResult
from autograder.stops import Stop
from tests.export.class_lists import CLASS, NAME, TITLE, WRITTEN, result

STATUSES = ["graded", "timeout", "memory", "crashed", "unreadable", "wrong_assignment"]


def _request(out: Path, **options: Any) -> ExportRequest:
    told = {"results": CLASS, "title": TITLE, "folder_name": lambda student: student.replace("/", "_")} | options
    return ExportRequest(lms="gradescope", out=out, **told)


def test_each_check_is_a_test() -> None:
    """Names, points and messages are those of the result, as text."""
    told = results_json(result("ada"))
    assert told["score"] == 11.0
    assert [(test["name"], test["score"], test["max_score"], test["status"]) for test in told["tests"]] == [
        ("ex2_plot", 2.0, 2.0, "passed"),
        ("ex2_activations", 9.0, 15.0, "failed"),
    ]
    assert told["tests"][1]["output"] == "No <b>layer</b>."
    assert {told["output_format"], *(test["output_format"] for test in told["tests"])} == {"text"}
    assert {test["visibility"] for test in told["tests"]} == {"visible"}


@pytest.mark.parametrize("status", STATUSES)
def test_every_outcome_has_a_score_and_a_reason(status: str) -> None:
    """Gradescope gets a score from whatever happened; what stopped a notebook is told."""
    told = results_json(SubmissionResult("ada", NAME, status, 0.0, 17.0, "process", 1.0))
    assert told["score"] == 0.0
    assert bool(told["output"]) is (status != "graded")


@pytest.mark.parametrize("stop", Stop)
def test_a_stop_is_told_once_with_its_cause(stop: Stop) -> None:
    """The message names the cause, a full disk too; no second sentence repeats it, or says something else first."""
    message = stop.sentence(" in ex2_map; answers to the other questions count")
    stopped = SubmissionResult("ada", NAME, stop.status, 0.0, 17.0, "process", 1.0, message)
    assert results_json(stopped)["output"] == message
    assert results_json(replace(stopped, message=None))["output"] == Stop(stop.status).sentence()


def test_the_graders_fault_is_told_as_one() -> None:
    """A check that the grader failed at shows no inside of the grader."""
    check = CheckResult("ex2_plot", "error", 0.0, 2.0, message="Traceback: /secret/path")
    told = results_json(SubmissionResult("ada", NAME, "graded", 0.0, 2.0, "process", 1.0, None, (check,)))
    assert told["tests"][0]["output"] == "The grader itself failed here; a person has to look at this."


def test_any_text_is_json() -> None:
    """Half a character, which a student's text may hold, becomes one that every reader takes."""
    check = CheckResult("ex2_plot", "failed", 0.0, 2.0, message="a\udcffb\x00")
    told = json.dumps(results_json(SubmissionResult("ada", NAME, "graded", 0.0, 2.0, "process", 1.0, None, (check,))))
    assert json.loads(told)["tests"][0]["output"] == "a?b\x00"
    assert "\\ud" not in told


def test_marks_are_tests_too() -> None:
    """Written answers that a person marked come with their points and comments."""
    told = results_json(result("ada"), WRITTEN["ada"])
    assert told["score"] == 14.5
    assert told["tests"][2]["output"] == "Say <i>why</i>."


def test_each_student_has_a_file(tmp_path: Path) -> None:
    """One results.json in each student's folder, under a safe name."""
    results = (*CLASS, result("../zoe"))
    outcome = export(_request(tmp_path, results=results))
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert outcome.path == tmp_path / "gradescope"
    assert files == sorted(
        f"gradescope/{name}/results.json" for name in ("ada", "grace", "alan", "eve", "emmy", ".._zoe")
    )
    assert json.loads((tmp_path / "gradescope" / "ada" / "results.json").read_text())["score"] == 11.0


def test_marks_go_out_once_all_are_there(tmp_path: Path) -> None:
    """As in the other systems' files."""
    export(_request(tmp_path, marks=WRITTEN))
    assert json.loads((tmp_path / "gradescope" / "ada" / "results.json").read_text())["score"] == 14.5


def test_one_students_file(tmp_path: Path) -> None:
    """--student writes one, where --output says; one who is not there is told."""
    request = _request(tmp_path, student="grace", output=tmp_path / "results" / "results.json")
    assert export(request).scores == 1
    assert json.loads(request.output.read_text())["score"] == 7.5
    assert len(list(tmp_path.rglob("*.json"))) == 1
    with pytest.raises(ExportError, match="no result of a student 'zoe'"):
        export(_request(tmp_path, student="zoe"))


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    """No folder is made."""
    assert export(_request(tmp_path, dry_run=True)).path is None
    assert list(tmp_path.iterdir()) == []


def test_what_was_never_begun_is_told_as_such() -> None:
    """The whole names the exercises, each of their checks says so, and answers in words are counted."""
    missing = CheckResult("ex3_plot", "failed", 0.0, 2.0, "missing", None, "`plot` is None, which shows nothing.")
    blank = SubmissionResult("ada", NAME, "graded", 0.0, 2.0, "process", 1.0, None, (missing,))
    told = results_json(blank)
    assert (told["output"], told["tests"][0]["output"]) == ("Nothing was answered.", "Exercise 3 was not answered.")
    assert results_json(blank, wrote=True)["output"] == "Exercise 3: not answered."
