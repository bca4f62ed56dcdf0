"""Classes of any names: every file is accounted for, each student's work is the student's, and litter changes nothing."""

from __future__ import annotations

import shutil
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.collect.conventions import NAMES
from autograder.collect.records import Collection
from autograder.collect.submissions import CollectRequest, collect
from autograder.errors import GradeError
from tests.fuzz import examples

_EXAMPLES = settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

_LETTERS = st.characters(categories=["Lu", "Ll", "Lt", "Lo", "Lm", "Mn", "Mc", "Nd"], include_characters=" -'.")
_WORDS = (
    st.text(_LETTERS, min_size=1, max_size=12)
    .map(lambda text: unicodedata.normalize("NFC", text.strip(" .-'")))
    .filter(
        lambda text: text and "attempt" not in text and text.casefold() not in ("submitted", "feedback", "env", "venv")
    )
)
_FILES = st.one_of(
    st.just("hw.ipynb"),
    _WORDS.map(lambda word: f"{word}.ipynb"),
    st.sampled_from(
        [
            "x_1_2_y.ipynb",
            "H_bob_attempt_2099-01-01-00-00-00_z.ipynb",
            "Eve_7_assignsubmission_file_w.ipynb",
            "hw-1.ipynb",
            "hw (2).ipynb",
            "hw.ipynb.txt",
        ]
    ),
)
_LITTER = st.lists(
    st.sampled_from(
        [
            ".DS_Store",
            "desktop.ini",
            "Thumbs.db",
            "._hw.ipynb",
            ".ipynb_checkpoints/hw-checkpoint.ipynb",
            "__MACOSX/._x.ipynb",
            "venv/pyvenv.cfg",
            "venv/lib/python3/site-packages/p/hw.ipynb",
            "~$notes.docx",
            "node_modules/a/hw.ipynb",
        ]
    ),
    max_size=4,
    unique=True,
)


def _canvas(number: int, name: str, attempt: int, file: str) -> tuple[str, str, bool]:
    word = "".join(filter(str.isalpha, name)).lower() or "x"
    return f"{word}_{number + 7}_{9000 + 10 * number + attempt}_{file}", f"{word}_{number + 7}", False


def _moodle(number: int, name: str, attempt: int, file: str) -> tuple[str, str, bool]:
    return f"{name}_{number}_assignsubmission_file_/{file}", f"{name}_{number}", False


def _d2l(number: int, name: str, attempt: int, file: str) -> tuple[str, str, bool]:
    return f"{number}-9 - {name} - Mar {attempt + 1}, 2026 {attempt + 1}05 PM/{file}", f"{name}_{number}", True


def _blackboard(number: int, name: str, attempt: int, file: str) -> tuple[str, str, bool]:
    return f"HW 1_u{number}_attempt_2026-03-0{attempt + 1}-10-30-00_{file}", f"u{number}", True


def _nbgrader(number: int, name: str, attempt: int, file: str) -> tuple[str, str, bool]:
    return f"{name}{number}/hw/{file}", f"{name}{number}", False


def _by_hand(number: int, name: str, attempt: int, file: str) -> tuple[str, str, bool]:
    return f"{name}{number}.ipynb", f"{name}{number}", False


def _in_folders(number: int, name: str, attempt: int, file: str) -> tuple[str, str, bool]:
    return f"{name}{number}/deep/er/{file}", f"{name}{number}", False


def _moodle_in_one_name(number: int, name: str, attempt: int, file: str) -> tuple[str, str, bool]:
    return f"{name}_{number}_assignsubmission_file_{file}", f"{name}_{number}", False


def _github(number: int, name: str, attempt: int, file: str) -> tuple[str, str, bool]:
    return f"hw-user{number}/{file}", f"user{number}", False


def _in_sections(number: int, name: str, attempt: int, file: str) -> tuple[str, str, bool]:
    return f"Section {number % 2}/{name}{number}/{file}", f"{name}{number}", False


_CONVENTIONS = st.sampled_from(
    [_canvas, _moodle, _moodle_in_one_name, _d2l, _blackboard, _nbgrader, _github, _by_hand, _in_folders]
)
_CLASSES = st.lists(st.tuples(_WORDS, st.lists(_FILES, min_size=1, max_size=3)), min_size=2, max_size=5)
_Names = Callable[[int, str, int, str], tuple[str, str, bool]]


def _names(names: _Names, people: list[tuple[str, list[str]]]) -> dict[str, str]:
    """Return files with whose they are."""
    result = {}
    for number, (name, files) in enumerate(people, start=1):
        for attempt, file in enumerate(files):
            path, student, _ = names(number, name, attempt, file)
            result[path] = student
    return result


@contextmanager
def _class(files: list[str], *, zipped: bool = False) -> Iterator[tuple[Collection, Path]]:
    """Collect a class of these files, each with its own name in it."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "class"
        folder.mkdir()
        path = folder
        if zipped:
            path = Path(temporary) / "class.zip"
            with zipfile.ZipFile(path, "w") as archive:
                for name in files:
                    archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 0, 0, 0)), name)
        for name in [] if zipped else files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)
        with collect(CollectRequest(path, "hw")) as collection:
            yield collection, folder


def _graded(collection: Collection) -> dict[str, str]:
    """Return the text of each student's notebook."""
    return {one.student: one.notebook.read_text() if one.notebook else "" for one in collection.submissions}


