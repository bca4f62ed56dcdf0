"""What was collected, in sentences for the console and for the class page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograder.collect.records import CollectedFile, Collection
from autograder.texts import printable

__all__ = ["file_lines", "summary_lines", "unclear_lines"]

_MOST = 20
_KINDS = {
    "notebook": "notebooks that count",
    "earlier": "earlier attempts",
    "other": "other notebooks",
    "attachment": "attachments",
    "entry": "text or link entries and receipts",
    "archive": "archives that were opened",
    "folder": "folders",
    "course": "the course's own",
    "litter": "left behind by programs",
    "refused": "not read",
    "not understood": "not understood",
}


def summary_lines(collection: Collection) -> list[str]:
    """Return what was found, each a line."""
    kinds = Counter(file.kind for file in collection.files)
    without = [one for one in collection.submissions if one.notebook is None]
    counts = ", ".join(f"{_KINDS[kind]} {kinds[kind]}" for kind in _KINDS if kinds[kind])  # type: ignore[index]
    students = f"{len(collection.submissions)} student{'' if len(collection.submissions) == 1 else 's'}"
    lines = [
        f"{students}, read as {collection.convention}; {len(collection.files)} files and folders: {counts}.",
        *_listed("Students without a notebook", [f"{one.student}: {one.note}" for one in without]),
    ]
    return [*map(printable, lines), *unclear_lines(collection)]


def file_lines(collection: Collection) -> list[str]:
    """Return a line for each file and folder."""
    files = (file for file in collection.files if file.kind != "folder")
    return [
        printable(
            f"{file.path}: {file.student + ', ' if file.student else ''}{file.kind}"
            + "".join(f" ({part})" for part in (file.why, file.handed_in, file.late) if part)
        )
        for file in files
    ]


def unclear_lines(collection: Collection) -> list[str]:
    """Return what a person has to look at, each a line; none where everything is understood."""
    lines = [*collection.notes]
    top = _topmost(collection.not_understood)
    lines += _listed("Files and folders that are nobody's or can't be read", [f"{one.path}: {one.why}" for one in top])
    if collection.roster is not None:
        lines += _listed("Not on the class list", [f"{who}: {why}" for who, why in collection.roster.unmatched])
        lines += _listed("On the class list, and handed in nothing", collection.roster.missing)
    return [*map(printable, lines)]


def _topmost(files: Sequence[CollectedFile]) -> list[CollectedFile]:
    """Return the files that lie in no other one of them."""
    places = {file.path for file in files}
    return [file for file in files if not _lies_in(file.path, places)]


def _lies_in(path: str, places: set[str]) -> bool:
    """Return whether a folder above a path is among places."""
    while "/" in path:
        path = path.rpartition("/")[0]
        if path in places:
            return True
    return False


def _listed(heading: str, items: Sequence[str]) -> list[str]:
    """Return a heading with the count and the first items, each a line; nothing where there are none."""
    more = [f"  and {len(items) - _MOST} more: see collected.csv"] if len(items) > _MOST else []
    return [f"{heading}: {len(items)}", *(f"  {item}" for item in items[:_MOST]), *more] if items else []
