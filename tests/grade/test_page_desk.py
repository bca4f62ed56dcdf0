"""Pages are written beside the class, and what waits for them stays small."""

import time
from pathlib import Path

import pytest

from autograder.bounded.processes import BoundedProcesses
from autograder.execute.engine import Result
from autograder.grade import page_desk
from autograder.grade.page_desk import PageDesk
from autograder.model import SubmissionResult


@pytest.mark.parametrize(("most", "written"), [(10, ["ada"]), (10_000, [])])
def test_large_notebooks_do_not_pile_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, written: list[str]
) -> None:
    """Behind a large one, the class waits until it is written; behind others it goes on."""
    monkeypatch.setattr(page_desk, "_WAITING_BYTES", most)
    notebook = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    result = SubmissionResult("ada", "tiny", "graded", 3.0, 3.0, "bubblewrap", 1.0, None, ())
    with BoundedProcesses(__name__) as processes, PageDesk(slow_page, processes) as desk:
        desk.write(Result(result, notebook), tmp_path, ())
        assert [one.result.student for one in desk.written()] == written


def slow_page(*_: object, **__: object) -> None:
    """Take longer to write a page than the class needs to look."""
    time.sleep(0.5)
