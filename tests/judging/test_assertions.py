"""A plain assert says what was expected and what came out; one with a message says its message."""

import ast
from typing import Any

import pytest

from autograder.judging.assertions import CELL, rewrite_plain_asserts, words_of


def _said(code: str, **namespace: Any) -> str:
    """Return what a cell's assert says."""
    tree = rewrite_plain_asserts(ast.parse(code), code)
    with pytest.raises(AssertionError) as caught:
        exec(compile(tree, CELL, "exec"), namespace)  # noqa: S102 (the test's own text)
    return words_of(caught.value, code)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("assert total == 3 * 4", "Expected `total == 3 * 4`; it came out as `10 == (3 * 4)`."),
        (
            "x = 1\nassert (\n    len(names) ==\n    3\n)",
            "Expected `len(names) == 3`; it came out as `1 == 3` (where 1 = len(['a'])).",
        ),
        ("assert not names", "Expected `not names`; it came out as `not ['a']`."),
        ("assert total > 5 and total < 9", "Expected `total > 5 and total < 9`; it came out as `10 > 5 and 10 < 9`."),
        (
            "def near(a, b):\n    return False\nassert near(total, 1)",
            "Expected `near(total, 1)`; it came out as `False`.",
        ),
        ("for n in names:\n    assert n == 'b'", "Expected `n == 'b'`; it came out as `'a' == 'b'`."),
        ("assert total == 1, 'one, not many'", "one, not many"),
        ("assert total\nassert total == 1, f'{total} is too many'", "10 is too many"),
        ("assert total\nraise AssertionError('assert nothing')", "assert nothing"),
    ],
)
def test_it_says_what_was_compared(code: str, said: str) -> None:
    """With the values, and without what stands for no value."""
    assert _said(code, total=10, names=["a"]) == said


def test_a_long_answer_is_cut() -> None:
    """It may be of 20 MB."""
    assert len(_said("assert text == ''", text="x" * 10_000_000)) < 1000


def test_a_cell_without_plain_asserts_is_left_alone() -> None:
    """Nothing is imported for it."""
    tree = ast.parse("assert total, 'assign total'")
    assert rewrite_plain_asserts(tree, "") is tree
    assert ast.unparse(tree) == "assert total, 'assign total'"
