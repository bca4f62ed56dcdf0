"""Compare a receipt with a graded folder and an assignment: each digest is the same, another, or can't be made."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.appeal.plain_run import handed_in
from autograder.assignment.plan import AssignmentPlan, make_plan
from autograder.assignment.settings import read_source
from autograder.claims.folder import ClaimsFolder
from autograder.claims.packing import GoneError
from autograder.errors import AutograderError, GradeError
from autograder.execute.kept_run import run_from_json
from autograder.grade.folders import folder_name
from autograder.grade.ledger import digest_of
from autograder.grade.receipts import surroundings, verdict_digest
from autograder.grade.results import read_results
from autograder.log import logged_suppress
from autograder.model import Submission, SubmissionResult
from autograder.texts import text_digest

__all__ = ["Comparison", "Verification", "VerifyRequest", "verify"]

_PARTS = {
    "notebook": "the notebook as it was handed in",
    "claims": "what was taken out of its run",
    "verdict": "status, points, kinds of mistake and messages",
    "release": "what students got",
    "policy": "assignment.toml",
    "checks": "the tests, and the code behind them",
    "environment": "the packages that are installed, with their versions",
}
_MOST_BYTES = 2**20


@dataclass(frozen=True)
class VerifyRequest:
    """What is compared with what.

    Attributes:
        receipt: the file.
        out: the folder that `grade` wrote; None for the one that the receipt lies in.
        root: the repository's root.
        notebook: the file as it was handed in; None to look for it where it was collected.
    """

    receipt: Path
    out: Path | None
    root: Path
    notebook: Path | None = None


@dataclass(frozen=True)
class Comparison:
    """One digest of a receipt.

    Attributes:
        part: its name in the receipt.
        about: the same in words.
        outcome: whether what is there has the same.
        why: what differs, or why nobody can tell.
    """

    part: str
    about: str
    outcome: Literal["same", "differs", "unknown"]
    why: str = ""


@dataclass(frozen=True)
class Verification:
    """A receipt, compared.

    Attributes:
        student: whose it is.
        assignment: of which assignment.
        comparisons: one for each digest.
    """

    student: str
    assignment: str
    comparisons: tuple[Comparison, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing differs, and nothing stays unknown."""
        return all(one.outcome == "same" for one in self.comparisons)


def verify(request: VerifyRequest) -> Verification:
    """Compare a receipt with what lies in a graded folder, and with the assignment of today.

    Raises:
        AutograderError: the file is no receipt, or nobody knows which folder it belongs to.
    """
    receipt = _read(request.receipt)
    out = request.out or _folder_of(request.receipt)
    student, name = receipt["student"], receipt["assignment"]
    makers = _makers(request, out, student, name)
    comparisons = tuple(_compare(part, receipt.get(part), makers[part]) for part in _PARTS)
    return Verification(student, name, comparisons)


def _makers(request: VerifyRequest, out: Path, student: str, name: str) -> dict[str, Callable[[], str]]:
    """Return what makes each digest anew, by the part's name."""

    def result() -> SubmissionResult:
        results = (one for one in read_results(out / "results.jsonl") if one.assignment == name)
        found = next((one for one in results if one.student == student), None)
        if found is None:
            raise GradeError(f"{out} holds no result of {student}")
        return found

    def plan() -> AssignmentPlan:
        source = read_source(request.root / "source" / name).assignment.folder
        return make_plan(source, request.root / "release" / "nbgrader" / name)

    def notebook() -> str:
        if request.notebook is not None:
            return digest_of(Submission(student, name, request.notebook, ""))
        with handed_in(out, plan(), student) as file:
            return digest_of(Submission(student, name, file, ""))

    around = {part: _surrounding(part, plan) for part in ("release", "policy", "checks", "environment")}
    return {
        "notebook": notebook,
        "claims": lambda: _claims_digest(out, student, name),
        "verdict": lambda: verdict_digest(result()),
        **around,
    }


def _surrounding(part: str, plan: Callable[[], AssignmentPlan]) -> Callable[[], str]:
    """Return what makes the digest of a part that is the same for a class."""
    return lambda: surroundings(plan())[part]


def _compare(part: str, digest: str | None, make: Callable[[], str]) -> Comparison:
    """Compare one digest."""
    about = _PARTS[part]
    if not digest:
        return Comparison(part, about, "unknown", "the receipt says nothing of it")
    try:
        found = make()
    except AutograderError as error:
        return Comparison(part, about, "unknown", error.message.rstrip("."))
    except GoneError as error:
        return Comparison(part, about, "unknown", str(error))
    except OSError as error:
        return Comparison(part, about, "unknown", f"{error.filename} can't be read: {error.strerror}")
    if found == digest:
        return Comparison(part, about, "same")
    return Comparison(part, about, "differs", f"{digest[:12]} in the receipt, {found[:12]} here")


def _claims_digest(out: Path, student: str, name: str) -> str:
    """Return the digest of a submission's record; the bytes that it needs have to be there, and whole.

    Raises:
        GoneError: they aren't, or the record isn't there.
    """
    claims = ClaimsFolder(out / "claims", 0)
    record = claims.read((folder_name(student), name))
    digests = frozenset[str]()
    with logged_suppress(GoneError):  # a damaged record has another digest
        digests = run_from_json(record).digests
    for digest in digests:
        claims.bytes_of(digest)
    return text_digest(record.decode("utf-8", "replace"))


def _read(path: Path) -> dict[str, str]:
    """Return a receipt.

    Raises:
        GradeError: the file is none.
    """
    try:
        with path.open("rb") as file:
            values = json.loads(file.read(_MOST_BYTES))
    except OSError as error:
        raise GradeError(f"{path} can't be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise GradeError(f"{path} is no receipt: it is no JSON.") from error
    if not isinstance(values, dict) or not {"student", "assignment", "verdict"} <= values.keys():
        raise GradeError(f"{path} is no receipt.", "Receipts lie in OUT/receipts/STUDENT/ASSIGNMENT.json.")
    if not all(isinstance(value, str) for value in values.values()):
        raise GradeError(f"{path} is no receipt: each of its values is a text.")
    return values


def _folder_of(receipt: Path) -> Path:
    """Return the graded folder that a receipt lies in.

    Raises:
        GradeError: it lies in none.
    """
    folders = receipt.resolve().parents
    if len(folders) < 3 or folders[1].name != "receipts":
        raise GradeError(f"{receipt} lies in no graded folder.", "Say which one it is about: --out OUT.")
    return folders[2]
