"""Every form in which a class's notebooks arrive."""

import shutil
from pathlib import Path

import pytest

from autograder.collect.submissions import CollectRequest, collect
from autograder.errors import GradeError
from autograder.log import hold_log
from autograder.model import Submission

FORMS = {
    "nbgrader": {"submitted/ada/hw/hw.ipynb": "ada", "submitted/bob/hw/hw.ipynb": "bob"},
    "nbgrader's submitted folder": {"ada/hw/hw.ipynb": "ada", "bob/hw/other name.ipynb": "bob"},
    "by hand": {"ada.ipynb": "ada", "Bob B.ipynb": "Bob B"},
    "by hand in folders": {"ada/my work.ipynb": "ada", "bob/hw.ipynb": "bob"},
    "one student": {"ada/hw.ipynb": "ada"},
    "canvas": {"lovelaceada_4711_9301_hw.ipynb": "lovelaceada_4711", "b_LATE_12_9302_my_hw-1.ipynb": "b_12"},
    "moodle": {"Ada Lovelace_4711_assignsubmission_file_/hw.ipynb": "Ada Lovelace_4711"},
    "moodle without folders": {"Ada Lovelace_4711_assignsubmission_file_hw.ipynb": "Ada Lovelace_4711"},
    "blackboard": {"HW 1_ada_attempt_2026-03-01-10-30-00_hw.ipynb": "ada"},
    "brightspace": {"4711-12 - Ada Lovelace - Mar 1, 2026 1030 AM/hw.ipynb": "Ada Lovelace_4711"},
    "a folder in the folder": {"download/class/ada.ipynb": "ada", "__MACOSX/ada.ipynb": None, ".x/a.ipynb": None},
}


