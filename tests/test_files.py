"""A file is there as a whole, old or new, whatever happens while it is written."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.files import append_line, held, replacing, write_file


def test_a_file_is_written_with_its_folder(tmp_path: Path) -> None:
    """Bytes as they are, text in its encoding, line ends untouched."""
    path = tmp_path / "new" / "folder" / "table.csv"
    write_file(path, "é\r\n", "utf-8-sig")
    assert path.read_bytes() == b"\xef\xbb\xbf\xc3\xa9\r\n"
    write_file(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert list(path.parent.iterdir()) == [path]


def test_what_no_encoding_has_a_place_for_becomes_a_question_mark(tmp_path: Path) -> None:
    """Half a pair of surrogates, as a name from JSON may hold it, stops nobody's file."""
    write_file(tmp_path / "page.html", "Ada \ud800")
    assert (tmp_path / "page.html").read_text("utf-8") == "Ada ?"


def write_half(path: Path) -> None:
    """Begin to write a file, and be stopped."""
    with replacing(path) as partial:
        partial.write_text("half")
        raise KeyboardInterrupt


def test_the_old_file_stays_when_writing_fails(tmp_path: Path) -> None:
    """And nothing else stays."""
    path = tmp_path / "gradebook.db"
    path.write_text("old")

    with pytest.raises(KeyboardInterrupt):
        write_half(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_is_a_folder_keeps_what_it_has(tmp_path: Path) -> None:
    """The error is the system's, and no part of the file is left."""
    (tmp_path / "out").mkdir()
    with pytest.raises(OSError, match="out"):
        write_file(tmp_path / "out", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is full a file of lines has the lines of before, and the next one stands behind them."""
    path = tmp_path / "results.jsonl"
    append_line(path, ["ada"])

    def full(_: int) -> None:
        """Fail as a full disk does."""
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            append_line(path, ["bob"])
    assert path.read_text() == '["ada"]\n'
    append_line(path, ["bob"])
    assert path.read_text() == '["ada"]\n["bob"]\n'


@pytest.mark.parametrize("half", ['["bo', "x" * 10_000])
@pytest.mark.parametrize("before", ["", '["ada"]\n'])
def test_a_line_that_was_cut_off_goes(tmp_path: Path, half: str, before: str) -> None:
    """The next one stands behind the last whole one."""
    path = tmp_path / "results.jsonl"
    path.write_text(before + half)
    append_line(path, ["carl"])
    assert path.read_text() == before + '["carl"]\n'


HOLD = """
import sys, time
from pathlib import Path
from autograder.files import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_another_process_holds_is_refused(tmp_path: Path, kind: str) -> None:
    """Until that one ends, however it does."""
    path = tmp_path if kind == "folder" else tmp_path / "file"
    path.exists() or path.write_bytes(b"")
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(BlockingIOError), held(path):
            pass
        other.kill()
        with held(path, wait=True):
            pass
    assert list(tmp_path.iterdir()) == ([] if kind == "folder" else [path])


def test_what_is_not_there_is_held_by_nobody(tmp_path: Path) -> None:
    """Whoever makes it will find that out."""
    with held(tmp_path / "none"), held(tmp_path / "none"):
        pass
