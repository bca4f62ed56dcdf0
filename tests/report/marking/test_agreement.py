"""Agreement of several people is told by figures that others publish, and nobody's marks are adjusted by it."""

from pathlib import Path

import pytest

from autograder.errors import AutograderError
from autograder.report.marking.agreement import agreement_lines, alpha, differences, summary
from autograder.report.marking.ratings import Rating, add_ratings, read_ratings, write_ratings

PUBLISHED = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}
"""Four observers, twelve units (Krippendorff 2011, section C)."""


def _published() -> dict[str, dict[str, float]]:
    units: dict[str, dict[str, float]] = {str(number): {} for number in range(12)}
    for observer, row in PUBLISHED.items():
        for number, value in enumerate(row.split()):
            if value != ".":
                units[str(number)][observer] = float(value)
    return units


def _ratings(**points: tuple[float, ...]) -> tuple[Rating, ...]:
    """Return ratings of students s0, s1, ... by marker."""
    return tuple(
        Rating(marker, f"s{n}", "ex1_written", value, {"1": min(value, 1.0)}, n + 1, f"2026-03-01T10:{n:02}:00Z")
        for marker, given in points.items()
        for n, value in enumerate(given)
    )


def test_alpha_is_the_published_one() -> None:
    """Interval data, with values that are missing."""
    assert alpha(_published()) == pytest.approx(0.849, abs=5e-4)


@pytest.mark.parametrize("table", [{}, {"s": {"ada": 1.0}}, {"s": {"ada": 1.0, "ben": 1.0}, "t": {"ada": 3.0}}])
def test_alpha_of_nothing_is_none(table: dict[str, dict[str, float]]) -> None:
    """Nothing was marked twice, or nothing differs at all."""
    assert alpha(table) is None


def test_what_is_told() -> None:
    """Agreement by question and item, severity against others, trends, and every answer that two differ on."""
    ratings = _ratings(ada=(4, 3, 2, 1, 0, 4, 3, 2, 1, 0), ben=(3, 3, 2, 1, 0, 4, 3, 2, 1, 0))
    text = "\n".join(agreement_lines(ratings, {"ex1_written": 4.0}))
    assert "Exercise 1, written: alpha 0.97; 9 of 10 answers that two people marked have the same points" in text
    assert "item 1: alpha 1.00" in text
    assert "ada: +2.5 against others on 10 answers" in text
    assert "ben: -2.5 against others on 10 answers" in text
    assert "per 100 answers" in text
    assert "per hour" in text
    assert text.endswith("For a third look, 1 answers with different points:\n  Exercise 1, written, s0: ada 4, ben 3")
    (one,) = differences(ratings)
    assert (one.student, one.points) == ("s0", {"ada": 4, "ben": 3})
    assert summary(ratings).endswith("Exercise 1, written: alpha 0.97, of 10 answers.")


def test_somebody_who_gets_harder_is_told() -> None:
    """A point less of four after each answer is 25 % an answer."""
    ratings = _ratings(ada=tuple(float(20 - n) for n in range(20)), ben=(20.0,))
    line = next(line for line in agreement_lines(ratings, {"ex1_written": 20.0}) if line.startswith("  ada"))
    assert "-500.0 ± 0.0 per 100 answers; -300.0 ± 0.0 per hour" in line


def test_nothing_is_told_where_nobody_marked_the_same() -> None:
    """One person's marks agree with nobody's."""
    assert list(agreement_lines(_ratings(ada=(1, 2)), {"ex1_written": 4.0})) == []
    assert summary(_ratings(ada=(1, 2))) == ""


def test_ratings_are_kept(tmp_path: Path) -> None:
    """As they were, the newest of one person for one answer; a damaged file is told."""
    path = tmp_path / "ratings.json"
    assert read_ratings(path) == ()
    first, again = _ratings(ada=(1, 2), ben=(3,)), _ratings(ada=(0,))
    write_ratings(path, add_ratings(first, again))
    assert {(one.marker, one.student): one.points for one in read_ratings(path)} == {
        ("ada", "s0"): 0,
        ("ada", "s1"): 2,
        ("ben", "s0"): 3,
    }
    path.write_text("[1]")
    with pytest.raises(AutograderError, match="holds no ratings"):
        read_ratings(path)
