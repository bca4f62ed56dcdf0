"""Compare given cells with the release's: what a student changed, and what of it runs anyway."""

from __future__ import annotations

import ast
import difflib
import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from autograder.assignment.names import bound_names, names_if_python, python_of
from autograder.assignment.placeholders import evened
from autograder.assignment.plan import AssignmentPlan, PlannedCell

__all__ = ["Change", "compare", "given_names"]

_MAX_LINES = 2000
"""Of a changed cell that are compared: the release's have a hundred at most."""
_MAX_PARSED_CHARACTERS = 50_000
"""Of a changed cell that is parsed: a longer one keeps its text, and doesn't run."""
_MAX_SHOWN_LINES = 200
_MAX_SHOWN_CHARACTERS = 500
"""Of one line of a difference."""
_CONTEXT = 2


@dataclass(frozen=True)
class Change:
    """What a student changed in a given cell.

    Attributes:
        difference: the release's lines and the student's, as lines that begin with "+ ", "- " or two spaces.
        added: what of it is kept as a cell of the student's own; "" where nothing is.
        is_python: whether `added` is code that can run.
        whole: whether nothing but `added` was changed.
    """

    difference: tuple[str, ...]
    added: str
    is_python: bool
    whole: bool


@lru_cache(maxsize=8)  # the same for a class
def given_names(plan: AssignmentPlan) -> frozenset[str]:
    """Return the names that given cells bind: their values are the instructor's."""
    code = (cell for cell in plan.cells if cell.kind == "given" and cell.cell_type == "code")
    return frozenset(name for cell in code for name in names_if_python(cell.source).assigned)


def compare(planned: PlannedCell, source: str, names: Collection[str], *, is_copy: bool = False) -> Change | None:
    """Return what a student changed in a given cell or a test; None where nothing but white space was.

    Of code, statements that were added run, unless they change the value of a name that given cells bind.
    Words that were added are kept as they are.

    Args:
        planned: the cell as it was released.
        source: the student's.
        names: those that given cells bind.
        is_copy: whether it is a further copy of the cell, or a part of it: all that the release lacks was added.
    """
    if evened(source) == evened(planned.source):
        return None
    ours, theirs = _lines(planned.source), _lines(source)
    steps = difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    difference = tuple(line for line in _shown(ours, theirs, steps) if not is_copy or line.startswith("+ "))
    kinds = ("insert", "replace") if is_copy else ("insert",)
    inserted = {line for tag, *_, start, end in steps if tag in kinds for line in range(start, end)}
    only_added = all(tag in ("equal", "insert") for tag, *_ in steps)
    if planned.cell_type == "code":
        try:
            kept, complete = _kept_code(planned.source, "\n".join(theirs), inserted, names)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            added = _joined(theirs, sorted(inserted))
            return Change(difference, added, is_python=False, whole=False)
        added = _joined(theirs, sorted(inserted)) if only_added and complete else kept
        return Change(difference, added, is_python=True, whole=only_added and complete)
    written = {line for tag, *_, start, end in steps if tag != "equal" for line in range(start, end)}
    return Change(difference, _joined(theirs, sorted(written)), is_python=False, whole=only_added)


def _lines(text: str) -> list[str]:
    """Return a cell's lines without white space at their ends; otter's comments are no lines."""
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for line in lines if not line or evened(line)]
    return kept[:_MAX_LINES]


def _joined(lines: list[str], places: list[int]) -> str:
    """Return some lines as a text."""
    return textwrap.dedent("\n".join(lines[place] for place in places)).strip("\n")


def _shown(ours: list[str], theirs: list[str], steps: Sequence[tuple[str, int, int, int, int]]) -> Iterator[str]:
    """Yield a difference's lines; of long runs of equal ones those beside a change."""
    count = 0
    for number, (tag, start, end, first, last) in enumerate(steps):
        if tag == "equal":
            lines = [f"  {line}" for line in ours[start:end]]
            if len(lines) > 2 * _CONTEXT:
                head = lines[:_CONTEXT] if number else []
                tail = lines[-_CONTEXT:] if number < len(steps) - 1 else []
                lines = [*head, "  …", *tail]
        else:
            lines = [f"- {line}" for line in ours[start:end]] + [f"+ {line}" for line in theirs[first:last]]
        yield from (line[:_MAX_SHOWN_CHARACTERS] for line in lines[: max(0, _MAX_SHOWN_LINES - count)])
        count += len(lines)
    if count > _MAX_SHOWN_LINES:
        yield "  …"


def _kept_code(given: str, source: str, inserted: set[int], names: Collection[str]) -> tuple[str, bool]:
    """Return the statements of a student's copy that run, and whether they are all that the release lacks.

    Raises:
        SyntaxError: the copy is no Python.
        ValueError: it is too long.
    """
    if len(source) > _MAX_PARSED_CHARACTERS:
        raise ValueError("too long")
    code = python_of(source)
    in_place = code.count("\n") in (source.count("\n"), source.count("\n") + 1)
    released = {ast.dump(statement) for statement in ast.parse(python_of(given)).body}
    kept, complete = [], True
    for statement in ast.parse(code).body:
        if ast.dump(statement) in released:
            continue
        added = in_place and inserted.issuperset(range(statement.lineno - 1, statement.end_lineno or 0))
        own = _own_part(statement, names) if added or isinstance(statement, (ast.Import, ast.ImportFrom)) else None
        complete &= own is statement
        if own is not None:
            kept.append(ast.get_source_segment(code, own) if own is statement else ast.unparse(own))
    return "\n".join(filter(None, kept)), complete


def _own_part(statement: ast.stmt, names: Collection[str]) -> ast.stmt | None:
    """Return a statement, or the part of it that leaves given names as they are; None where no part does."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        own = [alias for alias in statement.names if (alias.asname or alias.name.split(".")[0]) not in names]
        if len(own) < len(statement.names):
            kept = type(statement)(**{**dict(ast.iter_fields(statement)), "names": own})
            return kept if own else None
    return None if not set(names).isdisjoint({*bound_names(statement), *_changed_in_place(statement)}) else statement


def _changed_in_place(node: ast.AST) -> Iterator[str]:
    """Yield the names whose value code changes without binding them: `x[0] = 1`, `x.a = 1`, `del x`."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        return
    if isinstance(node, (ast.Subscript, ast.Attribute, ast.Name)) and isinstance(node.ctx, (ast.Store, ast.Del)):
        target: ast.AST = node
        while isinstance(target, (ast.Subscript, ast.Attribute)):
            target = target.value
        if isinstance(target, ast.Name):
            yield target.id
    for child in ast.iter_child_nodes(node):
        yield from _changed_in_place(child)
