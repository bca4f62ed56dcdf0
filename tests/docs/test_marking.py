"""Every command of docs/marking.md works, in the order of the page."""

import shlex
from pathlib import Path

import pytest

from autograder import cli
from tests.course.two_students import graded_pair
from tests.docs.pages import commands

COMMANDS = [command.text for command in commands("docs/marking.md")]


def test_the_pages_commands_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each exits with 0, and each marker has a page."""
    out = graded_pair(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert len(COMMANDS) >= 2
    for command in COMMANDS:
        assert cli.main(shlex.split(command)[1:]) == 0, command
    assert (out / "marking-ada.html").exists()
    assert (out / "marking-ben.csv").exists()
