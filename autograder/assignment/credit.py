"""`[credit]` in `assignment.toml`: which part of a check's points stays after which kind of mistake."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from nbformat import NotebookNode

from autograder.assignment.cells import grade_id, is_test, points_of
from autograder.assignment.regions import MARKER
from autograder.assignment.surroundings import Surroundings
from autograder.errors import SourceError
from autograder.model import Credit, Diagnosis

__all__ = ["credit_mistakes", "read_credit", "with_credit"]

SHARE = "a number from 0 to below 1"
_NO_KIND = (Diagnosis.MISSING, Diagnosis.UNKNOWN)  # nothing was recognised that could be worth something
_FENCES = ('"""', "'''")

Place = tuple[str | int, ...]


def read_credit(table: Mapping[str, Any]) -> Credit:
    """Return what the table says; it was checked before."""
    shares = {name: float(value) for name, value in table.items() if not isinstance(value, Mapping)}
    tables = {name: value for name, value in table.items() if isinstance(value, Mapping)}
    return Credit(shares, {name: {kind: float(share) for kind, share in each.items()} for name, each in tables.items()})


def credit_mistakes(around: Surroundings) -> Iterator[tuple[Place, str]]:
    """Yield each mistake in the table, with its place: kinds, shares, checks."""
    table = around.tables.get("credit")
    for name, value in table.items() if isinstance(table, Mapping) else ():
        if not isinstance(value, Mapping):
            yield from _mistakes(("credit", name), value, around)
        elif around.tests is not None and name not in around.tests:
            near = _nearest(name, around.tests)
            yield ("credit", name), f"[credit.{name}] is about no test cell: none has this grade_id{near}."
        else:
            for kind, share in value.items():
                yield from _mistakes(("credit", name, kind), share, around)


def _mistakes(place: Place, share: object, around: Surroundings) -> Iterator[tuple[Place, str]]:
    """Yield what is wrong with one share."""
    *tables, kind = map(str, place)
    table = ".".join(tables)
    kinds = _kinds(around)
    if kind in _NO_KIND:
        yield place, f"`{kind}` in [{table}] can't give credit: it says that nothing was recognised."
    elif not re.fullmatch("[a-z_]+", kind) or (kinds is not None and kind not in kinds):
        yield place, f"`{kind}` in [{table}] is no kind of mistake that a check names{_nearest(kind, kinds or ())}."
    elif type(share) not in (int, float) or not 0 <= share < 1:  # type: ignore[operator]
        yield place, f"`{kind}` in [{table}] is {share!r}; expected: {SHARE}."


def _kinds(around: Surroundings) -> tuple[str, ...] | None:
    """Return the kinds of mistake that checks can name: ours, and those that a test cell has as a text of its own."""
    if around.notebook is None:
        return None
    own = set[str]()
    for cell in around.notebook.cells:
        if is_test(cell):
            own.update(re.findall(r"""["']([a-z_]+)["']""", cell.source))
    return (*(kind for kind in Diagnosis if kind not in _NO_KIND), *sorted(own - set(Diagnosis)))


def _nearest(name: str, names: tuple[str, ...]) -> str:
    """Name the nearest one that there is."""
    near = difflib.get_close_matches(name, names, 1)
    return f"; the nearest is '{near[0]}'" if near else ""


def with_credit(notebook: NotebookNode, credit: Credit) -> NotebookNode:
    """Return a source notebook whose tests give credit when nbgrader runs them.

    Such a test's text becomes one that a hidden line runs, and what students see of it stays as it was.

    Raises:
        SourceError: a test's text can't be put between quotes.
    """
    for cell in notebook.cells:
        shares = credit.of(grade_id(cell)) if is_test(cell) else {}
        if shares:
            cell.source = _quoted(cell, shares)
    return notebook


def _quoted(cell: NotebookNode, shares: Mapping[str, float]) -> str:
    """Return the text of a test cell that runs its own text."""
    fence = next((fence for fence in _FENCES if fence not in cell.source), None)
    if fence is None:
        raise SourceError(
            f"`{grade_id(cell)}` holds both {_FENCES[0]} and {_FENCES[1]}: [credit] needs one of them round its text.",
            "Write one of these texts otherwise.",
        )
    begin, end = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
    call = f"run_with_credit(text_of_test, {dict(shares)!r}, {float(points_of(cell))!r}, globals())"
    head = [begin, "from autograder.hidden.credit import run_with_credit", f"text_of_test = r{fence}", end]
    lines = cell.source.split("\n")
    about = 1 if lines[0].startswith("#") and not MARKER.search(lines[0]) else 0  # pages show the first comment
    return "\n".join([*lines[:about], *head, *lines[about:], begin, fence, call, end])
