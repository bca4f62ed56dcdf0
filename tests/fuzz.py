"""Run property tests for long: `make fuzz MINUTES=60` gives each of them that time, and prints how many examples it took."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
"""Of a property test in one go, in the place of its own number; 0 for its own."""


def examples(usual: int) -> int:
    """Return how many examples a property test takes."""
    return EXAMPLES or usual


def _run(test: Callable[[], None], seconds: float) -> int:
    """Run a property test again and again, each time with other examples, and return how many they were.

    Raises:
        Exception: an example failed; Hypothesis prints the smallest.
    """
    count, inner = 0, test.hypothesis.inner_test

    def counted(*args: object, **kwargs: object) -> None:
        """Count one example, and run it."""
        nonlocal count
        count += 1
        inner(*args, **kwargs)

    test.hypothesis.inner_test = counted
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        test()
    return count


def main() -> None:
    """Run each property test for as long as was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float, help="for each test")
    parser.add_argument("only", nargs="*", help="names of tests; all where none is given")
    options = parser.parse_args()
    os.environ["FUZZ_EXAMPLES"] = "500"
    from tests.collect import test_any_class
    from tests.execute import test_any_notebook, test_notebook_file

    for module in (test_any_class, test_notebook_file, test_any_notebook):
        for name, test in vars(module).items():
            if hasattr(test, "hypothesis") and (not options.only or name in options.only):
                count = _run(test, 60 * options.minutes)
                sys.stdout.write(f"{name}: {count} examples in {options.minutes:g} minutes, none failed\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
