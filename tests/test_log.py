"""What happened is written down: on the terminal as far as it is asked for, and in private files of bounded size."""

import ast
import errno
import logging
import signal
import stat
import sys
import threading

import pytest

from autograder import log
from autograder.log import LoggedProcess, keep_logs, log_suppressed, logged_suppress, show_log
from tests.test_layers import modules

_LOGGER = logging.getLogger("autograder.tests")
BROAD = ("Exception", "BaseException")


@pytest.fixture
def folder(tmp_path):
    """A folder that takes logs meanwhile."""
    with keep_logs(tmp_path):
        yield tmp_path


@pytest.fixture
def shown():
    """Put the terminal's handler back as it was."""
    logger = logging.getLogger("autograder")
    level = logger.level
    yield show_log
    logger.removeHandler(log._TERMINAL)
    logger.setLevel(level)


def _run(*lines, name="maps"):
    """Run a program whose lines are these, and wait until what it wrote is logged."""
    process = LoggedProcess(name, [sys.executable, "-c", "\n".join(("import os, sys", *lines))])
    process.wait()
    process.end()
    return process


def test_a_process_has_a_file_of_its_own(folder):
    """What a process writes to standard error is in its kind's file, how it ended too; what this one says is elsewhere."""
    _LOGGER.info("from here")
    _run("print('lost')", "raise RuntimeError('a reason')")
    said = (folder / "maps.log").read_text()
    assert "RuntimeError: a reason" in said
    assert "ended with exit code 1" in said
    assert "lost" not in said
    ours = (folder / "grade.log").read_text()
    assert "from here" in ours
    assert "a reason" not in ours
    assert not (folder / "judging.log").exists()


def test_what_was_held_is_written_first(tmp_path):
    """What is suppressed before the folder of logs is known stands in its file, and the newest of much is kept."""
    with log.hold_log() as earlier:
        for number in range(2000):
            _LOGGER.debug("record %d.", number)
        with logged_suppress(OSError):
            raise OSError("before the run")
        with keep_logs(tmp_path, earlier):
            _LOGGER.info("from the run")
    text = (tmp_path / "grade.log").read_text()
    assert "OSError suppressed" in text
    assert text.index("before the run") < text.index("A run begins") < text.index("from the run")
    assert text.count("from the run") == 1
    assert "record 1999." in text
    assert "record 0." not in text


def test_a_process_without_logs_is_read_all_the_same():
    """It waits for nobody: its words are dropped, but the last of them are there for an error's sentence."""
    process = _run("sys.stderr.write('x' * 2_000_000 + chr(10))", "sys.stderr.write('the last\\n')")
    assert process.last_words().endswith("x\nthe last")
    assert process.stderr.closed


def test_a_process_that_is_ended_is_logged_as_that(folder):
    """The signal that ended it stands behind its last words."""
    process = LoggedProcess("judging", [sys.executable, "-c", "import time; time.sleep(60)"])
    process.end()
    assert f"exit code {-signal.SIGKILL}" in (folder / "judging.log").read_text()


def test_files_are_bounded(folder, monkeypatch):
    """However much a process writes, there is one file of its last words, and one of what came before."""
    for handler in logging.getLogger("autograder.process.sandbox").handlers:
        monkeypatch.setattr(handler, "maxBytes", 20_000)
    _run("for i in range(5000): sys.stderr.write(f'line {i}\\n')", "sys.stderr.write('y' * 100_000)", name="sandbox")
    files = sorted(folder.glob("sandbox*"))
    assert [file.name for file in files] == ["sandbox.log", "sandbox.log.1"]
    assert all(file.stat().st_size <= 20_000 for file in files)


def test_a_record_is_bounded(folder):
    """A message that a student made long is cut off: it goes into a file of bounded size."""
    _LOGGER.info("%s", "x" * 10_000_000)
    assert (folder / "grade.log").stat().st_size < 50_000


def test_a_file_is_its_owners_alone(folder):
    """Nobody else reads a log, whatever the folder allows."""
    _LOGGER.info("private")
    assert stat.S_IMODE((folder / "grade.log").stat().st_mode) == 0o600


