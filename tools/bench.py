"""Grade one class three ways in one run, and write down what each costs: docs/performance.json and the table that it prints.

Usage, from the repository's root (`make bench` runs it):

    python tools/bench.py [--class 10 100] [--peers 3] [--original-peers 1] [--settings release original] [--save]
    python tools/bench.py --watch

The class is made of the zoo's specimens, in the built release: six of ten students do what most do, the others are drawn
from all specimens that keep the settings of t-SNE that the notebook shows, right and wrong. nbgrader and otter-grader cost
the same for each submission, so they are given a few; ours gets the whole class. Scores of submissions that all three
graded have to agree. "original" replaces t-SNE's settings by those of the exercise that this assignment comes from: exact,
3000 iterations.

At the end, or alone with `--watch`, twenty hand-ins arrive within a minute while `autograder watch` is warm: how long each
takes from its file to its page.

CPU seconds are those of the whole machine without this script's, so let nothing else run; memory is the sum of the processes'
proportional shares (PSS), looked at every three seconds.
"""

import argparse
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import psutil

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from autograder.assignment.settings import read_source  # noqa: E402
from autograder.compile.compiler import build  # noqa: E402 (the path comes first)
from autograder.demo.run import fill  # noqa: E402
from autograder.demo.students import Student  # noqa: E402
from autograder.peers.nbgrader import Course  # noqa: E402
from autograder.peers.otter import otter_run  # noqa: E402
from tests.zoo.right import RIGHT  # noqa: E402
from tests.zoo.spec import EX2, EX3, Spec, ex2, ex3  # noqa: E402
from tests.zoo.wrong import WRONG  # noqa: E402
from tools.bench_watch import Delays, measure  # noqa: E402

NAME = "mapping_representations"
SETTINGS = {
    "release": 'perplexity=30, init="pca", max_iter=1000, random_state=0',
    "original": 'init="pca", method="exact", max_iter=3000, random_state=0',
}
HEADINGS = (
    "settings",
    "graded by",
    "submissions",
    "s each",
    "CPU s each",
    "peak GiB",
    "maps computed",
    "ours is faster by",
    "claims, MB",
    "judged again, s each",
    "that is faster by",
)
USUAL = 0.6
ARRIVING = 20
_BETWEEN_LOOKS = 3  # seconds; a look at the memory of all processes takes a tenth of one


@dataclass
class Cost:
    """What grading cost.

    Attributes:
        way: "nbgrader", "otter" or "ours".
        settings: "release" or "original".
        submissions: how many were graded.
        seconds: wall time.
        cpu: CPU seconds of the whole machine.
        memory: the most memory at a time, in GiB.
        maps: maps that were computed; None where each submission computes its own.
        claims: MB that what submissions claimed takes; None where nothing of it is kept.
        again: seconds that judging it again takes; None where nothing can be judged again.
    """

    way: str
    settings: str
    submissions: int
    seconds: float
    cpu: float
    memory: float
    maps: int | None = None
    claims: float | None = None
    again: float | None = None


def students(count: int, settings: str) -> Iterator[Student]:
    """Yield a class; the first students of a larger one are those of a smaller one."""
    draw = random.Random(2026)  # noqa: S311 (a class, not a secret)
    specs = [spec for spec in (*RIGHT, *WRONG) if spec.code.count("TSNE(") == spec.code.count(SETTINGS["release"])]
    usual = {EX2: ex2("usual"), EX3: ex3("usual")}
    for number in range(count):
        cells = {}
        for checks, cell in ((EX2, "ex2_map"), (EX3, "ex3_map")):
            own: Spec = draw.choice([spec for spec in specs if spec.checks == checks])
            spec = usual[checks] if draw.random() < USUAL else own
            cells[cell] = spec.code.replace(SETTINGS["release"], SETTINGS[settings])
        yield Student(f"student{number:04d}", "", 0.0, cells)


