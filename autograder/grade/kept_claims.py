"""Keep what a submission claimed in `OUT/claims/`, read it back, and tidy up behind a class."""

from __future__ import annotations

from autograder.claims.folder import ClaimsFolder
from autograder.claims.packing import GoneError
from autograder.execute.engine import Result
from autograder.execute.kept_run import KeptRun, run_from_json, run_to_json
from autograder.grade.folders import folder_name
from autograder.log import log_suppressed

__all__ = ["claims_in_words", "keep", "read_run", "tidy"]

_MOST_NAMED = 5


def keep(claims: ClaimsFolder, graded: Result) -> None:
    """Keep what a submission claimed; what an earlier one did goes."""
    name = folder_name(graded.result.student), graded.result.assignment
    if graded.run is not None:
        claims.write(name, run_to_json(graded.run), graded.kept)
    else:
        claims.forget(name)
        if graded.executed is not None:
            claims.unkept.append(name)


def read_run(claims: ClaimsFolder, student: str, assignment: str) -> KeptRun:
    """Return what was kept of a submission's run.

    Raises:
        GoneError: nothing was, or it is damaged.
    """
    return run_from_json(claims.read((folder_name(student), assignment)))


def tidy(claims: ClaimsFolder) -> None:
    """Remove bytes that no record needs any more; none where a record can't be read."""
    if claims.has_replaced:
        try:
            needed = {digest for name in claims.names() for digest in run_from_json(claims.read(name)).digests}
        except GoneError as error:
            log_suppressed(error)
            return
        claims.sweep(needed)
        claims.has_replaced = False


def claims_in_words(claims: ClaimsFolder) -> str:
    """Say how much is kept, and of whom nothing is."""
    count = len(claims.names())
    kept = f"Claims of {count} submission{'s' * (count != 1)} take {claims.size / 1e6:.1f} MB: `autograder rejudge` judges from them."
    if not claims.unkept:
        return kept
    names = ", ".join(name for name, _ in claims.unkept[:_MOST_NAMED])
    more = f" and {len(claims.unkept) - _MOST_NAMED} more" if len(claims.unkept) > _MOST_NAMED else ""
    return f"{kept} Those of {names}{more} are not kept: they take more than is allowed (--claims MIB)."
