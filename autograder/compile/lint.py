"""Find the mistakes in a source before anything is written, each with its file, cell and line."""

from __future__ import annotations

import copy
import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator, ValidationError

from autograder.assignment.bonus import find_bonus_mistakes
from autograder.assignment.cells import (
    cell_kind,
    grade_id,
    is_graded,
    is_solution,
    is_test,
    is_written,
    nbgrader_metadata,
)
from autograder.assignment.names import names_if_python, parse_cell
from autograder.assignment.points import find_point_mistakes, find_size_mistakes
from autograder.assignment.policy import read_tables
from autograder.assignment.problems import Mistake, Problem, source_error
from autograder.assignment.regions import parse_regions
from autograder.assignment.rubrics import find_rubric_mistakes
from autograder.assignment.settings import DRAFT, SourceNotebook, find_settings_problems, read_notebook, read_source
from autograder.errors import SourceError

__all__ = ["check_source", "find_problems"]

# Lines that otter's assign step would take away or rewrite without a word.
_OTTER_EATS = re.compile(r"#\s?(IGNORE|SOLUTION|SEED|SOLUTION NO PROMPT|BEGIN PROMPT|END PROMPT)\s*$")
_GRADE_ID = re.compile(r"[a-zA-Z0-9_\-]+")


_WORDS = re.compile(r"\{words:([^}]*)\}")

Rule = Callable[[list[NotebookNode]], Iterator[Mistake]]


def check_source(folder: Path, *, draft: bool = False) -> SourceNotebook:
    """Read a source folder.

    Args:
        folder: the source folder.
        draft: let words of the instructor's be missing, and say so at the notebook's beginning.

    Raises:
        SourceError: it has mistakes; every one is listed.
    """
    if problems := find_problems(folder, draft=draft):
        raise source_error(folder.name, problems)
    source = read_source(folder)
    return _as_draft(source) if draft and any(_missing_words(source.notebook.cells)) else source


def _as_draft(source: SourceNotebook) -> SourceNotebook:
    """Return a source whose notebook begins with what it is."""
    notebook = copy.deepcopy(source.notebook)
    first = next((cell for cell in notebook.cells if cell.cell_type == "markdown"), None)
    if first is not None:
        first.source = f"{DRAFT}\n\n{first.source}"
    return dataclasses.replace(source, notebook=notebook, draft=True)


def find_problems(folder: Path, *, draft: bool = False) -> tuple[Problem, ...]:
    """Return all mistakes of a source folder, in the order of its files and cells.

    Args:
        folder: the source folder.
        draft: whether words of the instructor's may be missing.

    Raises:
        SourceError: one of them is missing, or can't be read at all.
    """
    try:
        notebook = read_notebook(folder)
    except SourceError:
        if settings := find_settings_problems(folder):
            return settings
        raise
    cells = notebook.cells
    mistakes = [mistake for rule in _RULES for mistake in rule(cells)]
    if not mistakes:  # what the rest looks for would follow from them
        mistakes = [mistake for rule in _RULES_OF_SOUND_CELLS for mistake in rule(cells)]
        mistakes += () if draft else _missing_words(cells)
        settings = find_settings_problems(folder, notebook)
        if not settings:
            mistakes += find_size_mistakes(cells, read_tables(folder).get("answers", {}))
    else:
        settings = find_settings_problems(folder)
    mistakes = sorted([*_kernel(notebook), *mistakes], key=lambda mistake: mistake[:2])
    path, labels = folder / f"{folder.name}.ipynb", [grade_id(c) or f"#{n}" for n, c in enumerate(cells, start=1)]
    return (*settings, *(Problem(path, labels[index] if index >= 0 else "", line, m) for index, line, m in mistakes))


def _missing_words(cells: list[NotebookNode]) -> Iterator[Mistake]:
    """Report the places that wait for the instructor's own words."""
    for index, cell in enumerate(cells):
        for number, line in enumerate(cell.source.split("\n"), start=1):
            if match := _WORDS.search(line):
                yield index, number, f"your words are wanted here: {match[1]}. `build --draft` builds without them."


def _kernel(notebook: NotebookNode) -> Iterator[Mistake]:
    kernel = notebook.metadata.get("kernelspec", {})
    if kernel.get("language") != "python" or not kernel.get("name"):
        yield -1, 0, "the notebook's metadata has no kernelspec with a name and the language python; otter needs both."


def _markers(cells: list[NotebookNode]) -> Iterator[Mistake]:
    for index, cell in enumerate(cells):
        regions = parse_regions(cell.source)
        yield from ((index, line, message) for line, message in regions.problems)
        for region in regions.of("SOLUTION"):
            if not is_solution(cell):
                yield index, region.begin + 1, "a solution stands in a cell that is no solution cell."
        for region in regions.of("HIDDEN TESTS"):
            if not is_test(cell):
                yield index, region.begin + 1, "hidden tests stand in a cell that is no test cell."


def _grade_ids(cells: list[NotebookNode]) -> Iterator[Mistake]:
    last = {grade_id(cell): index for index, cell in enumerate(cells)}
    counts = Counter(map(grade_id, cells))
    for index, cell in enumerate(cells):
        name = grade_id(cell)
        if (is_graded(cell) or is_solution(cell)) and not name:
            yield index, 1, "a graded or solution cell without a grade_id."
        elif name and counts[name] > 1:
            if index == last[name]:
                yield index, 1, f"the grade_id {name!r} stands on {counts[name]} cells; it must be unique."
        elif name and not _GRADE_ID.fullmatch(name):
            yield index, 1, "a grade_id may hold letters, digits, _ and - only."


def _points(cells: list[NotebookNode]) -> Iterator[Mistake]:
    for index, cell in enumerate(cells):
        points = nbgrader_metadata(cell).get("points")
        if is_graded(cell) and (not isinstance(points, (int, float)) or points <= 0):
            yield index, 1, f"a graded cell needs points above 0; found {points!r}."


def _metadata(cells: list[NotebookNode]) -> Iterator[Mistake]:
    for index, cell in enumerate(cells):
        # Points that are missing have a sentence of their own already.
        if grade_id(cell) and not (is_graded(cell) and "points" not in nbgrader_metadata(cell)):
            try:
                MetadataValidator().validate_cell(cell)
            except (ValidationError, KeyError) as error:
                yield index, 1, f"nbgrader doesn't accept the cell's metadata: {str(error).splitlines()[0]}"


def _otter_traps(cells: list[NotebookNode]) -> Iterator[Mistake]:
    for index, cell in enumerate(cells):
        lines = cell.source.split("\n")
        if re.match(r"(##\s*)?#?\s*ignore\b", lines[0].strip(), re.IGNORECASE):
            yield index, 1, "otter drops a cell whose first line begins with Ignore."
        for number, line in enumerate(lines, start=1):
            if cell.cell_type == "code" and (match := _OTTER_EATS.search(line)):
                yield index, number, f"otter drops or rewrites a line that ends in {match[0].strip()!r}."


def _syntax(cells: list[NotebookNode]) -> Iterator[Mistake]:
    for index, cell in enumerate(cells):
        if cell.cell_type == "code":
            try:
                parse_cell(cell.source)
            except SyntaxError as error:
                yield index, error.lineno or 0, f"not valid Python: {error.msg}."


def _undefined_names(cells: list[NotebookNode]) -> Iterator[Mistake]:
    """A test cell may read what cells before it define."""
    defined: set[str] = set()
    for index, cell in enumerate(cells):
        if cell.cell_type == "code":
            names = names_if_python(cell.source)
            if is_test(cell):
                for name in sorted(set(names.read) - defined, key=lambda name: names.lines[name]):
                    yield index, names.lines[name], f"the test reads {name!r}, which no cell before it defines."
            defined |= set(names.assigned)


def _untested_answers(cells: list[NotebookNode]) -> Iterator[Mistake]:
    """Report answers that no test looks at.

    The names that a solution cell shows to the student are its answers. Without any, all that it
    assigns may be one.
    """
    read_by_tests = {name for cell in cells if is_test(cell) for name in names_if_python(cell.source).read}
    for index, cell in enumerate(cells):
        if cell_kind(cell) == "solution":  # what a person marks needs no test
            answers = names_if_python(parse_regions(cell.source).outside("SOLUTION")).assigned
            names = names_if_python(cell.source)
            for name in answers:
                if name not in read_by_tests:
                    yield index, names.bound.get(name, 1), f"no test looks at the answer {name!r}."
            if not answers and not read_by_tests.intersection(names.assigned):
                yield index, 1, "no test looks at anything that this solution assigns."


def _something_to_grade(cells: list[NotebookNode]) -> Iterator[Mistake]:
    if not any(is_test(cell) or is_written(cell) for cell in cells):
        yield -1, 0, "no cell carries points."


_RULES: tuple[Rule, ...] = (
    _something_to_grade,
    _markers,
    _grade_ids,
    _points,
    _metadata,
    _otter_traps,
    _syntax,
)
_RULES_OF_SOUND_CELLS: tuple[Rule, ...] = (
    find_point_mistakes,
    find_bonus_mistakes,
    find_rubric_mistakes,
    _undefined_names,
    _untested_answers,
)
