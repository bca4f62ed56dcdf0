"""Let pages share the library that draws their maps: 1.3 MB in each of them otherwise."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache

from autograder.report.feedback.map_figures import library

__all__ = ["SharedLibrary", "share_library"]

_SCRIPTS = re.compile(r"script-src [^;\"]*")


@dataclass(frozen=True)
class SharedLibrary:
    """The library as a file.

    Attributes:
        name: it ends with a digest, so that another version is another file.
        text: its content.
    """

    name: str
    text: str


def share_library(page: str, *, above: str) -> tuple[str, SharedLibrary | None]:
    """Return a feedback page that loads the library, and the library; one that has none stays as it is.

    The page's policy then allows scripts of its own server beside those that stand in it, which are known by digest.

    Args:
        page: the page's HTML.
        above: the folder of the library's file, as seen from the page.
    """
    shared = _library()
    inline = f"<script>{shared.text}</script>"
    if page.count(inline) != 1:
        return page, None
    address = f'<script src="{above}/{shared.name}"></script>'
    head, _, rest = page.partition(inline)
    head = _SCRIPTS.sub(lambda policy: f"{policy[0].rstrip()} &#39;self&#39;", head, count=1)
    return f"{head}{address}{rest}", shared


@cache
def _library() -> SharedLibrary:
    """Return the library that pages of today have."""
    text = library()
    digest = hashlib.sha256(text.encode()).digest()
    return SharedLibrary(f"bokeh-{base64.b32encode(digest).decode()[:16].lower()}.js", text)
