"""The configuration for a course folder."""

from pathlib import Path

from nbgrader.utils import find_all_files

from autograder.peers.nbgrader import CELL_SECONDS, course_config
from tests.grade.tiny import NAME, write_course


def test_only_released_files_are_copied(tmp_path: Path) -> None:
    """What `assignment.toml` does not list stays with the instructor, as nbgrader itself looks for files."""
    write_course(tmp_path)
    config = course_config(tmp_path)
    folder = f"{config.CourseDirectory.root}/source/./{NAME}"
    found = find_all_files(folder, [*config.CourseDirectory.ignore, "*.ipynb"])
    assert [Path(path).name for path in found] == ["data.txt"]


def test_nothing_is_copied_where_the_settings_are_wrong(tmp_path: Path) -> None:
    """A mistake in one assignment's `assignment.toml` stops no command about another, and gives no file away."""
    write_course(tmp_path)
    (tmp_path / "source" / NAME / "assignment.toml").write_text("title = 5\n[release]\nfiles = ['secret.txt']\n")
    config = course_config(tmp_path)
    folder = f"{config.CourseDirectory.root}/source/./{NAME}"
    assert list(find_all_files(folder, [*config.CourseDirectory.ignore, "*.ipynb"])) == []


def test_folders_are_the_repositorys(tmp_path: Path) -> None:
    """Source, release and solutions lie where the contract says."""
    course = course_config(tmp_path).CourseDirectory
    assert (course.source_directory, course.release_directory) == ("source", "release/nbgrader")
    assert course.solution_directory == "solutions"


def test_validate_gives_a_cell_as_long_as_autograde(tmp_path: Path) -> None:
    """nbgrader's own limit of 30 s would cut t-SNE off on a slow machine."""
    config = course_config(tmp_path)
    assert config.Execute.timeout == config.ExecuteWithin.timeout == CELL_SECONDS
