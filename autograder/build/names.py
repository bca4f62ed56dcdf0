"""Which names a cell's code assigns, and which it reads from elsewhere: by its syntax, nothing is run."""

from __future__ import annotations

import ast
import builtins
import symtable
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

__all__ = ["Names", "names_of", "parse_cell"]

_BUILTINS = frozenset(dir(builtins)) | {"get_ipython", "display", "In", "Out"}


@dataclass(frozen=True)
class Names:
    """The names of one piece of code, at its top level.

    Attributes:
        assigned: names that it binds, in order of their first binding: assignments, imports, definitions, loops.
        read: names that it reads and did not bind before; builtins left out.
        lines: for each name in `read`, the line of its first use, from 1.
        bound: for each name in `assigned`, the line of the statement that binds it first.
    """

    assigned: tuple[str, ...]
    read: tuple[str, ...]
    lines: dict[str, int]
    bound: dict[str, int]


def parse_cell(text: str) -> ast.Module:
    """Parse a notebook cell, IPython's magics included.

    Raises:
        SyntaxError: the code is not valid Python.
    """
    code = TransformerManager().transform_cell(text)
    # IPython drops empty lines at the top; lines are counted with them.
    blank = len(text) - len(text.lstrip("\n"))
    return ast.parse("\n" * blank + code)


def names_of(text: str) -> Names:
    """Return the names of a cell's code; SyntaxError where it isn't Python."""
    assigned: dict[str, int] = {}
    read: dict[str, int] = {}
    for statement in parse_cell(text).body:
        for name, line in _reads(statement).items():
            if name not in assigned and name not in _BUILTINS:
                read.setdefault(name, line)
        for name in _binds(statement):
            assigned.setdefault(name, statement.lineno)
    return Names(tuple(assigned), tuple(read), read, assigned)


def _binds(statement: ast.stmt) -> list[str]:
    """Return the names that one top-level statement binds in the module's scope."""
    table = symtable.symtable(ast.unparse(statement), "cell", "exec")
    return [symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()]


def _reads(statement: ast.stmt) -> dict[str, int]:
    """Return the names that one statement reads from outside itself, functions inside it included."""
    table = symtable.symtable(ast.unparse(statement), "cell", "exec")
    wanted = _global_reads(table)
    bound_here = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    plain = isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Assert))
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        wanted.add(statement.target.id)
    lines: dict[str, int] = {}
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and node.id in wanted and (plain or node.id not in bound_here):
            lines[node.id] = min(node.lineno, lines.get(node.id, node.lineno))
    return lines


def _global_reads(table: symtable.SymbolTable) -> set[str]:
    top = table.get_type() == "module"
    here = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())}
    return here.union(*(_global_reads(child) for child in table.get_children()))
