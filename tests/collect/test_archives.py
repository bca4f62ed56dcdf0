"""Archives from an LMS, and from students."""

import io
import stat
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.collect.archives import read_archive
from autograder.collect.limits import CLASS_LIMITS, ArchiveLimits
from autograder.collect.records import Node
from autograder.collect.tree import readable
from autograder.errors import GradeError


def _zip(path: Path, members: Mapping[str, str], mode: int = 0) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo(name, (2026, 3, 1, 10, 30, 0))
            info.external_attr = mode << 16
            archive.writestr(info, text)
    return path


def _tar(path: Path, *members: tuple[str, bytes, bytes]) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix != ".tar" else "w") as archive:
        for name, kind, data in members:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, len(data), "/etc/passwd" if kind == tarfile.SYMTYPE else ""
            archive.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder with nothing but the test's own beside it."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def _read(archive: Path, folder: Path, limits: ArchiveLimits = CLASS_LIMITS) -> dict[str, Node]:
    """Return all files by place."""
    nodes = read_archive(archive, folder, limits, lambda name: name.endswith(".ipynb"))
    return {one.place: one for node in nodes for one in node.walk() if not one.is_folder}


def test_unpacks_with_times(folder: Path) -> None:
    """Members are found by their places, with their bytes and times; what nobody wants stays packed."""
    files = _read(_zip(folder.parent / "a.zip", {"ada/x.ipynb": "{}", "bob.ipynb": "[]", "data.npz": "x"}), folder)
    assert files.keys() == {"ada/x.ipynb", "bob.ipynb", "data.npz"}
    assert files["bob.ipynb"].path is not None
    assert files["bob.ipynb"].path.read_text() == "[]"
    assert abs(files["bob.ipynb"].changed - 1772361000) < 86_400
    assert files["data.npz"].path is None
    assert files["data.npz"].fault == ""


@pytest.mark.parametrize(
    "name", ["../evil.ipynb", "/etc/evil.ipynb", "a/../../evil.ipynb", "..\\evil.ipynb", "C:/e.ipynb"]
)
def test_a_member_outside_costs_itself(folder: Path, name: str) -> None:
    """A member that points outside is told and not written; its neighbour is read."""
    files = _read(_zip(folder.parent / "a.zip", {"ada.ipynb": "{}", name: "{}"}), folder)
    assert [one.fault for one in files.values() if one.path is None] == ["points outside the archive"]
    assert files["ada.ipynb"].path is not None
    assert len(list(folder.iterdir())) == 1
    assert {path.name for path in folder.parent.iterdir()} == {"a.zip", "out"}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_not_made(folder: Path, kind: int) -> None:
    """A link, a device, a pipe or a socket is told, and nothing is made of it."""
    files = _read(_zip(folder.parent / "a.zip", {"ada.ipynb": "/etc/passwd"}, kind | 0o777), folder)
    assert "link" in files["ada.ipynb"].fault
    assert list(folder.iterdir()) == []


def test_one_damaged_member_costs_itself(folder: Path) -> None:
    """A wrong checksum, a password, an unknown compression, two contents under one name: the others are read."""
    archive = _zip(folder.parent / "a.zip", {"ada.ipynb": "A" * 99, "bob.ipynb": "B" * 99, "eve.ipynb": "E" * 99})
    with warnings.catch_warnings(), zipfile.ZipFile(archive, "a") as more:
        warnings.simplefilter("ignore")
        more.writestr("dan.ipynb", "1")
        more.writestr("dan.ipynb", "2")
        more.writestr("zoe.ipynb", "Z")
    data = bytearray(archive.read_bytes())
    central = data.index(b"PK\x01\x02")
    places = [at for at in range(central, len(data)) if data[at : at + 4] == b"PK\x01\x02"]
    data[places[0] + 16] ^= 1  # ada's checksum
    data[places[1] + 8] |= 1  # bob's password
    struct.pack_into("<H", data, places[2] + 10, 98)  # eve's compression
    archive.write_bytes(data)
    files = _read(archive, folder)
    assert "CRC" in files["ada.ipynb"].fault
    assert "password" in files["bob.ipynb"].fault
    assert "unpacked" in files["eve.ipynb"].fault
    assert "several times" in files["dan.ipynb"].fault
    assert files["zoe.ipynb"].path is not None


def test_a_member_that_is_too_large_costs_itself(folder: Path) -> None:
    """What is read of a member is counted, whatever it declares."""
    archive = _zip(folder.parent / "a.zip", {"ada.ipynb": "x" * 9, "bob.ipynb": "x" * 11})
    files = _read(archive, folder, replace(CLASS_LIMITS, member=10))
    assert files["ada.ipynb"].path is not None
    assert "larger" in files["bob.ipynb"].fault


@pytest.mark.parametrize("limits", [{"members": 1}, {"directory": 50}])
def test_a_list_of_members_that_is_too_long_is_refused(folder: Path, limits: dict[str, int]) -> None:
    """Before it is held in memory."""
    with pytest.raises(GradeError, match="allowed"):
        _read(_zip(folder.parent / "a.zip", {"a.ipynb": "", "b.ipynb": ""}), folder, replace(CLASS_LIMITS, **limits))