def make_assignment(root: Path, settings: str) -> None:
    """Build the assignment under `root`, with these settings of t-SNE."""
    shutil.copytree(ROOT / "source", root / "source")
    shutil.copyfile(ROOT / "requirements.lock", root / "requirements.lock")
    notebook = root / "source" / NAME / f"{NAME}.ipynb"
    plain, wanted = (json.dumps(SETTINGS[name])[1:-1] for name in ("release", settings))
    notebook.write_text(notebook.read_text("utf-8").replace(plain, wanted), "utf-8")
    build(root, NAME, gate=False, tell=lambda line: None)


def hand_in(root: Path, count: int, settings: str) -> Path:
    """Write the class's notebooks as a flat folder."""
    folder = root / f"submissions-{count}"
    folder.mkdir()
    release = nbformat.read(root / "release" / "nbgrader" / NAME / f"{NAME}.ipynb", as_version=4)
    for student in students(count, settings):
        nbformat.write(fill(release, student), folder / f"{student.name}.ipynb")
    return folder


@contextmanager
def measured(way: str, settings: str, count: int) -> Iterator[Cost]:
    """Measure what happens inside; the record is filled in at the end."""
    cost, over = Cost(way, settings, count, 0, 0, 0), threading.Event()
    watcher = threading.Thread(target=_watch, args=(cost, over))
    watcher.start()
    start, busy = time.monotonic(), _busy()
    try:
        yield cost
    finally:
        cost.seconds, cost.cpu = round(time.monotonic() - start, 1), round(_busy() - busy, 1)
        over.set()
        watcher.join()
    print(
        f"  {way}, {settings}: {count} in {cost.seconds:.1f} s, {cost.cpu:.1f} CPU s, {cost.memory:.2f} GiB", flush=True
    )


def _busy() -> float:
    """Return the CPU seconds that the machine has spent on anything but this process."""
    spent, own = psutil.cpu_times(), psutil.Process().cpu_times()
    return float(spent.user + spent.system + spent.nice - own.user - own.system)


def _watch(cost: Cost, over: threading.Event) -> None:
    """Note the most memory that the processes below this one have at a time."""
    while not over.wait(_BETWEEN_LOOKS):
        total = 0
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.Error, OSError):
                total += process.memory_full_info().pss
        cost.memory = max(cost.memory, round(total / 2**30, 2))


def by_nbgrader(root: Path, notebooks: list[Path], settings: str) -> tuple[Cost, list[float]]:
    """Grade by one `nbgrader autograde`; its own preparation of the course isn't counted."""
    assignment, release = read_source(root / "source" / NAME).assignment, root / "release" / "nbgrader" / NAME
    with Course(assignment, release, cell_seconds=3600) as course:
        for notebook in notebooks:
            course.submit(notebook.stem, notebook)
        with measured("nbgrader", settings, len(notebooks)) as cost:
            for notebook in notebooks:
                course.autograde(notebook.stem, timeout=7200)
        scores = [sum(check.score for check in course.checks(notebook.stem)) for notebook in notebooks]
    return cost, scores


def by_otter(root: Path, notebooks: list[Path], settings: str) -> tuple[Cost, list[float]]:
    """Grade by `otter run`, one after another."""
    archive = root / "dist" / f"{NAME}-otter-autograder.zip"
    with measured("otter", settings, len(notebooks)) as cost:
        checks = [otter_run(archive, notebook, timeout=7200) for notebook in notebooks]
    return cost, [sum(check.score for check in each) for each in checks]


def by_us(root: Path, folder: Path, settings: str, count: int) -> tuple[Cost, dict[str, float]]:
    """Grade by `autograder grade`, from nothing: its own start, the gradebook and the feedback pages included.

    What it cost to judge the class again, from what was kept, stands beside it.
    """
    out = root / f"out-{count}"
    with measured("ours", settings, count) as cost:
        told = _autograder(root, "grade", folder, "--assignment", NAME, "--out", out, "--timeout", 7200)
    cost.maps = int(next(line for line in told.splitlines() if line.startswith("maps:")).split()[1])
    cost.claims = round(sum(path.stat().st_size for path in (out / "claims").rglob("*") if path.is_file()) / 1e6, 1)
    with measured("ours, judged again", settings, count) as again:
        _autograder(root, "rejudge", out)
    cost.again = again.seconds
    results = [json.loads(line) for line in (out / "results.jsonl").read_text("utf-8").splitlines()]
    return cost, {result["student"]: result["score"] for result in results}


