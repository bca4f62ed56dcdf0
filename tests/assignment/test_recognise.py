"""An assignment's notebooks are told from others by their cells."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.assignment.plan import make_plan
from autograder.assignment.recognise import recogniser
from tests.grade import tiny


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_cells_tell(tmp_path: Path, encoding: str) -> None:
    """A submission is known in any encoding, another notebook is not; a file that can't be read raises."""
    assignment, release = tiny.write_course(tmp_path)
    holds = recogniser(make_plan(assignment.folder, release))
    own, other = tmp_path / "own.ipynb", tmp_path / "other.ipynb"
    own.write_bytes(nbformat.writes(tiny.submission()).encode(encoding))
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1")]), other)
    assert holds(own)
    assert not holds(other)
    with pytest.raises(OSError, match="missing"):
        holds(tmp_path / "missing.ipynb")
    other.write_bytes(other.read_bytes()[:20])
    assert holds(other), "it breaks off"
