"""Each convention by its own names, and the choice among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.collect.records import Collection
from autograder.collect.submissions import CollectRequest, collect
from autograder.errors import GradeError
from autograder.model import RosterMatch

GRADESCOPE = """
submission_71:
  :submitters:
  - :name: Ada Lovelace
    :sid: '4711'
    :email: ada@example.org
  :created_at: 2026-03-01 10:30:00.000000000 Z
submission_72:
  :submitters:
  - :name: Bob
    :sid: ''
    :email: bob@example.org
  - :name: Eve
"""


class Names:
    """A class list of names alone."""

    def match(self, students: list[str]) -> RosterMatch:
        """Find students by the id itself."""
        people = {"ada": "Ada L.", "dan": "Dan D."}
        return RosterMatch(
            {one: people[one] for one in students if one in people},
            tuple((one, "matches no row") for one in students if one not in people),
            tuple(name for one, name in people.items() if one not in students),
        )


def _collect(folder: Path, files: list[str] | dict[str, str], **asked: object) -> Collection:
    for name, text in files.items() if isinstance(files, dict) else ((name, name) for name in files):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with collect(CollectRequest(folder, "hw", **asked)) as collection:  # type: ignore[arg-type]
        return collection


def _counted(collection: Collection) -> dict[str, str | None]:
    """Return each student's notebook, by its place."""
    return {one.student: one.origin if one.notebook else None for one in collection.submissions}


def _kinds(collection: Collection) -> dict[str, str]:
    return {file.path: file.kind for file in collection.files}


def test_two_numbers_are_not_canvas(tmp_path: Path) -> None:
    """Numbers that are the task's keep two people of a folder apart, with zeros before them or without."""
    for names in (
        ["lab_3_01_ada", "lab_3_02_bob"],
        ["lab_3_101_ada", "lab_3_102_bob"],
        ["lab_3_101_ada", "lab_4_102_b"],
    ):
        files = [f"{name}.ipynb" for name in names]
        collection = _collect(tmp_path / names[0] / names[1], files)
        assert sorted(_counted(collection)) == sorted(names)


def test_canvas_names(tmp_path: Path) -> None:
    """Late or not, anonymous or not, text entries and links."""
    collection = _collect(
        tmp_path,
        [
            "lovelaceada_LATE_4711_9301_hw-1.ipynb",
            "anon_8Xk2f_9302_hw.ipynb",
            "LATE_anon_Zq3Lm_9400_hw.ipynb",
            "noetheremmy_4712_text.html",
            "noetheremmy_4712_LATE_9_x",
        ],
    )
    assert _counted(collection) == {
        "anon_8Xk2f": "anon_8Xk2f_9302_hw.ipynb",
        "anon_Zq3Lm": "LATE_anon_Zq3Lm_9400_hw.ipynb",
        "lovelaceada_4711": "lovelaceada_LATE_4711_9301_hw-1.ipynb",
        "noetheremmy_4712": None,
    }
    late = {file.path: file.late for file in collection.files}
    assert late["lovelaceada_LATE_4711_9301_hw-1.ipynb"] == late["LATE_anon_Zq3Lm_9400_hw.ipynb"] == "late"
    assert late["anon_8Xk2f_9302_hw.ipynb"] == "on time"
    (emmy,) = (one for one in collection.submissions if one.student == "noetheremmy_4712")
    assert "a text entry" in emmy.note
    assert ".ipynb" in emmy.note
    assert [file.path for file in collection.not_understood] == ["noetheremmy_4712_LATE_9_x"]


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize(
    ("name", "student", "neighbour"),
    [
        (
            "evileve_1234_5678_x_honest_attempt_2099-01-01-00-00-00_hw.ipynb",
            "evileve_1234",
            "honest_99_500_hw.ipynb",
        ),
        (
            "HW_eve_attempt_2026-03-01-10-30-00_ada_4711_9301_hw.ipynb",
            "eve",
            "HW_ada_attempt_2026-03-01-10-30-00_hw.ipynb",
        ),
        (
            "Eve_7_assignsubmission_file_Ada_8_assignsubmission_file_hw.ipynb",
            "Eve_7",
            "Ada_8_assignsubmission_file_hw.ipynb",
        ),
    ],
)
def test_what_a_student_chose_says_nothing(
    tmp_path: Path, name: str, student: str, neighbour: str, alone: bool
) -> None:
    """A file that was named like another system's, or like another student's, is still its own student's."""
    collection = _collect(tmp_path, [name, *([] if alone else [neighbour])])
    assert _counted(collection)[student] == name
    assert alone or neighbour in _counted(collection).values()