def _write(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def _collect(path: Path) -> tuple[Submission, ...]:
    with collect(CollectRequest(path, "hw")) as collection:
        return collection.submissions


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_forms(tmp_path: Path, form: str, zipped: bool) -> None:
    """Each form gives its students, from a folder and from an archive of it."""
    folder = _write(tmp_path / "in", *FORMS[form])
    path = Path(shutil.make_archive(str(tmp_path / "in"), "zip", folder)) if zipped else folder
    with collect(CollectRequest(path, "hw")) as collection:
        submissions = collection.submissions
        assert [one.student for one in submissions] == sorted(filter(None, FORMS[form].values()))
        assert all(
            one.notebook is not None and FORMS[form][one.notebook.read_text()] == one.student for one in submissions
        )


@pytest.mark.parametrize(
    ("names", "last"),
    [
        (["H_ada_attempt_2026-03-02-10-30-00_hw.ipynb", "H_ada_attempt_2026-03-01-10-30-00_hw.ipynb"], 0),
        (["a_1_20_hw.ipynb", "a_1_100_hw.ipynb"], 1),
        (["ada/hw/hw.ipynb", "ada/hw/scratch.ipynb"], 0),
        (["1-2 - A - Mar 1, 2026 1030 PM/x.ipynb", "1-2 - A - Mar 1, 2026 1130 AM/x.ipynb"], 0),
    ],
)
def test_the_last_of_two_counts_and_is_told(tmp_path: Path, names: list[str], last: int) -> None:
    """Two notebooks of one student: the later counts, or the one with the assignment's name, and the note says so."""
    (submission,) = _collect(_write(tmp_path, *names))
    assert submission.notebook is not None
    assert submission.notebook.read_text() == names[last]
    assert "2 notebooks were handed in" in submission.note


@pytest.mark.parametrize(
    ("names", "handed_in", "marked_late"),
    [
        (
            ["H_ada_attempt_2026-03-02-10-30-00_hw.ipynb", "H_ada_attempt_2026-03-03-10-30-00_notes.pdf"],
            "2026-03-02T10:30:00",
            None,
        ),
        (["H_ada_attempt_2026-03-02-10-30-00_notes.pdf"], "2026-03-02T10:30:00", None),
        (["1-2 - A - Mar 1, 2026 1030 PM/x.ipynb"], "2026-03-01T22:30:00", None),
        (["a_LATE_11_2000_hw.ipynb", "b_12_2100_hw.ipynb"], "", True),
        (["ada.ipynb"], "", None),
    ],
)
def test_the_attempt_that_counts_has_its_time(
    tmp_path: Path, names: list[str], handed_in: str, marked_late: bool | None
) -> None:
    """As the system wrote it, of what can't be graded too; "" where no system writes times."""
    submission, *_ = _collect(_write(tmp_path, *names))
    assert (submission.handed_in, submission.marked_late) == (handed_in, marked_late)


def test_a_hand_in_without_notebook_is_found(tmp_path: Path) -> None:
    """A student who handed in something else has a submission, with a note and no notebook."""
    ada, bob = _collect(_write(tmp_path, "ada_1_2_essay.pdf", "bob_2_3_hw.ipynb"))
    assert ada.notebook is None
    assert "no notebook" in ada.note
    assert bob.notebook is not None


def test_links_are_refused(tmp_path: Path) -> None:
    """A link is nobody's notebook, as a file, as a folder, or inside a folder."""
    _write(tmp_path, "bob.ipynb", "secret/hidden.txt")
    (tmp_path / "ada.ipynb").symlink_to(tmp_path / "bob.ipynb")
    (tmp_path / "eve" / "hw").mkdir(parents=True)
    (tmp_path / "eve" / "hw" / "hw.ipynb").symlink_to(tmp_path / "bob.ipynb")
    found = {one.student: one for one in _collect(tmp_path)}
    assert found["ada"].notebook is None
    assert found["eve"].notebook is None
    assert "links are not followed" in found["eve"].note


@pytest.mark.parametrize("name", ["nothing here", "notes.txt", "empty"])
def test_nothing_to_grade_is_told(tmp_path: Path, name: str) -> None:
    """A path that is missing, no archive, or empty of submissions is one sentence and a tip."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(GradeError) as raised:
        _collect(tmp_path / name)
    assert raised.value.tip


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("ada.ipynb", "ada"),
        ("lovelaceada_4711_9301_hw.ipynb", "lovelaceada_4711"),
        ("Ada Lovelace_4711_assignsubmission_file_hw.ipynb", "Ada Lovelace_4711"),
    ],
)
def test_a_single_notebook_is_its_students(tmp_path: Path, name: str, student: str) -> None:
    """The file's name says whose it is, as in a folder; what lies beside it is left alone."""
    folder = _write(tmp_path, name, "bob.ipynb")
    (one,) = _collect(folder / name)
    assert one.student == student
    assert one.notebook is not None
    assert one.notebook.read_text() == name


def test_a_link_to_a_notebook_is_followed_when_it_is_named(tmp_path: Path) -> None:
    """The person who grades chose it; the student is the link's name."""
    (_write(tmp_path, "hand-in-7.ipynb") / "ada.ipynb").symlink_to(tmp_path / "hand-in-7.ipynb")
    (one,) = _collect(tmp_path / "ada.ipynb")
    assert (one.student, one.notebook) == ("ada", (tmp_path / "hand-in-7.ipynb").resolve())


def test_a_notebook_that_cant_be_read_is_passed_over_and_logged(tmp_path: Path) -> None:
    """Which of two holds the cells is told by the one that can be read, and what was suppressed is written down."""

    def holds(path: Path) -> bool:
        if path.name == "b.ipynb":
            raise PermissionError("locked")
        return True

    (tmp_path / "ada").mkdir()
    (tmp_path / "bob.ipynb").write_text("bob")
    for name in ("a.ipynb", "b.ipynb"):
        (tmp_path / "ada" / name).write_text(name)
    with hold_log() as records, collect(CollectRequest(tmp_path, "hw", holds=holds)) as found:
        submission, _ = found.submissions
    assert submission.origin == "ada/a.ipynb"
    assert ["PermissionError suppressed" in record.getMessage() for record in records] == [True]
