"""Take the plotting library out of pages that lie beside each other: one file holds it for all of them."""

from __future__ import annotations

import base64
import hashlib

from autograder.report.feedback.map_figures import library

__all__ = ["SharedLibrary"]

_QUOTE = "&#39;"
"""A quote in the policy, which is an attribute's value."""


class SharedLibrary:
    """The library as a file, and pages without it.

    Attributes:
        text: the library.
        name: its file's; it changes with the library, so that browsers may keep it.
    """

    def __init__(self) -> None:
        self.text = library()
        digest = hashlib.sha256(self.text.encode())
        self.name = f"bokeh-{digest.hexdigest()[:16]}.js"
        self._source = f"{_QUOTE}sha256-{base64.b64encode(digest.digest()).decode()}{_QUOTE}"

    def take_out(self, page: str, address: str) -> str:
        """Return a page that loads the library; as it is where it holds none, or another release's.

        Its policy allows scripts from its own server in place of the library's digest. Those on the page still need
        theirs.

        Args:
            page: as HTML.
            address: of the folder that the library lies in, as seen from the page, such as "../".
        """
        head, policy, rest = page.partition(self._source)
        inline = f"<script>{self.text}</script>"
        if not policy or inline not in rest:
            return page
        loaded = f'<script src="{address}{self.name}"></script>'
        return f"{head}{_QUOTE}self{_QUOTE}{rest.replace(inline, loaded, 1)}"
