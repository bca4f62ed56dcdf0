"""Scores count what is asked for, and say so."""

from dataclasses import replace

import pytest

from autograder.export.records import ExportError
from autograder.export.scores import corrected, count_scores
from autograder.model import Mark
from tests.export.class_lists import WRITTEN, result

CLASS = (result("ada"), result("grace", 7.5))
HALF = WRITTEN | {"grace": (Mark("ex1_written", 2.0, 4.0), Mark("ex2_written", None, 6.0))}


def test_without_marks_the_machine_counts() -> None:
    """A class whose gradebook nobody has opened gets the machine's scores."""
    scores, notes = count_scores(CLASS, {}, {}, None)
    assert [(score.points, score.total.maximum) for score in scores] == [(11.0, 17.0), (7.5, 17.0)]
    assert notes == ("Scores count the machine's checks alone, up to 17.",)


def test_with_every_mark_all_counts() -> None:
    """As soon as every written answer is marked, they are added."""
    scores, notes = count_scores(CLASS, WRITTEN, {}, None)
    assert [(score.points, score.total.maximum) for score in scores] == [(14.5, 27.0), (11.0, 27.0)]
    assert notes == ("Scores count the machine's checks and the written answers, up to 27.",)


@pytest.mark.parametrize("marks", [HALF, {"ada": WRITTEN["ada"]}])
def test_one_unmarked_answer_keeps_the_class_together(marks: dict[str, tuple[Mark, ...]]) -> None:
    """No column mixes totals with machine's scores: all get the machine's, and it is told why."""
    scores, notes = count_scores(CLASS, marks, {}, None)
    assert [score.points for score in scores] == [11.0, 7.5]
    assert notes[1].startswith("1 of 2 students have written answers that nobody has marked.")
    assert "--scores all" in notes[1]


def test_all_leaves_out_the_unmarked() -> None:
    """Asked for totals, a student without all marks has none."""
    ada, grace = count_scores(CLASS, HALF, {}, "all")[0]
    assert (ada.points, grace.points) == (14.5, None)
    assert grace.why == "written answers that nobody has marked: ex2_written"
    assert count_scores(CLASS, {"ada": WRITTEN["ada"]}, {}, "all")[0][1].points is None


def test_machine_leaves_out_the_marks() -> None:
    """Asked for the machine's scores, marks make no difference."""
    assert [score.points for score in count_scores(CLASS, WRITTEN, {}, "machine")[0]] == [11.0, 7.5]


def test_all_needs_marks() -> None:
    """Totals of a gradebook without written answers are refused: they would be the machine's under another name."""
    with pytest.raises(ExportError, match="no written answers"):
        count_scores(CLASS, {}, {}, "all")


def test_a_persons_score_of_a_check_counts() -> None:
    """What somebody typed over the machine's score is the score, and it is told."""
    overrides = {"ada": (Mark("ex2_activations", 15.0, 15.0),)}
    scores, notes = count_scores(CLASS, {}, overrides, None)
    assert [score.points for score in scores] == [17.0, 7.5]
    assert scores[0].result.checks[1].status == "passed"
    assert notes[-1] == "Students with a check that a person scored in the gradebook, whose score counts: 1."


def test_the_graders_fault_waits_for_a_person() -> None:
    """A check with status error has no score until a person gives one."""
    broken = (result("ada", check="error"),)
    assert count_scores(broken, {}, {}, None)[0][0].points is None
    overrides = {"ada": (Mark("ex2_activations", 3.0, 15.0),)}
    assert count_scores(broken, {}, overrides, None)[0][0].points == 5.0


def test_a_correction_leaves_the_rest() -> None:
    """A mark of another cell changes nothing."""
    one = result("ada")
    assert corrected(one, (Mark("elsewhere", 1.0, 1.0), Mark("ex2_plot", None, 2.0))) == one
    assert corrected(one, ()) == replace(one)
