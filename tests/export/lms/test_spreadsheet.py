"""The plain CSV."""

import csv
import io
from pathlib import Path

from autograder.export import ExportRequest, export
from autograder.export.lms.spreadsheet import csv_bytes
from autograder.export.scores import count_scores
from autograder.model import Mark
from tests.export.class_lists import CLASS, TITLE, WRITTEN, result


def _rows(data: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))


def test_each_student_has_a_line() -> None:
    """Machine's points, marks and total stand side by side; what nobody has marked is blank."""
    marks = WRITTEN | {"eve": (Mark("ex1_written", None, 4.0), Mark("ex2_written", 1.0, 6.0))}
    rows = {row["student"]: row for row in _rows(csv_bytes(count_scores(CLASS, marks, {}, "all")[0]))}
    assert list(rows) == ["ada", "alan", "emmy", "eve", "grace"]
    assert (rows["ada"]["score"], rows["ada"]["max_score"], rows["ada"]["machine"]) == ("14.5", "27", "11")
    assert (rows["eve"]["score"], rows["eve"]["ex1_written"], rows["eve"]["ex2_written"]) == ("", "", "1")
    assert rows["eve"]["message"] == "written answers that nobody has marked: ex1_written"


def test_names_cannot_become_formulas() -> None:
    """What begins with = + - @ or a control sign gets an apostrophe, in every cell of text."""
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]
    rows = _rows(csv_bytes(count_scores([result(student) for student in hostile], {}, {}, None)[0]))
    assert {row["student"] for row in rows} == {f"'{student}" for student in hostile}


def test_a_spreadsheet_with_commas() -> None:
    """Decimal commas come with semicolons."""
    rows = _rows(csv_bytes(count_scores(CLASS, {}, {}, None)[0], comma=True), ";")
    assert [row["score"] for row in rows if row["student"] == "grace"] == ["7,5"]


def test_it_lies_beside_the_results(tmp_path: Path) -> None:
    """OUT/scores.csv, and nothing on a dry run."""
    request = ExportRequest(lms="csv", out=tmp_path, results=CLASS, title=TITLE, folder_name=str)
    assert export(request).path == tmp_path / "scores.csv"
    assert len(_rows((tmp_path / "scores.csv").read_bytes())) == len(CLASS)
