"""HTML from what others wrote, with harmless elements only."""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from markupsafe import Markup

from autograder.log import log_suppressed
from autograder.texts import strip_controls

__all__ = ["MATHEMATICS", "InflatedError", "clean_html", "plain_text", "render_markdown"]

_TAGS = {
    *("p", "div", "span", "br", "hr", "blockquote", "pre", "code", "strong", "em", "b", "i", "del", "sub", "sup"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"),
}
"""Nothing that loads, runs, links, styles or takes input; headings would put themselves among the page's own."""

MATHEMATICS = {
    *("math", "mrow", "mi", "mo", "mn", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mpadded", "mphantom"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle"),
}
"""MathML that only shows something."""

_MOST_GROWTH = 6  # `&` becomes `&amp;`, and `<p>` gets its end
_LEAST_CHARACTERS = 1000
_HEADING = re.compile(r"<(/?)h[1-6]\b[^<>]*>", re.IGNORECASE)  # `<`: else many that don't end take long
_ANCHOR = re.compile(r'<a class="anchor-link"[^>]*>&#182;</a>')


class InflatedError(ValueError):
    """Some HTML becomes much longer when it is parsed: elements that aren't closed are opened again and again."""


def clean_html(html: str, *, mathematics: bool = False) -> Markup:
    """Return HTML without scripts, styles, links, pictures, forms, attributes; headings become bold lines.

    Args:
        html: any.
        mathematics: whether MathML stays.

    Raises:
        InflatedError: it becomes many times as long.
    """
    bold = _HEADING.sub(lambda tag: "</strong></p>" if tag[1] else "<p><strong>", html)
    tags = _TAGS | MATHEMATICS if mathematics else _TAGS
    clean = nh3.clean(bold, tags=tags, attributes={"*": set()}, strip_comments=True)
    if len(clean) > _MOST_GROWTH * len(bold) + _LEAST_CHARACTERS:
        raise InflatedError
    return Markup(clean)  # noqa: S704 - the sanitiser's


@lru_cache(maxsize=256)  # an assignment's own words are the same for a class
def render_markdown(text: str) -> Markup:
    """Return an instructor's Markdown as clean HTML; as typed where no parser takes it."""
    from nbconvert.filters.markdown import markdown2html  # a second to import

    try:
        return clean_html(_ANCHOR.sub("", markdown2html(text)))
    except Exception as error:  # noqa: BLE001 - whatever the parser and its plugins raise, a page is to be written
        log_suppressed(error)
        return Markup("<pre>{}</pre>").format(text)


def plain_text(text: str, most: int) -> str:
    """Return at most so many characters of a text, without colours and control characters."""
    plain = strip_controls(text)
    return plain if len(plain) <= most else f"{plain[:most]}…"
