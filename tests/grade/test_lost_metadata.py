"""Submissions of the real release whose metadata or cells were lost on the way: every answer is where it belongs."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.assignment.plan import AssignmentPlan, make_plan
from autograder.execute.notebook_file import read_notebook
from autograder.execute.submission import Prepared, WrongAssignmentError, prepare
from autograder.grade import GradeRequest, Limits, grade
from autograder.model import SubmissionResult
from tests.grade import tiny
from tests.needs import strongest_level

# nbformat repairs cells that share an id, or have none, and says so.
pytestmark = [
    pytest.mark.filterwarnings("ignore::nbformat.warnings.DuplicateCellId"),
    pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning"),
]

NAME = "mapping_representations"
ANSWERS = {
    "ex1_written": "The sevens and the nines lie together; the ones are far from everything.",
    "ex2_map": 'deep_layer = "dense_relu"\nextract = keras.Model(model.inputs, model.get_layer(deep_layer).output)\n'
    "deep_reps = extract.predict(X_train[:num_emb], verbose=0)\n"
    "deep_emb = TSNE(random_state=3).fit_transform(deep_reps)\n"
    "deep_plot = plot_embedding(X_train[:num_plot], deep_emb[:num_plot], y_train[:num_plot])",
    "ex2_readings": "deep_strays = [48, 80, 494]\ndeep_borders = [(8, 9), (5, 8)]\n"
    "deep_emb_again = TSNE(init='random', random_state=4).fit_transform(deep_reps)\ndeep_borders_again = [(8, 9)]",
    "ex2_written": "Ten clusters, and the mistakes lie between them.\n\n- a four among the nines\n- a five among the sixes",
    "ex3_map": 'middle_layer = "pool"\nmiddle_activations = at(middle_layer)\n'
    "middle_reps = middle_activations.reshape(len(middle_activations), -1)\n"
    "middle_emb = TSNE(random_state=3).fit_transform(middle_reps)\n"
    "middle_plot = plot_embedding(X_train[:num_plot], middle_emb[:num_plot], y_train[:num_plot])",
    "ex3_readings": "moved = [0, 24, 30]",
    "ex3_written": "The deeper the layer, the cleaner the clusters.",
}
HELPER = "def at(name):\n    return keras.Model(model.inputs, model.get_layer(name).output).predict(X_train[:1000])"


def _no_page(*_: object, **__: object) -> None:
    """Write no page."""


@pytest.fixture(scope="module")
def plan(root: Path) -> AssignmentPlan:
    """The real assignment's plan."""
    return make_plan(root / "source" / NAME, root / "release" / "nbgrader" / NAME)


