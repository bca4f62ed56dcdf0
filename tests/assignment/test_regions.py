"""Regions between markers are found, and every marker without a partner is told with its line."""

import pytest

from autograder.assignment.regions import parse_regions


def test_lines_inside_and_outside_a_region_are_told_apart():
    """What a student sees is what lies outside; markers belong to neither."""
    regions = parse_regions("a\n### BEGIN SOLUTION\nb\n### END SOLUTION\nc")
    assert list(regions.inside("SOLUTION")) == ["b"]
    assert regions.outside("SOLUTION") == "a\nc"
    assert regions.without_markers() == "a\nb\nc"


def test_a_mark_scheme_may_stand_inside_a_solution():
    """The scheme goes wherever the model answer goes."""
    regions = parse_regions("BEGIN SOLUTION\na\nBEGIN MARK SCHEME\nb\nEND MARK SCHEME\nEND SOLUTION")
    assert not regions.problems
    assert list(regions.inside("MARK SCHEME")) == ["b"]
    assert regions.outside("SOLUTION") == ""


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x\n### BEGIN SOLUTION\ny", 2, "no END SOLUTION"),
        ("x\n### END SOLUTION", 2, "no BEGIN SOLUTION"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n### END SOLUTION", 2, "inside the SOLUTION region"),
        ("### BEGIN SOLUTION\n### END HIDDEN TESTS\n### END SOLUTION", 2, "where END SOLUTION was expected"),
        ("### BEGIN HIDDEN TESTS\n### BEGIN SOLUTION\n### END SOLUTION\n### END HIDDEN TESTS", 2, "begins in line 1"),
    ],
)
def test_a_marker_without_its_partner_is_told_with_its_line(text, line, words):
    """nbgrader lets some of these pass in silence."""
    problems = parse_regions(text).problems
    assert problems[0][0] == line
    assert words in problems[0][1]
