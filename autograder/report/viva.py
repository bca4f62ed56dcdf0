"""Write a sheet for a short conversation: three questions about a student's own maps, with what is right in these maps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from autograder.checks.meanings import NEIGHBOURS
from autograder.files import write_file
from autograder.model import MapImages, StudentMap
from autograder.report.class_page.page import Tile
from autograder.report.class_records import ClassRecords, ReportError
from autograder.report.feedback.map_mistakes import find_mistakes
from autograder.report.templates import fill_template
from autograder.report.thumbnails import Painter, legend

__all__ = ["VivaQuestion", "viva_questions", "write_viva"]

_PICTURE_PIXELS = 420
_MOST_SHOWN = 4
_TOUCHING = 0.02
"""Of the neighbours of two groups' points: from this share on in the other group, the groups are said to touch."""


@dataclass(frozen=True)
class VivaQuestion:
    """A question about one map.

    Attributes:
        text: what to ask.
        answer: what the map shows.
        pictures: indices of images that belong to the question, to be shown.
    """

    text: str
    answer: str
    pictures: tuple[int, ...] = ()


def write_viva(records: ClassRecords, student: str, path: Path) -> None:
    """Write a student's sheet.

    Args:
        records: the class.
        student: the id.
        path: takes the page.

    Raises:
        ReportError: there is no such student, or no map of theirs.
    """
    entry = next((one for one in records.entries if one.student == student), None)
    if entry is None:
        raise ReportError(f"There is no result of a student {student!r}.", "`grades.csv` has everybody's id.")
    images = records.images
    if not entry.maps or images is None:
        raise ReportError(f"There is no map of {student!r}, so that there is nothing to ask about.")
    painter = Painter(images, _PICTURE_PIXELS, dot=4)
    page = fill_template(
        "viva",
        records=records,
        student=student,
        questions=viva_questions(entry.maps, images),
        pictures=images.pictures,
        thing=images.thing,
        tiles=[Tile(entry, drawn, painter.paint(drawn)) for drawn in entry.maps],
        legend=legend(images),
        size=painter.size,
    )
    path.parent.mkdir(exist_ok=True)
    write_file(path, page)


def viva_questions(maps: tuple[StudentMap, ...], images: MapImages) -> tuple[VivaQuestion, ...]:
    """Return three questions about a student's maps: single points, groups, and what may be concluded.

    Args:
        maps: one or more; the first is asked about most.
        images: what they are of.
    """
    return (_strays(maps[0], images), _borders(maps[0], images), _compared(maps, images))


def _strays(drawn: StudentMap, images: MapImages) -> VivaQuestion:
    """Ask about points that lie among another class."""
    mistakes = find_mistakes(drawn, images.labels)
    shown = mistakes[:_MOST_SHOWN]
    text = f'Show me {images.thing}s that lie among another class in your map "{drawn.title}". Why may they lie there?'
    if not mistakes:
        return VivaQuestion(text, "There are none in this map: no point has most of its neighbours in one other class.")
    told = "; ".join(f"{images.thing} {one.image} is {one.label}, among {one.among}" for one in shown)
    return VivaQuestion(
        text,
        f"{'There is one' if len(mistakes) == 1 else f'There are {len(mistakes)}, such as'}: {told}.",
        tuple(one.image for one in shown),
    )


def _borders(drawn: StudentMap, images: MapImages) -> VivaQuestion:
    """Ask which groups touch."""
    text = f'Which groups touch or mix most in your map "{drawn.title}", and which stands apart best? What does that tell you?'
    shares, own = _neighbours(drawn, images.labels)
    best = max(own, key=lambda name: own[name])
    apart = f"{best} stands apart best: {own[best]:.0%} of its points' {NEIGHBOURS} nearest neighbours are of its own class."
    touching = [(pair, share) for pair, share in shares.most_common(3) if share >= _TOUCHING]
    if not touching:
        return VivaQuestion(text, f"Hardly any groups touch in this map. {apart}")
    told = "; ".join(f"{one} and {other} ({share:.0%} of their neighbours)" for (one, other), share in touching)
    return VivaQuestion(text, f"Most: {told}. {apart}")


def _neighbours(drawn: StudentMap, labels: tuple[str, ...]) -> tuple[Counter[tuple[str, str]], dict[str, float]]:
    """Return the share of neighbours that two classes have in each other, by pair, and that each has in itself."""
    count = min(len(drawn.points), len(labels))
    names = np.asarray(labels[:count])
    points = np.asarray(drawn.points[:count], np.float64)
    near = max(1, min(NEIGHBOURS, count - 1))
    nearest = cKDTree(points).query(points, k=min(near + 1, count))[1].reshape(count, -1)[:, -near:]
    classes = sorted(set(labels[:count]))
    seen = {(one, other): float(np.mean(names[nearest[names == one]] == other)) for one in classes for other in classes}
    pairs = {(a, b): (seen[a, b] + seen[b, a]) / 2 for a in classes for b in classes if a < b}
    return Counter(pairs), {one: seen[one, one] for one in classes}


def _compared(maps: tuple[StudentMap, ...], images: MapImages) -> VivaQuestion:
    """Ask what differs between two maps; of one alone, how far it can be trusted."""
    first = maps[0]
    if len(maps) > 1:
        wrong = [{one.image: one.among for one in find_mistakes(drawn, images.labels)} for drawn in maps[:2]]
        both, moved = wrong[0].keys() & wrong[1].keys(), sorted(wrong[1].keys() - wrong[0].keys())
        text = f'What differs between your maps "{first.title}" and "{maps[1].title}"? Show me a point that lies otherwise.'
        answer = (
            f'{len(wrong[0])} points lie among another class in "{first.title}", {len(wrong[1])} in "{maps[1].title}", '
            f"{len(both)} in both."
        )
        told = "; ".join(f"{images.thing} {one} lies among {wrong[1][one]}" for one in moved[:_MOST_SHOWN])
        more = f' In "{maps[1].title}" alone: {told}.' if moved else ""
        return VivaQuestion(text, answer + more, tuple(moved[:_MOST_SHOWN]))
    text = "How much of what the values say does your map keep? May one read distances between far groups from it?"
    kept = (
        "It can't be told what the map keeps."
        if first.fidelity is None
        else (
            f"Of each {images.thing}'s {NEIGHBOURS} nearest neighbours in the values, the map keeps {first.fidelity:.0%}."
        )
    )
    return VivaQuestion(
        text, f"{kept} t-SNE keeps near neighbours; distances between far groups and their sizes say little."
    )
