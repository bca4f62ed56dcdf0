"""Write the files of a merged folder: each student's from the folder that was chosen."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.claims.folder import ClaimsFolder
from autograder.claims.packing import GoneError
from autograder.collect.record_files import merge_collections
from autograder.errors import GradeError
from autograder.execute.kept_run import run_from_json
from autograder.files import write_file
from autograder.grade.folders import folder_name
from autograder.grade.ledger import Ledger
from autograder.grade.results import read_results, write_grades, write_results
from autograder.merge.choices import Choices
from autograder.merge.inputs import MergeInput

__all__ = ["write_merged"]

_OF_STUDENT = (
    "autograded/{student}/{name}/{name}.ipynb",
    "feedback/{student}/{name}.html",
    "maps/{student}/{name}.json",
    "receipts/{student}/{name}.json",
)
_OF_CLASS = ("maps/{name}.images.json", "assignments/{name}/about.json", "assignments/{name}/accuracy.json")
_MOST_NAMED = 5


def write_merged(
    folder: Path, name: str, inputs: Sequence[MergeInput], choices: Choices, *, preferred: bool
) -> tuple[str, ...]:
    """Write all but the gradebook.

    Args:
        folder: the new folder.
        name: the assignment's.
        inputs: the folders; of what is the class's, the first's counts.
        choices: what is taken from where.
        preferred: whether the first was said to be right.

    Returns:
        What a person should know.
    """
    for student, one in choices.inputs.items():
        for pattern in _OF_STUDENT:
            place = pattern.format(student=folder_name(student), name=name)
            _copy(one.out / place, folder / place)
    for pattern in _OF_CLASS:
        place = pattern.format(name=name)
        for one in inputs:
            if not (folder / place).exists():
                _copy(one.out / place, folder / place)
    merge_collections([one.out for one in inputs], folder, name)
    results = [one.results[student] for student, one in choices.inputs.items()]
    write_grades(folder / "grades.csv", results)
    _write_histories(folder, name, inputs, choices)
    unkept = _copy_claims(folder, name, choices)
    notes = [*_extensions(folder, name, inputs, preferred=preferred), *([_unkept_in_words(unkept)] if unkept else [])]
    write_results(folder / "results.jsonl", results)
    return tuple(notes)


def _copy(source: Path, target: Path) -> None:
    """Copy a file, if it is there and is one."""
    if source.is_file() and not source.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _write_histories(folder: Path, name: str, inputs: Sequence[MergeInput], choices: Choices) -> None:
    """Write what each result was made from, so that `grade` goes on, and what it was before."""
    digests, previous = list[str](), list[object]()
    for one in inputs:
        own = {student for student, chosen in choices.inputs.items() if chosen is one}
        known = Ledger(one.out).digests()
        digests += [
            json.dumps([*key, digest]) + "\n" for key, digest in known.items() if key[0] in own and key[1] == name
        ]
        earlier = read_results(one.out / "results.previous.jsonl", forgiving=True)
        previous += [result for result in earlier if result.student in own and result.assignment == name]
    write_file(folder / "submissions.jsonl", "".join(digests))
    if previous:
        write_results(folder / "results.previous.jsonl", previous)  # type: ignore[arg-type]


def _copy_claims(folder: Path, name: str, choices: Choices) -> list[str]:
    """Copy what submissions claimed, equal arrays once; return of whom nothing can be read."""
    target, unkept = ClaimsFolder(folder / "claims", sys.maxsize), list[str]()
    sources = {one.out: ClaimsFolder(one.out / "claims", 0) for one in choices.inputs.values()}
    for student, one in choices.inputs.items():
        source, key = sources[one.out], (folder_name(student), name)
        try:
            record = source.read(key)
            digests = run_from_json(record).digests
            kept = {digest: source.bytes_of(digest) for digest in digests if not target.has(digest)}
            target.write(key, record.decode("utf-8"), kept)
        except (GoneError, UnicodeDecodeError):
            unkept.append(student)
    return unkept


def _unkept_in_words(students: Sequence[str]) -> str:
    """Say whose claims are missing."""
    more = f" and {len(students) - _MOST_NAMED} more" if len(students) > _MOST_NAMED else ""
    return f"No claims are kept of {', '.join(students[:_MOST_NAMED])}{more}: `rejudge` can't judge them."


def _extensions(folder: Path, name: str, inputs: Sequence[MergeInput], *, preferred: bool) -> Iterator[str]:
    """Copy the list of extensions, the preferred folder's where there are several; say what it changes.

    Raises:
        GradeError: folders have other ones, and none is preferred.
    """
    place = Path("extensions", f"{name}.csv")
    lists = {one.out: (one.out / place).read_bytes() for one in inputs if (one.out / place).is_file()}
    if len(set(lists.values())) > 1 and not (preferred and inputs[0].out in lists):
        raise GradeError(
            f"{' and '.join(map(str, lists))} have other lists of extensions of {name!r}.",
            "Say with --prefer which is right, or give each the same with `autograder report OUT --extensions FILE`.",
        )
    for out, content in lists.items():
        write_file(folder / place, content)
        if len(lists) < len(inputs) or len(set(lists.values())) > 1:
            yield f"The list of extensions is {out}'s, and holds for everybody, by the next `autograder report`."
        return
