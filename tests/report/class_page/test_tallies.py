"""What a class's results say together."""

import pytest

from autograder.model import Mark
from autograder.report.class_page.tallies import layer_tallies, mark_tallies, mistakes, scores, tally_checks
from autograder.report.class_page.tallies import left_out as left_out_by
from tests.report.classes import check, drawn, entry


def test_every_score_is_in_one_bar() -> None:
    """Bars go from 0 to the maximum; half points count with the whole one below them, and all points are in the last."""
    found = scores([entry(score=score, max_score=4.0) for score in (0.0, 0.5, 2.0, 3.5, 4.0, 4.0)])
    assert [(bar.label, bar.count) for bar in found.bins] == [("0", 2), ("1", 0), ("2", 1), ("3", 1), ("4", 2)]
    assert (found.mean, found.median, found.maximum, found.full) == (pytest.approx(14 / 6), 2.75, 4.0, 2)


@pytest.mark.parametrize("maximum", [0.0, 0.5, 1.0, 17.0, 19.5, 20.0, 100.0, 1000.0])
def test_bars_are_few_and_count_everybody(maximum: float) -> None:
    """However many points there are, a page has room for the bars, and the least and the most score are in them."""
    found = scores([entry(score=score, max_score=maximum) for score in (0.0, maximum / 3, maximum)])
    assert 1 <= len(found.bins) <= 20
    assert sum(bar.count for bar in found.bins) == 3
    assert found.bins[-1].count >= 1


def test_wide_bars_say_which_scores_they_count() -> None:
    """A bar of several points names the first and the last; the last bar doesn't go past the maximum."""
    labels = [bar.label for bar in scores([entry(score=0.0, max_score=30.0)]).bins]
    assert labels[:2] == ["0 to 1", "2 to 3"]
    assert labels[-1] == "30"


def test_a_score_below_zero_is_counted_with_zero() -> None:
    """Nobody falls off the page."""
    assert scores([entry(score=-1.0, max_score=2.0)]).bins[0].count == 1


def test_checks_are_counted() -> None:
    """Each check has its numbers, its mean, and its diagnoses with the most frequent first."""
    entries = [
        entry("a", check()),
        entry("b", check(diagnosis="wrong_layer")),
        entry("c", check(diagnosis="pooled")),
        entry("d", check(diagnosis="pooled")),
        entry("e", check(status="skipped", score=0.0)),
        entry("f", check(status="error", score=0.0)),
    ]
    (found,) = tally_checks(entries)
    assert (found.passed, found.failed, found.skipped, found.error, found.total) == (1, 3, 1, 1, 6)
    assert found.mean == pytest.approx(4 / 6)
    assert found.diagnoses == (("pooled", 2), ("wrong_layer", 1))


def test_misconceptions_are_sorted_by_how_many_have_them() -> None:
    """The most frequent stands first, with who has it by detail, the most frequent detail first."""
    entries = [
        entry("a", check(diagnosis="pooled", message="first")),
        entry("b", check(diagnosis="wrong_layer", detail="conv1", message="told")),
        entry("c", check(diagnosis="wrong_layer", detail="conv2")),
        entry("d", check(diagnosis="wrong_layer", detail="conv2")),
        entry("e", check()),
    ]
    first, second = mistakes(entries)
    assert (first.diagnosis, first.count, first.message) == ("wrong_layer", 3, "told")
    assert [(detail, [one.student for one in group]) for detail, group in first.entries] == [
        ("conv2", ["c", "d"]),
        ("conv1", ["b"]),
    ]
    assert (second.diagnosis, second.entries[0][0]) == ("pooled", "")


def test_the_same_mistake_on_another_check_is_another() -> None:
    """Shuffled rows in the activations are not shuffled rows in the map."""
    one = entry("a", check(diagnosis="shuffled_rows"), check("ex2_embedding", "shuffled_rows"))
    assert [(mistake.check, mistake.count) for mistake in mistakes([one])] == [
        ("ex2_activations", 1),
        ("ex2_embedding", 1),
    ]


def test_what_failed_without_a_diagnosis_is_unknown() -> None:
    """No failure is left out for want of a name."""
    (found,) = mistakes([entry("a", check(status="failed", score=0.0))])
    assert found.diagnosis == "unknown"


def test_layers_are_counted_for_each_map() -> None:
    """Each map has its own count; values that are no layer's are counted too."""
    entries = [entry(maps=[drawn(), drawn(title="Middle layer", layer="pool")]), entry(maps=[drawn(layer=None)])]
    deep, middle = layer_tallies([*entries, entry(maps=[drawn()])])
    assert (deep.title, deep.maps, deep.layers) == ("Deep layer", 3, (("dense", 2), ("", 1)))
    assert (middle.title, middle.maps, middle.layers) == ("Middle layer", 1, (("pool", 1),))


def test_marks_that_are_left_are_counted() -> None:
    """An answer without points is left to mark; 0 points are a mark."""
    entries = [
        entry(marks=(Mark("ex1_written", score, 4.0), Mark("ex2_written", None, 6.0))) for score in (0.0, 3.0, None)
    ]
    one, two = mark_tallies(entries)
    assert (one.marked, one.total, one.mean, one.max_score) == (2, 3, 1.5, 4.0)
    assert (two.marked, two.total, two.mean) == (0, 3, None)


def test_blank_answers_are_no_marks() -> None:
    """They wait for nobody, and their 0 isn't in the mean of what people gave."""
    entries = [entry(marks=(Mark("q", 3.0, 4.0),)), entry(marks=(Mark("q", 0.0, 4.0, blank=True),))]
    (one,) = mark_tallies([*entries, entry(marks=(Mark("q", None, 4.0),))])
    assert (one.marked, one.blank, one.waiting, one.mean) == (1, 1, 1, 3.0)


def test_what_was_never_begun_counts_as_no_mistake() -> None:
    """Neither failed nor a diagnosis: it has a number of its own, and who left it out is named."""
    left_out = [check(name, "missing") for name in ("ex3_flatten", "ex3_plot")]
    entries = [entry("a", check(), *left_out), entry("b", check(diagnosis="pooled"), *left_out), entry("c")]
    counts = {one.name: (one.passed, one.failed, one.unanswered, one.total) for one in tally_checks(entries)}
    assert counts == {"ex2_activations": (2, 1, 0, 3), "ex3_flatten": (0, 0, 2, 2), "ex3_plot": (0, 0, 2, 2)}
    assert [mistake.diagnosis for mistake in mistakes(entries)] == ["pooled"]
    assert [(one.what, [each.student for each in one.entries]) for one in left_out_by(entries)] == [
        ("exercise 3: not answered", ["a", "b"])
    ]
