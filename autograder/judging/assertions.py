"""Say of an `assert` without a message what was expected, and what came out."""

from __future__ import annotations

import ast
import traceback

__all__ = ["CELL", "rewrite_plain_asserts", "words_of"]

CELL = "<cell>"
"""The file's name under which a test cell's code is compiled."""
_MAX_CHARACTERS = 300  # of what was compared, and of what came out


class _WithMessages(ast.NodeTransformer):
    """Writes an assert that has a message as an `if`: what it says is left alone."""

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        """Return an assert without a message as it is."""
        if node.msg is None:
            return node
        error = ast.Call(ast.Name("AssertionError", ast.Load()), [node.msg], [])
        told = ast.If(ast.UnaryOp(ast.Not(), node.test), [ast.Raise(error)], [])
        return ast.fix_missing_locations(ast.copy_location(told, node))


def rewrite_plain_asserts(tree: ast.Module, code: str) -> ast.Module:
    """Return a cell's syntax with asserts that keep the values that they compare, as pytest rewrites them.

    Args:
        tree: the cell's; it is changed.
        code: its text.
    """
    if not any(isinstance(node, ast.Assert) and node.msg is None for node in ast.walk(tree)):
        return tree
    from _pytest.assertion.rewrite import rewrite_asserts  # a tenth of a second to import

    changed: ast.Module = _WithMessages().visit(tree)
    rewrite_asserts(changed, code.encode("utf-8", "replace"))
    return changed


def words_of(error: BaseException, code: str) -> str:
    """Return what an assert of a cell expected, and what came out; what it says itself where it has a message.

    Args:
        error: what it raised.
        code: the cell's text, without magics.
    """
    said = str(error)
    line = next(
        (frame.lineno for frame in reversed(traceback.extract_tb(error.__traceback__)) if frame.filename == CELL), 0
    )
    asserts = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Assert) and node.msg is None]
    expected = [node for node in asserts if node.lineno <= (line or 0) <= (node.end_lineno or 0)]
    if not expected or not said.startswith("assert "):
        return said
    first, *rest = said.removeprefix("assert ").split("\n")
    # What a name or a call stood for; objects without a text of their own say nothing to anybody.
    where = [part.strip(" +") for part in rest if " = " in part and "<" not in part]
    came = " ".join([f"`{_cut(_bare(first))}`", *(f"({_cut(part)})" for part in where)])
    return f"Expected `{_cut(ast.unparse(expected[-1].test))}`; it came out as {came}."


def _bare(text: str) -> str:
    """Return an expression without parentheses around the whole of it."""
    return text[1:-1] if text.startswith("(") and text.endswith(")") and text.count("(") == 1 else text


def _cut(text: str) -> str:
    """Return a text for a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= _MAX_CHARACTERS else f"{text[:_MAX_CHARACTERS]}…"
