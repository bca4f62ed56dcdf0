"""Canvas's download: `lovelaceada_LATE_4711_9301_homework-1.ipynb`.

Each name has a user's id and an attachment's. Canvas takes numbers between underscores out of
people's names (canvas-lms, lib/content_zipper.rb), so that the first two are its own, whatever
the student called the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.collect.records import HandIn, Interpretation, Node

__all__ = ["Canvas"]

_ID = r"[1-9]\d*"
_FILE = re.compile(
    rf"(?P<first>LATE_)?(?:(?P<anonymous>anon_(?P<late>LATE_)?[A-Za-z0-9]{{5}})|(?P<name>.+?)_(?P<second>LATE_)?(?P<id>{_ID}))"
    rf"_(?P<attachment>{_ID})_(?P<file>.+)",
    re.DOTALL,
)
_ENTRY = re.compile(
    rf"(?P<first>LATE_)?(?:(?P<anonymous>anon_(?P<late>LATE_)?[A-Za-z0-9]{{5}})|(?P<name>.+?)_(?P<second>LATE_)?(?P<id>{_ID}))"
    r"_(?:(?P<question>question_\d+_\d+_)|(?P<kind>text|link)(?:-\d+)?\.html)",
    re.DOTALL,
)
_ENTRIES = {"text": "a text entry", "link": "a link"}
_LEAST = 100
"""Attachments' ids are higher, or the numbers are somebody's own: a site's first files were long ago."""
_LEAST_OF_NAMESAKES = 1000
"""Where all names are one, people are namesakes, or the name is the task's; then numbers are small."""


class Canvas:
    """Read the names of Canvas's Download Submissions."""

    name = "canvas"
    title = "Canvas"
    dated = False

    def read(self, entries: Sequence[Node], assignment: str) -> Interpretation:
        """Read all names; two numbers in each are not enough to be Canvas's."""
        files = [(node, match) for node in entries if not node.is_folder and (match := _FILE.fullmatch(node.name))]
        if not _are_ids([match for _, match in files], assignment):
            files = []
        named = {node.place for node, _ in files}
        rest = [node for node in entries if not node.is_folder and node.place not in named]
        texts = [(node, match) for node in rest if (match := _ENTRY.fullmatch(node.name)) and match["kind"]]
        return Interpretation(
            (
                *(_hand_in(node, match, match["file"], int(match["attachment"])) for node, match in files),
                *(_hand_in(node, match, "", 0, _ENTRIES[match["kind"]]) for node, match in texts),
            )
        )


def _hand_in(node: Node, match: re.Match[str], file: str, rank: int, entry: str = "") -> HandIn:
    """Return what one name says."""
    anonymous = match["anonymous"]
    student = anonymous.replace("LATE_", "") if anonymous else f"{match['name']}_{match['id']}"
    late = any(match[group] for group in ("first", "second", "late"))
    return HandIn((student,), node, file, rank=rank, late=late, entry=entry)


def _are_ids(matches: Sequence[re.Match[str]], assignment: str) -> bool:
    """Return whether the numbers in names are ids of a site, each user's with one name.

    They may be somebody's own: in `lab_3_101_ada` and `lab_3_102_bob` the name and the first number
    are the task's.
    """
    if not matches or max(int(match["attachment"]) for match in matches) < _LEAST:
        return False
    if any(match["anonymous"] for match in matches):
        return True
    people = {(match["name"], match["id"]) for match in matches}
    if len(matches) > 1 and len({name for name, _ in people}) == 1:
        files = {_stem(match["file"]) for match in matches}
        large = min(int(match["attachment"]) for match in matches) >= _LEAST_OF_NAMESAKES
        return len(files) == 1 or any(assignment in file for file in files) or (len(people) > 1 and large)
    ids = {number for _, number in people}
    return len(people) - len(ids) <= len(ids) / 2


def _stem(file: str) -> str:
    """Return a file's name without its ending and without the number of a later attempt."""
    return re.sub(r"(?:-\d+)?(?:\.[^.]*)?$", "", file)
