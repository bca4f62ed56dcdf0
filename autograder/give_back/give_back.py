"""Write what a system takes back for a class at once, and say who gets nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import AutograderError
from autograder.give_back.files import read_small, write_folder, write_private, write_zip
from autograder.give_back.handed_in import CollectedNames, read_handed_in
from autograder.give_back.lms import find_systems
from autograder.give_back.systems import Recipient, ReturnSystem
from autograder.give_back.tokens import LINKS, links_csv, read_tokens, with_tokens_for, write_tokens
from autograder.grade.folders import folder_name
from autograder.graded_folder import results_of, suffix_of
from autograder.report.feedback.shared_library import SharedLibrary
from autograder.texts import printable

__all__ = ["ReturnRequest", "give_back", "return_lines"]

_USUAL = "return"
_INDEX = "index.html"
_NO_INDEX = b"<!doctype html>\n<title>Nothing to see here</title>\n"


@dataclass(frozen=True)
class ReturnRequest:
    """What to give back.

    Attributes:
        out: the folder that `grade` wrote.
        lms: the system's name.
        assignment: whose feedback; None for the only one that there is.
        to: the folder to write into; None for `OUT/return`.
        dry_run: whether nothing is written.
    """

    out: Path
    lms: str
    assignment: str | None = None
    to: Path | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Page:
    """A student's page on its way.

    Attributes:
        recipient: whose it is.
        source: the page as `grade` wrote it.
        place: where it goes, below what is written.
        beside: what lies beside it, by name.
    """

    recipient: Recipient
    source: Path
    place: str
    beside: Mapping[str, bytes]


@dataclass(frozen=True)
class Returned:
    """What came of it.

    Attributes:
        system: the system.
        path: the zip or folder; None on a dry run.
        count: the students who get a page.
        left_out: who gets nothing, and why, as the end of a sentence.
    """

    system: ReturnSystem
    path: Path | None
    count: int
    left_out: tuple[tuple[str, str], ...]


class _NothingError(Exception):
    """Says why a student gets nothing."""


def give_back(request: ReturnRequest) -> Returned:
    """Write what a system takes back.

    Raises:
        AutograderError: there are no results, nobody would get anything, or it can't be written.
    """
    system = find_systems()[request.lms]
    results = results_of(request.out, request.assignment)
    assignment = results[0].assignment
    handed_in = read_handed_in(request.out, assignment, system.convention)
    students = sorted(result.student for result in results)
    tokens = with_tokens_for(read_tokens(request.out), students) if system.hidden_names else {}
    pages, left_out = [], [(name, "handed in nothing") for name in handed_in.missing]
    for student in students:
        recipient = Recipient(student, assignment, handed_in.paths.get(student, ""), tokens.get(student, ""))
        try:
            pages.append(_page(request.out, system, recipient, handed_in))
        except _NothingError as error:
            left_out.append((student, str(error)))
    pages = _without_twins(pages)
    if request.dry_run or not pages:
        return Returned(system, None, len(pages), tuple(left_out))
    try:
        path = _write(request, system, assignment, pages, tokens)
    except OSError as error:
        raise AutograderError(f"{error.filename or request.out} cannot be written: {error.strerror}.") from error
    return Returned(system, path, len(pages), tuple(left_out))


def _page(out: Path, system: ReturnSystem, recipient: Recipient, handed_in: CollectedNames) -> Page:
    """Return a student's page with its place.

    Raises:
        _NothingError: there is none, or no place for it.
    """
    source = out / "feedback" / folder_name(recipient.student) / f"{recipient.assignment}.html"
    if not source.is_file():
        raise _NothingError("has no page of feedback: `autograder report --feedback` writes them")
    if system.convention and not recipient.path:
        raise _NothingError(f"was not collected from {system.title}")
    place = system.place(recipient)
    if place is None or not _is_safe(place):
        raise _NothingError(f"handed in {recipient.path}, which is no name of {system.title}'s")
    folder = (handed_in.folder / recipient.path).parent
    beside = {name: read_small(folder / name) for name in system.beside}
    absent = [name for name, content in beside.items() if content is None]
    if absent:
        raise _NothingError(f"has no {' and no '.join(absent)} in {folder}")
    return Page(recipient, source, place, {name: content for name, content in beside.items() if content is not None})


def _is_safe(place: str) -> bool:
    """Return whether a place stays below its folder, on every system that unpacks it."""
    return all(part not in ("", ".", "..") for part in place.split("/")) and not any(sign in place for sign in "\\\0")


def _without_twins(pages: Iterable[Page]) -> list[Page]:
    """Return pages in places of their own: a group handed in together, but each member has a page."""
    taken: set[str] = set()
    apart = []
    for page in pages:
        place = page.place
        if place.casefold() in taken:  # on many a disk, names that differ in case are one
            place = f"{place.removesuffix('.html')}-{folder_name(page.recipient.student)}.html"
        taken.add(place.casefold())
        apart.append(replace(page, place=place))
    return apart


def _write(
    request: ReturnRequest, system: ReturnSystem, assignment: str, pages: list[Page], tokens: Mapping[str, str]
) -> Path:
    """Write the zip or the folder, and return it."""
    folder = request.to or request.out / _USUAL
    if system.as_zip:
        path = folder / f"{assignment}-{system.name}.zip"
        write_zip(path, {page.place: page.source for page in pages})
        return path
    folder = request.to or folder / system.name
    if system.hidden_names:
        _refuse_to_publish(request.out, folder)
        write_tokens(request.out, tokens)
    _write_pages(folder, system, pages)
    if system.hidden_names:
        name = LINKS if not suffix_of(request.out, assignment) else f"{LINKS.removesuffix('.csv')}-{assignment}.csv"
        write_private(request.out / name, links_csv({page.recipient.student: page.place for page in pages}))
    return folder


def _refuse_to_publish(out: Path, folder: Path) -> None:
    """Refuse a folder that holds OUT, or one of those in it: a web server would show them.

    Raises:
        AutograderError: it does.
    """
    inside = folder.resolve()
    if out.resolve().is_relative_to(inside) or any(
        inside.is_relative_to(part.resolve()) for part in out.iterdir() if part.name != _USUAL
    ):
        raise AutograderError(
            f"{folder} holds {out}, or what lies in it: a web server would show everybody's results.",
            "Give another --to DIR.",
        )


def _write_pages(folder: Path, system: ReturnSystem, pages: list[Page]) -> None:
    """Write pages one by one, and what lies beside them; the library once, where they share it."""
    shared = SharedLibrary() if system.shares_library else None
    if system.hidden_names:
        write_folder(folder, {_INDEX: _NO_INDEX})
    if shared:
        write_folder(folder, {shared.name: shared.text.encode()})
    for page in pages:
        content, depth = page.source.read_bytes(), page.place.count("/")
        if shared:
            content = shared.take_out(content.decode("utf-8", "replace"), "../" * depth).encode()
        above = page.place.rpartition("/")[0]
        write_folder(folder, {page.place: content, **{f"{above}/{name}": text for name, text in page.beside.items()}})


def return_lines(returned: Returned) -> list[str]:
    """Return what to say of it."""
    lines = [printable(f"{student}: gets nothing, {why}") for student, why in returned.left_out]
    pages = f"{returned.count} {'student gets' if returned.count == 1 else 'students get'} a page"
    if returned.path is None:
        return [*lines, f"{pages}. Nothing was written."]
    return [*lines, f"{pages}: {returned.path}", returned.system.upload]