def test_blackboard_names(tmp_path: Path) -> None:
    """A user's name may have a `_`; a receipt stands for who handed in no file, and names the user where it can."""
    collection = _collect(
        tmp_path,
        {
            "HW 1_a_b_attempt_2026-03-01-10-30-00_hw.ipynb": "",
            "HW 1_a_b_attempt_2026-03-02-09-00-00_hw.ipynb": "",
            "HW 1_c_b_attempt_2026-03-01-10-30-00_hw.ipynb": "",
            "HW 1_dan_attempt_2026-03-01-10-30-00.txt": "Name: Dan (dan)\nAssignment: HW 1\n",
        },
    )
    assert _counted(collection) == {
        "a_b": "HW 1_a_b_attempt_2026-03-02-09-00-00_hw.ipynb",
        "c_b": "HW 1_c_b_attempt_2026-03-01-10-30-00_hw.ipynb",
        "dan": None,
    }
    assert _kinds(collection)["HW 1_a_b_attempt_2026-03-01-10-30-00_hw.ipynb"] == "earlier"
    assert {file.handed_in for file in collection.files if file.kind == "notebook"} == {
        "2026-03-01T10:30:00",
        "2026-03-02T09:00:00",
    }


def test_gradescope_names(tmp_path: Path) -> None:
    """The metadata say whose a folder is: by number, by address, or by name; a group's is each member's."""
    files = {f"x/submission_{number}/hw.ipynb": "" for number in (71, 72, 73)}
    collection = _collect(tmp_path, {**files, "x/submission_metadata.yml": GRADESCOPE})
    assert _counted(collection) == {
        "4711": "x/submission_71/hw.ipynb",
        "bob@example.org": "x/submission_72/hw.ipynb",
        "Eve_72": "x/submission_72/hw.ipynb",
        "submission_73": "x/submission_73/hw.ipynb",
    }
    assert any("submission_73" in note for note in collection.notes)
    assert {file.student for file in collection.files if file.path.endswith("72/hw.ipynb")} == {
        "bob@example.org; Eve_72"
    }


@pytest.mark.parametrize("prefix", ["hw-", "lab-three-"])
def test_github_names(tmp_path: Path, prefix: str) -> None:
    """Repositories begin with the assignment's name, or are clones that begin alike."""
    names = [
        f"{prefix}{user}/{file}" for user in ("ada-l", "bob") for file in (".git/config", "src/work.ipynb", "README.md")
    ]
    assert sorted(_counted(_collect(tmp_path / "hw-submissions", names))) == ["ada-l", "bob"]


def test_nbgrader_names(tmp_path: Path) -> None:
    """Who has other assignments only did not hand in; the course's other folders are nobody's."""
    collection = _collect(
        tmp_path,
        {
            "submitted/ada/hw/hw.ipynb": "",
            "submitted/ada/hw/timestamp.txt": "2026-03-01 10:30:00.123 UTC",
            "submitted/ada/hw2/hw2.ipynb": "",
            "submitted/bob/other/other.ipynb": "",
            "submitted/eve/Assignment 3/my hw.ipynb": "",
            "source/hw/hw.ipynb": "",
            "gradebook.db": "",
        },
    )
    assert sorted(_counted(collection)) == ["ada", "eve"]
    kinds = _kinds(collection)
    assert kinds["submitted/bob/other/other.ipynb"] == kinds["source/hw/hw.ipynb"] == kinds["gradebook.db"] == "course"
    assert kinds["submitted/ada/hw2/hw2.ipynb"] == "attachment"
    handed_in = {file.handed_in for file in collection.files if file.kind == "notebook"}
    assert handed_in == {"2026-03-01T10:30:00+00:00", ""}


def test_nbgraders_inbox(tmp_path: Path) -> None:
    """Names of the exchange say who, what and when."""
    stamp = "2026-03-01 10:30:00 UTC"
    names = [
        f"ada+hw+{stamp}+x1/hw.ipynb",
        f"ada+hw+{stamp.replace('10', '11')}/hw.ipynb",
        f"bob+hw2+{stamp}/hw2.ipynb",
    ]
    assert _counted(_collect(tmp_path, names)) == {"ada": f"ada+hw+{stamp.replace('10', '11')}/hw.ipynb"}


