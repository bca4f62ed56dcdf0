"""Students' folders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grade.folders import folder_name


@pytest.mark.parametrize("student", ["ada", "Ada Lovelace_4711", "Ñandú Žižek", "a.b+c@d.org", "王小明"])
def test_harmless_names_stay(student: str) -> None:
    """An id of letters, digits and a few signs is the folder's own name."""
    assert folder_name(student) == student


@pytest.mark.parametrize(
    "student", ["../../etc", "a/b", "a\nb", ".hidden", "", " ", "-rf", "*", "a" * 500, "..", "a\\b", "\udcff"]
)
def test_harmful_names_become_one_harmless_folder(student: str) -> None:
    """Whatever an id contains, its folder is one path component that no tool reads otherwise."""
    name = folder_name(student)
    assert name not in {"", ".", ".."}
    assert not name.startswith((".", "-"))
    assert len(name.encode()) < 200
    assert not set(name) & set("/\\*?[]{}\n\0")


def test_changed_names_stay_apart() -> None:
    """Two ids that would become the same folder get two."""
    assert folder_name("a/b") != folder_name("a:b")
    made = folder_name("ada:lovelace")
    assert folder_name(made) != made
    assert folder_name(made).casefold() != made.casefold()
    assert folder_name(made.upper()).casefold() != made.casefold()


_IDS = st.text("aA\u00e9\u0301e:/ -@\u738b0") | st.sampled_from(["ada:lovelace", "\u00e9", "e\u0301", "E\u0301"])


@given(_IDS, _IDS, st.integers(0, 2))
def test_no_two_ids_share_a_folder(one: str, other: str, times: int) -> None:
    """Nor do an id and the folder that was made for another; where case doesn't count, only ids that differ by it do."""
    for _ in range(times):
        other = folder_name(other)
    ours, theirs = folder_name(one), folder_name(other)
    assert one == other or ours != theirs
    assert one.casefold() == other.casefold() or ours.casefold() != theirs.casefold()


@pytest.mark.parametrize("student", ["CON", "nul", "aux.ipynb", "com1"])
def test_names_that_windows_keeps_are_changed(student: str) -> None:
    """A folder of results can be copied to any system."""
    assert folder_name(student).casefold() != student.casefold()
    assert "-" in folder_name(student)
