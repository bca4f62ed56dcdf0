"""Grade one class of honest submissions, then the same class with each attacker in it, and compare what it cost the others.

Usage, from the repository's root (`make attackers` runs it):

    python tools/attackers.py [--class 6] [--timeout S] [--jobs N] [NAME ...]

The class does the shipped assignment, with a question more whose test calls a function. The attacker is graded first, which is
worst for the others. What is printed, of each class:

- the whole command's seconds, its own start included, and the ratio to the class without an attacker;
- when the last honest result was written, and that ratio: what the others wait for;
- the attacker's own seconds, which are bounded by its limits (`--timeout`, docs/operations.md): where these are longer than the
  class takes, the whole waits for it, on a processor that nobody else needs any more;
- the most memory of the grader's own processes, kernels left out, as the sum of their proportional shares (PSS);
- whether the honest students' results are byte for byte what they were, seconds left out, and how many of their executed
  notebooks and pages differ, ids that are drawn and the claims' last digits left out. Between two runs of the same class a few do: a warning of Keras's
  `predict` is there or not, by who computed.

Wall time is counted, so let nothing else run.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
from bench import NAME, ROOT, SETTINGS, machine, read_environment, students
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.compile.compiler import build
from autograder.demo.run import fill
from tests.grade.test_hostile_class import FLOOD, LEAVES, NESTED

ATTACKER = "aaa"  # comes first
DRAWN = re.compile(
    rb'"seconds": [\d.]+|"claims": "\w+"|"id": "[0-9a-f]{8}"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|sha256-[\w+/]{43}='
)
_BETWEEN_LOOKS = 0.5  # seconds

HONEST_CALL = "def brightness(images):\n    return images.mean(axis=(1, 2, 3))"
CALLS = """
assert brightness(X_train[:100]).shape == (100,)
### BEGIN HIDDEN TESTS
assert np.allclose(brightness(X_train[:100]), X_train[:100].mean(axis=(1, 2, 3)))
### END HIDDEN TESTS
""".strip()
QUESTION = (
    ("ex4_call", f"### BEGIN SOLUTION\n{HONEST_CALL}\n### END SOLUTION", {"solution": True, "locked": False}),
    (
        "ex4_call_test",
        CALLS,
        {"grade": True, "points": 1},
    ),
)

MAPS = """
import numpy as np
from sklearn.manifold import TSNE
for _ in range(60):
    TSNE(method="exact", init="random", max_iter=10_000, random_state=0).fit_transform(np.random.rand({rows}, {columns}).astype("f4"))
"""
HEADINGS = """
from IPython.display import HTML, display
for _ in range(40): display(HTML("<h1 " * 5000))
"""
SPINS = """
import os, time
for _ in range(400):
    if os.fork() == 0:
        while True: pass
while True: pass
"""
FILLS = """
import os, time
while True:
    for _ in range(4):
        if os.fork() == 0:
            held = [os.urandom(2**20) * 64 for _ in range(12)]
            time.sleep(2)
            os._exit(0)
    time.sleep(4)
