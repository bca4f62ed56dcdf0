"""Names that people chose, made safe as the name of one folder."""

from __future__ import annotations

import hashlib
import re
import unicodedata

__all__ = ["folder_name"]

MAX_BYTES = 120
"""Well under the 255 bytes that file systems allow: paths hold the name twice, and browsers quote it."""

_UNSAFE = re.compile(r"[^\w .,@()'+-]")
"""Everything but letters and digits of any alphabet and a few harmless signs: no slash, no control, no glob sign."""
_LEADING = ("-", "+", "@")
"""What a program takes for an option, and a spreadsheet, in which nbgrader's export ends, for a formula."""


def folder_name(student: str) -> str:
    """Return the name of a student's folder: the id itself where it is harmless.

    An id that has to be changed gets a part of its digest behind it, so that no two students share a folder.

    Args:
        student: any text.
    """
    safe = _UNSAFE.sub("_", unicodedata.normalize("NFC", student)).strip(" .")
    safe = safe.encode()[:MAX_BYTES].decode(errors="ignore")
    if safe and safe == student and not safe.startswith(_LEADING):
        return safe
    return f"{safe.lstrip('-+@') or 'student'}-{hashlib.sha256(student.encode(errors='surrogatepass')).hexdigest()[:8]}"