def test_no_record_forges_another(folder):
    """A student's text can neither begin a line of the log nor command the terminal."""
    _LOGGER.info("%s", "ada\n2026-01-01 CRITICAL autograder: lies\x1b[2J\udcff")
    line, forged = (folder / "grade.log").read_text().splitlines()[-2:]
    assert line.endswith("ada")
    assert forged == "    2026-01-01 CRITICAL autograder: lies?[2J?"


def test_what_ended_a_run_is_in_its_log(tmp_path):
    """An exception on its way out leaves its traceback, and files are closed behind it."""
    with pytest.raises(ZeroDivisionError), keep_logs(tmp_path):
        raise ZeroDivisionError("no reason")
    _LOGGER.warning("afterwards")
    said = (tmp_path / "grade.log").read_text()
    assert "ZeroDivisionError: no reason" in said
    assert "afterwards" not in said


def _suppress(error):
    with logged_suppress(ValueError, OSError):
        raise error


def test_what_is_suppressed_is_logged_once(folder):
    """Each class and place has one line; what isn't named comes out as ever."""
    for _ in range(3):
        _suppress(ValueError("first"))
        _suppress(OSError("second"))
    with pytest.raises(KeyError):
        _suppress(KeyError("third"))
    lines = [line for line in (folder / "grade.log").read_text().splitlines() if "suppressed" in line]
    assert len(lines) == 2
    assert f"ValueError suppressed in {__name__}._suppress, line " in lines[0]
    assert lines[0].endswith("first")


def test_an_exception_that_was_never_raised_has_no_place(folder):
    """There is nothing to log of it."""
    log_suppressed(ValueError("made"))
    assert "made" not in (folder / "grade.log").read_text()


@pytest.mark.parametrize(("verbosity", "levels"), [(0, "WARNING"), (1, "WARNING INFO"), (2, "WARNING INFO DEBUG")])
def test_the_terminal_shows_what_is_asked_for(shown, capsys, verbosity, levels):
    """Warnings always, more with -v, everything with -vv; a second call changes the level and adds nothing."""
    shown(2)
    shown(verbosity)
    for level in (logging.WARNING, logging.INFO, logging.DEBUG):
        _LOGGER.log(level, "said")
    assert capsys.readouterr().err == "".join(f"{level} autograder.tests: said\n" for level in levels.split())


def test_nothing_broad_is_suppressed_in_silence():
    """Where any exception at all is caught, it is raised again, told or logged; what travels alone has no log."""
    alone = ("autograder.checks", "autograder.hidden", "autograder.sandbox.inside")
    silent = [
        f"{name}, line {node.lineno}"
        for name, path in modules()
        if not name.startswith(alone)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _is_silent(node)
    ]
    assert silent == []


def _is_silent(node):
    """Tell whether a piece of code catches any exception and leaves no trace of it."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("suppress", "contextlib.suppress"):
        return any(ast.unparse(kind) in BROAD for kind in node.args)
    if not isinstance(node, ast.ExceptHandler) or (node.type and ast.unparse(node.type) not in BROAD):
        return False
    body = [inner for statement in node.body for inner in ast.walk(statement)]
    return not any(
        isinstance(inner, ast.Raise) or (isinstance(inner, ast.Name) and inner.id == node.name) for inner in body
    )


def test_a_terminal_that_is_gone_stops_nothing(shown, folder, monkeypatch):
    """Where standard error is closed, a process is read and logged all the same."""
    shown(1)
    with (folder / "closed").open("w") as closed:
        pass
    monkeypatch.setattr(sys, "stderr", closed)
    _run("for i in range(2000): sys.stderr.write(f'line {i}\\n')")
    monkeypatch.undo()
    assert "line 1999" in (folder / "maps.log").read_text()


def test_several_processes_write_at_once(folder):
    """Lines of processes that run side by side are whole."""
    threads = [
        threading.Thread(target=_run, args=(f"for _ in range(200): sys.stderr.write('{n}' * 50 + chr(10))",))
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [line.rpartition(" ")[2] for line in (folder / "maps.log").read_text().splitlines()]
    assert all(lines.count(str(n) * 50) == 200 for n in range(3))


def test_a_full_disk_costs_lines_of_the_log_alone(folder, monkeypatch, capsys):
    """No traceback comes on the terminal; whoever writes results tells it."""
    asked = []

    def full(_):
        """Fail as a full disk does."""
        asked.append(1)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(log._File, "flush", full)
        _LOGGER.info("a line")
    assert asked
    assert capsys.readouterr().err == ""
