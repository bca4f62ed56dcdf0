"""Written answers are read from graded notebooks, and from nothing else."""

import json
from pathlib import Path

import nbformat
import pytest

from autograder.report.marking.answers import read_answers
from autograder.report.written_text import MAX_ANSWER_CHARACTERS, WrittenText
from tests.grade.tiny import submission


def test_answers_are_read(tmp_path: Path) -> None:
    """Cells that a person marks are read under their ids; tests and solutions are not."""
    path = tmp_path / "tiny.ipynb"
    nbformat.write(submission(words="I think so.\nIndeed."), path)
    assert read_answers(path) == {"ex1_written": (WrittenText("I think so.\nIndeed."),)}


def test_a_long_answer_is_cut(tmp_path: Path) -> None:
    """A sheet shows what a person reads, and a mark where it goes on."""
    path = tmp_path / "tiny.ipynb"
    nbformat.write(submission(words="x" * (MAX_ANSWER_CHARACTERS + 1)), path)
    assert read_answers(path)["ex1_written"][0].words == "x" * MAX_ANSWER_CHARACTERS + "…"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"cells": 3}', '{"cells": [3]}', '{"cells": [{}]}', '{"cells": [{"metadata": []}]}']
)
def test_what_is_no_notebook_has_no_answers(tmp_path: Path, text: str) -> None:
    """A damaged file, or none, costs its own answers and no more."""
    path = tmp_path / "tiny.ipynb"
    assert read_answers(path) == {}
    path.write_text(text)
    assert read_answers(path) == {}


def test_text_in_one_piece_is_read_too(tmp_path: Path) -> None:
    """A cell's source may be a list of lines or one text."""
    path = tmp_path / "tiny.ipynb"
    marks = {"nbgrader": {"grade": True, "solution": True, "grade_id": "q"}}
    path.write_text(json.dumps({"cells": [{"metadata": marks, "source": " Yes. "}]}))
    assert read_answers(path) == {"q": (WrittenText("Yes."),)}
