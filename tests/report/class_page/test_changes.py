"""What a new grading changed."""

from autograder.report.class_page.changes import compare
from tests.report.classes import NAME, check, entry, result


def test_what_says_the_same_is_no_change() -> None:
    """Another time, sandbox or wording is no difference."""
    before = result("ada", check(message="old words"), seconds=9.0, isolation="bubblewrap")
    found = compare([before], [entry("ada", check(message="new words"))], NAME)
    assert (found.changed, found.new, found.gone, found.same) == ((), (), (), 1)


def test_new_and_gone_students_are_named() -> None:
    """Who came and who went is told; other assignments' results are nobody here."""
    found = compare([result("bob"), result("eve", assignment="other")], [entry("ada")], NAME)
    assert [one.student for one in found.new] == ["ada"]
    assert found.gone == ("bob",)


def test_a_changed_check_is_told_with_before_and_after() -> None:
    """Score and mistake of each check that changed are told, and nothing of the others."""
    before = result("ada", check(diagnosis="wrong_layer", detail="conv1"), check("ex2_plot"))
    (change,) = compare([before], [entry("ada", check(), check("ex2_plot"))], NAME).changed
    assert change.what == ("`ex2_activations`: failed (wrong layer, conv1) → passed",)
    assert change.gained == 4.0


def test_another_mistake_with_the_same_score_is_a_change() -> None:
    """The score alone doesn't say what is new."""
    before = result("ada", check(diagnosis="wrong_layer", detail="conv1"))
    (change,) = compare([before], [entry("ada", check(diagnosis="pooled"))], NAME).changed
    assert change.what == ("`ex2_activations`: failed (wrong layer, conv1) → failed (pooled)",)


def test_status_parts_of_points_and_lost_checks_are_told() -> None:
    """A stop, a partial score, and checks that came or went each have their line."""
    before = result("ada", check(score=2.0), check("old"), status="timeout")
    (change,) = compare([before], [entry("ada", check(), check("new"))], NAME).changed
    assert change.what == (
        "status: timeout → graded",
        "`ex2_activations`: passed 2 → passed",
        "`new`: not there → passed",
        "`old`: passed → not there",
    )


def test_a_score_that_changed_by_itself_is_told() -> None:
    """A result whose checks agree and whose score doesn't is a change all the same."""
    (change,) = compare([result(score=1.0)], [entry()], NAME).changed
    assert change.what == ("score",)


def test_the_largest_change_comes_first() -> None:
    """Who lost or won most is read first."""
    before = [result("a"), result("b"), result("c")]
    now = [entry("a", check(score=3.0)), entry("b", check(diagnosis="pooled")), entry("c", check(score=2.0))]
    assert [change.entry.student for change in compare(before, now, NAME).changed] == ["b", "c", "a"]


def test_an_answer_that_came_later_is_told() -> None:
    """What was not there before was not answered; it was no mistake."""
    before = result("ada", check(), check("ex3_plot", "missing"))
    (change,) = compare([before], [entry("ada", check(), check("ex3_plot"))], NAME).changed
    assert change.what == ("`ex3_plot`: not answered → passed",)
