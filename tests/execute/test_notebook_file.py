"""A notebook's file as any program writes it, and what is no notebook."""

import copy
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.execute.notebook_file import UnreadableError, read_file, read_notebook
from tests.fuzz import examples

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 4,
    "metadata": {},
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["Zo\u00eb\n", "thinks"]},
        {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None},
    ],
}


def _write(path, data):
    path = path / "x.ipynb"
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a notebook"),
        ('{"cells": 3}', "not a notebook"),
        ("\x00", "not JSON"),
    ],
)
def test_what_is_no_notebook_is_told(tmp_path, content, words):
    """A file that can't be read as a notebook is said to be none, and why."""
    path = tmp_path / "x.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableError, match=words):
        read_notebook(path)


def test_a_huge_notebook_is_not_read(tmp_path):
    """A file of 200 MB is refused by its size."""
    path = tmp_path / "x.ipynb"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    with pytest.raises(UnreadableError, match="200 MB"):
        read_notebook(path)


def test_the_old_format_is_read(tmp_path):
    """A notebook of nbformat 3 is brought up to date."""
    path = tmp_path / "old.ipynb"
    cell = {"cell_type": "code", "input": ["x = 1"], "outputs": [], "language": "python", "metadata": {}}
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": [cell], "metadata": {}}],
    }
    path.write_text(json.dumps(old), encoding="utf-8")
    assert read_notebook(path).cells[0].source == "x = 1"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is empty"),
        (b"\0" * 100, "nothing but zeros"),
        (b"<!DOCTYPE html><html><body>GitHub</body></html>", "a web page"),
        (b"\xef\xbb\xbf\n<html lang=de>", "a web page"),
        (b'{\n "cells": [\n<<<<<<< HEAD\n{\n=======\n>>>>>>> x\n', "merge conflict.*line 3"),
        (b"%PDF-1.4", "a PDF"),
        (b"PK\x03\x04", "an archive"),
        (b"# %%\nimport numpy as np\n", "a Python script"),
        (b'{"cells": [{"cell_type": "code"', "breaks off"),
    ],
)
def test_what_is_no_notebook_is_named(tmp_path, data, words):
    """The message says what the file is, so that the student knows what to hand in instead."""
    with pytest.raises(UnreadableError, match=f"(?s)not JSON.*{words}"):
        read_notebook(_write(tmp_path, data))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_encodings(tmp_path, encoding):
    """Whatever an editor saved it as, the words are the same."""
    text = json.dumps(NOTEBOOK, ensure_ascii=False, indent=1).replace("\n", "\r\n")
    notebook, note = read_file(_write(tmp_path, text.encode(encoding)))
    assert notebook.cells[0].source == "Zo\u00eb\nthinks"
    assert ("Latin-1" in note) == (encoding == "latin-1")


def test_zeros_behind_the_end_are_told(tmp_path):
    """A half-synchronised file is read as far as it goes."""
    notebook, note = read_file(_write(tmp_path, json.dumps(NOTEBOOK).encode() + bytes(50)))
    assert len(notebook.cells) == 2
    assert "zeros" in note


def _set(key, value, cell=None):
    def edit(notebook):
        (notebook if cell is None else notebook["cells"][cell])[key] = value

    return edit


def _take(key, cell=None):
    return lambda notebook: (notebook if cell is None else notebook["cells"][cell]).pop(key)


@pytest.mark.parametrize(
    "edit",
    [
        _set("metadata", None),
        _take("metadata"),
        _take("nbformat_minor"),
        _take("nbformat"),
        _set("nbformat", 5),
        _set("nbformat_minor", 99),
        _set("metadata", None, 0),
        _set("metadata", [], 1),
        _take("metadata", 1),
        _set("outputs", None, 1),
        _take("outputs", 1),
        _set("outputs", [3], 1),
        _take("execution_count", 1),
        _set("attachments", None, 0),
        lambda notebook: [cell.update(id="same") for cell in notebook["cells"]],
        lambda notebook: notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": None}),
        lambda notebook: notebook["cells"].append({"cell_type": "raw", "metadata": {}}),
    ],
)
def test_what_every_editor_opens_is_read(tmp_path, edit):
    """Null, missing and misplaced parts cost nothing."""
    content = copy.deepcopy(NOTEBOOK)
    edit(content)
    notebook, note = read_file(_write(tmp_path, content))
    assert [cell.source for cell in notebook.cells][:2] == ["Zo\u00eb\nthinks", "x = 1"]
    assert ("format 5" in note) == (content.get("nbformat") == 5)
    nbformat.validate(notebook)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_KEYS = st.sampled_from(["cell_type", "metadata", "source", "input", "outputs", "attachments", "id", "level"])
_CELL = st.dictionaries(_KEYS, _JSON | st.sampled_from(["code", "markdown", "raw", "heading"]), max_size=6)
_CONTENT = st.fixed_dictionaries(
    {},
    optional={
        "nbformat": _JSON | st.sampled_from([1, 2, 3, 4, 5]),
        "nbformat_minor": _JSON,
        "metadata": _JSON,
        "cells": _JSON | st.lists(_CELL, max_size=3),
        "worksheets": _JSON | st.lists(st.fixed_dictionaries({"cells": st.lists(_CELL, max_size=2)}), max_size=2),
    },
)
_BYTES = st.binary(max_size=60) | st.builds(
    lambda content, at, more: (data := json.dumps(content).encode())[: at % (len(data) + 1)] + more,
    _CONTENT,
    st.integers(0, 400),
    st.binary(max_size=4),
)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_CONTENT.map(lambda content: json.dumps(content).encode()) | _BYTES)
def test_any_file_is_a_notebook_or_told(data):
    """No input raises anything else, and what is read has cells of known types with text."""
    with TemporaryDirectory() as folder:
        try:
            notebook = read_notebook(_write(Path(folder), data))
        except UnreadableError:
            return
    assert all(isinstance(cell.source, str) for cell in notebook.cells)
