"""The page in front of several class pages."""

from pathlib import Path

from autograder.model import Mark
from autograder.report.class_records import ClassRecords, Entry
from autograder.report.front_page import line_of, write_front_page
from tests.report.classes import Page, check, result


def _records(name: str, title: str, *scores: float, deadline: str = "") -> ClassRecords:
    entries = tuple(
        Entry(
            result(f"s{number}", check("ex1_test", score=score, max_score=3.0), assignment=name),
            marks=(Mark("ex1_written", None if number else 1.0, 2.0),),
        )
        for number, score in enumerate(scores)
    )
    return ClassRecords(name, title, entries, deadline=deadline, suffix=f"-{name}")


def test_a_line_for_each_assignment(tmp_path: Path) -> None:
    """Titles are text, links lead to the class pages, and what waits for a person is counted."""
    lines = [
        line_of(_records("hw 1", "<b>One</b>", 3.0, 0.0, 3.0)),
        line_of(_records("hw2", "Two", 1.5, deadline="Due.")),
    ]
    write_front_page(lines, tmp_path)
    page = Page((tmp_path / "report.html").read_text("utf-8"))
    assert [link["href"] for link in page.all("a")] == ["report-hw%201.html", "report-hw2.html"]
    assert "<b>One</b> hw 1 3 2 / 3 3 2" in page.text
    assert "Two hw2 1 1.5 / 3 1.5 0" in page.text
    assert "Due." in page.text
    assert "2 assignments" in page.text
