"""Half a file is told from a whole one, by its name and by its content."""

import io
import json
import tarfile
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.watch.stamps import scan
from autograder.watch.whole import is_partial, is_whole
from tests.grade.tiny import submission


def _is_whole(path: Path) -> bool:
    return is_whole(str(path), scan(path.parent)[str(path)])


def _archive(kind: str) -> bytes:
    """Return an archive with a notebook in it."""
    content, data = nbformat.writes(submission()).encode(), io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr("a.ipynb", content)
    else:
        with tarfile.open(fileobj=data, mode="w:gz" if kind == "tar.gz" else "w") as tar:
            member = tarfile.TarInfo("a.ipynb")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return data.getvalue()


def test_no_beginning_of_a_notebook_is_whole(tmp_path: Path) -> None:
    """Whatever was written of it: a text in it may hold every bracket and quote."""
    notebook = submission('answer = 42  # }}}]]] "\\"" {[')
    text = nbformat.writes(notebook, indent=None)
    path = tmp_path / "ada.ipynb"
    for end in (0, 1, *range(2, len(text), 7), len(text) - 1):
        path.write_text(text[:end])
        assert not _is_whole(path), text[:end][-40:]
    path.write_text(text + "\n")
    assert _is_whole(path)


@pytest.mark.parametrize("content", [b"<html>", b"\0" * 40, b'{"a": "}', b'{"cells": [}'])
def test_what_is_no_notebook_may_become_one(content: bytes, tmp_path: Path) -> None:
    """A page, a file that was made as large as it will be, and brackets that don't close."""
    path = tmp_path / "ada.ipynb"
    path.write_bytes(content)
    assert not _is_whole(path)


def test_a_hostile_notebook_is_looked_at_quickly(tmp_path: Path) -> None:
    """Neither depth nor many values nor escapes take memory or time: nothing is built of it."""
    path = tmp_path / "ada.ipynb"
    for value in ("[" * 10**6 + "]" * 10**6, json.dumps("\\" * 10**6), json.dumps([[]] * 10**6)):
        path.write_text(f'{{"cells": {value}}}')
        assert _is_whole(path)


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "tar"])
def test_half_an_archive_is_not_whole(kind: str, tmp_path: Path) -> None:
    """It has no end."""
    data, path = _archive(kind), tmp_path / f"ada.{kind}"
    for part in (0, 1, 300, len(data) - 1):
        path.write_bytes(data[:part])
        assert not _is_whole(path), part
    path.write_bytes(data)
    assert _is_whole(path)


def test_other_files_are_whole(tmp_path: Path) -> None:
    """Nobody looks into them."""
    (tmp_path / "plot.png").write_bytes(b"\x89PNG")
    assert _is_whole(tmp_path / "plot.png")


def test_names_of_halves() -> None:
    """What programs call a file until it is whole."""
    halves = ["a.ipynb.part", "a.zip.crdownload", "~a.ipynb", "a.ipynb~", ".a.ipynb.Xk2f", "a.TMP", ".a.tar.gz.x"]
    assert [name for name in halves if not is_partial(name)] == []
    assert [name for name in ("a.ipynb", "a.zip", ".DS_Store", "._a.ipynb", "apart") if is_partial(name)] == []
