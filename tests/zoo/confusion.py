"""Run the whole zoo and write down how well it was judged: `python -m tests.zoo.confusion`.

Prints the figures, and saves the confusion matrix as docs/confusion.md and docs/confusion.png. Exits 1 when a right answer
was refused, a wrong one accepted, or points were lost at a check that is not about the mistake. The specimens' maps are
computed as a class's are, with the compiled gradient; `--scikit-learn` leaves scikit-learn its own, which students have at home.
"""

from __future__ import annotations

import argparse
import collections
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import joblib
import numpy as np

from autograder.accuracy import Figure
from autograder.assess.verdicts import count as count_checks
from autograder.reuse.map_process import compute_quickly
from autograder.threads import thread_limits

from .held_out_right import HELD_OUT_RIGHT
from .held_out_wrong import HELD_OUT_WRONG
from .held_out_wrong_plots import DISPUTED_PLOTS
from .readings import RIGHT_READINGS, WRONG_READINGS
from .right import RIGHT
from .run import Seen, Zoo
from .spec import Spec
from .wrong import WRONG

__all__ = ["ZOOS", "Figures", "count", "main"]

# The second was written from the contract alone, without looking at the judge.
ZOOS: dict[str, tuple[Spec, ...]] = {
    "own": (*RIGHT, *WRONG),
    "held out": (*HELD_OUT_RIGHT, *HELD_OUT_WRONG),
    "readings": (*RIGHT_READINGS, *WRONG_READINGS),
}

DOCS = Path(__file__).parents[2] / "docs"


@dataclass(frozen=True)
class Figures:
    """The zoo's figures, counted in checks unless it says otherwise.

    Attributes:
        right: right specimens, and of them accepted at every check.
        wrong: wrong specimens, and of them refused at some check.
        lost: wrong answers, and of them refused at the check that is about them.
        kept: answers that are right in wrong specimens, and of them accepted.
        named: wrong answers, and of them with the right diagnosis.
        unknown: refused answers, and of them with the diagnosis "unknown" where a better one was wanted.
    """

    right: Figure
    wrong: Figure
    lost: Figure
    kept: Figure
    named: Figure
    unknown: Figure

    @property
    def clean(self) -> bool:
        """True where every right answer has its points and no wrong one has."""
        return all(figure.got == figure.of for figure in (self.right, self.wrong, self.lost, self.kept))


def count(verdicts: list[Seen]) -> Figures:
    """Return the figures of all verdicts."""
    by_spec = collections.defaultdict(list)
    for verdict in verdicts:
        by_spec[verdict.spec.name].append(verdict)
    right = [group for group in by_spec.values() if group[0].spec.right]
    wrong = [group for group in by_spec.values() if not group[0].spec.right]
    kept, lost, named = count_checks(verdict for group in wrong for verdict in group)
    refused = [v for group in wrong for v in group if v.specimen.said and v.failure is not None]
    return Figures(
        right=Figure(sum(all(v.failure is None for v in group) for group in right), len(right)),
        wrong=Figure(sum(any(v.failure is not None for v in group) for group in wrong), len(wrong)),
        lost=lost,
        kept=kept,
        named=named,
        unknown=Figure(sum(v.said == "unknown" and not v.agrees for v in refused), len(refused)),
    )


_QUICK = 0.3  # seconds
_TIMES = 3  # that those are judged again which took longer

_ROWS = {
    "right": "right answers accepted",
    "wrong": "wrong answers caught",
    "lost": "points lost at the check that the mistake is about",
    "kept": "points kept at the other checks",
    "named": "mistake named rightly",
    "unknown": "`unknown` where there is a name",
}


def describe(figures: dict[str, Figures], seconds: list[float]) -> list[str]:
    """Return the figures of each zoo as a Markdown table."""
    table = [f"| | {' | '.join(f'{zoo} zoo' for zoo in figures)} |", f"| --- {'| --- ' * len(figures)}|"]
    for row, words in _ROWS.items():
        counts = [getattr(each, row) for each in figures.values()]
        told = [f"{one.got} of {one.of}, {one.got / max(one.of, 1):.1%}" for one in counts]
        table.append(f"| {words} | {' | '.join(told)} |")
    quick = float(np.mean(np.array(seconds) < _QUICK))
    told = f"{np.median(seconds):.2f} s (median), {np.max(seconds):.2f} s at most, less than {_QUICK} s for {quick:.1%} of them"
    return [
        *table,
        "",
        f"Judging one submission took {told}.",
        "What is computed once for a class is not in it. Two were judged side by side. Those that took",
        f"longer than {_QUICK} s so were judged {_TIMES} times more, alone, and the least of these counts.",
    ]


def matrix(verdicts: list[Seen]) -> tuple[list[str], np.ndarray]:
    """Return the diagnoses, and the counts with what should be said as rows and what was said as columns."""
    names = sorted({name for v in verdicts for name in (v.wanted, v.said)}, key=lambda name: (name != "passed", name))
    counts = np.zeros((len(names), len(names)), int)
    for verdict in verdicts:
        counts[names.index(verdict.wanted), names.index(verdict.said)] += 1
    return names, counts


