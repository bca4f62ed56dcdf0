"""The solved notebook can be had as a page, run."""

import pytest

from autograder.compile import rendering
from autograder.compile.compiler import build
from autograder.errors import BuildError, OutOfTimeError
from tests.compile.small import SOLUTION, write_small_course


def test_a_page_with_outputs_is_written_on_request(tmp_path):
    """It lies beside the solved notebook, whose own file stays without outputs."""

    def change(notebook):
        notebook.cells[2].source = SOLUTION + "\nprint('the total is', total)"

    write_small_course(tmp_path, change)
    build(tmp_path, "small", gate=False, html=True, tell=lambda line: None)
    folder = tmp_path / "solutions" / "small"
    assert "the total is 342" in (folder / "small.html").read_text(encoding="utf-8")
    assert "the total is 342" not in (folder / "small.ipynb").read_text(encoding="utf-8")


def test_a_solved_notebook_that_fails_is_told(tmp_path):
    """The cell's own error is in the sentence, and nothing is published."""

    def change(notebook):
        notebook.cells[2].source = SOLUTION.replace("base * 111", "base * nothing")

    write_small_course(tmp_path, change)
    with pytest.raises(BuildError, match="NameError: name 'nothing' is not defined"):
        build(tmp_path, "small", gate=False, html=True, tell=lambda line: None)
    assert not (tmp_path / "solutions").exists()


def test_a_solved_notebook_that_is_too_slow_is_told(tmp_path, monkeypatch):
    """Which cell it was, how long it may take, and what it had printed."""
    monkeypatch.setattr(rendering, "_CELL_SECONDS", 3)

    def change(notebook):
        notebook.cells[2].source = SOLUTION + "\nprint('begun', flush=True)\n__import__('time').sleep(60)"

    write_small_course(tmp_path, change)
    with pytest.raises(
        OutOfTimeError, match=r"(?s)^Cell \d+ of the solved small\.ipynb was stopped: it may take 3 s.*begun"
    ):
        build(tmp_path, "small", gate=False, html=True, tell=lambda line: None)