@pytest.fixture
def handed_in(plan: AssignmentPlan) -> NotebookNode:
    """The real release with every answer filled in, and one cell of the student's own before the last exercise."""
    notebook = nbformat.read(plan.release / f"{NAME}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = ANSWERS.get(name_of(cell), cell.source)
    notebook.cells.insert(index_of(notebook, "ex3_map"), new_code_cell(HELPER))
    return notebook


def name_of(cell: NotebookNode) -> str:
    """Return a cell's `grade_id`; "" where it has none."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def index_of(notebook: NotebookNode, name: str) -> int:
    """Return where a cell stands."""
    return [name_of(cell) for cell in notebook.cells].index(name)


def strip(notebook: NotebookNode) -> NotebookNode:
    """Take nbgrader's metadata away."""
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
    return notebook


def read_back(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Write a notebook and read it as grading does."""
    path = folder / "student.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return read_notebook(path)


def answers(prepared: Prepared) -> dict[str, str]:
    """Return what stands in the cells that students fill in."""
    return {
        planned.grade_id: cell.source
        for cell, planned in zip(prepared.notebook.cells, prepared.cells, strict=True)
        if planned is not None and planned.kind in ("solution", "written")
    }


def own(prepared: Prepared) -> list[str]:
    """Return the texts of the student's own cells."""
    pairs = zip(prepared.notebook.cells, prepared.cells, strict=True)
    return [cell.source for cell, planned in pairs if planned is None]


def assert_whole(prepared: Prepared, plan: AssignmentPlan) -> None:
    """Assert that the assignment's cells stand once each, in order, with the release's type, text and metadata."""
    told = [planned for planned in prepared.cells if planned is not None]
    assert [one.grade_id for one in told] == [one.grade_id for one in plan.cells]
    for cell, planned in zip(prepared.notebook.cells, prepared.cells, strict=True):
        if planned is not None:
            assert (cell.cell_type, cell.metadata["nbgrader"]) == (planned.cell_type, planned.metadata["nbgrader"])
            assert planned.kind in ("solution", "written") or cell.source == planned.source


def as_colab(notebook: NotebookNode) -> NotebookNode:
    """Do what Colab does: metadata of its own, a badge on top, another kernel entry, no white space at the ends."""
    for number, cell in enumerate(notebook.cells):
        cell.metadata = {"id": f"Xy{number}", "outputId": "0-1", "colab": {"base_uri": "https://localhost:8080/"}}
        cell.source = cell.source.rstrip()
    notebook.cells.insert(0, new_markdown_cell('<a href="#" target="_parent"><img alt="Open In Colab"/></a>'))
    notebook.metadata = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return notebook


def as_vscode(notebook: NotebookNode) -> NotebookNode:
    """Do what an editor does that keeps text alone: lines end as on Windows, and no cell has metadata or an id."""
    cells = [(new_code_cell, new_markdown_cell)[cell.cell_type == "markdown"](cell.source) for cell in notebook.cells]
    for cell in cells:
        cell.source = cell.source.replace("\n", "\r\n")
        cell.pop("id", None)
    return new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


def as_copied(notebook: NotebookNode) -> NotebookNode:
    """Do what copying all cells into a new notebook does."""
    return new_notebook(cells=[copy.deepcopy(cell) for cell in strip(notebook).cells])


def with_new_ids(notebook: NotebookNode) -> NotebookNode:
    """Give every cell another id; all of them the same one in the worst case."""
    for cell in notebook.cells:
        cell["id"] = "same"
    return notebook


def without_tests(notebook: NotebookNode) -> NotebookNode:
    """Delete every test."""
    notebook.cells = [
        c
        for c in notebook.cells
        if not (c.cell_type == "code" and name_of(c).startswith("ex") and c.metadata.nbgrader.locked)
    ]
    return notebook


def without_tests_and_metadata(notebook: NotebookNode) -> NotebookNode:
    """Delete every test, and all metadata."""
    return strip(without_tests(notebook))


def with_copied_tests(notebook: NotebookNode) -> NotebookNode:
    """Copy every test and every given cell to the end, changed."""
    for cell in [one for one in notebook.cells if name_of(one) and one.metadata.nbgrader.locked]:
        twin = copy.deepcopy(cell)
        twin.source = "raise SystemExit" if twin.cell_type == "code" else "nothing"
        notebook.cells.append(twin)
    return notebook


def backwards(notebook: NotebookNode) -> NotebookNode:
    """Turn the order of all cells round."""
    notebook.cells.reverse()
    return notebook


def with_answers_first(notebook: NotebookNode) -> NotebookNode:
    """Move every answer to the top."""
    notebook.cells.sort(key=lambda cell: name_of(cell) not in ANSWERS)
    return notebook


def retyped(notebook: NotebookNode) -> NotebookNode:
    """Turn code answers into markdown, and written ones into code or raw text."""
    for name, kind in (("ex2_map", "markdown"), ("ex2_written", "code"), ("ex3_written", "raw")):
        notebook.cells[index_of(notebook, name)].cell_type = kind
    return notebook


def in_two_cells(notebook: NotebookNode) -> NotebookNode:
    """Let an answer's first lines stand in a cell of their own before it, metadata lost."""
    place = index_of(notebook, "ex3_map")
    notebook.cells.insert(place, new_code_cell("layer_count = len(model.layers)"))
    return strip(notebook)


WAYS: dict[str, Callable[[NotebookNode], NotebookNode]] = {
    "stripped": strip,
    "Colab": as_colab,
    "VS Code": as_vscode,
    "copied into a new notebook": as_copied,
    "cell ids changed": with_new_ids,
    "tests deleted": without_tests,
    "tests deleted, stripped": without_tests_and_metadata,
    "cells copied": with_copied_tests,
    "turned round": backwards,
    "answers moved": with_answers_first,
    "retyped": retyped,
    "in two cells, stripped": in_two_cells,
}


@pytest.mark.parametrize("way", WAYS)
def test_every_answer_is_found(handed_in: NotebookNode, plan: AssignmentPlan, tmp_path: Path, way: str) -> None:
    """Whatever a tool or a student did to the cells, the assignment is whole and each answer in its own place."""
    prepared = prepare(read_back(WAYS[way](handed_in), tmp_path), plan)
    assert_whole(prepared, plan)
    found = {name: text.replace("\r\n", "\n") for name, text in answers(prepared).items()}
    assert found == ANSWERS
    assert HELPER in [text.replace("\r\n", "\n") for text in own(prepared)]


NOTES = {
    "stripped": "lost their metadata",
    "tests deleted": "put back: 6 checks, 1 given cell of Exercise 2; 5 checks, 1 given cell of Exercise 3.",
    "cells copied": "the last copy of each counts",
    "turned round": "Moved cells were put back",
    "retyped": "type of cells was put right: 1 answer cell, 1 written answer of Exercise 2; ",
    "cell ids changed": "",
}


@pytest.mark.parametrize("way", NOTES)
def test_what_was_put_right_is_told(handed_in: NotebookNode, plan: AssignmentPlan, tmp_path: Path, way: str) -> None:
    """The note names what was put right, and a notebook in which nothing was has none."""
    note = prepare(read_back(WAYS[way](handed_in), tmp_path), plan).note
    assert NOTES[way] in note
    assert bool(note) == bool(NOTES[way])


@pytest.mark.parametrize("left", sorted(ANSWERS))
def test_a_blank_answer_takes_no_other_ones_place(handed_in: NotebookNode, plan: AssignmentPlan, left: str) -> None:
    """With metadata lost and one question left as it was, every other answer is still found in its own place."""
    blank = next(cell.source for cell in plan.cells if cell.grade_id == left)
    handed_in.cells[index_of(handed_in, left)].source = blank
    assert answers(prepare(strip(handed_in), plan)) == ANSWERS | {left: blank}


@pytest.mark.parametrize("kept", sorted(ANSWERS))
def test_the_only_answer_is_found(handed_in: NotebookNode, plan: AssignmentPlan, kept: str) -> None:
    """With metadata lost and one question answered, the answer stands where it was given."""
    blank = {cell.grade_id: cell.source for cell in plan.cells if cell.grade_id in ANSWERS}
    for name in ANSWERS.keys() - {kept}:
        handed_in.cells[index_of(handed_in, name)].source = blank[name]
    assert answers(prepare(strip(handed_in), plan)) == blank | {kept: ANSWERS[kept]}


def test_metadata_lost_on_some_cells(handed_in: NotebookNode, plan: AssignmentPlan) -> None:
    """Cells that were cut and pasted lost theirs, the others did not: each answer is found all the same."""
    for name in ("ex1_written", "ex2_map", "ex2_plot", "ex3_written"):
        handed_in.cells[index_of(handed_in, name)].metadata = NotebookNode()
    prepared = prepare(handed_in, plan)
    assert_whole(prepared, plan)
    assert answers(prepared) == ANSWERS


@pytest.mark.parametrize(
    "marks", [None, 3, "ex1_written", [], {"grade_id": 7}, {"grade_id": None}, {"grade_id": ["x"]}]
)
def test_metadata_of_any_form(handed_in: NotebookNode, plan: AssignmentPlan, tmp_path: Path, marks: object) -> None:
    """What stands in the place of nbgrader's metadata is not trusted to have its form."""
    for cell in handed_in.cells:
        cell.metadata["nbgrader"] = marks
    assert answers(prepare(read_back(handed_in, tmp_path), plan)) == ANSWERS


def test_a_few_cells_are_not_the_assignment(handed_in: NotebookNode, plan: AssignmentPlan) -> None:
    """The answers alone, without a cell that could tell where they belong, are refused and not guessed at."""
    handed_in.cells = [cell for cell in handed_in.cells if name_of(cell) in ANSWERS]
    with pytest.raises(WrongAssignmentError, match="hardly any"):
        prepare(strip(handed_in), plan)


@pytest.fixture(scope="module")
def class_(tmp_path_factory: pytest.TempPathFactory) -> tuple[GradeRequest, dict[str, SubmissionResult]]:
    """A class of the tiny assignment: each way of losing something, graded whole."""
    root = tmp_path_factory.mktemp("lost")
    assignment, release = tiny.write_course(root)
    folder = root / "in"
    folder.mkdir()
    for name, change in TINY_WAYS.items():
        (folder / f"{name}.ipynb").write_text(json.dumps(change(tiny.submission())), encoding="utf-8")
    request = GradeRequest(
        folder,
        assignment,
        release,
        root / "out",
        jobs=2,
        isolation=strongest_level(),
        limits=Limits(60, memory=2),
        quiet=True,
    )
    return request, {one.student: one for one in grade(request, Console(stderr=True), _no_page)}


def without(*names: str) -> Callable[[NotebookNode], NotebookNode]:
    """Return what deletes cells by their ids."""

    def delete(notebook: NotebookNode) -> NotebookNode:
        notebook.cells = [cell for cell in notebook.cells if name_of(cell) not in names]
        return notebook

    return delete


TINY_WAYS: dict[str, Callable[[NotebookNode], NotebookNode]] = {
    "stripped": strip,
    "copied": as_copied,
    "Colab": as_colab,
    "backwards": backwards,
    "no test": without("ex1_test"),
    "no setup": without("setup"),
    "no answer": without("ex1_map"),
    "copies": with_copied_tests,
}


@pytest.mark.parametrize("way", TINY_WAYS)
def test_points_are_what_the_answer_deserves(
    class_: tuple[GradeRequest, dict[str, SubmissionResult]], way: str
) -> None:
    """Graded whole, a submission gets its points for what it answers, however it was mangled on the way."""
    result = class_[1][way]
    assert (result.status, result.score, result.max_score) == ("graded", 0.0 if way == "no answer" else 3.0, 3.0)


@pytest.mark.parametrize("way", TINY_WAYS)
def test_a_person_finds_the_words(class_: tuple[GradeRequest, dict[str, SubmissionResult]], way: str) -> None:
    """The notebook for the person who marks has all of nbgrader's cells, and the written answer waits in its place."""
    request, _ = class_
    folder = request.out / "autograded" / way / tiny.NAME
    notebook = nbformat.read(folder / f"{tiny.NAME}.ipynb", as_version=4)
    assert [name_of(cell) for cell in notebook.cells if name_of(cell)] == [
        "setup",
        "ex1_map",
        "ex1_test",
        "ex1_written",
    ]
    assert notebook.cells[index_of(notebook, "ex1_written")].source == "I think so."
    with Gradebook(f"sqlite:///{request.out / 'gradebook.db'}") as gradebook:
        written = gradebook.find_grade("ex1_written", tiny.NAME, tiny.NAME, way)
        assert (written.auto_score, written.needs_manual_grade) == (None, True)
