"""What is remembered of an answer goes with it, and with its numbers."""

import gc
import mmap
from collections.abc import Callable

import numpy as np
import pytest

from autograder.checks import memo as memory
from autograder.checks.flatten import check_flat_values
from autograder.checks.memo import are_linked, link, memoised, refresh
from autograder.checks.sketches import sketch
from autograder.checks.values import settle

LARGE = (400, 1000)


def numbers(seed: int = 0) -> np.ndarray:
    """Return numbers, as many as are worth remembering."""
    return np.random.default_rng(seed).standard_normal(LARGE).astype(np.float32)


def mapped() -> np.ndarray:
    """Return an array as a judging process has it: over memory that is mapped for it alone."""
    content = numbers()
    room = mmap.mmap(-1, content.nbytes)
    array = np.frombuffer(room, np.float32).reshape(LARGE)
    array[:] = content
    return array


@pytest.fixture(params=[numbers, mapped])
def array(request: pytest.FixtureRequest) -> np.ndarray:
    """Return an answer as NumPy makes it, and as a judging process maps it."""
    return request.param()


def test_found_once_an_answer(array: np.ndarray) -> None:
    """What was computed for one view of an answer is there for the others."""
    asked = []
    for view in (array, array[:], array.reshape(-1)):
        assert refresh(array)
        memoised(view, "sum", lambda: asked.append(1))
    assert len(asked) == 1


@pytest.mark.parametrize("change", ["one value", "two rows"])
def test_found_anew_where_the_numbers_changed(array: np.ndarray, change: str) -> None:
    """A test cell may write into an answer."""
    refresh(array)
    memoised(array, "sum", lambda: "old")
    if change == "one value":
        array[123, 457] += 1
    else:
        array[[3, 200]] = array[[200, 3]]
    refresh(array)
    assert memoised(array, "sum", lambda: "new") == "new"


def test_goes_with_the_answer() -> None:
    """Nothing of a submission stays in a judging process."""
    gc.collect()  # what earlier tests left
    array, before = mapped(), len(memory._facts)
    settled = settle(array, "x")
    sketch(settled)
    assert len(memory._facts) > before
    del array, settled
    gc.collect()
    assert len(memory._facts) == before


@pytest.mark.parametrize("made", [lambda: np.ones(3), lambda: numbers().T, lambda: numbers()[:, ::2]])
def test_small_and_scattered_answers_are_looked_at_every_time(made: Callable[[], np.ndarray]) -> None:
    """For those, nothing is remembered."""
    array, asked = made(), []
    assert not refresh(array)
    for _ in range(2):
        memoised(array, "sum", lambda: asked.append(1))
    assert len(asked) == 2


def test_equal_answers_know_the_same_until_one_changes() -> None:
    """What is found of one is known of the other."""
    one, other = numbers(), numbers()
    refresh(one)
    refresh(other)
    link(one, other)
    assert are_linked(one, other)
    memoised(one, "sum", lambda: 7)
    assert memoised(other, "sum", lambda: 8) == 7
    other[0, 0] += 1
    refresh(other)
    assert not are_linked(one, other)
    assert memoised(other, "sum", lambda: 8) == 8


def test_a_cell_that_writes_into_an_answer_is_noticed_by_the_checks() -> None:
    """The verdict is about the numbers that are there."""
    source, flat = numbers(), numbers()
    check_flat_values(settle(flat, "flat"), "flat", settle(source, "source"), "source")
    flat[7] = 0
    with pytest.raises(Exception, match="rows differ"):
        check_flat_values(settle(flat, "flat"), "flat", settle(source, "source"), "source")
    flat[9] = np.nan
    with pytest.raises(Exception, match="NaN"):
        settle(flat, "flat")
