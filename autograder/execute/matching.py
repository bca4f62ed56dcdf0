"""Find an assignment's cells in a student's notebook: by id, by text, and by place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from nbformat import NotebookNode

from autograder.assignment.cells import grade_id
from autograder.assignment.names import names_if_python
from autograder.assignment.placeholders import OTTER_COMMENT, evened, is_placeholder, without_placeholder
from autograder.assignment.plan import AssignmentPlan, PlannedCell

__all__ = [
    "Matches",
    "assigns_name",
    "is_otters",
    "match_answers",
    "match_cells",
    "wanted_names",
    "without_otters_lines",
]

_LEAST_SHARE = 0.6
"""Of a given cell's words: with fewer of them a cell is no copy of it that a student changed."""
_ANSWER_TAG = "otter_answer_cell"
_OTTER_LINE = re.compile(
    r"[ \t]*(?:import otter|grader = otter\.Notebook\(.*\)|grader\.(?:check|check_all|export)\(.*\)"
    r"|# Initialize Otter|# Save your notebook first, then run this cell to export your submission\.)[ \t]*"
)
_OTTER_TEXT = re.compile(
    r"## Submission\s+Make sure you have run all cells in your notebook in order"
    r".{0,400}?\*\*Please save before exporting!\*\*",
    re.DOTALL,
)
_OTTER_CODE = "grader"


@dataclass
class Matches:
    """Where an assignment's cells stand in a student's notebook.

    Attributes:
        places: for each cell that was found, by its id, where it stands; in order, several where it was split.
        copies: further copies of a cell, by place: which cell they are copies of.
        in_parts: answers of code that stand in several cells, each with how many.
        by_id: the cells that were found by their ids.
    """

    places: dict[str, tuple[int, ...]] = field(default_factory=dict)
    copies: dict[int, str] = field(default_factory=dict)
    in_parts: dict[str, int] = field(default_factory=dict)
    by_id: frozenset[str] = frozenset()

    @property
    def used(self) -> set[int]:
        """Every place that is an assignment's cell, or a copy of one."""
        return {place for places in self.places.values() for place in places} | self.copies.keys()

    def place_of(self, name: str) -> int | None:
        """Return where a cell stands: its last part, where it was split."""
        return self.places[name][-1] if name in self.places else None


def match_cells(cells: Sequence[NotebookNode], plan: AssignmentPlan) -> Matches:
    """Return where the assignment's given cells and tests stand, and the answers that have an id.

    `match_answers` finds the others.
    """
    managed = [cell for cell in plan.cells if cell.grade_id]
    matches = Matches()
    _match_ids(cells, managed, matches)
    matches.by_id = frozenset(matches.places)
    _match_texts(cells, managed, matches)
    _match_changed(cells, managed, matches)
    return matches


def _match_ids(cells: Sequence[NotebookNode], managed: Sequence[PlannedCell], matches: Matches) -> None:
    """Find cells by their ids."""
    with_id: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        with_id.setdefault(grade_id(cell), []).append(index)
    for planned in managed:
        if places := with_id.get(planned.grade_id):
            is_given = planned.kind in ("given", "test")
            chosen = (_given_places if is_given else _answer_places)(cells, places, planned)
            if planned.kind == "solution" and len(chosen) > 1:
                # Parts before the last run before it, as cells of the student's own.
                matches.in_parts[planned.grade_id] = len(chosen)
                chosen = chosen[-1:]
            matches.places[planned.grade_id] = chosen
            matches.copies |= dict.fromkeys(set(places) - set(chosen), planned.grade_id)


def _given_places(cells: Sequence[NotebookNode], places: Sequence[int], planned: PlannedCell) -> tuple[int, ...]:
    """Return which cells with a given cell's id are that cell.

    It is the one that is like the release's, or all parts of it.
    """
    same = [place for place in places if evened(cells[place].source) == evened(planned.source)]
    if same:
        return (same[0],)
    whole = "\n".join(cells[place].source for place in places)
    if len(places) > 1 and evened(whole) == evened(planned.source):
        return tuple(places)
    return (max(places, key=lambda place: _share_of(planned, cells[place])),)


