"""Clean a student's HTML and Markdown, which formgrader and nbgrader's feedback put into their pages.

Upstream, `HTMLExporter.sanitize_html` doesn't reach the Markdown of nbgrader's own templates, and drops headings and tables.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

__all__ = ["FILTERS", "clean_html", "clean_markdown"]

FILTERS = {
    name: f"{__name__}.{function}"
    for name, function in (("clean_html", "clean_html"), ("markdown2html", "clean_markdown"))
}
"""nbconvert's filters by name, and what stands in for them."""

_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl", "dt", "em", "hr"),
    *("i", "h1", "h2", "h3", "h4", "h5", "h6", "img", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "summary"),
    *("sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
}
_ATTRIBUTES = {"*": {"class", "alt", "title", "colspan", "rowspan"}, "a": {"href"}, "img": {"src"}}
"""No `id`: it could stand for a part of the page itself."""
_MOST_GROWTH = 6  # `&` becomes `&amp;`, and links get what keeps them harmless
_LEAST_CHARACTERS = 1000
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")


def clean_html(html: str | bytes) -> str:
    """Return HTML without anything that a browser would run, or fetch; as text where it would fill the page."""
    text = html.decode(errors="replace") if isinstance(html, bytes) else str(html)
    clean = nh3.clean(
        text,
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )
    # Elements that aren't closed are opened again and again: 16 KB can become 16 MB.
    return clean if len(clean) <= _MOST_GROWTH * len(text) + _LEAST_CHARACTERS else f"<pre>{escape(text)}</pre>"


@pass_context
def clean_markdown(context: Context, source: str) -> str:
    """Return Markdown as HTML with pasted pictures, and nothing that a browser would run or fetch."""
    cell: Any = context.get("cell", {})
    renderer = IPythonRenderer(escape=False, attachments=cell.get("attachments", {}))
    return clean_html(MarkdownWithMath(renderer=renderer).render(source))


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value, or None where it goes: pictures carry bytes, and links do not."""
    if tag == "img" and name == "src":
        return value if _PICTURE.fullmatch(value) else None
    if tag == "a" and name == "href":
        return None if value.strip().lower().startswith("data:") else value
    return value
