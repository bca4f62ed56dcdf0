"""Find the mistakes in a source before anything is written, each with its file, cell and line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator, ValidationError

from autograder.assignment.cells import grade_id, is_graded, is_solution, is_test, is_written, nbgrader_metadata
from autograder.assignment.names import names_if_python, parse_cell
from autograder.assignment.problems import Problem, source_error
from autograder.assignment.regions import parse_regions
from autograder.assignment.settings import SourceNotebook, find_settings_problems, read_notebook, read_source
from autograder.errors import SourceError

__all__ = ["check_source", "find_problems"]

# Lines that otter's assign step would take away or rewrite without a word.
_OTTER_EATS = re.compile(r"#\s?(IGNORE|SOLUTION|SEED|SOLUTION NO PROMPT|BEGIN PROMPT|END PROMPT)\s*$")
_GRADE_ID = re.compile(r"[a-zA-Z0-9_\-]+")


@dataclass(frozen=True)
class _Cell:
    """A cell as the rules see it."""

    label: str
    node: NotebookNode


@dataclass(frozen=True)
class _Source:
    """A source notebook as the rules see it."""

    path: Path
    notebook: NotebookNode


Rule = Callable[[_Source], Iterator[Problem]]


def check_source(folder: Path) -> SourceNotebook:
    """Read a source folder.

    Raises:
        SourceError: it has mistakes; every one is listed.
    """
    if problems := find_problems(folder):
        raise source_error(folder.name, problems)
    return read_source(folder)


def find_problems(folder: Path) -> tuple[Problem, ...]:
    """Return all mistakes of a source folder, in the order of its files and cells.

    Raises:
        SourceError: one of them is missing, or can't be read at all.
    """
    settings = find_settings_problems(folder)
    try:
        source = _Source(folder / f"{folder.name}.ipynb", read_notebook(folder))
    except SourceError:
        if settings:
            return settings
        raise
    problems = [problem for rule in _RULES for problem in rule(source)]
    order = {cell.label: position for position, cell in enumerate(_cells(source))}
    return (*settings, *sorted(problems, key=lambda p: (order.get(p.cell, -1), p.line)))


def _cells(source: _Source) -> Iterator[_Cell]:
    for position, node in enumerate(source.notebook.cells, start=1):
        yield _Cell(grade_id(node) or f"#{position}", node)


def _problem(source: _Source, cell: _Cell, line: int, message: str) -> Problem:
    return Problem(source.path, cell.label, line, message)


def _kernel(source: _Source) -> Iterator[Problem]:
    kernel = source.notebook.metadata.get("kernelspec", {})
    if kernel.get("language") != "python" or not kernel.get("name"):
        message = "the notebook's metadata has no kernelspec with a name and the language python; otter needs both."
        yield Problem(source.path, "", 0, message)


def _markers(source: _Source) -> Iterator[Problem]:
    for cell in _cells(source):
        regions = parse_regions(cell.node.source)
        yield from (_problem(source, cell, line, message) for line, message in regions.problems)
        for region in regions.of("SOLUTION"):
            if not is_solution(cell.node):
                yield _problem(source, cell, region.begin + 1, "a solution stands in a cell that is no solution cell.")
        for region in regions.of("HIDDEN TESTS"):
            if not is_test(cell.node):
                yield _problem(source, cell, region.begin + 1, "hidden tests stand in a cell that is no test cell.")
        if is_solution(cell.node) and not regions.of("SOLUTION") and not regions.problems:
            message = "a solution cell without BEGIN SOLUTION and END SOLUTION: otter would publish it as it is."
            yield _problem(source, cell, 1, message)


def _grade_ids(source: _Source) -> Iterator[Problem]:
    counts = Counter(grade_id(node) for node in source.notebook.cells)
    for cell in _cells(source):
        name = grade_id(cell.node)
        if (is_graded(cell.node) or is_solution(cell.node)) and not name:
            yield _problem(source, cell, 1, "a graded or solution cell without a grade_id.")
        elif name and counts[name] > 1:
            yield _problem(source, cell, 1, f"the grade_id {name!r} stands on {counts[name]} cells; it must be unique.")
        elif name and not _GRADE_ID.fullmatch(name):
            yield _problem(source, cell, 1, "a grade_id may hold letters, digits, _ and - only.")


def _points(source: _Source) -> Iterator[Problem]:
    for cell in _cells(source):
        points = nbgrader_metadata(cell.node).get("points")
        if is_graded(cell.node) and (not isinstance(points, (int, float)) or points <= 0):
            yield _problem(source, cell, 1, f"a graded cell needs points above 0; found {points!r}.")


def _metadata(source: _Source) -> Iterator[Problem]:
    for cell in _cells(source):
        # Points that are missing have a sentence of their own already.
        if grade_id(cell.node) and not (is_graded(cell.node) and "points" not in nbgrader_metadata(cell.node)):
            try:
                MetadataValidator().validate_cell(cell.node)
            except (ValidationError, KeyError) as error:
                message = f"nbgrader doesn't accept the cell's metadata: {str(error).splitlines()[0]}"
                yield _problem(source, cell, 1, message)


def _otter_traps(source: _Source) -> Iterator[Problem]:
    for cell in _cells(source):
        lines = cell.node.source.split("\n")
        if re.match(r"(##\s*)?#?\s*ignore\b", lines[0].strip(), re.IGNORECASE):
            yield _problem(source, cell, 1, "otter drops a cell whose first line begins with Ignore.")
        for number, line in enumerate(lines, start=1):
            if cell.node.cell_type == "code" and (match := _OTTER_EATS.search(line)):
                yield _problem(
                    source, cell, number, f"otter drops or rewrites a line that ends in {match[0].strip()!r}."
                )


def _syntax(source: _Source) -> Iterator[Problem]:
    for cell in _cells(source):
        if cell.node.cell_type == "code":
            try:
                parse_cell(cell.node.source)
            except SyntaxError as error:
                yield _problem(source, cell, error.lineno or 0, f"not valid Python: {error.msg}.")


def _undefined_names(source: _Source) -> Iterator[Problem]:
    """A test cell may read what cells before it define."""
    defined: set[str] = set()
    for cell in _cells(source):
        if cell.node.cell_type == "code":
            names = names_if_python(cell.node.source)
            if is_test(cell.node):
                for name in sorted(set(names.read) - defined, key=lambda name: names.lines[name]):
                    message = f"the test reads {name!r}, which no cell before it defines."
                    yield _problem(source, cell, names.lines[name], message)
            defined |= set(names.assigned)


def _untested_answers(source: _Source) -> Iterator[Problem]:
    """Report answers that no test looks at.

    The names that a solution cell shows to the student are its answers. Without any, all that it
    assigns may be one.
    """
    read_by_tests = {
        name for cell in _cells(source) if is_test(cell.node) for name in names_if_python(cell.node.source).read
    }
    for cell in _cells(source):
        if cell.node.cell_type == "code" and is_solution(cell.node):
            answers, assigned = (
                names_if_python(parse_regions(cell.node.source).outside("SOLUTION")),
                names_if_python(cell.node.source),
            )
            for name in answers.assigned:
                if name not in read_by_tests:
                    line = assigned.bound.get(name, 1)
                    yield _problem(source, cell, line, f"no test looks at the answer {name!r}.")
            if not answers.assigned and not read_by_tests.intersection(assigned.assigned):
                yield _problem(source, cell, 1, "no test looks at anything that this solution assigns.")


def _something_to_grade(source: _Source) -> Iterator[Problem]:
    if not any(is_test(cell) or is_written(cell) for cell in source.notebook.cells):
        yield Problem(source.path, "", 0, "no cell carries points.")


_RULES: tuple[Rule, ...] = (
    _kernel,
    _something_to_grade,
    _markers,
    _grade_ids,
    _points,
    _metadata,
    _otter_traps,
    _syntax,
    _undefined_names,
    _untested_answers,
)