def test_a_file_that_nobody_may_read_stops_no_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time stamp or a receipt that its student has closed: what the names say counts."""
    opened = Path.open

    def open_others(path: Path, *rest: object, **more: object) -> object:
        """Refuse these files as the system does."""
        if path.suffix == ".txt":
            raise PermissionError(13, "Permission denied")
        return opened(path, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", open_others)
    for name in ("ada+hw+2026-03-01 10:30:00 UTC+x1/hw.ipynb", "ada+hw+2026-03-01 10:30:00 UTC+x1/timestamp.txt"):
        (tmp_path / "nbgrader" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "nbgrader" / name).touch()
    (tmp_path / "blackboard").mkdir()
    (tmp_path / "blackboard" / "HW 1_dan_attempt_2026-03-01-10-30-00.txt").touch()
    for folder, student, when in (
        ("nbgrader", "ada", "2026-03-01T10:30:00+00:00"),
        ("blackboard", "dan", "2026-03-01T10:30:00"),
    ):
        collection = _collect(tmp_path / folder, [])
        assert [(one.student, one.handed_in) for one in collection.submissions] == [(student, when)]


def test_by_hand_names(tmp_path: Path) -> None:
    """Endings of browsers, folders in folders, what is no notebook, and what is nobody's."""
    collection = _collect(
        tmp_path,
        ["a.ipynb.json", "b.ipynb.txt", "c.IPYNB", "d/Assignment 3/hw.ipynb", "e/report.pdf", "f.pdf", "roster.csv"],
    )
    assert _counted(collection) == {
        "a": "a.ipynb.json",
        "b": "b.ipynb.txt",
        "c": "c.IPYNB",
        "d": "d/Assignment 3/hw.ipynb",
        "e": None,
        "f": None,
    }
    assert [file.path for file in collection.not_understood] == ["roster.csv"]
    assert "report.pdf' (a PDF)" in next(one.note for one in collection.submissions if one.student == "e")


def test_a_mixture_is_told_and_kept_apart(tmp_path: Path) -> None:
    """What is not the class's convention is read as gathered by hand, and never as another's work."""
    names = ["a_4711_900_hw.ipynb", "b_4712_901_hw.ipynb", "c_4713_902_hw.ipynb", "a_4711.ipynb"]
    collection = _collect(tmp_path, names)
    assert _counted(collection) == {
        "a_4711": names[0],
        "b_4712": names[1],
        "c_4713": names[2],
        "a_4711 (gathered by hand)": names[3],
    }
    assert any("read as gathered by hand, and most as Canvas" in note for note in collection.notes)
    assert any("kept apart" in note for note in collection.notes)
    assert [file.path for file in _collect(tmp_path, [], convention="canvas").not_understood] == ["a_4711.ipynb"]
    assert len(_collect(tmp_path, [], convention="folder").submissions) == 4


def test_marks_that_one_name_alone_can_have_count_in_a_mixture(tmp_path: Path) -> None:
    """A few names of Blackboard's in a folder by hand are Blackboard's, and take no id that is somebody's already."""
    names = [f"{name}.ipynb" for name in ("ada", "bob", "cleo", "dan", "eve")]
    marked = [
        f"hw_{name}_attempt_2026-03-0{day}-10-30-00_x.ipynb" for name, day in (("twice", 1), ("twice", 2), ("bob", 3))
    ]
    evil = "evileve_1234_5678_x_honest_attempt_2099-01-01-00-00-00_hw.ipynb"
    collection = _collect(tmp_path, [*names, *marked, evil])
    assert _counted(collection) == {
        **{name.removesuffix(".ipynb"): name for name in [*names, evil]},
        "twice": marked[1],
        "bob (Blackboard)": marked[2],
    }
    assert any("read as Blackboard, and most as gathered by hand" in note for note in collection.notes)


def test_a_file_beside_a_class_changes_nothing(tmp_path: Path) -> None:
    """A `desktop.ini` or a list beside the folder of the class makes it no student's folder."""
    names = [f"class/{number}-1 - Ada {number} - Mar 1, 2026 1030 AM/hw.ipynb" for number in (1, 2)]
    collection = _collect(tmp_path, [*names, "desktop.ini", "class/index.html"])
    assert sorted(_counted(collection)) == ["Ada 1_1", "Ada 2_2"]
    assert _kinds(collection)["desktop.ini"] == "litter"
    assert _kinds(collection)["class/index.html"] == "course"


