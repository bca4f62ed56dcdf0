"""Put together what several people or machines graded of one assignment, conflict by conflict."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import GradeError
from autograder.grade.grade import alone
from autograder.graded_folder import read_class, write_feedback_again
from autograder.merge.choices import Choices, choose
from autograder.merge.gradebooks import write_gradebook
from autograder.merge.inputs import MergeInput, read_inputs
from autograder.merge.write import write_merged
from autograder.texts import printable

__all__ = ["MergeOutcome", "MergeRequest", "merge"]


@dataclass(frozen=True)
class MergeRequest:
    """What is to be put together.

    Attributes:
        outs: folders that `grade` wrote, two or more.
        out: the new folder.
        assignment: whose results; None for the only one that the first folder has.
        prefer: the folder that is right where two disagree; None for none.
    """

    outs: tuple[Path, ...]
    out: Path
    assignment: str | None = None
    prefer: Path | None = None


@dataclass(frozen=True)
class MergeOutcome:
    """What came of it.

    Attributes:
        lines: what a person should know.
        undecided: how many conflicts nobody has decided; then nothing was written.
    """

    lines: tuple[str, ...]
    undecided: int = 0


def merge(request: MergeRequest) -> MergeOutcome:
    """Put folders together into a new one; with a conflict that nobody has decided, nothing is written.

    Raises:
        AutograderError: it was called wrongly, or a folder can't be read or written.
    """
    prefer = _check(request)
    with ExitStack() as stack:
        for out in request.outs:
            stack.enter_context(alone(out))
        name, inputs = read_inputs(request.outs, request.assignment)
        choices = choose(inputs, prefer)
        if choices.undecided:
            return _refusal(choices)
        inputs = tuple(sorted(inputs, key=lambda one: one.out != prefer))  # the preferred one comes first
        with _new_folder(request.out) as folder:
            notes = _write(folder, name, inputs, choices, preferred=prefer is not None)
    return MergeOutcome(tuple(map(printable, (*_summary(request, choices), *notes, *_nobodys(inputs)))))


def _check(request: MergeRequest) -> Path | None:
    """Refuse what can't be meant; return the preferred folder as it stands among the others."""
    places = [out.resolve() for out in request.outs]
    for out, place in zip(request.outs, places, strict=True):
        if not place.is_dir():
            raise GradeError(f"{out} is not there.", "Give folders that `autograder grade` wrote.")
    if len(places) < 2 or len({*places}) < len(places):
        raise GradeError("There is nothing to merge.", "Give two folders or more, each once.")
    if request.out.exists() and (not request.out.is_dir() or any(request.out.iterdir())):
        raise GradeError(f"{request.out} is there already.", "Merge into a folder that isn't there yet.")
    if request.prefer is None:
        return None
    if request.prefer.resolve() not in places:
        raise GradeError(f"{request.prefer} is none of the folders to merge.", "Give one of them with --prefer.")
    return request.outs[places.index(request.prefer.resolve())]


def _refusal(choices: Choices) -> MergeOutcome:
    """Return what has to be decided."""
    lines = [one.sentence for one in choices.undecided]
    count = f"{len(lines)} conflict{'s' * (len(lines) > 1)}"
    last = f"{count}, and nothing was written: --prefer OUT says which folder is right, or mend one of them first."
    return MergeOutcome(tuple(map(printable, (*lines, last))), len(lines))


@contextmanager
def _new_folder(out: Path) -> Iterator[Path]:
    """Yield a folder beside the new one, and move it into its place when all went well."""
    partial = out.with_name(f".{out.name}.part")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        yield partial
        partial.replace(out)
    except OSError as error:
        raise GradeError(f"{out} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write(
    folder: Path, name: str, inputs: tuple[MergeInput, ...], choices: Choices, *, preferred: bool
) -> tuple[str, ...]:
    """Write everything into a folder; return what a person should know of it."""
    notes = write_merged(folder, name, inputs, choices, preferred=preferred)
    books = {
        one.out / "gradebook.db": tuple(student for student, own in choices.inputs.items() if own is one)
        for one in inputs
    }
    given = {student: choices.given.get(student, {}) for student in choices.inputs}
    write_gradebook(folder / "gradebook.db", books, name, given)
    if choices.joined:
        write_feedback_again(folder, read_class(folder, name), set(choices.joined))
    return notes


def _nobodys(inputs: tuple[MergeInput, ...]) -> Iterator[str]:
    """Yield whose marks were left where they are: the folder has no result that they are about."""
    for one in inputs:
        names = sorted(one.given.keys() - one.results.keys())
        if names:
            yield f"Marks in {one.out} without a result there were not taken over: {', '.join(names)}."


def _summary(request: MergeRequest, choices: Choices) -> Iterator[str]:
    """Yield what was put together."""
    counts = Counter(str(one.out) for one in choices.inputs.values())
    parts = ", ".join(f"{counts[str(out)]} from {out}" for out in request.outs)
    yield f"{len(choices.inputs)} students: {request.out} ({parts})"
    if choices.conflicts:
        yield f"Conflicts that --prefer decided: {len(choices.conflicts)}"
        for one in choices.conflicts:
            yield f"  {one.sentence}"
    if choices.joined:
        yield f"Marks of several folders stand together for {len(choices.joined)} students; their pages say so now."
