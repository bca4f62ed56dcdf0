"""Class lists of every system, read to see who handed in."""

from pathlib import Path

import pytest

from autograder.export import ExportError
from autograder.export.roster import read_roster
from tests.export.class_lists import FILES


@pytest.mark.parametrize("lms", sorted(FILES))
def test_every_class_list_is_known(tmp_path: Path, lms: str) -> None:
    """A student of a download is found in the list, and the others of it are missing."""
    path = tmp_path / "list.csv"
    path.write_bytes(FILES[lms])
    found = read_roster(path).match(["Ada Lovelace_4711", "Nobody_1"])
    assert list(found.names) == ["Ada Lovelace_4711"]
    assert [who for who, _ in found.unmatched] == ["Nobody_1"]
    assert any("Hopper" in name for name in found.missing)
    assert not any("Lovelace" in name for name in found.missing)


def test_a_plain_csv_will_do(tmp_path: Path) -> None:
    """Headings say what the columns are, in any order and case."""
    path = tmp_path / "list.csv"
    path.write_text("First Name;Last Name;EMAIL;Group\nAda;Lovelace;ada@example.org;A\nGrace;Hopper;gh@example.org;B\n")
    found = read_roster(path).match(["ada@example.org"])
    assert found.names == {"ada@example.org": "Ada Lovelace"}
    assert found.missing == ("Grace Hopper",)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n"])
def test_what_is_no_class_list_is_refused(tmp_path: Path, text: str) -> None:
    """A file whose headings say nothing is one sentence."""
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(ExportError, match="no class list"):
        read_roster(path)
