"""Which names a cell's code assigns, and which it reads from elsewhere: by its syntax, nothing is run."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from IPython.core.inputtransformer2 import TransformerManager

from autograder.assignment.cells import CellKind

__all__ = [
    "Names",
    "bound_names",
    "imports_of",
    "makes_answers",
    "names_if_python",
    "names_of",
    "parse_cell",
    "python_of",
]

_BUILTINS = frozenset(dir(builtins)) | {"get_ipython", "display", "In", "Out", "_"}
# Python 3.12's tokenizer gives every token a copy of its line: 10 GB for one of 100,000 characters.
_MAX_SQUARES = 10**8
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Names:
    """The names of one piece of code, at its top level.

    Attributes:
        assigned: names that it binds, in order of their first binding: assignments, imports, definitions, loops.
        read: names that it reads and did not bind before; builtins left out.
        lines: for each name in `read`, the line of its first use, from 1.
        bound: for each name in `assigned`, the line of the statement that binds it first.
        functions: those of `assigned` that are functions or classes: they can't be handed over as data.
    """

    assigned: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    bound: Mapping[str, int] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()


def parse_cell(text: str) -> ast.Module:
    """Parse a notebook cell, IPython's magics included.

    Raises:
        SyntaxError: the code is not valid Python.
    """
    return ast.parse(python_of(text))


def python_of(text: str) -> str:
    """Return a notebook cell's code with IPython's magics written as calls.

    Raises:
        SyntaxError: the code can't be read at all.
    """
    if "\0" in text:  # which Python 3.13's tokenizer ends with a SystemError
        raise SyntaxError("source code cannot contain null bytes")
    try:
        ast.parse(text)
    except SyntaxError:
        pass
    else:
        return text
    if sum(len(line) ** 2 for line in text.splitlines()) > _MAX_SQUARES:
        raise SyntaxError("its lines are too long for IPython's syntax")
    # IPython drops empty lines at the top; lines are counted with them.
    blank = len(text) - len(text.lstrip("\n"))
    return "\n" * blank + TransformerManager().transform_cell(text)


def names_of(text: str) -> Names:
    """Return the names of a cell's code; SyntaxError where it isn't Python."""
    assigned: dict[str, int] = {}
    read: dict[str, int] = {}
    statements = parse_cell(text).body
    for statement in statements:
        for name, line in _reads(statement).items():
            if name not in assigned and name not in _BUILTINS:
                read.setdefault(name, line)
        for name in bound_names(statement):
            assigned.setdefault(name, statement.lineno)
    return Names(tuple(assigned), tuple(read), read, assigned, frozenset(map(_definition, statements)) - {""})


def _definition(statement: ast.stmt) -> str:
    """Return the name of the function or class that a statement defines; "" for any other statement."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return statement.name
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda):
        target = statement.targets[0]
        return target.id if isinstance(target, ast.Name) else ""
    return ""


def bound_names(node: ast.AST) -> Iterator[str]:
    """Yield the names that a top-level statement binds in the module's scope.

    By hand, since `symtable` counts a comprehension's variables among the module's from Python 3.12 on (PEP 709).
    """
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, _COMPREHENSIONS):
        yield from (inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif not isinstance(node, ast.Lambda):
        if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            yield node.name
        for child in ast.iter_child_nodes(node):
            yield from bound_names(child)


def _names_in(node: ast.AST, hidden: frozenset[str] = frozenset()) -> Iterator[ast.Name]:
    """Yield the names in a statement, but for a comprehension's own variables inside it."""
    if isinstance(node, _COMPREHENSIONS):
        targets = [inner for part in node.generators for inner in ast.walk(part.target)]
        hidden |= {target.id for target in targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.Name) and node.id not in hidden:
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _names_in(child, hidden)


def _reads(statement: ast.stmt) -> dict[str, int]:
    """Return the names that one statement reads from outside itself, functions inside it included."""
    global_names = _global_reads(symtable.symtable(ast.unparse(statement), "cell", "exec"))
    bound_here = set(bound_names(statement))
    plain = isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Assert))
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        global_names.add(statement.target.id)
    lines: dict[str, int] = {}
    for node in _names_in(statement):
        if node.id in global_names and (plain or node.id not in bound_here):
            lines[node.id] = min(node.lineno, lines.get(node.id, node.lineno))
    return lines


def _global_reads(table: symtable.SymbolTable) -> set[str]:
    top = table.get_type() == "module"
    here = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())}
    return here.union(*(_global_reads(child) for child in table.get_children()))


def names_if_python(text: str) -> Names:
    """Return the names of a cell's code; none where it isn't Python, or nested more deeply than can be parsed."""
    try:
        return names_of(text)
    except (SyntaxError, RecursionError, MemoryError):  # the parser's own words for what is too deep
        return Names()


def imports_of(text: str) -> frozenset[str]:
    """Return the modules that a cell's code imports; none where it isn't Python."""
    try:
        nodes = list(ast.walk(parse_cell(text)))
    except (SyntaxError, RecursionError, MemoryError):
        return frozenset()
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return frozenset(plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module})


def makes_answers(kind: CellKind, names: Names, answers: Collection[str]) -> bool:
    """Return whether a cell assigns answers: a solution does, and a given cell that reads answers."""
    return kind == "solution" or (kind == "given" and not set(answers).isdisjoint(names.read))
