"""What lies in a folder is seen without following a link, and read only as it was seen."""

import os
from pathlib import Path

import pytest

from autograder.watch.stamps import ChangedError, opened, scan


def test_everything_below_a_folder_has_a_stamp(tmp_path: Path) -> None:
    """Files and folders at any depth, by the paths that the collect stage gives them."""
    (tmp_path / "ada" / "inner").mkdir(parents=True)
    (tmp_path / "ada" / "inner" / "a.ipynb").write_text("{}")
    stamps = scan(tmp_path)
    assert set(stamps) == {str(tmp_path / part) for part in ("ada", "ada/inner", "ada/inner/a.ipynb")}
    assert stamps[str(tmp_path / "ada")].is_folder
    assert (stamps[str(tmp_path / "ada/inner/a.ipynb")].size, stamps[str(tmp_path / "ada/inner/a.ipynb")].is_file) == (
        2,
        True,
    )


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link is seen, and what it points to is not."""
    inbox, secret = tmp_path / "in", tmp_path / "secret"
    inbox.mkdir()
    secret.mkdir()
    (secret / "solution.ipynb").write_text("{}")
    (inbox / "ada").symlink_to(secret)
    (inbox / "bob.ipynb").symlink_to(secret / "solution.ipynb")
    stamps = scan(inbox)
    assert set(stamps) == {str(inbox / "ada"), str(inbox / "bob.ipynb")}
    assert not any(stamp.is_file or stamp.is_folder for stamp in stamps.values())


def test_a_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """It holds nothing, and that means nothing."""
    with pytest.raises(FileNotFoundError):
        scan(tmp_path / "gone")


def test_only_what_was_seen_is_opened(tmp_path: Path) -> None:
    """Another file under its name, a link among them, is refused; so is one that changes while it is read."""
    path, other = tmp_path / "a.ipynb", tmp_path / "b.ipynb"
    path.write_text("{}")
    other.write_text("[]")
    stamp = scan(tmp_path)[str(path)]
    with opened(path, stamp) as file:
        assert file.read() == b"{}"
    with pytest.raises(ChangedError), opened(path, stamp):
        os.utime(path, ns=(1, 1))
    path.unlink()
    path.symlink_to(other)
    with pytest.raises(OSError, match=r"a\.ipynb"), opened(path, stamp):
        pass
    path.unlink()
    other.rename(path)
    with pytest.raises(ChangedError), opened(path, stamp):
        pass


def test_a_pipe_makes_nobody_wait(tmp_path: Path) -> None:
    """Under a notebook's name it is another file than was seen."""
    path = tmp_path / "a.ipynb"
    path.write_text("{}")
    stamp = scan(tmp_path)[str(path)]
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ChangedError), opened(path, stamp):
        pass
