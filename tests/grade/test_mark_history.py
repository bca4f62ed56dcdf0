"""Every change of marks is written down, and the latest sheet can be taken back."""

import json

import pytest

from autograder.errors import GradeError
from autograder.grade.mark_history import HISTORY, changes_to_undo, forget_latest, note_changes
from autograder.model import Mark, MarkChange

BEFORE = Mark("ex1_written", None, 2.0)
AFTER = Mark("ex1_written", 1.5, 2.0, "So.")


def _note(out, **more):
    note_changes(out, "hw", {"ada": (MarkChange(BEFORE, 1.5, "So."),)}, sheet="marking.csv", marker="ben", **more)


def test_a_change_is_written_with_all_that_it_is(tmp_path):
    """Who, when, of what, old and new."""
    _note(tmp_path)
    (line,) = map(json.loads, (tmp_path / HISTORY).read_text().splitlines())
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "assignment": "hw",
        "sheet": "marking.csv",
        "marker": "ben",
        "undoes": None,
        "changes": [{"student": "ada", "cell": "ex1_written", "score": [None, 1.5], "comment": ["", "So."]}],
    }


def test_the_latest_sheet_is_taken_back(tmp_path):
    """To what was there before, one sheet at a time; another assignment's stays."""
    _note(tmp_path)
    note_changes(tmp_path, "other", {}, sheet="b.csv", marker="ben")
    undo = changes_to_undo(tmp_path, "hw", {"ada": (AFTER,)})
    assert (undo.number, undo.sheet, undo.marker, undo.conflicts) == (1, "marking.csv", "ben", ())
    assert undo.changes == {"ada": (MarkChange(AFTER, None, ""),)}
    _note(tmp_path, undoes=1)
    with pytest.raises(GradeError, match="No sheet has been taken in"):
        changes_to_undo(tmp_path, "hw", {"ada": (BEFORE,)})


def test_what_changed_since_is_a_conflict(tmp_path):
    """And what is back already is left alone."""
    _note(tmp_path)
    undo = changes_to_undo(tmp_path, "hw", {"ada": (Mark("ex1_written", 2.0, 2.0),)})
    assert [(one.student, one.why) for one in undo.conflicts] == [("ada", "somebody changed it since.")]
    assert changes_to_undo(tmp_path, "hw", {"ada": (BEFORE,)}).changes == {}
    assert "isn't there any more" in changes_to_undo(tmp_path, "hw", {}).conflicts[0].why


def test_what_could_not_be_done_is_forgotten(tmp_path):
    """A line that was cut off is none, and the next one stands by itself."""
    _note(tmp_path)
    _note(tmp_path)
    forget_latest(tmp_path)
    with (tmp_path / HISTORY).open("a") as file:
        file.write('{"half')
    assert changes_to_undo(tmp_path, "hw", {"ada": (AFTER,)}).number == 1
    _note(tmp_path)
    assert len((tmp_path / HISTORY).read_text().splitlines()) == 2


@pytest.mark.parametrize("text", ["nonsense\n", "{}\n", "[]\n"])
def test_a_damaged_history_is_told(tmp_path, text):
    """With its line."""
    (tmp_path / HISTORY).write_text(text)
    with pytest.raises(GradeError, match="line 1 is no change"):
        changes_to_undo(tmp_path, "hw", {})
