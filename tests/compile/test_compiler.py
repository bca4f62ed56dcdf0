"""The small course, through the whole build: what comes out, and what a second build changes."""

import copy
import dataclasses
import json
import shutil
import subprocess

import nbformat
import pytest

from autograder.accuracy import FULL, SHORT, Accuracy, Figure, write_accuracy
from autograder.assignment.settings import read_source
from autograder.compile.compiler import build, compile_source
from autograder.compile.gate import differences
from autograder.compile.leaks import find_leaks
from autograder.compile.nbgrader_release import release_files
from autograder.compile.publishing import outputs_of
from autograder.errors import GateError
from tests.compile.small import TEST, small_source, write_small_course


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The small course, built with its gate."""
    root = tmp_path_factory.mktemp("course")
    write_small_course(root)
    told = []
    build(root, "small", tell=told.append)
    return root, told


def notebook_text(path):
    """Return the text of all cells."""
    return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)


def test_the_gate_tells_what_it_saw(course):
    """Solved gives all points by every route, blank none."""
    _, told = course
    lines = "\n".join(told)
    for route in ("otter run", "nbgrader", "autograder grade"):
        assert f"solved notebook by {route}: 2 of 2" in lines
        assert f"blank release by {route}: 0 of 2" in lines
    assert "leaks: none" in lines
    assert "second build changes: none" in lines


def test_every_output_is_where_the_contract_says(course):
    """And no stage is left behind."""
    root, _ = course
    for path in outputs_of("small").values():
        assert (root / path).exists(), path
    assert not list(root.glob(".build-*"))


@pytest.mark.parametrize("kind", ["nbgrader", "otter"])
def test_a_release_holds_a_students_files_and_no_others(course, kind):
    """The checks travel; settings and hidden checks stay."""
    root, _ = course
    release = root / "release" / kind / "small"
    files = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    assert {"small.ipynb", "numbers.txt", "README.md", "requirements.txt", "checks/__init__.py"} <= files
    assert not {name for name in files if "judge" in name or "assignment.toml" in name}
    assert "otter-grader" in (release / "requirements.txt").read_text() or kind == "nbgrader"


@pytest.mark.parametrize(
    ("asked", "first_line", "travels"),
    [
        ("", "", False),
        ("", "import checks.shapes", True),
        ('package = "none"', "import checks", False),
        ('package = "checks"', "", True),
    ],
)
def test_the_checks_travel_where_they_are_asked_for(tmp_path, asked, first_line, travels):
    """By `[checks]`, or else by a cell that imports them; a test's hidden lines ask for nothing."""
    folder = write_small_course(tmp_path)
    settings = folder / "assignment.toml"
    settings.write_text(settings.read_text().replace('package = "checks"', asked))
    source = read_source(folder)
    source.notebook.cells[1].source += f"\n{first_line}"
    source.notebook.cells[3].source = source.notebook.cells[3].source.replace(
        "HIDDEN TESTS\n", "HIDDEN TESTS\nimport checks\n", 1
    )
    assert source.has_checks == travels
    assert ("checks/__init__.py" in release_files(source, "nbgrader")) == travels


def test_what_is_imported_for_a_class_is_what_the_notebook_imports(tmp_path):
    """Unless `[kernel]` names it."""
    folder = write_small_course(
        tmp_path, lambda notebook: notebook.cells[2].update(source="import a.b as c\nfrom d import e")
    )
    assert read_source(folder).modules == ("a.b", "d", "os")
    with (folder / "assignment.toml").open("a") as file:
        file.write('[kernel]\nmodules = ["f.g"]\n')
    assert read_source(folder).modules == ("f.g",)


@pytest.mark.parametrize("kind", ["nbgrader", "otter"])
def test_a_release_asks_and_does_not_answer(course, kind):
    """Placeholders stay, solutions, hidden tests and mark schemes go."""
    root, _ = course
    text = notebook_text(root / "release" / kind / "small" / "small.ipynb")
    assert "total = None" in text
    for secret in ("helper_value", "111", "commutative", "by its name"):
        assert secret not in text


def test_the_solution_holds_all(course):
    """A teaching assistant marks from it."""
    root, _ = course
    text = notebook_text(root / "solutions" / "small" / "small.ipynb")
    for part in ("helper_value", "3 * 111", "commutative", "by its name"):
        assert part in text


