"""The class page: one HTML file for those who teach."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from autograder.accuracy import Accuracy, Figure
from autograder.checks.meanings import Diagnosis
from autograder.files import write_file
from autograder.lateness import cost_in_words
from autograder.model import StudentMap
from autograder.report.class_page.attention import alike_answers, equal_maps, needs_attention
from autograder.report.class_page.changes import compare
from autograder.report.class_page.late import late_rows
from autograder.report.class_page.tallies import layer_tallies, left_out, mark_tallies, mistakes, scores, tally_checks
from autograder.report.class_records import ClassRecords, Entry
from autograder.report.templates import fill_template
from autograder.report.thumbnails import Painter, legend

__all__ = ["FORMGRADER", "Tile", "gallery", "how_right", "render_class_page", "write_class_page"]

FORMGRADER = "http://localhost:8888/formgrader"
"""Where Jupyter shows nbgrader's formgrader, unless port 8888 is taken or Jupyter was told another."""

THUMBNAIL_PIXELS = 88
"""Two thousand such pictures are three megabytes of page."""

_CONSEQUENT_DIAGNOSES = (Diagnosis.MISSING,)
"""Diagnoses that are no mistake of their own: mostly an earlier one kept the answer from being made."""


@dataclass(frozen=True)
class Tile:
    """One map in the gallery.

    Attributes:
        entry: whose it is.
        drawn: the map.
        picture: a `data:` address.
    """

    entry: Entry
    drawn: StudentMap
    picture: str


def write_class_page(records: ClassRecords, path: Path) -> None:
    """Write the class page; a reader meets the old one or the new one."""
    write_file(path, render_class_page(records))


def render_class_page(records: ClassRecords) -> str:
    """Return the class page of a class with at least one student."""
    painter = Painter(records.images, THUMBNAIL_PIXELS, dot=2)
    entries = records.entries
    tallies = mistakes(entries)
    look_groups = needs_attention(entries)
    graded_before = any(result.assignment == records.assignment for result in records.previous)
    return fill_template(
        "class",
        records=records,
        scores=scores(entries),
        checks=tally_checks(entries),
        mistakes=[mistake for mistake in tallies if mistake.diagnosis not in _CONSEQUENT_DIAGNOSES],
        unanswered=[mistake for mistake in tallies if mistake.diagnosis in _CONSEQUENT_DIAGNOSES],
        left_out=left_out(entries),
        looks=look_groups,
        look_count=len({look.entry.student for group in look_groups for look in group.looks}),
        equal_maps=equal_maps(entries),
        alike=alike_answers(entries, records.alike),
        changes=compare(records.previous, entries, records.assignment) if graded_before else None,
        layers=layer_tallies(entries),
        marks=mark_tallies(entries),
        late=late_rows(entries),
        dated=any(entry.result.late for entry in entries),
        cost=cost_in_words,
        gallery=gallery(records, painter),
        legend=legend(records.images),
        size=painter.size,
        large=painter.size > THUMBNAIL_PIXELS,
        thing=records.images.thing if records.images else "image",
        formgrader=FORMGRADER,
        quoted=shlex.quote(records.folder),
        how_right=how_right(records.accuracy) if records.accuracy else "",
        start=f"cd {shlex.quote(records.folder)}\njupyter notebook",
    )


def how_right(accuracy: Accuracy) -> str:
    """Return a sentence about how right the grader is."""
    accepted, caught, named = (_bounded(figure) for figure in (accuracy.accepted, accuracy.caught, accuracy.named))
    return (
        f"Of answers that were made to measure the grader on this network and its data, it accepted {accepted} right ones, "
        f"caught {caught} wrong ones, and named the mistake in {named} of these."
    )


def _bounded(figure: Figure) -> str:
    """Return a figure with its bounds."""
    low, high = figure.bounds
    return f"{figure.got} of {figure.of} (95% bounds: {low:.1%} to {high:.1%})"


def gallery(records: ClassRecords, painter: Painter) -> dict[str, tuple[Tile, ...]]:
    """Return the class's maps by title, each title's truest first, those of unknown fidelity last.

    Args:
        records: the class.
        painter: of their pictures.
    """
    tiles = [Tile(entry, drawn, painter.paint(drawn)) for entry in records.entries for drawn in entry.maps]
    tiles.sort(key=lambda tile: -1.0 if tile.drawn.fidelity is None else tile.drawn.fidelity, reverse=True)
    titles = sorted({tile.drawn.title for tile in tiles})
    return {title: tuple(tile for tile in tiles if tile.drawn.title == title) for title in titles}
