"""Every command of docs/give-back.md works, in the order of the page."""

import re
import shlex
from pathlib import Path

import pytest

from autograder import cli
from autograder.give_back.lms import find_systems
from tests.docs.pages import ROOT, commands
from tests.give_back.returning import DOWNLOADS, graded

PAGE = "docs/give-back.md"
COMMANDS = [command.text for command in commands(PAGE)]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_works(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each gives something back to a class of its system."""
    arguments = shlex.split(command)[1:]
    lms = arguments[arguments.index("--lms") + 1] if "--lms" in arguments else "folder"
    out, _ = graded(tmp_path, DOWNLOADS[lms])
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 0
    written = any((out / "return").rglob("*")) or any(Path(name).exists() for name in ("course/feedback", "site"))
    assert written is ("return" in arguments and "--dry-run" not in arguments)


def test_each_system_has_a_section() -> None:
    """With its command."""
    shown = set(re.findall(r"^autograder return \S+ --lms (\S+)", (ROOT / PAGE).read_text("utf-8"), re.MULTILINE))
    assert shown == set(find_systems())
