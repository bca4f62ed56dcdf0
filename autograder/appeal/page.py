"""Show an explanation as a page of its own: it loads nothing, and shows no hidden test."""

from __future__ import annotations

from autograder.appeal.explain import Explanation
from autograder.appeal.lines import verdict_words
from autograder.report.feedback.map_figures import STAY, draw_maps, library
from autograder.report.templates import fill_template
from autograder.totals import total_of

__all__ = ["render_explanation"]


def render_explanation(explanation: Explanation) -> str:
    """Return an explanation as HTML, each map beside the grader's own."""
    drawn = [check.drawn for check in explanation.checks if check.drawn is not None]
    maps = draw_maps(drawn, explanation.images)
    result, plain = explanation.result, explanation.plain
    return fill_template(
        "explanation",
        "feedback",
        [library(), STAY, maps.script] if maps.script else (),
        title=explanation.title,
        result=result,
        total=total_of(result),
        checks=explanation.checks,
        pairs={pair.drawn.check: pair for pair in maps.pairs},
        images=explanation.images,
        note=explanation.note,
        plain=() if plain is None else tuple(verdict_words(plain, result.checks)),
        receipt=result.receipt,
    )
