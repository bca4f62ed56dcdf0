"""Archives that students hand in, and a class's archive with something bad in it."""

import io
import os
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.collect import opening, submissions
from autograder.collect.limits import STUDENT_LIMITS, ByteBudget
from autograder.collect.records import Collection
from autograder.collect.submissions import CollectRequest, collect, collect_one


def _zipped(**members: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return data.getvalue()


HAND_IN = _zipped(**{"hand/hw.ipynb": "in the archive", "__MACOSX/._hw.ipynb": "x", "hand/data.csv": "x"})


def _collect(path: Path) -> tuple[dict[str, str | None], Collection]:
    """Return what counts for each student, and everything."""
    with collect(CollectRequest(path, "hw")) as found:
        return {one.student: one.notebook.read_text() if one.notebook else None for one in found.submissions}, found


@pytest.mark.parametrize(
    "name", ["ada.zip", "Ada_4711_assignsubmission_file_/abgabe.zip", "lovelaceada_4711_9301_hw.zip"]
)
def test_the_notebook_in_an_archive_counts(tmp_path: Path, name: str) -> None:
    """By hand and from systems; each member has its line below the archive's."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(HAND_IN)
    graded, found = _collect(tmp_path)
    assert list(graded.values()) == ["in the archive"]
    kinds = {file.path: file.kind for file in found.files}
    assert kinds[name] == "archive"
    assert kinds[f"{name}/hand/hw.ipynb"] == "notebook"
    assert kinds[f"{name}/__MACOSX/._hw.ipynb"] == "litter"
    assert kinds[f"{name}/hand/data.csv"] == "attachment"


def test_one_students_archive_is_opened_too(tmp_path: Path) -> None:
    """Where a folder is one student's alone, as in Gradescope's container."""
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "homework.zip").write_bytes(HAND_IN)
    (tmp_path / "store").mkdir()
    found = collect_one(tmp_path / "submission", "ada", "hw", tmp_path / "store")
    assert found.notebook is not None
    assert found.notebook.read_text() == "in the archive"


def test_one_students_archives_cost_no_other_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All archives of a class have one budget, of which each student's part is certain."""
    monkeypatch.setattr(submissions, "ByteBudget", lambda students: ByteBudget(students, total=4000))
    (tmp_path / "eve").mkdir()
    for number in range(9):
        (tmp_path / "eve" / f"{number}.zip").write_bytes(_zipped(**{"hw.ipynb": "x" * 900}))
    (tmp_path / "zoe.zip").write_bytes(_zipped(**{"hw.ipynb": "z" * 900}))
    graded, found = _collect(tmp_path)
    assert graded["zoe"] == "z" * 900
    refused = [file for file in found.files if "larger than is allowed" in file.why]
    assert len(refused) == 6  # 1000 bytes of her own, and 2000 that all share


def test_a_budget_is_the_classes() -> None:
    """Whoever comes last has the own part, and no more once the common one is gone."""
    budget = ByteBudget(students=2, total=400)
    first, last = budget.of_student(), budget.of_student()
    assert (first.left, last.left) == (300, 300)
    first.take(300)
    assert (first.left, last.left) == (0, 100)
    last.take(100)
    assert last.left == 0


def test_a_tar_archive_counts_too(tmp_path: Path) -> None:
    """`.tar.gz` is what a terminal makes."""
    with tarfile.open(tmp_path / "ada.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("hw.ipynb")
        info.size = 2
        archive.addfile(info, io.BytesIO(b"{}"))
    (tmp_path / "bob.ipynb").write_text("")
    assert _collect(tmp_path)[0] == {"ada": "{}", "bob": ""}


@pytest.mark.parametrize("data", [b"no archive", HAND_IN[:-30], b""])
def test_a_damaged_archive_costs_its_student(tmp_path: Path, data: bytes) -> None:
    """The others are collected, and the student is told what to hand in."""
    (tmp_path / "ada.zip").write_bytes(data)
    (tmp_path / "bob.ipynb").write_text("bob")
    graded, found = _collect(tmp_path)
    assert graded == {"ada": None, "bob": "bob"}
    assert "can't be opened" in found.submissions[0].note
    assert [file.path for file in found.not_understood] == ["ada.zip"]


def test_one_bad_member_of_a_class_costs_no_one_else(tmp_path: Path) -> None:
    """A link in one student's folder is told; the notebook beside it counts, and so do the others'."""
    link = zipfile.ZipInfo("eve/.venv/bin/python3")
    other = zipfile.ZipInfo("dan/hw.ipynb")
    link.external_attr = other.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in ("ada.ipynb", "eve/hw.ipynb"):
            archive.writestr(name, name)
        archive.writestr(link, "/usr/bin/python3")
        archive.writestr(other, "/etc/passwd")
    graded, found = _collect(tmp_path / "class.zip")
    assert graded == {"ada": "ada.ipynb", "dan": None, "eve": "eve/hw.ipynb"}
    assert [file.path for file in found.not_understood] == ["dan/hw.ipynb"]


def test_names_longer_than_a_disk_takes(tmp_path: Path) -> None:
    """A Moodle archive with a file name of 120 CJK letters is read."""
    name = f"Ada_4711_assignsubmission_file_{'作' * 120}.ipynb"
    (tmp_path / "class.zip").write_bytes(_zipped(**{name: "long", "Bob_4712_assignsubmission_file_hw.ipynb": "bob"}))
    assert _collect(tmp_path / "class.zip")[0] == {"Ada_4711": "long", "Bob_4712": "bob"}


def test_an_archive_in_an_archive_is_named(tmp_path: Path) -> None:
    """It isn't opened, and the student is told."""
    (tmp_path / "ada.zip").write_bytes(_zipped(**{"inner.zip": "x"}))
    (tmp_path / "bob.ipynb").write_text("")
    graded, found = _collect(tmp_path)
    assert graded["ada"] is None
    assert "inner.zip' (an archive)" in found.submissions[0].note


def test_many_archives_of_one_student_are_not_all_opened(tmp_path: Path) -> None:
    """The rest is told, and what was opened counts."""
    (tmp_path / "ada").mkdir()
    (tmp_path / "bob.ipynb").write_text("")
    for number in range(30):
        (tmp_path / "ada" / f"{number:02}.zip").write_bytes(HAND_IN)
    graded, found = _collect(tmp_path)
    assert graded["ada"] == "in the archive"
    assert len(found.not_understood) == 10


def test_archives_of_one_student_have_one_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty archives hold no more than one."""
    monkeypatch.setattr(opening, "STUDENT_LIMITS", replace(STUDENT_LIMITS, total=60, members=8))
    (tmp_path / "ada").mkdir()
    (tmp_path / "bob.ipynb").write_text("bob")
    for number in range(4):
        (tmp_path / "ada" / f"{number}.zip").write_bytes(_zipped(**{"hw.ipynb": "x" * 25, "b.csv": "", "c.csv": ""}))
    opened = {file.path.split("/")[1] for file in _collect(tmp_path)[1].files if ".zip/" in file.path}
    assert opened == {"0.zip", "1.zip"}


def test_archives_that_take_too_much_to_read_cost_their_student(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read in a process of their own, that may end."""
    monkeypatch.setattr(opening, "read_archives", abort)
    (tmp_path / "ada.zip").write_bytes(HAND_IN)
    (tmp_path / "bob.ipynb").write_text("bob")
    assert _collect(tmp_path)[0] == {"ada": None, "bob": "bob"}


def abort(*_: object) -> None:
    """End the process that reads archives, as the system does where it takes too much."""
    os._exit(1)
