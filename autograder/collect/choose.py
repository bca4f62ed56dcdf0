"""Choose the notebook that counts among all that one student handed in, and say why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.collect.kinds import handed_in_as, notebook_stem
from autograder.collect.litter import is_checkpoint, litter_of
from autograder.collect.records import FileKind, HandIn, Node
from autograder.collect.times import sort_key
from autograder.log import log_suppressed
from autograder.model import Submission

__all__ = ["Choice", "HoldsCells", "choose", "walk_own"]

HoldsCells = Callable[[Path], bool]
"""Return whether a notebook holds cells of the assignment; OSError where it can't be read."""

_ASK = "Ask for the notebook itself, the .ipynb file."
_LOOK = "so that a person has to look"
_MOST_NAMED = 5


@dataclass(frozen=True)
class Choice:
    """What counts of one student's work.

    Attributes:
        submission: for the grader.
        kinds: what each file of the student's is, by place, and why.
    """

    submission: Submission
    kinds: Mapping[str, tuple[FileKind, str]]


@dataclass(frozen=True)
class _Candidate:
    """A notebook, and what speaks for it."""

    node: Node
    hand_in: HandIn
    named: bool
    holds: bool
    attempt: tuple[float, int]

    @property
    def fits(self) -> bool:
        """Whether it is the assignment's, by its name or by its cells."""
        return self.named or self.holds

    @property
    def age(self) -> tuple[int, int]:
        """Order the notebooks of one hand-in: time of change, then `homework-2` behind `homework-1`."""
        number = re.search(r"[-_ (](\d+)\)?$", notebook_stem(self.name) or "")
        return int(self.node.changed), int(number[1][:9]) if number else 0

    @property
    def name(self) -> str:
        """The name that the student knows."""
        return self.hand_in.original if self.node is self.hand_in.node and self.hand_in.original else self.node.name


def choose(
    student: str, hand_ins: Sequence[HandIn], assignment: str, holds: HoldsCells | None = None, *, dated: bool = False
) -> Choice:
    """Choose one student's notebook.

    Of several, those with the assignment's name or cells come first. Of these the latest attempt
    counts, where the convention knows attempts; then the one with the name; then the one with the
    cells; then the last one.

    Args:
        student: whose work it is.
        hand_ins: all of it.
        assignment: the assignment's name.
        holds: tells the assignment's notebooks by their cells; asked only where there are several.
        dated: whether the convention writes times.
    """
    hand_ins = sorted(hand_ins, key=lambda one: one.node.place)
    kinds = _kinds(hand_ins)
    candidates = _candidates(hand_ins, assignment, holds)
    if not candidates:
        last = max(hand_ins, key=lambda one: (sort_key(one.when), one.rank, one.node.place))
        return Choice(Submission(student, assignment, None, *_why_not(hand_ins, last), *_when(last)), kinds)
    best = max(candidates, key=_order)
    why = _reason(best, candidates, dated=dated)
    for one in candidates:
        earlier = one.attempt < best.attempt and dated
        kinds[one.node.place] = ("earlier", "an earlier attempt") if earlier else ("other", "another notebook")
    kinds[best.node.place] = ("notebook", why)
    notes = [f"{len(candidates)} notebooks were handed in: {best.name!r} counts: {why}."] if len(candidates) > 1 else []
    notes += [f"{node.name!r} {node.fault}." for node in _faulty_notebooks(hand_ins)]
    origin, note = best.node.place, " ".join(notes)
    return Choice(Submission(student, assignment, best.node.path, origin, note, *_when(best.hand_in)), kinds)


def _when(hand_in: HandIn) -> tuple[str, bool | None]:
    """Return when one attempt was handed in, "" where nobody says; and whether it is marked as late."""
    return hand_in.when.isoformat() if hand_in.when else "", hand_in.late


def walk_own(node: Node) -> Iterator[tuple[Node, str]]:
    """Yield what lies at and below a student's file or folder, each with the program whose litter it is.

    It is "" for what is no litter.
    """
    waiting: list[tuple[Node, str]] = [(node, "")]
    while waiting:
        current, litter = waiting.pop()
        yield current, litter
        waiting += [(child, litter or litter_of(child, current)) for child in reversed(current.children)]


def _kinds(hand_ins: Sequence[HandIn]) -> dict[str, tuple[FileKind, str]]:
    """Return what each file is but for the choice among notebooks."""
    return {node.place: _kind(node, litter, hand_in) for hand_in in hand_ins for node, litter in walk_own(hand_in.node)}


