"""Show maps and written answers on Gradescope: pictures beside the checks, words where people mark."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import escape
from typing import Any

from autograder.execute.engine import Result
from autograder.log import logged_suppress
from autograder.model import MapImages, StudentMap
from autograder.report.thumbnails import COLOURS, Painter
from autograder.report.written_text import WrittenText, answers_of
from autograder.texts import replace_surrogates

__all__ = ["show_more"]

_PIXELS = 280  # of a map's width, in dots of three
_MOST_BYTES = 2**20  # of pictures in written answers, together
_FRAME = 'style="border:1px solid #ccc;background:#fff"'


def show_more(record: dict[str, Any], graded: Result, images: MapImages | None) -> dict[str, Any]:
    """Return a `results.json` with maps as pictures, and with what the student wrote.

    A map or an answer that can't be shown costs no result: the record stays as it was.

    Args:
        record: as `results_json` makes it.
        graded: what came of the submission.
        images: what the maps are of; None where nobody knows.
    """
    with logged_suppress(Exception):
        maps = {one.check: one for one in graded.maps}
        painter = Painter(images, _PIXELS, dot=3)
        tests = [_with_map(test, maps.get(test["name"]), painter, images) for test in record["tests"]]
        return {**record, "tests": [*tests, *_answers(graded)]}
    return record


def _with_map(
    test: dict[str, Any], drawn: StudentMap | None, painter: Painter, images: MapImages | None
) -> dict[str, Any]:
    """Return a test with the map that it is about, and the grader's own beside it."""
    if drawn is None:
        return test
    layer = f" of {escape(drawn.layer)}" if drawn.layer else ""
    pictures = [(painter.paint(drawn), f"your map{layer}")]
    if drawn.reference:
        own = painter.paint(replace(drawn, points=drawn.reference))
        pictures.append((own, f"the grader's map{layer}, turned to lie like yours"))
    figures = "".join(
        f'<figure style="display:inline-block;margin:4px"><img src="{source}" width="{_PIXELS}" height="{_PIXELS}" '
        f'alt="{words}" {_FRAME}><figcaption>{words[:1].upper()}{words[1:]}</figcaption></figure>'
        for source, words in pictures
    )
    html = f"<p>{escape(test['output'])}</p>{figures}{_legend(images)}"
    return test | {"output": html, "output_format": "html"}


def _legend(images: MapImages | None) -> str:
    """Return which colour each class has; nothing for more classes than there are colours."""
    classes = images.classes if images else ()
    if not 0 < len(classes) <= len(COLOURS):
        return ""
    entries = (
        f'<span style="color:{colour}">&#9632;</span> {escape(name)}'
        for name, colour in zip(classes, COLOURS, strict=False)
    )
    return f"<p>{' &nbsp; '.join(entries)}</p>"


def _answers(graded: Result) -> Iterator[dict[str, Any]]:
    """Yield what the student wrote, one entry for each written answer: a person marks it, so that it has no score."""
    answers: Mapping[str, tuple[WrittenText, ...]] = {}
    if graded.executed is not None:
        answers = answers_of(json.loads(graded.executed)["cells"])
    room = _MOST_BYTES
    for name, texts in answers.items():
        parts = list[str]()
        for text in texts if name not in graded.blank else ():
            where = f"<p><em>{escape(text.where[:1].upper() + text.where[1:])}:</em></p>" if text.where else ""
            parts.append(f'{where}<blockquote style="white-space:pre-wrap">{escape(text.words)}</blockquote>')
            for number, picture in enumerate(text.pictures, start=1):
                shown = f"Picture {number} is too large to be shown here."
                if len(picture) <= room:
                    room -= len(picture)
                    shown = f'<img src="{picture}" alt="picture {number}" style="max-width:100%">'
                parts.append(f"<p>{shown}</p>")
        yield {
            "name": replace_surrogates(name),
            "output": replace_surrogates("".join(parts)) or "<p>No answer.</p>",
            "output_format": "html",
            "visibility": "visible",
        }
