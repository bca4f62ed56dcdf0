"""Each hostile specimen gets what its honest part deserves, and whoever comes behind it in the same engine notices nothing."""

import dataclasses
import os

import psutil
import pytest

from .small import FIRST, submit
from .specimens import SPECIMENS
from .test_hostile import printed, scores

LOOK = f"""
import os, subprocess, sys
names = sorted(os.listdir("."))
child = subprocess.run([sys.executable, "-c", "import json, numpy; print('child')"], capture_output=True, text=True).stdout
processes = [name for name in os.listdir("/proc") if name.isdigit()]
python = [place.split("/")[2] for place in (sys.prefix, sys.base_prefix) if place.startswith("/tmp/")]  # mounted there
print("WORLD", names, data, child, len(processes), [n for f in ("/tmp", "/dev/shm") for n in os.listdir(f) if n not in python])
{FIRST}
"""
"""What the neighbour looks at: files, given values, a Python of its own, processes."""

CLEAN = "WORLD ['.ipython', 'data.txt', 'small.ipynb'] data\n child\n 2 []"

# nbformat repairs cells that share an id, and says so.
pytestmark = pytest.mark.filterwarnings("ignore::nbformat.warnings.DuplicateCellId")


@pytest.fixture(scope="session")
def untouched(engine, plan, tmp_path_factory):
    """What a neighbour's result is where nobody was before it."""
    return seen(engine.run(submit(tmp_path_factory.mktemp("before"), plan, LOOK)))


def seen(graded):
    """Return everything of a result that may not change."""
    return dataclasses.replace(graded.result, seconds=0.0), printed(graded).strip()


@pytest.mark.parametrize("name", SPECIMENS)
def test_each_gets_what_its_honest_part_deserves(grade, untouched, name):
    """The specimen's scores, status and words are the expected ones; its neighbour's result is what it was."""
    specimen = SPECIMENS[name]
    graded = grade(specimen.first, specimen.second, edit=specimen.edit)
    result = graded.result
    assert (*scores(graded), result.max_score) == (*specimen.scores, 5), result
    assert result.status in specimen.status.split(), result
    assert specimen.says in printed(graded, "first") + printed(graded, "second")
    assert specimen.tells in (result.message or "")
    assert seen(grade(LOOK)) == untouched


def test_the_neighbour_sees_a_clean_world(untouched):
    """What the neighbour is compared with is itself clean: the release's files, and nobody else's."""
    result, said = untouched
    assert (result.status, result.score, result.message) == ("graded", 5, None)
    assert said == CLEAN


def test_no_daemon_is_left(grade):
    """A process that left its group, its session and its parent ends with its kernel, seen from outside."""
    mark = f"autograder-daemon-{os.getpid()}"
    text = (
        "import os, subprocess, sys\n"
        "if os.fork() == 0:\n    os.setsid()\n"
        f"    os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(30)  # {mark}'])\n"
        "import time\ntime.sleep(0.3)\n"
        f"print('SEEN', sum({mark!r} in open(f'/proc/{{p}}/cmdline').read() for p in os.listdir('/proc') if p.isdigit()))"
    )
    assert "SEEN 1" in printed(grade(f"{text}\n{FIRST}"))
    left = [p for p in psutil.process_iter(["cmdline"]) if mark in " ".join(p.info["cmdline"] or [])]
    assert psutil.wait_procs(left, timeout=5)[1] == []
