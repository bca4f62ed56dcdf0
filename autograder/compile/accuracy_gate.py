"""Hold the accuracy of an assignment's grader against its bars; measure it where nobody has."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from autograder.accuracy import FULL, SHORT, Accuracy, Figure, read_accuracy, write_accuracy
from autograder.assignment.policy import network_digest
from autograder.compile.publishing import Compilation
from autograder.errors import BuildError
from autograder.model import AccuracyBars

__all__ = ["accuracy_findings", "accuracy_of", "measured_in_full"]

_MOST_LISTED = 6  # specimens in one finding


def measured_in_full(folder: Path, source: Path) -> Accuracy | None:
    """Return what `assess` has measured about an assignment, as it is today; None where it has not.

    Args:
        folder: where the solved notebook lies.
        source: the assignment's.
    """
    found = read_accuracy(folder)
    return found if found is not None and found.form == FULL and found.digest == network_digest(source) else None


def accuracy_of(compilation: Compilation) -> Accuracy | None:
    """Return the accuracy of a compiled assignment's grader, and write it beside the solved notebook.

    Returns:
        What `assess` has measured, or else the short form, measured now; None where there is no network.

    Raises:
        BuildError: the process that measures came to an end.
    """
    source, folder = compilation.source.assignment.folder, compilation.path("solutions")
    if not network_digest(source):
        return None
    if (full := measured_in_full(folder, source)) is not None:
        return full
    # TensorFlow stays out of this process: what comes after a build has no need of it.
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(1, mp_context=context, initializer=_be_quiet) as pool:
            accuracy = pool.submit(_measure, source).result()
    except BrokenProcessPool as error:
        raise BuildError(f"The process that measures the accuracy of {source.name}'s grader ended early.") from error
    write_accuracy(folder, accuracy)
    return accuracy


def _be_quiet() -> None:
    """Keep TensorFlow's log off the terminal; what goes wrong comes back as an exception."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)


def _measure(source: Path) -> Accuracy:
    """Measure the short form."""
    from autograder.assess import assess

    return assess(source, lambda line: None, SHORT)


def accuracy_findings(accuracy: Accuracy, bars: AccuracyBars) -> Iterator[str]:
    """Yield a sentence for each bar that isn't reached, with the specimens that the grader took for something else."""
    refused = [one for one in accuracy.disagreements if one[1] == "passed"]
    passed = [one for one in accuracy.disagreements if one[1] != "passed" and one[2] == "passed"]
    unnamed = [one for one in accuracy.disagreements if one[1] != "passed"]
    for what, figure, bar, specimens in (
        ("right specimens accepted", accuracy.accepted, bars.accepted, refused),
        ("wrong specimens caught", accuracy.caught, bars.caught, passed),
        ("mistakes named rightly", accuracy.named, bars.named, unnamed),
    ):
        if 100 * figure.share < bar:
            yield f"{_share(what, figure)}, and the bar is {bar:g}%. {_listed(specimens)}"


def _share(what: str, figure: Figure) -> str:
    """Return a figure in words."""
    return f"{what}: {figure.got} of {figure.of}, {figure.share:.1%}"


def _listed(specimens: list[tuple[str, str, str]]) -> str:
    """Return sentences about specimens, and how many more there are."""
    sentences = [f'"{name}" should be {wanted}, and the grader says {said}.' for name, wanted, said in specimens]
    more = len(sentences) - _MOST_LISTED
    return " ".join(sentences[:_MOST_LISTED] + ([f"{more} more are in the table of `autograder assess`."] * (more > 0)))
