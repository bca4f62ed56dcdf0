"""What nbgrader's outputs say, in a student's words."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.model import GradedCell
from autograder.peers.nbgrader.outcomes import answer_cells, check_results

ANSWER = {"grade_id": "ex2_map", "solution": True}
TEST = GradedCell("ex2_test", "test", 2.0)


def test_a_missing_answer_names_its_exercise_and_what_stopped_it() -> None:
    """No editor shows a cell's id; an error that ends with a full stop isn't given a second one."""
    failed = new_output("error", ename="ValueError", evalue="Two axes are required by TSNE.", traceback=[])
    undefined = new_output("error", ename="NameError", evalue="name 'deep_emb' is not defined", traceback=[])
    cells = [
        new_markdown_cell("## Exercise 2: map a deep layer (4 points)"),
        new_code_cell("deep_emb = 1", metadata={"nbgrader": ANSWER}),
        new_code_cell("deep_emb", metadata={"nbgrader": {"grade_id": "ex2_test"}}, outputs=[undefined]),
    ]
    notebook = new_notebook(cells=cells)
    (check,) = check_results((TEST,), {}, notebook, answer_cells(notebook))
    assert check.message == "`deep_emb` is not defined: assign it in the answer cell of Exercise 2."
    cells[1].outputs = [failed]
    (check,) = check_results((TEST,), {}, notebook, answer_cells(notebook))
    assert str(check.message).endswith(
        "the answer cell of Exercise 2 stopped with ValueError: Two axes are required by TSNE."
    )