def _kind(node: Node, litter: str, hand_in: HandIn) -> tuple[FileKind, str]:
    """Return what one file is."""
    if litter:
        return "litter", litter
    if node.fault:
        return "refused", node.fault
    if node.is_folder:
        return "folder", ""
    if node.children:
        return "archive", "was opened"
    if hand_in.entry:
        return "entry", hand_in.entry
    return "attachment", handed_in_as(node.name)


def _candidates(hand_ins: Sequence[HandIn], assignment: str, holds: HoldsCells | None) -> list[_Candidate]:
    """Return the notebooks that may count."""
    wanted = assignment.casefold()
    notebooks = [
        (node, hand_in)
        for hand_in in hand_ins
        for node, litter in walk_own(hand_in.node)
        if not litter and _is_notebook(node) and node.path is not None and not node.fault
    ]
    return [
        _Candidate(
            node,
            hand_in,
            named=wanted in _Candidate(node, hand_in, named=False, holds=False, attempt=(0, 0)).name.casefold(),
            holds=len(notebooks) == 1 or holds is None or _holds(holds, node.path),
            attempt=(sort_key(hand_in.when), hand_in.rank),
        )
        for node, hand_in in notebooks
        if node.path is not None
    ]


def _holds(holds: HoldsCells, path: Path) -> bool:
    """Return whether a notebook holds the assignment's cells; not where it can't be read."""
    try:
        return holds(path)
    except OSError as error:
        log_suppressed(error)
        return False


def _order(one: _Candidate) -> tuple[object, ...]:
    """Return what the best candidate has most of.

    Attachments without a time may be of one attempt: their names come first.
    """
    time, rank = one.attempt
    return one.fits, time, one.named, one.holds, rank, one.age, one.name, one.node.place


def _reason(best: _Candidate, candidates: Sequence[_Candidate], *, dated: bool) -> str:
    """Say in words why the best one counts: what it has more of than each that was its equal until then."""
    if len(candidates) == 1:
        return "the only notebook"
    rivals = [one for one in candidates if one is not best and one.fits == best.fits]
    if dated and any(one.hand_in.when is None for one in (best, *rivals)) and rivals:
        return f"which one is the last can't be told from the times, {_LOOK}"
    criteria: tuple[tuple[Callable[[_Candidate], object], str], ...] = (
        (lambda one: one.fits, "it alone has the assignment's name or cells"),
        (lambda one: one.attempt[0], "it is the last attempt"),
        (lambda one: one.named, "it has the assignment's name"),
        (lambda one: one.holds, "it holds the assignment's cells"),
        (lambda one: one.attempt[1], "it was handed in last"),
        (lambda one: one.age, "it is the last one"),
    )
    rivals = [one for one in candidates if one is not best]
    for value, why in criteria:
        rivals = [one for one in rivals if value(one) == value(best)]
        if not rivals:
            return why
    return f"which one is the last can't be told, {_LOOK}"


def _is_notebook(node: Node) -> bool:
    """Return whether a name is a notebook's, and no editor's copy of one."""
    return not node.is_folder and notebook_stem(node.name) is not None and not is_checkpoint(node.name)


def _faulty_notebooks(hand_ins: Sequence[HandIn]) -> list[Node]:
    """Return the notebooks that can't be read."""
    own = (pair for hand_in in hand_ins for pair in walk_own(hand_in.node))
    return [node for node, litter in own if node.fault and not litter and _is_notebook(node)]


def _why_not(hand_ins: Sequence[HandIn], attempt: HandIn) -> tuple[str, str]:
    """Return the place of what was handed in, and why there is no notebook in it, the last attempt at the head."""
    last = attempt.node
    own = [pair for hand_in in hand_ins for pair in walk_own(hand_in.node)]
    faults = [f"{node.name!r} {node.fault}" for node, litter in own if node.fault and not litter]
    if faults:
        return last.place, f"{last.name!r} holds no notebook that can be read: {_listed(faults)}. {_ASK}"
    files = [(node, litter) for node, litter in own if not node.is_folder]
    entries = {one.node.place: one.entry for one in hand_ins if one.entry}
    parts = [
        f"{node.name!r} ({entries.get(node.place) or handed_in_as(node.name)})" for node, litter in files if not litter
    ]
    parts = parts or [f"{node.name!r} ({litter})" for node, litter in files]
    there = f", but {_listed(parts)}" if parts else ": nothing is in it"
    return last.place, f"{last.name!r} holds no notebook{there}. {_ASK}"


def _listed(parts: Sequence[str]) -> str:
    """Return the first few of many parts of a sentence."""
    more = f" and {len(parts) - _MOST_NAMED} more" if len(parts) > _MOST_NAMED else ""
    return "; ".join(parts[:_MOST_NAMED]) + more