def test_names_are_labels(folder: Path) -> None:
    """Names of 360 bytes, reserved ones, and ones that differ in case alone are read; so are UTF-8 names without the flag."""
    names = {f"{'作' * 120}.ipynb", "CON.ipynb", "Ada.ipynb", "ada.ipynb", "a/b:c?.ipynb"}
    assert {
        name
        for name, one in _read(_zip(folder.parent / "a.zip", dict.fromkeys(names, "{}")), folder).items()
        if one.path
    } == names
    archive = _zip(folder.parent / "b.zip", {"Zo\u00eb_\u738b.ipynb": "{}"})
    data = archive.read_bytes()
    for header, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.index(header) + at
        data = data[:start] + b"\0\0" + data[start + 2 :]
    archive.write_bytes(data)
    assert set(_read(archive, folder)) == {"Zo\u00eb_\u738b.ipynb"}


def test_tar_archives_are_opened(folder: Path) -> None:
    """Files are taken out, links are not."""
    members = (
        ("h/ada.ipynb", tarfile.REGTYPE, b"{}"),
        ("h/eve.ipynb", tarfile.SYMTYPE, b""),
        ("../e.ipynb", tarfile.REGTYPE, b""),
    )
    for name in ("a.tar.gz", "a.tgz", "a.tar"):
        files = _read(_tar(folder.parent / name, *members), folder)
        assert files["h/ada.ipynb"].path is not None
        assert files["h/ada.ipynb"].path.read_text() == "{}"
        assert "link" in files["h/eve.ipynb"].fault
        assert "outside" in files["e.ipynb"].fault


def test_a_tar_bomb_is_refused(folder: Path) -> None:
    """What is unpacked on the way to a member counts too."""
    archive = _tar(folder.parent / "a.tar.gz", ("zeros", tarfile.REGTYPE, bytes(3 * 2**20)))
    with pytest.raises(GradeError, match="larger"):
        _read(archive, folder, replace(CLASS_LIMITS, total=2**20))


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
@pytest.mark.parametrize(
    "data", [b"", b"no archive", b"\x1f\x8b\x08", b"PK\x05\x06" + bytes(17), b"PK\x05\x06" + b"\xff" * 18]
)
def test_refuses_what_is_no_archive(folder: Path, name: str, data: bytes) -> None:
    """A file that is no archive is told as one sentence."""
    (folder.parent / name).write_bytes(data)
    with pytest.raises(GradeError):
        _read(folder.parent / name, folder)


def test_deep_folders_end(folder: Path) -> None:
    """A member below a thousand folders is told as too deep, and costs nobody else."""
    files = _read(_zip(folder.parent / "a.zip", {"d/" * 1300 + "x.ipynb": "{}", "ada.ipynb": "{}"}), folder)
    assert [one.fault for one in files.values() if one.fault] == [next(o.fault for o in files.values() if o.fault)]
    assert "deeper" in next(one.fault for one in files.values() if one.fault)
    assert files["ada.ipynb"].path is not None


def test_folders_that_names_imply_count(folder: Path) -> None:
    """A few members, each below forty folders of its own."""
    names = {f"{number}/" + "d/" * 30 + "x.ipynb": "" for number in range(5)}
    with pytest.raises(GradeError, match="more folders"):
        _read(_zip(folder.parent / "a.zip", names), folder, replace(CLASS_LIMITS, members=100))


def test_names_of_many_marks_are_read_at_once(folder: Path) -> None:
    """Marks on a letter would be put in order for an hour: such a name stays as it is."""
    name = "a" + "\u0301" * 200_000 + "\u0323" * 200_000
    assert len(readable(name)) == len(name)
    files = _read(_tar(folder.parent / "a.tar.gz", (name, tarfile.REGTYPE, b"")), folder)
    assert [file.fault for file in files.values()] == ["has no proper name"]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["zip", "tar.gz", "tar"]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6),
)
def test_any_damage_is_told(kind: str, damage: list[tuple[int, int]]) -> None:
    """Bytes that were changed anywhere cost members or the archive, and raise nothing else; nothing lands outside."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "out"
        folder.mkdir()
        archive = Path(temporary) / f"a.{kind}"
        if kind == "zip":
            _zip(archive, {"ada/hw.ipynb": "{}" * 50, "bob.ipynb": "[]"})
        else:
            _tar(archive, ("ada/hw.ipynb", tarfile.REGTYPE, b"{}" * 50), ("bob.ipynb", tarfile.REGTYPE, b"[]"))
        data = bytearray(archive.read_bytes())
        for at, value in damage:
            data[at % len(data)] = value
        archive.write_bytes(data)
        with suppress(GradeError):
            _read(archive, folder, replace(CLASS_LIMITS, total=2**20))
        assert {path.name for path in Path(temporary).iterdir()} == {"out", archive.name}
