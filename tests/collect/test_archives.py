"""Archives from an LMS."""

import stat
import zipfile
from pathlib import Path

import pytest

from autograder.collect import archives
from autograder.collect.archives import unpack
from autograder.errors import GradeError


def _zip(path: Path, members: dict[str, str], mode: int = 0) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo(name, (2026, 3, 1, 10, 30, 0))
            info.external_attr = mode << 16
            archive.writestr(info, text)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder with nothing but the test's own beside it."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_unpacks_with_times(folder: Path) -> None:
    """Members land where their names say, with their times."""
    unpack(_zip(folder.parent / "a.zip", {"ada/x.ipynb": "{}", "bob.ipynb": "{}"}), folder)
    assert (folder / "ada" / "x.ipynb").read_text() == "{}"
    assert abs((folder / "bob.ipynb").stat().st_mtime - 1772361000) < 86_400


@pytest.mark.parametrize("name", ["../evil.ipynb", "/tmp/evil.ipynb", "a/../../evil.ipynb", "..\\evil.ipynb"])  # noqa: S108
def test_refuses_members_outside(folder: Path, name: str) -> None:
    """A member that points outside refuses the archive, and nothing is written anywhere."""
    with pytest.raises(GradeError, match="outside"):
        unpack(_zip(folder.parent / "a.zip", {"ada.ipynb": "{}", name: "{}"}), folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_refuses_links_and_devices(folder: Path, kind: int) -> None:
    """A link, a device, a pipe or a socket refuses the archive, and nothing of it is unpacked."""
    with pytest.raises(GradeError, match="link"):
        unpack(_zip(folder.parent / "a.zip", {"ada.ipynb": "/etc/passwd"}, kind | 0o777), folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("limit", "value"), [("MAX_MEMBERS", 1), ("MAX_MEMBER_BYTES", 10), ("MAX_BYTES", 15)])
def test_refuses_bombs(folder: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """An archive larger than a class can be is refused before anything is unpacked."""
    monkeypatch.setattr(archives, limit, value)
    with pytest.raises(GradeError, match="allowed"):
        unpack(_zip(folder.parent / "a.zip", {"ada.ipynb": "x" * 9, "bob.ipynb": "x" * 11}), folder)


def test_refuses_what_is_no_archive(folder: Path) -> None:
    """A file that is no zip is told as one sentence."""
    (folder.parent / "a.zip").write_text("no zip")
    with pytest.raises(GradeError, match="cannot be unpacked"):
        unpack(folder.parent / "a.zip", folder)
