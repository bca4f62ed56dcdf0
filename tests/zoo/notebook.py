"""The source notebook's own cells, for the zoo: what is given, how the instructor solves it, and what tests it."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat

from autograder.assignment.names import names_of
from autograder.assignment.plan import make_plan
from autograder.assignment.regions import parse_regions

__all__ = ["ANSWERS", "GIVEN", "SOURCE", "STEPS", "TESTS", "VISIBLE"]

SOURCE = Path(__file__).parents[2] / "source" / "mapping_representations"

_PLAN = make_plan(SOURCE, SOURCE.parents[1] / "release" / "nbgrader" / SOURCE.name)
_FIRST = next(place for place, cell in enumerate(_PLAN.cells) if cell.kind == "solution")

GIVEN = tuple(cell.source for cell in _PLAN.cells[:_FIRST] if cell.cell_type == "code")
"""The given cells before the first one that a student fills in."""

TESTS = {test.grade_id: test.check for test in _PLAN.tests}
"""The test cells by name, public and hidden part."""

VISIBLE = {test.grade_id: test.source for test in _PLAN.tests}
"""What of them students see and run."""

ANSWERS = tuple(sorted({name for test in _PLAN.tests for name in test.answers}))
"""The names that the tests read and the solutions assign."""


def _steps() -> dict[str, str]:
    """Return what the solutions assign on the way to each answer; what they print and show is left out."""
    steps: dict[str, str] = {}
    on_the_way: list[str] = []
    for cell in nbformat.read(SOURCE / f"{SOURCE.name}.ipynb", as_version=4).cells:
        solution = "\n".join(parse_regions(cell.source).inside("SOLUTION")) if cell.cell_type == "code" else ""
        for statement in ast.parse(solution).body:
            if isinstance(statement, ast.Expr):
                continue
            text = ast.get_source_segment(solution, statement) or ""
            on_the_way.append(text)
            answers = set(ANSWERS).intersection(names_of(text).assigned)
            if answers:
                steps[answers.pop()] = "\n".join(on_the_way)
                on_the_way = []
    return steps


STEPS = _steps()
"""For each answer, the instructor's code that leads to it from the answer before."""
