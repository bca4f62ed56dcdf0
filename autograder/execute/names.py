"""Which names a cell binds and reads, by its syntax: nothing is run."""

from __future__ import annotations

import ast
import builtins
import symtable
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

__all__ = ["Names", "names_of", "plain_python"]

_BUILTINS = frozenset(dir(builtins)) | {"get_ipython", "display", "In", "Out", "_"}


@dataclass(frozen=True)
class Names:
    """The names of one cell, at its top level.

    Attributes:
        binds: what it assigns, imports or defines.
        reads: what it reads and has not bound in a statement before; builtins left out.
        functions: those of `binds` that are functions or classes: they can't be handed over as data.
    """

    binds: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()


def plain_python(text: str) -> str:
    """Return a cell as Python: IPython's magics become calls of `get_ipython`."""
    return TransformerManager().transform_cell(text)


def names_of(text: str) -> Names:
    """Return the names of a cell; none where it isn't Python."""
    try:
        statements = ast.parse(plain_python(text)).body
    except SyntaxError:
        return Names()
    binds: set[str] = set()
    reads: set[str] = set()
    for statement in statements:
        table = symtable.symtable(ast.unparse(statement), "cell", "exec")
        reads |= _global_reads(table) - binds - _BUILTINS
        binds |= {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    return Names(frozenset(binds), frozenset(reads), frozenset(map(_defined, statements)) - {""})


def _global_reads(table: symtable.SymbolTable) -> set[str]:
    """Return the names that a scope and those inside it read from the cell's namespace."""
    top = table.get_type() == "module"
    here = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())}
    return here.union(*map(_global_reads, table.get_children()))


def _defined(statement: ast.stmt) -> str:
    """Return the name of the function or class that a statement defines; "" for any other statement."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return statement.name
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda):
        target = statement.targets[0]
        return target.id if isinstance(target, ast.Name) else ""
    return ""
