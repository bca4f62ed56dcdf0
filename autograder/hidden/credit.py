"""Give a part of a test's points for some kinds of mistake, as `[credit]` says, on nbgrader's and otter's routes.

Both run a test cell as it stands: what is said here is put round its text when a release is made.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from autograder.checks.failure import parse_failure

__all__ = ["needs_share", "run_with_credit"]


def run_with_credit(test: str, shares: Mapping[str, float], points: float, names: dict[str, Any]) -> object:
    """Run a test cell's text, and return its score: nbgrader takes a number that a cell ends with.

    Args:
        test: the text, hidden lines included.
        shares: the part of the points that stays, by kind of mistake.
        points: the most that the test gives.
        names: the notebook's names.

    Returns:
        What the text ends with, None where it ends with no expression; the points that stay after a mistake that
        has a share, whose message is printed.

    Raises:
        Exception: whatever the test raises, where no share stays.
    """
    try:
        return _run(test, names)
    except AssertionError as failure:
        share = _share(failure, shares)
        if not share:
            raise
        print(failure)  # noqa: T201  # an output that costs no points, as an error's would
        return share * points


def needs_share(test: Callable[[], object], shares: Mapping[str, float], least: float) -> None:
    """Run a test, and raise nothing where at least this share of its points stays: one case of otter's.

    Args:
        test: it raises what is wrong.
        shares: the part of the points that stays, by kind of mistake.
        least: the share that this case stands for.

    Raises:
        Exception: whatever the test raises, where less stays.
    """
    try:
        test()
    except AssertionError as failure:
        if _share(failure, shares) < least:
            raise


def _share(failure: AssertionError, shares: Mapping[str, float]) -> float:
    """Return the share that stays; a check that was skipped has none.

    The checks that travel with the release raise a class of their own, which has the same name.
    """
    name = type(failure).__name__
    diagnosis = parse_failure(name, str(failure))[0]
    return 0.0 if diagnosis is None or name == "CheckSkipped" else shares.get(diagnosis, 0.0)


def _run(test: str, names: dict[str, Any]) -> object:
    """Run a cell's text, and return the value of an expression at its end."""
    tree = ast.parse(test)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    exec(compile(tree, "<test>", "exec"), names)  # noqa: S102  # the instructor's text
    if not isinstance(last, ast.Expr):
        return None
    value: object = eval(compile(ast.Expression(last.value), "<test>", "eval"), names)  # noqa: S307
    return value