def test_nbgraders_release_can_be_autograded_by_nbgrader(course):
    """Locked cells carry nbgrader's checksums."""
    root, _ = course
    notebook = json.loads((root / "release/nbgrader/small/small.ipynb").read_text())
    marks = [cell["metadata"]["nbgrader"] for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
    assert [mark["grade_id"] for mark in marks] == ["setup", "sum", "sum_test", "why"]
    assert all("checksum" in mark for mark in marks)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    """The small course, compiled once."""
    root = tmp_path_factory.mktemp("pristine")
    return compile_source(root, small_source(root), root / "stage")


@pytest.fixture
def compiled(pristine, tmp_path):
    """A compiled small course to spoil."""
    shutil.copytree(pristine.stage, tmp_path / "stage")
    return dataclasses.replace(pristine, stage=tmp_path / "stage")


def release_notebook(built, change, kind="nbgrader"):
    """Change a built release notebook in place."""
    path = built.path(kind) / "small.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


SPOILS = {
    "a solution line in a cell": lambda nb: nb.cells[1].update(source="total   =  helper_value+9"),
    "a hidden test with other quotes": lambda nb: nb.cells[1].update(
        source="assert total == 3*111 + 9, 'total is not the sum'"
    ),
    "a mark scheme in metadata": lambda nb: nb.metadata.update(note="One point for naming commutativity by its name."),
    "a solution in an output": lambda nb: nb.cells[1].update(
        outputs=[nbformat.v4.new_output("stream", text="helper_value = base * 111")]
    ),
    "a marker": lambda nb: nb.cells[0].update(source="### BEGIN HIDDEN TESTS"),
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_a_leak_is_found_wherever_it_stands(compiled, spoil):
    """Text, metadata and outputs are searched, whatever the spaces and quotes."""
    assert list(find_leaks(compiled.source, compiled.path("nbgrader"), "nbgrader")) == []
    release_notebook(compiled, spoil)
    assert list(find_leaks(compiled.source, compiled.path("nbgrader"), "nbgrader"))


def test_a_file_that_is_no_students_and_one_that_is_missing_are_found(compiled):
    """A release holds exactly what it should."""
    release = compiled.path("otter")
    shutil.copy(compiled.source.assignment.folder / "assignment.toml", release)
    (release / "numbers.txt").unlink()
    leaks = " ".join(find_leaks(compiled.source, release, "otter"))
    assert "assignment.toml is not a student's file" in leaks
    assert "numbers.txt is missing" in leaks


def test_lines_of_the_checks_themselves_are_no_secret(compiled):
    """A hidden test may well have a line in common with them; in a file that was changed it would be one."""
    checks = compiled.path("nbgrader") / "checks" / "failure.py"
    line = max(checks.read_text("utf-8").splitlines(), key=len)
    source = copy.deepcopy(compiled.source)
    for cell in source.notebook.cells:
        cell.source = cell.source.replace("### END HIDDEN TESTS", f"{line}\n### END HIDDEN TESTS")
    assert list(find_leaks(source, compiled.path("nbgrader"), "nbgrader")) == []
    checks.write_text(checks.read_text("utf-8") + "\n", "utf-8")
    assert len(list(find_leaks(source, compiled.path("nbgrader"), "nbgrader"))) == 1


def test_what_was_measured_is_kept_as_long_as_it_is_about_this_network(compiled, tmp_path, monkeypatch):
    """A build writes the folder anew; other settings are another assignment, and the short form is measured anew."""
    monkeypatch.setattr("autograder.compile.accuracy_gate.network_digest", lambda folder: "this")
    root = compiled.source.assignment.folder.parent.parent
    measured = root / "solutions" / "small"
    figures = Figure(1, 1), Figure(2, 2), Figure(2, 2)
    for form, digest, kept in ((FULL, "this", True), (FULL, "another", False), (SHORT, "this", False)):
        path = write_accuracy(measured, Accuracy(*figures, digest=digest, form=form))
        built = compile_source(root, compiled.source, tmp_path / f"{form}-{digest}")
        assert (built.path("solutions") / "accuracy.json").exists() == kept
    path.unlink()


def test_a_second_compilation_changes_no_byte(compiled, tmp_path):
    """And a changed byte would be seen."""
    root = compiled.source.assignment.folder.parent.parent
    second = compile_source(root, compiled.source, tmp_path / "second")
    for kind in ("nbgrader", "otter", "solutions", "otter_zip"):
        one, other = compiled.path(kind), second.path(kind)
        same = one.read_bytes() == other.read_bytes() if one.is_file() else not differences(one, other)
        assert same, kind
    (second.path("otter") / "README.md").write_text("other")
    assert differences(compiled.path("otter"), second.path("otter")) == ["README.md"]


@pytest.mark.slow
def test_a_gate_that_fails_publishes_nothing_and_says_where(tmp_path):
    """A test that the solution doesn't pass, and one that a blank notebook passes."""

    def change(notebook):
        notebook.cells[3].source = TEST.replace("3 * 111 + 9", "1")
        easy = nbformat.from_dict(notebook.cells[3])
        easy = nbformat.v4.new_code_cell("total\nassert base == 3", id="easy")
        easy.metadata = {"nbgrader": {**notebook.cells[3].metadata.nbgrader, "grade_id": "easy", "points": 1}}
        notebook.cells.insert(4, nbformat.from_dict(easy))

    write_small_course(tmp_path, change)
    with pytest.raises(GateError) as caught:
        build(tmp_path, "small", tell=lambda line: None)
    message = caught.value.message
    assert "solved notebook by nbgrader: sum_test gives 0 of 2, expected 2 of 2" in message
    assert "solved notebook by otter run: sum_test gives 0 of 2, expected 2 of 2" in message
    assert "blank release by nbgrader: easy gives 1 of 1, expected 0 of 1" in message
    assert "blank release by otter run: easy gives 1 of 1, expected 0 of 1" in message
    assert not (tmp_path / "release").exists()
    assert not (tmp_path / "dist").exists()


def test_the_committed_release_is_what_the_source_compiles_to(root, tmp_path):
    """Nobody edits a release by hand, and nobody forgets to build."""
    from autograder.assignment.settings import read_source

    source = read_source(root / "source" / "mapping_representations")
    built = compile_source(root, source, tmp_path / "stage")
    for kind in ("nbgrader", "otter", "solutions"):
        assert differences(built.path(kind), root / outputs_of("mapping_representations")[kind]) == []
    ignored = subprocess.run(
        ["git", "check-ignore", "release", "solutions"], cwd=root, capture_output=True, check=False
    )
    assert not ignored.stdout
