"""Words that stand in the wrong place are found, and belong to the answer that they are near."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from autograder.assignment.cells import is_blank
from autograder.assignment.misplaced import words_elsewhere
from autograder.assignment.plan import make_plan
from autograder.execute.submission import prepare

NAME = "mapping_representations"
WORDS = "The zeros stand apart, the fours mix with the nines."


@pytest.fixture(scope="module")
def plan(root):
    """The real assignment's plan."""
    return make_plan(root / "source" / NAME, root / "release" / "nbgrader" / NAME)


@pytest.fixture
def blank(plan):
    """The real release, as it was given out."""
    return nbformat.read(plan.release / f"{NAME}.ipynb", as_version=4)


def place(notebook, name):
    """Return where a cell stands."""
    return next(n for n, c in enumerate(notebook.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def found(notebook, plan):
    """Return what each written answer has elsewhere, as pairs of where and the text; blank ones are left out."""
    prepared = prepare(notebook, plan)
    by_id = {cell.id: cell.source for cell in prepared.notebook.cells}
    answers = {
        p.grade_id: c for c, p in zip(prepared.notebook.cells, prepared.cells, strict=True) if p and p.kind == "written"
    }
    return {
        name: [(one.where, by_id[one.cell]) for one in words_elsewhere(cell)]
        for name, cell in answers.items()
        if not is_blank(cell)
    }


@pytest.mark.parametrize("stripped", [False, True])
@pytest.mark.parametrize(
    ("new", "text", "where"),
    [
        (new_markdown_cell, WORDS, "written below the answer's cell"),
        (new_markdown_cell, WORDS, "written above the answer's cell"),
        (new_raw_cell, WORDS, "written as raw text below the answer's cell"),
        (new_code_cell, WORDS, "written as code below the answer's cell"),
        (new_code_cell, f"# {WORDS}", "written as code above the answer's cell"),
        (new_code_cell, f'print("{WORDS}")', "written as code below the answer's cell"),
        (new_code_cell, f'mine = """{WORDS}"""', "written as code below the answer's cell"),
        (new_markdown_cell, "![](data:image/png;base64,AAAA)", "written below the answer's cell"),
    ],
)
def test_words_beside_the_answers_cell(blank, plan, new, text, where, stripped):
    """Below or above, as text, raw or code: the answer is not blank, with metadata and without."""
    blank.cells.insert(place(blank, "ex2_written") + ("below" in where), new(text))
    for cell in blank.cells if stripped else ():
        cell.metadata = {}
    assert found(blank, plan) == {"ex2_written": [(where, text)]}


@pytest.mark.parametrize("stripped", [False, True])
@pytest.mark.parametrize(
    ("given", "where", "answer"),
    [
        ("ex1_text", "written into the question's cell", "ex1_written"),
        ("ex2_questions", "written into the question's cell", "ex2_written"),
        ("layers_text", "written into `layers_text`", "ex1_written"),
        ("ex3_text", "written into `ex3_text`", "ex3_written"),
    ],
)
def test_words_in_a_given_cell(blank, plan, given, where, answer, stripped):
    """The question comes back, and the words stand behind it, at the answer that they are near."""
    blank.cells[place(blank, given)].source += f"\n\n{WORDS}"
    for cell in blank.cells if stripped else ():
        cell.metadata = {}
    assert found(blank, plan) == {answer: [(where, WORDS)]}


def test_words_in_the_code_of_an_exercise(blank, plan):
    """Prose in the cell that asks for code is no code: it may be the answer in words."""
    blank.cells[place(blank, "ex2_map")].source = WORDS
    assert found(blank, plan) == {"ex2_written": [("written into the code cell `ex2_map`", WORDS)]}


def test_an_answer_in_another_questions_cell(blank, plan):
    """Where it names the exercise, the one that was left blank has it; else nobody can know."""
    text = f"Exercise 2: {WORDS}"
    blank.cells[place(blank, "ex1_written")].source = text
    assert found(blank, plan) == {
        "ex1_written": [],
        "ex2_written": [("written into the answer `ex1_written`, which names this exercise", text)],
    }


@pytest.mark.parametrize("text", ["", "   \n", "<!-- -->", "---", "<br>", "3"])
def test_what_is_no_words(blank, plan, text):
    """A cell without words leaves an answer blank."""
    blank.cells.insert(place(blank, "ex2_written") + 1, new_markdown_cell(text))
    assert found(blank, plan) == {}


@pytest.mark.parametrize(
    "code", ["deep_map = 1", "plt.title('a map of the deep layer and more')", "# a b", "%matplotlib inline"]
)
def test_code_is_no_words(blank, plan, code):
    """Code of the student's own beside a blank answer is no answer in words."""
    blank.cells.insert(place(blank, "ex2_written"), new_code_cell(code))
    assert found(blank, plan) == {}


def test_what_we_put_into_a_blank_cell_is_no_words(blank, plan):
    """Code that was answered in another cell leaves the answer in words blank."""
    blank.cells.insert(place(blank, "ex2_map"), new_code_cell("deep_layer = 'dense'"))
    assert found(blank, plan) == {}


def test_words_far_away_are_no_answer(blank, plan):
    """A name on top of the notebook, and a note at the worked example, belong to no question."""
    blank.cells.insert(0, new_markdown_cell("Ada Lovelace, group 7"))
    blank.cells.insert(place(blank, "pixels_plot"), new_markdown_cell(WORDS))
    assert found(blank, plan) == {}


@pytest.mark.parametrize("kind", ["markdown", "code", "raw"])
def test_a_split_answer_counts_whole(blank, plan, kind):
    """Both halves carry the answer's id, as JupyterLab leaves them; one of them may have become another type."""
    index = place(blank, "ex1_written")
    blank.cells[index].source = "First half."
    half = copy.deepcopy(blank.cells[index])
    half.source, half.cell_type = "Second half.", kind
    blank.cells.insert(index + 1, half)
    prepared = prepare(blank, plan)
    (answer,) = (
        c for c, p in zip(prepared.notebook.cells, prepared.cells, strict=True) if p and p.grade_id == "ex1_written"
    )
    assert answer.source == "First half.\n\nSecond half."
    assert "Cells that were split count whole: `ex1_written`." in prepared.note


def test_a_blank_half_is_no_half(blank, plan):
    """A copy that was left as it was given is no part of the answer, wherever it stands."""
    index = place(blank, "ex1_written")
    half = copy.deepcopy(blank.cells[index])
    half.source = WORDS
    blank.cells.insert(index, half)
    prepared = prepare(blank, plan)
    (answer,) = (
        c for c, p in zip(prepared.notebook.cells, prepared.cells, strict=True) if p and p.grade_id == "ex1_written"
    )
    assert answer.source == WORDS


def test_words_in_a_copied_given_cell_are_kept(blank, plan):
    """Who copies the question and answers in the copy has answered."""
    index = place(blank, "ex1_text")
    twin = copy.deepcopy(blank.cells[index])
    twin.source += f"\n{WORDS}"
    blank.cells.insert(index + 1, twin)
    assert found(blank, plan) == {"ex1_written": [("written into the question's cell", WORDS)]}


def test_deleted_cells_leave_words_where_they_are(blank, plan):
    """An answer whose own cell was deleted is found by what the student wrote, whatever it looks like."""
    blank.cells[place(blank, "ex1_written")] = new_markdown_cell(WORDS)
    prepared = prepare(blank, plan)
    (answer,) = (
        c for c, p in zip(prepared.notebook.cells, prepared.cells, strict=True) if p and p.grade_id == "ex1_written"
    )
    assert answer.source == WORDS
