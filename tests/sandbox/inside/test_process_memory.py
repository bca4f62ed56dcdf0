"""What is asked of Linux directly."""

import subprocess
import sys

import pytest

SCRIPT = """
from autograder.sandbox.inside.process_memory import use_large_pages

def large():
    lines = open("/proc/self/smaps_rollup").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("AnonHugePages"))

lists = [list(range(100)) for _ in range(20_000)]
before = large()
use_large_pages()
assert sum(map(sum, lists)) == 20_000 * 4950
print(before, large())
"""


@pytest.mark.needs("large pages")
def test_memory_moves_to_large_pages_and_is_the_same():
    """Python's own objects, which lie in many small pieces, are where they were."""
    told = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert told.stderr == ""
    before, after = map(int, told.stdout.split())
    assert after > before
