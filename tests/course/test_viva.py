"""`report --viva` writes a sheet about a student's own maps, and says why where it can't."""

from pathlib import Path

import pytest

from autograder import cli
from autograder.grade.map_files import write_images, write_maps
from tests.course.two_students import graded_pair
from tests.grade.tiny import NAME
from tests.report.classes import IMAGES, drawn


def test_a_sheet_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For whoever has a map; it stands in a folder of its own, which nothing gives out."""
    out = graded_pair(tmp_path)
    monkeypatch.chdir(tmp_path)
    write_images(out, NAME, IMAGES)
    write_maps(out, "ada", NAME, (drawn(),))
    assert cli.main(["report", "out", "--viva", "ada"]) == 0
    assert "out/viva/ada.html" in capsys.readouterr().out
    assert "Question 3" in (out / "viva" / "ada.html").read_text("utf-8")
    assert cli.main(["report", "out", "--viva", "bob"]) == 2
    assert "There is no map of 'bob'" in capsys.readouterr().err