def _answer_places(cells: Sequence[NotebookNode], places: Sequence[int], planned: PlannedCell) -> tuple[int, ...]:
    """Return which cells with an answer's id are the answer.

    All that the student wrote in are, equal ones once.
    """
    written = [place for place in places if not is_placeholder(cells[place].source, planned.source)]
    last = {evened(cells[place].source): place for place in written}
    parts = tuple(sorted(last.values())) or (places[-1],)
    code = tuple(place for place in parts if cells[place].cell_type == "code")
    return code if planned.kind == "solution" and code else parts


def _match_texts(cells: Sequence[NotebookNode], managed: Sequence[PlannedCell], matches: Matches) -> None:
    """Find cells that still have the release's text.

    A text that several cells have is no sign: blank answers look alike.
    """
    keys = {planned.grade_id: _keys(planned) for planned in managed}
    often = Counter(key for own in keys.values() for key in own)
    free: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        if index not in matches.used:
            for key in {evened(cell.source), without_placeholder(cell.source)}:
                free.setdefault(key, []).append(index)
    for planned in managed:
        if planned.grade_id not in matches.places:
            places = [place for key in keys[planned.grade_id] if key and often[key] == 1 for place in free.get(key, ())]
            place = next((one for one in sorted(places) if one not in matches.used), None)
            if place is not None:
                matches.places[planned.grade_id] = (place,)


def _keys(planned: PlannedCell) -> set[str]:
    """Return the texts that a cell has in a release, nbgrader's or otter's."""
    if planned.kind == "test":
        return {evened(planned.source), f'{_OTTER_CODE}.check("{planned.grade_id}")'}
    return {evened(planned.source), *([without_placeholder(planned.source)] if planned.kind == "solution" else [])}


def _match_changed(cells: Sequence[NotebookNode], managed: Sequence[PlannedCell], matches: Matches) -> None:
    """Find given cells and tests that the student changed.

    They stand between their neighbours, and hold most of the release's words.
    """
    for position, planned in enumerate(managed):
        if planned.kind in ("given", "test") and planned.grade_id not in matches.places:
            gap = [i for i in _gap(cells, managed, position, matches) if cells[i].cell_type == planned.cell_type]
            best = max(gap, key=lambda index: _share_of(planned, cells[index]), default=None)
            if best is not None and _share_of(planned, cells[best]) >= _LEAST_SHARE:
                matches.places[planned.grade_id] = (best,)


def _share_of(planned: PlannedCell, cell: NotebookNode) -> float:
    """Return which share of a given cell's words a cell holds."""
    words = _pairs(planned.source)
    held = words & _pairs(cell.source)
    return held.total() / max(1, words.total())


def _pairs(text: str) -> Counter[tuple[str, str]]:
    """Return the pairs of neighbouring words of a text: single words stand in any text."""
    words = ["", *evened(text).split()]
    return Counter(pairwise(words))


def _gap(
    cells: Sequence[NotebookNode], managed: Sequence[PlannedCell], position: int, matches: Matches
) -> Iterator[int]:
    """Yield the cells that are free between the neighbours of one of the plan's that were found."""
    places, used = matches.places, matches.used
    before = [places[cell.grade_id][-1] for cell in managed[:position] if cell.grade_id in places]
    after = [places[cell.grade_id][0] for cell in managed[position + 1 :] if cell.grade_id in places]
    for index in range(max(before, default=-1) + 1, min(after, default=len(cells))):
        if index not in used and not is_otters(cells[index]):
            yield index


