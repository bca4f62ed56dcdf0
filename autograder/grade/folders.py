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
_DIGITS = 16  # of a digest: with eight, a student finds an id that shares another's folder in an afternoon
_TAKEN = re.compile(rf".*-[0-9a-f]{{{_DIGITS}}}|(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.DOTALL | re.IGNORECASE)
"""Ids that look like the folder of another one, and names that Windows keeps for itself."""

_LEADING = ("-", "+", "@")
"""What a program takes for an option, and a spreadsheet, in which nbgrader's export ends, for a formula."""


def folder_name(student: str) -> str:
    """Return the name of a student's folder: the id itself where it is harmless.

    An id that has to be changed gets a part of its digest behind it, and so does one that looks as
    if it had: no two students share a folder.

    Args:
        student: any text.
    """
    safe = _UNSAFE.sub("_", unicodedata.normalize("NFC", student)).strip(" .")
    safe = safe.encode()[:MAX_BYTES].decode(errors="ignore")
    if safe and safe == student and not safe.startswith(_LEADING) and not _TAKEN.fullmatch(safe):
        return safe
    digest = hashlib.sha256(student.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]
    return f"{safe.lstrip('-+@') or 'student'}-{digest}"
