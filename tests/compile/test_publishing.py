"""Outputs are put in place all together, or not at all."""

from pathlib import Path

import pytest

from autograder.compile.publishing import publish, staging


def write(path: Path, text: str) -> None:
    """Write a file, its folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_new_outputs_replace_old_ones_whole(tmp_path):
    """A file that the new build doesn't make any more is gone."""
    write(tmp_path / "release/a/old.txt", "old")
    with staging(tmp_path) as stage:
        write(stage / "release/a/new.txt", "new")
        write(stage / "dist/a.zip", "zip")
        publish(stage, tmp_path, ("release/a", "dist/a.zip"))
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()) == [
        "dist/a.zip",
        "release/a/new.txt",
    ]


def test_what_was_there_comes_back_when_a_move_fails(tmp_path, monkeypatch):
    """The second output can't be moved: the first one's old content is back as well."""
    write(tmp_path / "one/file", "old one")
    write(tmp_path / "two/file", "old two")
    rename = Path.rename

    def failing(self, target):
        if self.name == "two" and "first" in self.parts and "replaced" not in self.parts:
            raise OSError("disk full")
        return rename(self, target)

    with staging(tmp_path) as temporary:
        stage = temporary / "first"
        write(stage / "one/file", "new one")
        write(stage / "two/file", "new two")
        monkeypatch.setattr(Path, "rename", failing)
        with pytest.raises(OSError, match="disk full"):
            publish(stage, tmp_path, ("one", "two"))
        monkeypatch.undo()
    assert (tmp_path / "one/file").read_text() == "old one"
    assert (tmp_path / "two/file").read_text() == "old two"


def test_the_stage_is_removed_whatever_happens(tmp_path):
    """Nothing is left beside the project's folders."""

    def fail() -> None:
        with staging(tmp_path) as stage:
            write(stage / "file", "text")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []
