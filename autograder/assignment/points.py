"""Points stand once, in the metadata of a graded cell: texts take them from there, and other numbers are mistakes."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbformat import NotebookNode

from autograder.assignment.cells import grade_id, is_graded, is_test, is_written, points_of
from autograder.assignment.names import parse_cell
from autograder.assignment.problems import Mistake
from autograder.assignment.regions import parse_regions
from autograder.model import exercise_of

__all__ = ["fill_points", "find_point_mistakes", "find_size_mistakes", "rows_of_exercises"]

_FIELD = re.compile(r"\{points:([^{}\n]*)\}")
_NUMBER = r"\d+(?:\.\d+)?"
_SUM = re.compile(rf"{_NUMBER}(?:\s*\+\s*{_NUMBER})*")
_STATED = re.compile(rf"\(({_SUM.pattern}) points?\b[^)]*\)")
_ITEM = re.compile(rf"^\s*[*+-]\s+({_NUMBER}) points?\b", re.MULTILINE)
_BULLET = re.compile(r"^[*+-]\s", re.MULTILINE)
_SIZES = ("images", "points")  # keys of [answers], and parameters of the checks


def fill_points(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook whose texts have numbers in place of `{points:NAME}`.

    A name is a graded cell's, or an exercise's: `{points:ex1_written}`, `{points:ex2}`, and `{points:ex2.checks}` or
    `{points:ex2.written}` for what the machine or a person gives. One that is neither stays, for the lint to report.
    """
    result = copy.deepcopy(notebook)
    for cell in result.cells:
        if cell.cell_type == "markdown":
            cell.source = _FIELD.sub(lambda field: _filled(field, result.cells), cell.source)
    return result


def _filled(field: re.Match[str], cells: Sequence[NotebookNode]) -> str:
    """Return the number for a field; the field itself where it names nothing."""
    name, _, part = field[1].strip().partition(".")
    looks = {"": is_graded, "checks": is_test, "written": is_written}.get(part)
    points = [
        points_of(cell)
        for cell in cells
        if looks and looks(cell) and (grade_id(cell) == name or exercise_of(grade_id(cell)) == name)
    ]
    return f"{sum(points):g}" if points and all(isinstance(one, (int, float)) for one in points) else field[0]


def find_point_mistakes(cells: Sequence[NotebookNode]) -> Iterator[Mistake]:
    """Yield the numbers in texts that the graded cells' own contradict."""
    totals: dict[str, float] = {}
    for cell in cells:
        if is_graded(cell) and isinstance(points_of(cell), (int, float)):
            exercise = exercise_of(grade_id(cell))
            totals[exercise] = totals.get(exercise, 0) + points_of(cell)
    for index, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            lines = cell.source.split("\n")
            yield from ((index, line, text) for line, text in _fields(lines))
            whose = ("this cell has", points_of(cell)) if is_written(cell) else _exercise(cell, totals)
            yield from ((index, line, text) for line, text in _stated(lines, *whose))
            yield from ((index, line, text) for line, text in _rows(lines, totals))
            yield from ((index, line, text) for line, text in _items(cell))


def _exercise(cell: NotebookNode, totals: Mapping[str, float]) -> tuple[str, float | None]:
    """Return an exercise that a text belongs to, and its points; None where it belongs to none."""
    name = exercise_of(grade_id(cell))
    return f"the cells of {name} have", totals.get(name)


def _fields(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the fields that name nothing."""
    for number, line in enumerate(lines, start=1):
        for field in _FIELD.finditer(line):
            yield number, f"{field[0]} names no graded cell, and no exercise that has one."


def _stated(lines: list[str], whose: str, points: float | None) -> Iterator[tuple[int, str]]:
    """Yield headings such as "(4 points)" that say something else."""
    for number, line in enumerate(lines, start=1):
        for stated in _STATED.finditer(line):
            if isinstance(points, (int, float)) and _sum(stated[1]) != points:
                yield (
                    number,
                    f"it says {stated[1]} points, and {whose} {points:g}: write {{points:…}} for the number.",
                )


def _rows(lines: list[str], totals: Mapping[str, float]) -> Iterator[tuple[int, str]]:
    """Yield rows of a table of exercises whose points are others."""
    for number, exercise, stated in rows_of_exercises(lines):
        points = totals.get(f"ex{exercise}")
        if points is None and not _FIELD.search(lines[number - 1]):
            yield number, f"it names exercise {exercise}, of which no cell carries points."
        elif points is not None and _SUM.fullmatch(stated) and _sum(stated) != points:
            yield number, f"it says {stated} points, and the cells of ex{exercise} have {points:g}."


def rows_of_exercises(lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Yield the rows of tables that have a column of points: the line, the exercise's number, and what stands there."""
    column = None
    for number, line in enumerate(lines, start=1):
        parts = [part.strip() for part in line.strip().strip("|").split("|")] if line.lstrip().startswith("|") else []
        if not parts:
            column = None
        elif "points" in map(str.lower, parts):
            column = [part.lower() for part in parts].index("points")
        elif column is not None and column < len(parts) and (exercise := re.match(r"\d+", parts[0])):
            yield number, exercise[0], parts[column]


def _items(cell: NotebookNode) -> Iterator[tuple[int, str]]:
    """Yield a mark scheme whose items don't add up to the cell's points."""
    for region in parse_regions(cell.source).of("MARK SCHEME") if is_written(cell) else ():
        text = "\n".join(cell.source.split("\n")[region.begin + 1 : region.end])
        items = [float(item) for item in _ITEM.findall(text)]
        points = points_of(cell)
        if items and len(items) == len(_BULLET.findall(text)) and sum(items) != points:
            yield (
                region.begin + 1,
                f"the items of the mark scheme add up to {sum(items):g}, and this cell has {points:g} points.",
            )


def _sum(text: str) -> float:
    """Return what "10 + 6" comes to."""
    return sum(map(float, re.findall(_NUMBER, text)))


def find_size_mistakes(cells: Sequence[NotebookNode], answers: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield the sizes in a notebook's code that `[answers]` contradicts.

    Args:
        cells: the notebook's.
        answers: that table of `assignment.toml`, unchecked.
    """
    numbers: dict[str, tuple[int, int, Any]] = {}
    found: set[str] = set()
    for index, cell in enumerate(cells):
        for node in ast.walk(_tree(cell)):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                numbers |= {
                    one.id: (index, node.lineno, node.value.value) for one in node.targets if isinstance(one, ast.Name)
                }
            elif (
                isinstance(node, ast.keyword)
                and node.arg in _SIZES
                and is_test(cell)
                and isinstance(node.value, ast.Name)
            ):
                name = node.value.id
                place, line, value = numbers.get(name, (index, node.lineno, None))
                wanted = answers.get(node.arg)
                if type(value) is int and type(wanted) is int and value != wanted and name not in found:
                    found.add(name)
                    yield (
                        place,
                        line,
                        f"{name!r} is {value}, and `{node.arg}` in [answers] of assignment.toml is {wanted}.",
                    )


def _tree(cell: NotebookNode) -> ast.Module:
    """Return a cell's syntax; nothing where it isn't Python."""
    try:
        return parse_cell(cell.source) if cell.cell_type == "code" else ast.Module([], [])
    except SyntaxError:
        return ast.Module([], [])