def match_answers(cells: Sequence[NotebookNode], plan: AssignmentPlan, matches: Matches) -> None:
    """Find the answers that carry no id, between what was found, by what the student wrote."""
    managed = [cell for cell in plan.cells if cell.grade_id]
    wanted = wanted_names(plan)
    for position, planned in enumerate(managed):
        if planned.kind not in ("solution", "written") or planned.grade_id in matches.places:
            continue
        gap = list(_gap(cells, managed, position, matches))
        tagged = [i for i in gap if _is_tagged(cells[i]) and _is_code(cells[i]) == (planned.kind == "solution")]
        if planned.kind == "solution":
            chosen = tuple(tagged[-1:]) or _solution(cells, gap, wanted[planned.grade_id])
        else:
            later = _answers_behind(managed, position, matches)
            chosen = (
                tuple(tagged[: len(tagged) - later or None]) if len(tagged) > later else _written(cells, gap, later)
            )
        if chosen:
            matches.places[planned.grade_id] = chosen


@lru_cache(maxsize=8)  # the same for a class
def wanted_names(plan: AssignmentPlan) -> dict[str, frozenset[str]]:
    """Return the names that each solution cell asks for."""
    wanted = {
        cell.grade_id: set(names_if_python(cell.source).assigned) for cell in plan.cells if cell.kind == "solution"
    }
    for test in plan.tests:
        for name, cell in zip(test.answers, test.asked_in, strict=True):
            if cell in wanted:
                wanted[cell].add(name)
    return {name: frozenset(names) for name, names in wanted.items()}


def _is_tagged(cell: NotebookNode) -> bool:
    """Return whether otter marks a cell as one to answer in."""
    tags = cell.metadata.get("tags") if isinstance(cell.metadata, Mapping) else None
    return isinstance(tags, list) and _ANSWER_TAG in tags


def _is_code(cell: NotebookNode) -> bool:
    """Return whether a cell is one of code."""
    return bool(cell.cell_type == "code")


def _answers_behind(managed: Sequence[PlannedCell], position: int, matches: Matches) -> int:
    """Return how many written answers that were not found follow at once: each needs a cell of its own."""
    count = 0
    for planned in managed[position + 1 :]:
        if planned.kind != "written" or planned.grade_id in matches.places:
            break
        count += 1
    return count


def _solution(cells: Sequence[NotebookNode], gap: Sequence[int], wanted: frozenset[str]) -> tuple[int, ...]:
    """Return the cell that assigns most of the names that are asked for.

    Of several it is the last; where no cell assigns one, the last cell of code.
    """
    assigns = {index: sum(assigns_name(cells[index].source, name) for name in wanted) for index in gap}
    best = max(reversed(gap), key=lambda index: assigns[index], default=None)
    if best is not None and assigns[best]:
        return (best,)
    return tuple([index for index in gap if _is_code(cells[index])][-1:])


def assigns_name(source: str, name: str) -> bool:
    """Return whether a cell's text assigns a name, by its looks: it may be no Python."""
    return re.search(rf"(?m)^[ \t]*(?:\w+ *[,=] *)*{re.escape(name)}\b[^=\n]*=(?!=)", source) is not None


def _written(cells: Sequence[NotebookNode], gap: Sequence[int], later: int) -> tuple[int, ...]:
    """Return the cell with the answer: as it was given, else the longest of text.

    The last `later` cells are left for other answers.
    """
    for kind in ("markdown", "raw"):
        texts = [index for index in gap if cells[index].cell_type == kind]
        texts = texts[: len(texts) - later] or texts[:1]
        blank = [index for index in texts if cells[index].source.strip() and is_placeholder(cells[index].source)]
        if texts:
            return (blank[0] if blank else max(texts, key=lambda index: len(cells[index].source)),)
    return ()


def is_otters(cell: NotebookNode) -> bool:
    """Return whether a cell is otter's own, and nothing of the student's is in it."""
    source = cell.source
    return bool(source.strip()) and not evened(without_otters_lines(source, cell.cell_type))


def without_otters_lines(source: str, cell_type: str) -> str:
    """Return a cell's text without what otter puts into notebooks: its start, its checks, its export."""
    if cell_type == "markdown":
        return OTTER_COMMENT.sub("", _OTTER_TEXT.sub("", source)) if "<!--" in source or "##" in source else source
    if "otter" not in source and _OTTER_CODE not in source:
        return source
    return "\n".join(line for line in source.split("\n") if not _OTTER_LINE.fullmatch(line)).strip("\n")