def _autograder(root: Path, *words: object) -> str:
    """Run one of our commands, and return what it tells besides its output."""
    command = [sys.executable, "-m", "autograder", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if told.returncode:
        raise SystemExit(told.stderr)
    return told.stderr


def compare(settings: str, sizes: list[int], peers: int) -> list[Cost]:
    """Grade the class with these settings all three ways."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        make_assignment(root, settings)
        costs, scores = [], {}
        for count in sizes:
            cost, scores = by_us(root, hand_in(root, count, settings), settings, count)
            costs.append(cost)
        few = sorted((root / f"submissions-{max(sizes)}").glob("*.ipynb"))[:peers]
        ways: list[Callable[..., tuple[Cost, list[float]]]] = [by_nbgrader, by_otter]
        for way in ways if few else []:
            cost, theirs = way(root, few, settings)
            costs.append(cost)
            if theirs != [scores[notebook.stem] for notebook in few]:
                raise SystemExit(f"{cost.way} gave {theirs}, we gave {[scores[notebook.stem] for notebook in few]}")
    return costs


def on_hand_in() -> Delays:
    """Let hand-ins arrive, and measure how long each takes."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        make_assignment(root, "release")
        return measure(root, sorted(hand_in(root, ARRIVING, "release").glob("*.ipynb")), NAME)


def table(costs: list[Cost]) -> list[str]:
    """Return the costs as a Markdown table, with ratios to our largest class of the same settings."""
    lines = [
        f"| {' | '.join(HEADINGS)} |",
        f"| --- | --- |{' ---: |' * (len(HEADINGS) - 2)}",
    ]
    for cost in costs:
        ours = max((c for c in costs if c.way == "ours" and c.settings == cost.settings), key=lambda c: c.submissions)
        ratio = (cost.seconds / cost.submissions) / (ours.seconds / ours.submissions)
        lines.append(
            f"| {cost.settings} | {cost.way} | {cost.submissions} | {cost.seconds / cost.submissions:.2f} "
            f"| {cost.cpu / cost.submissions:.2f} | {cost.memory:.2f} | {'' if cost.maps is None else cost.maps} "
            f"| {'' if cost.way == 'ours' else f'{ratio:.0f}'} | {'' if cost.claims is None else cost.claims} "
            + (
                "| | |"
                if cost.again is None
                else f"| {cost.again / cost.submissions:.3f} | {cost.seconds / cost.again:.0f} |"
            )
        )
    return lines


def machine() -> str:
    """Return what this machine is, in words."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, Python {platform.python_version()}"


def read_environment() -> None:
    """Read what everybody imports: who comes first would pay for a cold disk, and the others would not."""
    for path in Path(sys.prefix).rglob("*"):
        if path.is_file() and (path.suffix in (".py", ".pyc") or ".so" in path.suffixes):
            path.read_bytes()


def main() -> None:
    """Run, print, and save."""
    parser = argparse.ArgumentParser(description="Grade one class three ways, and compare what it costs.")
    parser.add_argument("--class", dest="sizes", type=int, nargs="+", default=[10, 100], metavar="N")
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--peers", type=int, default=3, help="submissions for each peer, release's settings")
    parser.add_argument("--original-peers", type=int, default=1, help="the same, original's settings")
    parser.add_argument("--save", action="store_true", help="write docs/performance.json")
    parser.add_argument("--watch", action="store_true", help="measure hand-ins that arrive, and nothing else")
    options = parser.parse_args()
    read_environment()
    if options.watch:
        print(on_hand_in().line())
        return
    costs: list[Cost] = []
    for settings in options.settings:
        costs += compare(settings, options.sizes, options.peers if settings == "release" else options.original_peers)
    print("", *table(costs), sep="\n")
    delays = on_hand_in()
    print("", delays.line(), sep="\n")
    if options.save:
        told = {
            "machine": machine(),
            "date": datetime.now(UTC).date().isoformat(),
            "costs": [asdict(c) for c in costs],
            "watch": asdict(delays),
        }
        (ROOT / "docs" / "performance.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
