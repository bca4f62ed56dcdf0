"""Passes return new notebooks, do one job each, and never edit what they are given."""

import copy

import pytest

from autograder.compile.passes import apply, clear_outputs, clear_trial_metadata, drop_markers
from tests.compile.small import small_notebook

PASSES = [clear_outputs, clear_trial_metadata, drop_markers]


@pytest.fixture
def used():
    """A notebook as an editor leaves it: run, and with metadata of its own."""
    notebook = small_notebook()
    notebook.cells[1].outputs = [{"output_type": "stream", "name": "stdout", "text": "3"}]
    notebook.cells[1].execution_count = 4
    notebook.cells[1].metadata["execution"] = {"iopub.execute_input": "2026-01-01"}
    notebook.metadata["widgets"] = {"state": {}}
    notebook.metadata["language_info"]["version"] = "3.11.7"
    return notebook


@pytest.mark.parametrize("one", PASSES)
def test_a_pass_leaves_its_input_alone(one, used):
    """Passes can be reordered and repeated only because of that."""
    before = copy.deepcopy(used)
    one(used)
    assert used == before


@pytest.mark.parametrize("one", PASSES)
def test_a_pass_applied_twice_changes_nothing_more(one, used):
    """A second build must give the same bytes."""
    once = one(used)
    assert one(once) == once


def test_outputs_and_counts_are_cleared(used):
    """Outputs may hold solutions, and differ with each run."""
    cell = clear_outputs(used).cells[1]
    assert (cell.outputs, cell.execution_count) == ([], None)


def test_only_metadata_that_means_something_stays(used):
    """Editors' own metadata differs with each save."""
    cleared = clear_trial_metadata(used)
    assert set(cleared.cells[1].metadata) == {"nbgrader"}
    assert set(cleared.metadata) == {"kernelspec", "language_info"}
    assert cleared.metadata.language_info == {"name": "python"}


def test_the_solved_notebook_holds_everything_but_markers(used):
    """Solutions, hidden tests, model answers and mark schemes stay; the lines around them go."""
    text = "\n".join(cell.source for cell in drop_markers(used).cells)
    assert "helper_value + 9" in text
    assert "3 * 111 + 9" in text
    assert "by its name" in text
    assert "BEGIN" not in text


def test_passes_are_applied_in_order(used):
    """`apply` is the compiler's only loop."""

    def name(label):
        def one(notebook):
            result = copy.deepcopy(notebook)
            result.metadata["trace"] = [*result.metadata.get("trace", []), label]
            return result

        return one

    assert apply(used, [name("a"), name("b")]).metadata.trace == ["a", "b"]