"""
FORGES = """
import json, os
kernel = get_ipython().kernel
def take(socket, ident, parent):
    claims = {{}}
    for name in parent["content"]["names"]: claims[name] = {claim}
    text = json.dumps(claims).encode()
    with open(kernel.folder + "/" + parent["content"]["file"], "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + {size})
    kernel.session.send(socket, "take_reply", {{"status": "ok"}}, parent=parent, ident=ident)
kernel.shell_handlers["take_request"] = take
"""
COLLIDES = """{"kind": "dict", "items": [part for n in range(90_000) for part in ({"kind": "plain", "value": n * (2**61 - 1)}, {"kind": "plain", "value": 0})]}"""
LARGE = """{"kind": "array", "dtype": "<f4", "shape": [1000, 60_000], "place": 0}"""


@dataclass(frozen=True)
class Attacker:
    """A submission that means harm.

    Attributes:
        first: code in cells of its own at the notebook's beginning.
        call: the function that a test calls.
        metadata: JSON in the place of the notebook's.
    """

    first: tuple[str, ...] = ()
    call: str = HONEST_CALL
    metadata: str = ""


ATTACKERS = {
    "leaves-maps": Attacker((LEAVES.format(seeds=3),) * 3),
    "wants-maps": Attacker((MAPS.format(rows=2000, columns=2),)),
    "sends-256-MB": Attacker((MAPS.format(rows=1000, columns=60_000),)),
    "floods": Attacker((FLOOD,) * 3),
    "nests-html": Attacker((NESTED,) * 5),
    "opens-headings": Attacker((HEADINGS,) * 20),
    "stuffs-metadata": Attacker(metadata="[" + "{}," * 7_000_000 + "{}]"),
    "spins": Attacker((SPINS,)),
    "never-ends": Attacker(("while True: pass",) * 2),
    "fills-memory": Attacker((FILLS,)),
    "claims-collide": Attacker((FORGES.format(claim=COLLIDES, size=0),)),
    "claims-large": Attacker((FORGES.format(claim=LARGE, size=240_000_000),)),
    "call-never-ends": Attacker(call="def brightness(images):\n    while True: pass"),
    "call-stops": Attacker(call="import os, signal\ndef brightness(images):\n    os.kill(os.getpid(), signal.SIGSTOP)"),
    "call-prints": Attacker(call="def brightness(images):\n    while True: print('x' * 2**16)"),
    "call-spoils": Attacker(call=f"{HONEST_CALL.replace('return', 'images[...] = 0' + chr(10) + '    return')}"),
    "call-maps": Attacker(call="import numpy as np\ndef brightness(images):\n" + "".join(f"    {line}\n" for line in MAPS.format(rows=2000, columns=2).splitlines())),
}  # fmt: skip


@dataclass
class Cost:
    """What grading a class took.

    Attributes:
        seconds: the whole command.
        honest: until the last honest result was written.
        own: the attacker's.
        memory: the most of the grader's own processes, in bytes.
        files: what the honest got, by name.
    """

    seconds: float = 0.0
    honest: float = 0.0
    own: float = 0.0
    memory: int = 0
    files: dict[str, bytes] = field(default_factory=dict)


def make_assignment(root: Path) -> None:
    """Build the shipped assignment under `root`, with a question more."""
    source = root / "source" / NAME
    source.mkdir(parents=True)
    for file in (ROOT / "source" / NAME).iterdir():
        (source / file.name).write_bytes(file.read_bytes())
    (root / "requirements.lock").write_bytes((ROOT / "requirements.lock").read_bytes())
    notebook = nbformat.read(source / f"{NAME}.ipynb", as_version=4)
    for name, text, marks in QUESTION:
        usual = {"schema_version": 3, "grade": False, "solution": False, "locked": True, "task": False}
        nbgrader = {**usual, **marks, "grade_id": name}
        notebook.cells.append(
            new_code_cell(
                text, id=name, metadata={"nbgrader": nbgrader, "tags": ["bonus"] if "points" in marks else []}
            )
        )
    nbformat.write(notebook, source / f"{NAME}.ipynb")
    build(root, NAME, gate=False, tell=lambda line: None)


def hand_in(folder: Path, release: NotebookNode, count: int) -> None:
    """Write the honest class's notebooks."""
    folder.mkdir()
    for student in students(count, "release"):
        nbformat.write(_answered(fill(release, student), HONEST_CALL), folder / f"{student.name}.ipynb")


def attack(path: Path, release: NotebookNode, attacker: Attacker) -> None:
    """Write an attacker's notebook."""
    notebook = _answered(release, attacker.call)
    notebook.cells[:0] = [new_code_cell(text) for text in attacker.first]
    notebook.metadata["more"] = "MORE"
    path.write_text(json.dumps(notebook).replace('"MORE"', attacker.metadata or "0"), "utf-8")


def _answered(notebook: NotebookNode, call: str) -> NotebookNode:
    """Return a notebook with this function."""
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "ex4_call":
            cell.source = call
    return notebook


def graded(root: Path, folder: Path, more: list[str]) -> Cost:
    """Grade a class from nothing."""
    with tempfile.TemporaryDirectory(prefix="out-", dir=root) as out:
        command = [sys.executable, "-m", "autograder", "grade", str(folder), "--assignment", NAME, "--out", out, *more]
        cost, begin = Cost(), time.monotonic()
        with subprocess.Popen(
            command, cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=-3, stderr=subprocess.PIPE, text=True
        ) as grader:
            watcher = threading.Thread(target=_watch, args=(grader, Path(out), cost, begin))
            watcher.start()
            said = grader.stderr.read() if grader.stderr else ""
        cost.seconds = time.monotonic() - begin
        watcher.join()
        if grader.returncode:
            raise SystemExit(said)
        for line in (Path(out) / "results.jsonl").read_text("utf-8").splitlines():
            if json.loads(line)["student"] == ATTACKER:
                cost.own = json.loads(line)["seconds"]
            else:
                cost.files[json.loads(line)["student"]] = DRAWN.sub(b"", line.encode())
        for student in list(cost.files):
            paths = [path for kind in ("autograded", "feedback") for path in (Path(out) / kind / student).rglob("*.*")]
            cost.files |= {str(path.relative_to(out)): DRAWN.sub(b"", path.read_bytes()) for path in paths}
    return cost


def _watch(grader: subprocess.Popen[str], out: Path, cost: Cost, begin: float) -> None:
    """Note when honest results come, and how much memory the grader's own processes take."""
    seen = 0
    while grader.poll() is None:
        time.sleep(_BETWEEN_LOOKS)
        with suppress(OSError):
            lines = (out / "results.jsonl").read_text("utf-8").splitlines()
            honest = sum(f'"student": "{ATTACKER}"' not in line for line in lines)
            if honest > seen:
                seen, cost.honest = honest, time.monotonic() - begin
        with suppress(psutil.Error, OSError):
            cost.memory = max(cost.memory, _memory(psutil.Process(grader.pid)))


def _memory(process: psutil.Process) -> int:
    """Return the memory of a process and those below it, but for sandboxes."""
    with suppress(psutil.Error, OSError):
        if any("bwrap" in part or "inside.forkserver" in part for part in process.cmdline()):
            return 0
        return int(process.memory_full_info().pss) + sum(map(_memory, process.children()))
    return 0


def _row(name: str, cost: Cost, alone: Cost) -> str:
    """Return a line of the table."""
    changed = _changed(alone.files, cost.files)
    results = [name for name in changed if "/" not in name]
    same = f"no: {', '.join(results)}" if results else "yes"
    return (
        f"| {name} | {cost.seconds:.0f} | {cost.seconds / alone.seconds:.1f} | {cost.honest:.0f} "
        f"| {cost.honest / alone.honest:.1f} | {cost.own:.0f} | {cost.memory / 2**30:.2f} | {same} | {len(changed) - len(results)} |"
    )


def _changed(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    """Return the names of what is not the same."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def main() -> None:
    """Grade, and print a table."""
    parser = argparse.ArgumentParser(
        description="Grade a class with each attacker, and compare what it cost the others."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"attackers; all without one: {', '.join(ATTACKERS)}")
    parser.add_argument("--class", dest="count", type=int, default=6, metavar="N", help="honest submissions")
    parser.add_argument("--timeout", help="as of `autograder grade`")
    parser.add_argument("--jobs", help="the same")
    options = parser.parse_args()
    if unknown := set(options.names) - ATTACKERS.keys():
        parser.error(f"no such attacker: {', '.join(sorted(unknown))}")
    more = [part for name in ("timeout", "jobs") if (value := getattr(options, name)) for part in (f"--{name}", value)]
    read_environment()
    with tempfile.TemporaryDirectory(prefix="attackers-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        make_assignment(root)
        release = nbformat.read(root / "release" / "nbgrader" / NAME / f"{NAME}.ipynb", as_version=4)
        hand_in(root / "in", release, options.count)
        print(f"{machine()}; {options.count} honest submissions, {SETTINGS['release']}\n")
        print(
            "| attacker | s | ratio | honest s | ratio | its own s | grader's GiB | honest results the same | outputs that differ |"
        )
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |")
        alone = graded(root, root / "in", more)
        print(_row("none", alone, alone), flush=True)
        for name in options.names or ATTACKERS:
            attack(root / "in" / f"{ATTACKER}.ipynb", release, ATTACKERS[name])
            print(_row(name, graded(root, root / "in", more), alone), flush=True)


if __name__ == "__main__":
    main()
