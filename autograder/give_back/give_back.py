"""Write a class's feedback as a system takes it back."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.collect.record_files import record_path
from autograder.errors import GradeError
from autograder.files import replacing
from autograder.give_back.lms import find_systems
from autograder.give_back.systems import FolderSystem, NoSystem, Page, System, ZipSystem
from autograder.grade.folders import folder_name
from autograder.grade.results import read_results
from autograder.graded_folder import name_of
from autograder.log import log_suppressed

__all__ = ["GiveBackRequest", "Given", "give_back"]

_DATE = (1980, 1, 1, 0, 0, 0)  # of each file in a zip: the same pages give the same bytes


@dataclass(frozen=True)
class GiveBackRequest:
    """What is to be given back, and to what.

    Attributes:
        out: the folder that `grade` wrote.
        lms: the system's name.
        assignment: whose feedback; None for the only one that there is.
        to: the zip or the folder; None for the usual place in OUT.
        dry_run: whether nothing is written.
    """

    out: Path
    lms: str
    assignment: str | None = None
    to: Path | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Given:
    """What was written, or would be.

    Attributes:
        path: the zip or the folder.
        students: who gets a page.
        without: why others get none, by student.
        next_step: what a person does with it.
    """

    path: Path
    students: tuple[str, ...]
    without: Mapping[str, str]
    next_step: str


def give_back(request: GiveBackRequest) -> Given:
    """Write the feedback of a class; whoever gets none is told, and why.

    Raises:
        GradeError: there are no results, the system takes no files, or they can't be written.
    """
    system = find_systems()[request.lms]
    if isinstance(system, NoSystem):
        raise GradeError(system.next_step)
    name = name_of(request.out, request.assignment)
    pages, without = _pages(request.out, name)
    if isinstance(system, ZipSystem):
        placed, nowhere = _placed(system, pages)
        without |= nowhere
        path = request.to or request.out / f"{system.name}-feedback-{name}.zip"
        students = tuple(page.student for page in placed.values())
    else:
        path = request.to or request.out / _folder_of(system).default
        students = tuple(page.student for page in pages)
    if not students:
        why = next(iter(without.values()), "there are no results")
        raise GradeError(f"Nobody in {request.out} would get a page from {system.title}: {why}.")
    if not request.dry_run:
        try:
            if isinstance(system, ZipSystem):
                _write_zip(placed, path)
            else:
                _folder_of(system).write(pages, path, request.out, name)
        except OSError as error:
            raise GradeError(f"{path} can't be written: {error.strerror}.") from error
    return Given(path, students, dict(sorted(without.items())), system.next_step)


def _folder_of(system: System) -> FolderSystem:
    """Return a system that takes a folder as what it is."""
    assert isinstance(system, FolderSystem)  # noqa: S101 (the others are taken care of)
    return system


def _pages(out: Path, name: str) -> tuple[list[Page], dict[str, str]]:
    """Return the pages that there are, and why others have none; those who are only on a class list among them."""
    handed_in, absent = _read_record(out, name)
    pages, without = list[Page](), dict.fromkeys(absent, "handed in nothing")
    for result in read_results(out / "results.jsonl"):
        if result.assignment == name:
            path = out / "feedback" / folder_name(result.student) / f"{name}.html"
            if path.is_file():
                pages.append(Page(result.student, path, *handed_in.get(result.student, ("", ""))))
            else:
                without[result.student] = "has no page: `autograder report OUT --feedback` writes it"
    return pages, without


def _read_record(out: Path, name: str) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Return where each student's work was handed in, and by whose names; and who on the class list handed in nothing."""
    where = dict[str, tuple[str, str]]()
    try:
        record = json.loads(record_path(out, name).read_bytes())
        for file in sorted(record["files"], key=lambda file: file["kind"] != "notebook"):  # what counts comes first
            for student in filter(None, str(file["student"]).split("; ")):
                where.setdefault(student, (str(file["path"]), str(file["convention"])))
        absent = [str(who) for who in (record["roster"] or {}).get("missing", ())]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        log_suppressed(error)
        return {}, []
    return where, absent


def _placed(system: ZipSystem, pages: Sequence[Page]) -> tuple[dict[str, Page], dict[str, str]]:
    """Return the pages by their names in the zip, and whose have none; members of a group share a hand-in."""
    placed, nowhere = dict[str, Page](), dict[str, str]()
    for page in pages:
        place = system.place(page.handed_in) if page.convention == system.name else None
        if place is None:
            found = f", but from {page.handed_in}" if page.handed_in else ""
            nowhere[page.student] = f"was not collected from {system.title}'s download{found}"
        elif place in placed:
            nowhere[page.student] = f"shares a hand-in with {placed[place].student}, whose page is there"
        else:
            placed[place] = page
    return placed, nowhere


def _write_zip(placed: Mapping[str, Page], path: Path) -> None:
    """Write pages into a zip, one after the other: a class's may be larger than memory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(placed):
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, placed[name].path.read_bytes())