@_EXAMPLES
@given(_CONVENTIONS, _CLASSES, _LITTER)
def test_every_file_has_one_line_and_each_student_the_own_work(
    names: _Names, people: list[tuple[str, list[str]]], litter: list[str]
) -> None:
    """The lines are the files and folders, each once; what counts for a student is the student's."""
    files = _names(names, people)
    with _class([*files, *litter]) as (collection, folder):
        there = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
        assert sorted(file.path for file in collection.files) == there
        graded = _graded(collection)
        assert graded.keys() == set(files.values())
        assert all(files[text] == student for student, text in graded.items())
        kinds = {file.path: file.kind for file in collection.files}
        assert all(kinds[name] == "litter" for name in litter)
        assert all(kinds[name] in ("notebook", "earlier", "other") for name in files)


@_EXAMPLES
@given(_CONVENTIONS, _CLASSES, st.data())
def test_the_order_of_files_does_not_matter(
    names: _Names, people: list[tuple[str, list[str]]], data: st.DataObject
) -> None:
    """An archive's members in any order give the same lines."""
    files = list(_names(names, people))
    turned = data.draw(st.permutations(files))
    with _class(files, zipped=True) as (one, _), _class(turned, zipped=True) as (other, _):
        assert one.files == other.files
        assert _graded(one) == _graded(other)


@_EXAMPLES
@given(_CONVENTIONS, _CLASSES, _LITTER, st.booleans())
def test_litter_changes_nobodys_grade(
    names: _Names, people: list[tuple[str, list[str]]], litter: list[str], inside: bool
) -> None:
    """Beside the class, or in every student's folder, what programs leave behind counts nothing."""
    files = list(_names(names, people))
    folders = {name.rpartition("/")[0] for name in files if "/" in name}
    more = [f"{folder}/{name}" for folder in folders for name in litter] if inside and folders else litter
    with _class(files, zipped=True) as (one, _), _class([*files, *more], zipped=True) as (other, _):
        assert _graded(one) == _graded(other)


@_EXAMPLES
@given(_CONVENTIONS, _CLASSES)
def test_the_last_attempt_counts(names: _Names, people: list[tuple[str, list[str]]]) -> None:
    """Where a convention has times, the last hand-in's notebook counts, whatever its name."""
    last = {}
    for number, (name, files) in enumerate(people, start=1):
        for attempt, file in enumerate(files):
            path, student, dated = names(number, name, attempt, file)
            if dated:
                last[student] = path
    with _class(list(_names(names, people)), zipped=True) as (collection, _):
        graded = _graded(collection)
        assert {student: graded[student] for student in last} == last


@_EXAMPLES
@given(_CONVENTIONS, _CLASSES, _LITTER, st.sampled_from(["", "download/", "download/class of 2026/"]))
def test_nesting_changes_nobodys_grade(
    names: _Names, people: list[tuple[str, list[str]]], litter: list[str], above: str
) -> None:
    """A class in folders of folders, litter beside each, is graded as the class alone."""
    files = list(_names(names, people))
    nested = [*(f"{above}{name}" for name in files), *litter, *(f"{above}{name}" for name in litter)]
    with _class(files, zipped=True) as (one, _), _class(list(dict.fromkeys(nested)), zipped=True) as (other, _):
        assert {student: text.removeprefix(above) for student, text in _graded(other).items()} == _graded(one)
        assert len(other.files) >= len(set(nested))


@_EXAMPLES
@given(st.lists(_WORDS, min_size=4, max_size=8), _LITTER)
def test_sections_are_one_class(people: list[str], litter: list[str]) -> None:
    """Students in folders for sections are graded as without them."""
    files = {}
    for number, name in enumerate(people, start=1):
        path, student, _ = _in_sections(number, name, 0, "hw.ipynb")
        files[path] = student
    with _class([*files, *litter]) as (collection, folder):
        assert {text: student for student, text in _graded(collection).items()} == files
        there = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
        assert sorted(file.path for file in collection.files) == there


def test_a_copy_on_the_disk_is_collected_as_the_archive(tmp_path: Path) -> None:
    """A folder and the archive of it give the same lines."""
    for name in ("a_7_900_hw.ipynb", "b_8_901_hw.ipynb", "desktop.ini"):
        (tmp_path / "class" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "class" / name).write_text("")
    archive = shutil.make_archive(str(tmp_path / "class"), "gztar", tmp_path / "class")
    with (
        collect(CollectRequest(tmp_path / "class", "hw")) as one,
        collect(CollectRequest(Path(archive), "hw")) as other,
    ):
        assert one.files == other.files


_ANY_NAME = (
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8)
    | st.sampled_from(
        ["hw", "hw.ipynb", "submitted", "a_1_900_", "x_attempt_2026-01-01-10-10-10_", "submission_metadata.yml"]
    )
    | st.sampled_from(
        ["1-2 - A - Mar 1, 2026 110 PM", "A_1_assignsubmission_file_", "a+hw+2026-01-01 10:10:10 UTC", "venv", "a.zip"]
    )
).filter(lambda name: name not in (".", ".."))
_ANY_PATHS = st.lists(
    st.lists(_ANY_NAME | st.tuples(_ANY_NAME, _FILES).map("".join), min_size=1, max_size=3).map("/".join),
    min_size=1,
    max_size=8,
)


@_EXAMPLES
@given(_ANY_PATHS, st.sampled_from(NAMES))
def test_any_names_are_accounted_for(paths: list[str], convention: str) -> None:
    """Whatever files are called, each has one line, none is two students' by accident, and nothing is raised."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in paths:
            path = folder / name
            with suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(name)
        count = sum(1 for _ in folder.rglob("*"))
        try:
            with collect(CollectRequest(folder, "hw", convention)) as collection:
                files, submissions = collection.files, collection.submissions
        except GradeError:
            return
        assert len({file.path for file in files}) == len(files) == count
        assert len({one.student for one in submissions}) == len(submissions)
        counting = [file for file in files if file.kind == "notebook"]
        assert sorted(file.student for file in counting) == sorted(one.student for one in submissions if one.notebook)
