"""Who needs a look, and which equal maps are worth a word."""

import pytest

from autograder.model import Mark
from autograder.report.class_page.attention import equal_maps, needs_attention
from autograder.report.class_records import Entry
from tests.report.classes import check, drawn, entry


def _headings(*entries: Entry) -> dict[str, list[tuple[str, str]]]:
    return {
        group.heading: [(look.entry.student, look.why) for look in group.looks] for group in needs_attention(entries)
    }


def test_a_class_without_trouble_needs_nobody() -> None:
    """Passed, failed with a known mistake, skipped: none of them asks for a person."""
    assert (
        needs_attention([entry("a"), entry("b", check(diagnosis="pooled")), entry("c", check(status="skipped"))]) == ()
    )


def test_our_own_errors_come_first() -> None:
    """A check that broke is named, with what it said."""
    found = needs_attention(
        [entry("a", status="timeout"), entry("b", check(status="error", message="Broken."), check("ex2_plot"))]
    )
    assert [group.heading for group in found] == ["Our checks failed", "Stopped"]
    assert [(look.entry.student, look.why) for look in found[0].looks] == [("b", "`ex2_activations`: Broken.")]


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        ("timeout", "Stopped"),
        ("memory", "Stopped"),
        ("crashed", "Stopped"),
        ("unreadable", "Nothing that could be graded"),
        ("wrong_assignment", "Nothing that could be graded"),
    ],
)
def test_what_stopped_a_submission_is_told(status: str, heading: str) -> None:
    """Each way of not being graded has its place, and its message, once."""
    words = status.replace("_", " ").capitalize()
    assert _headings(entry("a", status=status, message="Why.")) == {heading: [("a", f"{words}: Why.")]}
    assert _headings(entry("a", status=status)) == {heading: [("a", f"{words}.")]}


def test_a_remark_is_told() -> None:
    """Cells that were lost or restored are a remark on a submission that was graded."""
    assert _headings(entry("a", message="A cell was lost.")) == {"Handed in with a remark": [("a", "A cell was lost.")]}


@pytest.mark.parametrize("diagnosis", [None, "unknown"])
def test_a_mistake_without_a_diagnosis_is_looked_at(diagnosis: str | None) -> None:
    """What no diagnosis fits may be a right answer."""
    odd = check(status="failed", diagnosis=diagnosis, score=0.0, message="Neither.")
    assert list(_headings(entry("a", odd)).values()) == [[("a", "`ex2_activations`: Neither.")]]


def _class(*maps: tuple[str, str]) -> list[Entry]:
    """Return students with a map each, given as (what was embedded, the embedding)."""
    return [entry(f"s{number:03}", maps=[drawn(*one)]) for number, one in enumerate(maps)]


def _told(entries: list[Entry]) -> list[list[str]]:
    return [[one.student for one in group.entries] for group in equal_maps(entries)]


def test_usual_settings_are_no_hint() -> None:
    """The worked example's settings on the same layer give everybody the same map."""
    assert _told(_class(*[("dense", "usual")] * 4, *[("dense", f"own{i}") for i in range(4)])) == []


def test_two_with_a_rare_layer_are_no_hint() -> None:
    """Nothing can be told of two students who are the only ones with their layer."""
    assert _told(_class(*[("dense", "usual")] * 20, ("conv2", "x"), ("conv2", "x"))) == []


def test_unusual_settings_on_a_common_layer_are_a_hint() -> None:
    """Two of twenty with the same values have a map of their own, which another seed or perplexity must have made."""
    entries = _class(*[("dense", "usual")] * 18, ("dense", "x"), ("dense", "x"))
    (found,) = equal_maps(entries)
    assert _told(entries) == [["s018", "s019"]]
    assert found.titles == ("Deep layer",)
    assert "Of 20 students" in found.why


def test_where_nobody_fixes_a_seed_two_equal_maps_are_a_hint() -> None:
    """There need be no usual map for a pair to stand out."""
    assert _told(_class(*[("dense", f"own{i}") for i in range(10)], ("dense", "x"), ("dense", "x"))) == [
        ["s010", "s011"]
    ]


def test_equal_representations_alone_are_no_hint() -> None:
    """All who took the layer rightly have the same numbers."""
    assert _told(_class(*[("dense", f"own{i}") for i in range(30)])) == []


def test_equal_maps_of_different_values_are_a_hint() -> None:
    """The same settings don't lead from different values to the same map."""
    (found,) = equal_maps(_class(("dense", "x"), ("pool", "x"), ("dense", "y")))
    assert [one.student for one in found.entries] == ["s000", "s001"]
    assert "are not" in found.why


def test_a_mistake_that_explains_it_is_no_hint() -> None:
    """Two who embedded the given `reps` have that map, whatever they handed in as the representation."""
    wrong = check("ex2_embedding", "embedding_of_other_layer")
    entries = [entry(name, wrong, maps=[drawn(values, "given")]) for name, values in (("a", "dense"), ("b", "softmax"))]
    assert equal_maps(entries) == ()


def test_one_whose_own_map_it_is_makes_it_a_hint() -> None:
    """A map that is one student's own and another's mistake is worth a word."""
    wrong = check("ex2_embedding", "embedding_of_other_layer")
    entries = [entry("a", maps=[drawn("dense", "x")]), entry("b", wrong, maps=[drawn("softmax", "x")])]
    assert len(equal_maps(entries)) == 1


@pytest.mark.parametrize(("equal", "others", "told"), [(3, 20, True), (4, 20, False), (5, 95, True), (6, 994, False)])
def test_a_fashion_is_no_hint(equal: int, others: int, told: bool) -> None:
    """Three at least, a twentieth of the class, and five at most: a seed that more share is a habit."""
    entries = _class(*[("dense", "x")] * equal, *[("dense", f"own{i}") for i in range(others)])
    assert bool(equal_maps(entries)) is told


def test_who_shares_more_maps_comes_first() -> None:
    """Two maps in common are told in one line, before one map in common."""
    entries = _class(*[("dense", "usual")] * 16, *[("dense", "x")] * 2)
    middle = {"check": "ex3_embedding", "title": "Middle layer"}
    both = [entry(name, maps=[drawn("dense", "y"), drawn("pool", "z", **middle)]) for name in ("both1", "both2")]
    more = [entry(f"m{i}", maps=[drawn("pool", "usual", **middle)]) for i in range(10)]
    first, second = equal_maps([*entries, *both, *more])
    assert ([one.student for one in first.entries], first.titles) == (
        ["both1", "both2"],
        ("Deep layer", "Middle layer"),
    )
    assert second.titles == ("Deep layer",)


def test_maps_without_digests_are_passed_over() -> None:
    """What can't be compared is compared with nothing."""
    assert equal_maps([entry("a", maps=[drawn()]), entry("b", maps=[drawn()])]) == ()


def test_who_answered_nothing_is_asked_for_the_right_file() -> None:
    """A blank hand-in is named; who answered in words, or left one exercise out, is not."""
    wrote = (Mark("ex1_written", None, 4.0),)
    missing = check(diagnosis="missing")
    entries = [entry("a", missing), entry("b", missing, marks=wrote), entry("c", missing, check("ex3_plot"))]
    assert _headings(*entries) == {"Nothing was answered": [("a", "")]}