def save_table(zoos: dict[str, list[Seen]], seconds: list[float]) -> list[str]:
    """Write docs/confusion.md; return its lines."""
    names, counts = matrix([verdict for verdicts in zoos.values() for verdict in verdicts])
    figures = {zoo: count(verdicts) for zoo, verdicts in zoos.items()}
    lines = [
        "# What the checks say to the zoo",
        "",
        "Written by `python -m tests.zoo.confusion`. The held-out zoo was written from the published",
        "contract alone, without looking at the judge or at the other zoo. The first two rows count",
        "specimens, the others checks.",
        "",
    ]
    lines += [*describe(figures, seconds), "", "| should be | said | times |", "| --- | --- | ---: |"]
    lines += [
        f"| {'' if row == column else '**'}{names[row]}{'' if row == column else '**'} | {names[column]} | {counts[row, column]} |"
        for row in range(len(names))
        for column in range(len(names))
        if counts[row, column]
    ]
    lines += [
        "",
        "Left out, since their author and the kit disagree:",
        "",
        *(f"- {spec.name}" for spec in DISPUTED_PLOTS),
    ]
    (DOCS / "confusion.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return lines


def save_picture(verdicts: list[Seen]) -> None:
    """Draw docs/confusion.png."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    names, counts = matrix(verdicts)
    figure, axes = plt.subplots(figsize=(11, 10), layout="constrained")
    axes.imshow(np.log1p(counts), cmap="Blues")
    for row, column in zip(*np.nonzero(counts), strict=True):
        dark = np.log1p(counts[row, column]) > 0.6 * np.log1p(counts.max())
        axes.text(
            column, row, counts[row, column], ha="center", va="center", size=6.5, color="white" if dark else "black"
        )
    axes.set_xticks(range(len(names)), names, rotation=90, size=8)
    axes.set_yticks(range(len(names)), names, size=8)
    axes.set(xlabel="what the check said", ylabel="what it should say")
    figure.savefig(DOCS / "confusion.png", dpi=110, metadata={"Software": None})
    plt.close(figure)


def visit(specs: Sequence[Spec], *, compiled: bool) -> list[tuple[list[Seen], float]]:
    """Return what the checks say to each specimen, and the seconds that they take; runs in a process of its own."""
    if compiled:
        compute_quickly()
    zoo = Zoo(again=True)
    outcomes = []
    for number, spec in enumerate(specs, 1):
        outcomes.append(zoo.visit(spec))
        sys.stderr.write(f"{number} of {len(specs)}: {zoo.seconds[-1]:.2f} s, {spec.name}\n")
    return list(zip(outcomes, zoo.seconds, strict=True))


def visit_all(specs: Sequence[Spec], *, compiled: bool) -> list[tuple[list[Seen], float]]:
    """Return `visit` of all specimens, shared out to a process of one thread for each core."""
    os.environ |= thread_limits(1)
    jobs = os.cpu_count() or 1
    tasks = [joblib.delayed(visit)(specs[first::jobs], compiled=compiled) for first in range(jobs)]
    shares = joblib.Parallel(n_jobs=jobs)(tasks)
    return [shares[place % jobs][place // jobs] for place in range(len(specs))]


def time_alone(specs: Sequence[Spec], seconds: list[float], *, compiled: bool) -> None:
    """Put right the seconds of those that took long while another process used the other core: judged again, alone.

    The least of three times counts: what else the machine does only ever adds to it.
    """
    slow = [place for place, took in enumerate(seconds) if took >= _QUICK]
    tasks = [joblib.delayed(visit)([specs[place] for place in slow] * _TIMES, compiled=compiled)] * bool(slow)
    for share in joblib.Parallel(n_jobs=2)(tasks):
        for number, place in enumerate(slow):
            seconds[place] = min(took for _, took in share[number :: len(slow)])


def main() -> int:
    """Run everything; return the exit code."""
    parser = argparse.ArgumentParser(description="Judge both zoos, and write down how well.")
    parser.add_argument("--scikit-learn", action="store_true", help="leave t-SNE its own gradient")
    compiled = not parser.parse_args().scikit_learn
    everything = [spec for specs in ZOOS.values() for spec in specs]
    visited = visit_all(everything, compiled=compiled)
    seconds = [took for _, took in visited]
    time_alone(everything, seconds, compiled=compiled)
    said = iter(verdicts for verdicts, _ in visited)
    zoos = {name: [verdict for _ in specs for verdict in next(said)] for name, specs in ZOOS.items()}
    DOCS.mkdir(exist_ok=True)
    sys.stdout.write("\n".join(save_table(zoos, seconds)) + "\n")
    verdicts = [verdict for each in zoos.values() for verdict in each]
    save_picture(verdicts)
    for v in verdicts:
        if not (v.agrees and v.detail_right):
            sys.stdout.write(f"{v.specimen.name} should say {v.wanted}, said {v.said}. {v.failure or ''}\n")
    return 0 if count(verdicts).clean else 1


if __name__ == "__main__":
    sys.exit(main())
