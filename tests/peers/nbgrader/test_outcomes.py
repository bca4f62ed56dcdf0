"""What a test cell's outputs say."""

from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_notebook, new_output

from autograder.peers.nbgrader.outcomes import check_results

TEST = new_code_cell(metadata={"nbgrader": {"grade_id": "ex2_test", "grade": True, "points": 2.0}})


def test_partial_credit_is_nbgraders() -> None:
    """A test that returned a number has that score, and is not passed."""
    (check,) = check_results([TEST], {"ex2_test": 1.5}, new_notebook(cells=[TEST]))
    assert (check.status, check.score, check.message) == ("failed", 1.5, "This check gave 1.5 of its 2 points.")


def test_a_lost_cell_is_skipped() -> None:
    """Where other cells are there, it is the cell that is missing; where none is, the process ended."""
    (check,) = check_results([TEST], {}, new_notebook(cells=[new_code_cell()]))
    assert (check.status, check.message) == ("skipped", "This check's cell is missing from the notebook.")
    (check,) = check_results([TEST], {}, None)
    assert (check.status, check.score) == ("skipped", 0.0)
    assert "process ended" in str(check.message)


def test_an_error_is_told_by_its_own_words() -> None:
    """What is no check's message comes with the exception's name."""
    output = new_output("error", ename="NameError", evalue="name 'deep_emb' is not defined", traceback=[])
    (check,) = check_results([TEST], {}, new_notebook(cells=[from_dict(TEST | {"outputs": [output]})]))
    assert (check.status, check.message) == ("failed", "NameError: name 'deep_emb' is not defined")
