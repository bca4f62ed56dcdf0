"""A class in folders for its sections is read section by section; a student's folder stays a student's."""

from pathlib import Path

import pytest

from autograder.collect.records import Collection
from autograder.collect.submissions import CollectRequest, collect


def _collect(folder: Path, *names: str, convention: str = "auto") -> tuple[Collection, dict[str, str]]:
    """Return what is collected of files with these names, and each student's notebook."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    with collect(CollectRequest(folder, "hw", convention)) as collection:
        counting = {one.student: one.notebook.read_text() if one.notebook else "" for one in collection.submissions}
    return collection, counting


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (
            ["monday/ada.ipynb", "monday/bob.ipynb", "tuesday/cleo.ipynb", "tuesday/dan.ipynb"],
            ["ada", "bob", "cleo", "dan"],
        ),
        (
            ["Section 1/ada/hw.ipynb", "Section 1/bob/hw.ipynb", "Section 2/cleo/hw.ipynb", "Section 2/dan/x/hw.ipynb"],
            ["ada", "bob", "cleo", "dan"],
        ),
        (
            [f"{group}/{name}/hw.ipynb" for group, names in (("red", "abc"), ("blue", "def")) for name in names],
            [*"abcdef"],
        ),
        (
            [
                *("A/Ada_1_assignsubmission_file_/x.ipynb", "A/Bob_2_assignsubmission_file_/x.ipynb"),
                *("B/Ada_4_assignsubmission_file_/x.ipynb", "B/Bob_5_assignsubmission_file_/x.ipynb"),
            ],
            ["Ada_1", "Ada_4", "Bob_2", "Bob_5"],
        ),
        (
            ["A/ada/hw/x.ipynb", "A/bob/hw/x.ipynb", "B/cleo/hw/x.ipynb", "B/dan/hw/x.ipynb"],
            ["ada", "bob", "cleo", "dan"],
        ),
        (
            ["1/a_7_901_x.ipynb", "1/b_8_902_x.ipynb", "2/c_9_903_x.ipynb", "2/d_10_904_x.ipynb"],
            ["a_7", "b_8", "c_9", "d_10"],
        ),
    ],
    ids=["files", "folders", "other names", "Moodle", "nbgrader", "Canvas"],
)
def test_sections_are_read_one_by_one(tmp_path: Path, names: list[str], students: list[str]) -> None:
    """Whatever their convention, each student has the own notebook, every file has its line, and it is told."""
    collection, counting = _collect(tmp_path, *names, "desktop.ini", "schedule.xlsx")
    assert sorted(counting) == sorted(students)
    assert set(counting.values()) == set(names)
    there = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*"))
    assert [file.path for file in collection.files] == there
    assert "2 folders were read as sections of the class" in " ".join(collection.notes)
    assert [file.path for file in collection.not_understood] == ["schedule.xlsx"]


@pytest.mark.parametrize(
    "names",
    [
        ["ada/hw.ipynb", "ada/scratch.ipynb", "bob/hw.ipynb", "bob/notes.ipynb"],
        ["ada/first/hw.ipynb", "ada/second/hw.ipynb", "bob/first/hw.ipynb", "bob/second/hw.ipynb"],
        ["ada/try/hw.ipynb", "ada/final/hw.ipynb", "bob/old/hw.ipynb", "bob/new/hw.ipynb"],
        ["a/hw.ipynb", "a/x.ipynb", "b/hw.ipynb"],
        ["group 1/hw.ipynb", "group 1/x.ipynb", "group 2/hw.ipynb", "group 2/x.ipynb"],
    ],
)
def test_a_students_folder_is_no_section(tmp_path: Path, names: list[str]) -> None:
    """Several attempts, or another notebook beside the assignment's, are one student's."""
    _, counting = _collect(tmp_path, *names)
    assert set(counting) == {name.partition("/")[0] for name in names}


def test_one_id_in_two_sections_is_two_students(tmp_path: Path) -> None:
    """Nobody knows whether they are one: they are kept apart, and told."""
    names = [
        f"Section {n}/{name}/hw.ipynb"
        for n, names in ((1, ("ada", "bob", "x", "y")), (2, ("ada", "cleo", "u", "v")))
        for name in names
    ]
    collection, counting = _collect(tmp_path, *names)
    assert counting["ada"] == "Section 1/ada/hw.ipynb"
    assert counting["ada (Section 2)"] == "Section 2/ada/hw.ipynb"
    assert "'ada' is in another section too" in " ".join(collection.notes)


def test_who_says_folder_means_students(tmp_path: Path) -> None:
    """`--from folder` takes each folder for a student's."""
    names = ["Section 1/ada.ipynb", "Section 1/bob.ipynb", "Section 2/cleo.ipynb", "Section 2/dan.ipynb"]
    assert set(_collect(tmp_path, *names, convention="folder")[1]) == {"Section 1", "Section 2"}


def test_a_student_beside_the_sections_is_kept(tmp_path: Path) -> None:
    """A late hand-in that lies above them is the student's."""
    names = ["Section 1/ada.ipynb", "Section 1/bob.ipynb", "Section 2/cleo.ipynb", "Section 2/dan.ipynb", "zoe.ipynb"]
    assert set(_collect(tmp_path, *names)[1]) == {"ada", "bob", "cleo", "dan", "zoe"}


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["ada.ipynb", "Ada.ipynb"], {"ada": "ada.ipynb", "Ada (2)": "Ada.ipynb"}),
        (
            ["ADA.ipynb", "Ada.ipynb", "ada (2).ipynb"],
            {"ADA": "ADA.ipynb", "Ada (3)": "Ada.ipynb", "ada (2)": "ada (2).ipynb"},
        ),
    ],
)
def test_ids_that_differ_in_case_alone_stay_apart(tmp_path: Path, names: list[str], students: dict[str, str]) -> None:
    """Their results would lie in one folder on many a disk: one of them gets another id, and it is told."""
    collection, counting = _collect(tmp_path, *names)
    assert counting == students
    assert "another student's id in other letters" in " ".join(collection.notes)