@pytest.mark.parametrize(
    ("times", "last"),
    [
        (("Mar 1, 2026 110 PM", "Mar 1, 2026 200 PM"), 1),
        (("Mar 1, 2026 1210 AM", "Mar 1, 2026 100 AM"), 1),
        (("1. März 2026 1330", "2. März 2026 0930"), 1),
        (("1 févr. 2026 9h05", "28 janv. 2026 23h59"), 0),
        (("2 de mayo de 2026 1000", "30 de abril de 2026 1000"), 0),
        (("2026年3月1日 下午 1:10", "2026年3月1日 上午 11:10"), 0),
    ],
)
def test_brightspace_times(tmp_path: Path, times: tuple[str, str], last: int) -> None:
    """The later of two hand-ins counts, in whichever language the times are."""
    names = [f"1-2 - Ada - {when}/hw.ipynb" for when in times]
    assert _counted(_collect(tmp_path, names)) == {"Ada_1": names[last]}


def test_an_order_that_cannot_be_told_is_told(tmp_path: Path) -> None:
    """Two hand-ins, one without a time that can be read: a person is told to look."""
    names = ["1-2 - Ada - Mar 1, 2026 110 PM/hw.ipynb", "1-2 - Ada - 03-04-2026 110 PM/hw.ipynb"]
    (ada,) = _collect(tmp_path, names).submissions
    assert "can't be told" in ada.note


def test_which_of_several_notebooks_counts(tmp_path: Path) -> None:
    """The assignment's name, then its cells; never a checkpoint's, an environment's or a package's."""

    def holds(path: Path) -> bool:
        return path.read_text() == "cells"

    files = {
        "ada/scratch.ipynb": "",
        "ada/work.ipynb": "cells",
        "ada/.ipynb_checkpoints/hw-checkpoint.ipynb": "cells",
        "ada/hw-checkpoint.ipynb": "cells",
        "ada/env/pyvenv.cfg": "",
        "ada/env/lib/hw.ipynb": "cells",
        "bob/hw.ipynb": "cells",
        "bob/other.ipynb": "cells",
        "eve/hw-checkpoint.ipynb": "cells",
    }
    collection = _collect(tmp_path, files, holds=holds)
    assert _counted(collection) == {"ada": "ada/work.ipynb", "bob": "bob/hw.ipynb", "eve": None}
    why = {file.path: file.why for file in collection.files}
    assert why["ada/work.ipynb"] == "it alone has the assignment's name or cells"
    assert why["bob/hw.ipynb"] == "it has the assignment's name"
    assert _kinds(collection)["ada/env/lib/hw.ipynb"] == "litter"
    assert "checkpoint" in next(one.note for one in collection.submissions if one.student == "eve")


def test_a_later_attempt_that_is_something_else_does_not_count(tmp_path: Path) -> None:
    """Of two attempts the last counts, but for one that has neither the assignment's name nor its cells."""
    names = [f"1-2 - Ada - Mar {day}, 2026 110 PM/{name}.ipynb" for day, name in ((1, "hw"), (2, "notes"))]
    assert _counted(_collect(tmp_path / "a", names, holds=lambda path: False)) == {"Ada_1": names[0]}
    assert _counted(_collect(tmp_path / "b", names, holds=lambda path: True)) == {"Ada_1": names[1]}


def test_deep_folders_cost_their_student_alone(tmp_path: Path) -> None:
    """1300 folders in folders are not looked into, and the class goes on."""
    (tmp_path / "eve").mkdir()
    (tmp_path / "ada.ipynb").write_text("")
    deep = tmp_path / "eve"
    for _ in range(60):
        deep = deep / "d"
    deep.mkdir(parents=True)
    collection = _collect(tmp_path, [])
    assert _counted(collection) == {"ada": "ada.ipynb", "eve": None}
    assert "deeper" in next(one.note for one in collection.submissions if one.student == "eve")


def test_the_class_list_tells_who_is_missing(tmp_path: Path) -> None:
    """Each student's name in the list stands in the rows; the others are listed on both sides."""
    collection = _collect(tmp_path, ["ada.ipynb", "bob.ipynb"], roster=Names())
    assert {file.student: file.on_roster for file in collection.files} == {"ada": "Ada L.", "bob": ""}
    assert collection.roster is not None
    assert collection.roster.missing == ("Dan D.",)


def test_an_unknown_convention_is_told(tmp_path: Path) -> None:
    """A name that is no convention's is one sentence."""
    with pytest.raises(GradeError, match="no convention"):
        _collect(tmp_path, ["ada.ipynb"], convention="olat")
