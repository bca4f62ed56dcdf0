"""Find what of a notebook's given cells its tests need.

The judging process runs no more of them: loading the network, training something or drawing a map
takes a class's time, and most tests look at none of it.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator, Sequence

from autograder.assignment.names import bound_names, parse_cell
from autograder.judging.messages import GivenCell

__all__ = ["needed_cells"]

_FRAMEWORKS = {"tensorflow", "keras", "tf_keras", "torch", "torchvision", "jax", "flax"}
_PROCESS = {"os", "sys"}  # what is called of these changes the process, whoever asks for it
_HARMLESS = {"print", "display"}
_NAMESPACES = {"globals", "locals", "vars"}
_RUNS_TEXT = {"eval", "exec", "__import__"}


def needed_cells(given: Sequence[GivenCell], tests: Sequence[str]) -> tuple[GivenCell, ...]:
    """Return the given cells with those statements alone that the tests need.

    All of them are returned where that can't be told from the code, or where the tests need a
    framework anyhow. What cells make of answers is an answer itself: nothing of these is needed.

    Args:
        given: the cells, in order.
        tests: the texts of the test cells.
    """
    try:
        own = [cell for cell in given if not cell.needs_answers]
        statements = [(cell, statement) for cell in own for statement in parse_cell(cell.source).body]
        asked = [parse_cell(test) for test in tests]
    except SyntaxError:
        return tuple(given)
    if any(map(_is_open, [*asked, *(statement for _, statement in statements)])):
        return tuple(given)
    wanted = {name for test in asked for name in _names(test)} | _PROCESS
    kept: set[int] = set()
    while new := {at for at, (_, one) in enumerate(statements) if at not in kept and _concerns(one, wanted)}:
        kept |= new
        wanted |= {name for at in new for name in _names(statements[at][1])}
    if any(_imports_framework(statements[at][1]) for at in kept):
        return tuple(given)
    return tuple(_shortened(given, [statements[at] for at in sorted(kept)]))


def _shortened(given: Sequence[GivenCell], kept: Sequence[tuple[GivenCell, ast.stmt]]) -> Iterator[GivenCell]:
    """Yield the cells that have a statement left."""
    for cell in given:
        if left := [statement for of, statement in kept if of is cell]:
            yield dataclasses.replace(cell, source="\n".join(map(ast.unparse, left)))


def _names(node: ast.AST) -> Iterator[str]:
    """Yield the names that code reads; a string may be a name too, as in `globals()["emb"]`."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
            yield each.id
        elif isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value.isidentifier():
            yield each.value


def _concerns(statement: ast.stmt, wanted: set[str]) -> bool:
    """Tell whether a statement binds one of the names, or may change what it stands for."""
    if not wanted.isdisjoint(bound_names(statement)):
        return True
    return any(name in wanted for node in ast.walk(statement) for name in _changed(node))


def _changed(node: ast.AST) -> Iterator[str]:
    """Yield the names whose values a part of a statement may change: `x.y = 1`, `x.sort()`, `shuffle(x)`."""
    if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
        yield _root(node)
    elif isinstance(node, ast.Expr):
        for call in (each for each in ast.walk(node) if isinstance(each, ast.Call)):
            if (root := _root(call.func)) not in _HARMLESS:
                yield root
                yield from (part.id for part in call.args if isinstance(part, ast.Name))


def _root(node: ast.AST) -> str:
    """Return the name that an expression such as `a.b[c].d()` begins with; "" where it begins otherwise."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_open(code: ast.AST) -> bool:
    """Tell whether code may read names that its text doesn't show."""
    shown = {
        id(node.value.func)
        for node in ast.walk(code)
        if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.value, ast.Call)
        if (node.attr == "get" if isinstance(node, ast.Attribute) else isinstance(node.slice, ast.Constant))
    }
    names = (node for node in ast.walk(code) if isinstance(node, ast.Name))
    stars = (alias.name for node in ast.walk(code) if isinstance(node, ast.ImportFrom) for alias in node.names)
    return "*" in stars or any(
        node.id in _RUNS_TEXT or (node.id in _NAMESPACES and id(node) not in shown) for node in names
    )


def _imports_framework(code: ast.AST) -> bool:
    """Tell whether code imports what computes networks."""
    modules = [alias.name for node in ast.walk(code) if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module or "" for node in ast.walk(code) if isinstance(node, ast.ImportFrom)]
    return any(module.partition(".")[0] in _FRAMEWORKS for module in modules)
