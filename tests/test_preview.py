"""An assignment can be looked at before anything is published."""

from __future__ import annotations

from pathlib import Path

import nbformat

from autograder import cli
from autograder.preview import preview
from tests.compile.small import write_small_course


def test_an_assignment_is_shown_and_nothing_published(tmp_path: Path) -> None:
    """The release as it is given out, run; feedback on it solved and blank, without a mark scheme."""
    write_small_course(tmp_path)
    pages = preview(tmp_path, "small")
    release, solved, blank = (page.read_text(encoding="utf-8") for page in pages)
    assert "total" in release
    assert "helper_value" not in release
    assert "<strong>2</strong> of 2 points checked by machine" in solved
    assert "were put back" not in solved
    assert "<strong>0</strong> of 2 points checked by machine" in blank
    graded = tmp_path / "preview" / "small" / "autograded" / "solved" / "small" / "small.ipynb"
    text = "\n".join(cell.source for cell in nbformat.read(graded, as_version=4).cells)
    assert "commutative" in text
    assert "by its name" not in text
    assert {path.name for path in tmp_path.iterdir()} == {"source", "preview", "requirements.lock"}


def test_without_a_browser_the_pages_are_named(monkeypatch, capsys, tmp_path: Path) -> None:
    """They can be opened by hand."""
    (tmp_path / "source" / "small").mkdir(parents=True)
    (tmp_path / "source" / "small" / "assignment.toml").touch()
    monkeypatch.setattr("autograder.preview.preview", lambda *_, **__: (tmp_path / "release.html",))
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    assert cli.main(["preview", "small", "--root", str(tmp_path)]) == 0
    told = capsys.readouterr()
    assert told.out == f"{tmp_path / 'release.html'}\n"
    assert "open these pages by hand" in told.err
