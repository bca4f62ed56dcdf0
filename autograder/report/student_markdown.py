"""A student's Markdown and mathematics as HTML: nothing in it runs, loads or links."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

from markupsafe import Markup, escape

from autograder.log import log_suppressed
from autograder.report.safe_html import MATHEMATICS, clean_html

__all__ = ["render_answer"]

_MOST_CHARACTERS = 8000
"""Longer texts stand as they were typed: a parser could be kept busy."""
_MOST_FORMULA = 400
_MOST_BRACES = 30
_NESTED = re.compile(r"^[\s>*+\-\d.)]{50}", re.MULTILINE)
"""What is deep in quotations and lists: a parser leaves it out from some depth on."""


def render_answer(words: str) -> Markup:
    """Return a student's words as clean HTML: Markdown, and LaTeX between `$` or `$$` as MathML.

    HTML in them is text. What is too long, or what no parser takes, stands as it was typed.
    """
    if len(words) <= _MOST_CHARACTERS and not _NESTED.search(words):
        try:
            return clean_html(_parser().render(words), mathematics=True)
        except Exception as error:  # noqa: BLE001 - whatever a parser raises, a page is to be written
            log_suppressed(error)
    return Markup('<p class="typed">{}</p>').format(words)


@cache
def _parser() -> Any:
    """Return a parser of Markdown that takes no HTML; links and pictures stay as they were typed."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 100}).enable("table")
    parser.disable(["link", "image", "autolink", "reference"])
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    parser.add_render_rule("math_inline", _inline)
    parser.add_render_rule("math_inline_double", _block)
    parser.add_render_rule("math_block", _block)
    return parser


def _inline(_: Any, tokens: Any, index: int, *_rest: Any) -> str:
    """Return a formula in a line."""
    return _mathematics(tokens[index].content)


def _block(_: Any, tokens: Any, index: int, *_rest: Any) -> str:
    """Return a formula of its own."""
    return f"<p>{_mathematics(tokens[index].content)}</p>"


def _mathematics(formula: str) -> str:
    """Return a formula as MathML; as code where it is none."""
    if len(formula) <= _MOST_FORMULA and formula.count("{") <= _MOST_BRACES:
        try:
            from latex2mathml.converter import convert

            mathml = str(convert(formula))
            elements = list(ET.fromstring(mathml).iter())  # noqa: S314 - no entity is declared inside `math`
            if all(one.tag.rpartition("}")[2] in MATHEMATICS and "href" not in one.attrib for one in elements):
                return mathml
        except Exception as error:  # noqa: BLE001 - whatever the parser raises, the formula is to be read
            log_suppressed(error)
    return f"<code>{escape(formula)}</code>"
