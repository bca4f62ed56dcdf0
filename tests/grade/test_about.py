"""Pages of a graded folder need no source: it carries what they say of the assignment."""

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.accuracy import Accuracy, Figure, write_accuracy
from autograder.errors import GradeError
from autograder.grade.about import About, read_about, write_about
from tests.compile.small import write_small_course


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The small course's source."""
    return write_small_course(tmp_path / "course")


def test_a_folder_carries_title_and_mark_schemes(source: Path, tmp_path: Path) -> None:
    """Wherever the command is called."""
    write_about(tmp_path / "out", source)
    about = read_about(tmp_path / "out", "small", tmp_path / "elsewhere")
    assert about == About("Small sums", {"why": "One point for naming commutativity by its name."})


def test_a_source_that_is_at_hand_says_it_better(source: Path, tmp_path: Path) -> None:
    """A title, or a mark scheme, may have been mended since; a source with mistakes says nothing."""
    write_about(tmp_path / "out", source)
    settings = source / "assignment.toml"
    settings.write_text(settings.read_text("utf-8").replace("Small sums", "Sums"), "utf-8")
    assert read_about(tmp_path / "out", "small", tmp_path / "course").title == "Sums"
    settings.write_text("title = ", "utf-8")
    assert read_about(tmp_path / "out", "small", tmp_path / "course").title == "Small sums"


def test_what_was_measured_is_carried_too(source: Path, tmp_path: Path) -> None:
    """As long as it is about this network; this assignment has none."""
    measured = Accuracy(Figure(3, 3), Figure(4, 5), Figure(4, 5))
    write_accuracy(tmp_path / "course" / "solutions" / "small", measured)
    write_about(tmp_path / "out", source)
    assert read_about(tmp_path / "out", "small", tmp_path / "elsewhere").accuracy == measured
    write_accuracy(tmp_path / "course" / "solutions" / "small", replace(measured, digest="another's"))
    assert read_about(tmp_path / "out", "small", tmp_path / "course").accuracy is None


def test_a_folder_of_before_has_the_name(tmp_path: Path) -> None:
    """And a file that can't be read is none."""
    assert read_about(tmp_path, "small", tmp_path) == About("small")
    (tmp_path / "assignments" / "small").mkdir(parents=True)
    for text in ("", "[]", '{"name": "x"}'):
        (tmp_path / "assignments" / "small" / "about.json").write_text(text, "utf-8")
        assert read_about(tmp_path, "small", tmp_path) == About("small")


def test_what_cannot_be_written_is_told(source: Path, tmp_path: Path) -> None:
    """In a sentence."""
    (tmp_path / "out").write_text("", "utf-8")
    with pytest.raises(GradeError, match="cannot be written"):
        write_about(tmp_path / "out", source)
