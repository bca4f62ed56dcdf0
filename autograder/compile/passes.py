"""The passes of the compiler: pure functions from a notebook to a new notebook, one job each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from functools import reduce

from nbformat import NotebookNode

from autograder.assignment.cells import is_solution, is_test
from autograder.assignment.regions import parse_regions

__all__ = ["Pass", "apply", "clear_outputs", "clear_trial_metadata", "drop_markers"]

Pass = Callable[[NotebookNode], NotebookNode]

# Metadata of a notebook that every reader understands; editors and kernels add more,
# different on each machine.
_KEPT_NOTEBOOK_METADATA = ("kernelspec", "language_info")
_KEPT_LANGUAGE_INFO = ("name",)


def apply(notebook: NotebookNode, passes: Iterable[Pass]) -> NotebookNode:
    """Return the notebook that the passes make, one after another."""
    return reduce(lambda result, one: one(result), passes, notebook)


def clear_outputs(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook without outputs and execution counts."""
    result = copy.deepcopy(notebook)
    for cell in result.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return result


def clear_trial_metadata(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with the metadata that means something: nbgrader's, and the kernel's name.

    What editors leave behind (execution times, collapsed cells, versions) differs with each save.
    """
    result = copy.deepcopy(notebook)
    result.metadata = NotebookNode({k: v for k, v in result.metadata.items() if k in _KEPT_NOTEBOOK_METADATA})
    info = result.metadata.get("language_info", {})
    result.metadata["language_info"] = NotebookNode({k: v for k, v in info.items() if k in _KEPT_LANGUAGE_INFO})
    for cell in result.cells:
        cell.metadata = NotebookNode({k: v for k, v in cell.metadata.items() if k == "nbgrader"})
    return result


def drop_markers(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook without the marker lines of solutions and hidden tests."""
    result = copy.deepcopy(notebook)
    for cell in result.cells:
        if is_solution(cell) or is_test(cell):
            cell.source = parse_regions(cell.source).without_markers().strip("\n")
    return result
