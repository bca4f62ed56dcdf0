"""Write the sentences to read before the filled list goes back."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.export.records import ExportRequest, Omission, Score, Worksheet
from autograder.export.scores import most_of

__all__ = ["sheet_notes"]


def sheet_notes(
    sheet: Worksheet, scores: Sequence[Score], unmatched: Sequence[Omission], request: ExportRequest
) -> tuple[str, ...]:
    """Return what there is to say about a class list and these scores."""
    return (
        *sheet.notes,
        *_on_maximum(sheet, scores, request),
        *_on_feedback(sheet, request),
        *_on_matching(len(unmatched), len(scores), request),
        *_on_missing(unmatched, request),
    )


def _on_maximum(sheet: Worksheet, scores: Sequence[Score], request: ExportRequest) -> list[str]:
    """Say what the column's maximum means for these scores; bonus comes on top of theirs."""
    most = max(score.total.maximum for score in scores)
    if sheet.maximum is None or round(sheet.maximum, 6) == round(most, 6):
        return []
    maxima = f"The column's maximum is {sheet.maximum:g}; scores count up to {most_of(scores)}."
    if request.scale:
        return [f"{maxima} They are written as shares of {sheet.maximum:g}."]
    if request.cap:
        return [f"{maxima} Those above {sheet.maximum:g} are written as {sheet.maximum:g}."]
    return [f"{maxima} They are written as they are; --scale converts them, --cap cuts off what is above."]


def _on_feedback(sheet: Worksheet, request: ExportRequest) -> list[str]:
    """Say that there is no column of comments, where one was to be filled."""
    if not request.feedback or sheet.feedback is not None:
        return []
    return [
        "No column of comments is known in this worksheet, so none is filled: in Moodle, Feedback comments has to be on."
    ]


def _on_matching(unmatched: int, results: int, request: ExportRequest) -> list[str]:
    """Say what to try where most students were not found."""
    if unmatched * 2 <= results:
        return []
    if request.match is not None:
        return [
            f"Most results match no row by {request.match}: without --match ids of every kind are compared, and names."
        ]
    return [
        (
            "Most results match no row: see that the list is this course's, and has logins, numbers or addresses in it. "
            "--match email compares what stands before the @ too."
        )
    ]


def _on_missing(unmatched: Sequence[Omission], request: ExportRequest) -> list[str]:
    """Say why nobody is given 0 for handing in nothing."""
    nobodys = sum(not one.rows for one in unmatched)
    if request.missing is None or not nobodys:
        return []
    what = "a result belongs" if nobodys == 1 else f"{nobodys} results belong"
    return [f"No row without a result is given 0 as long as {what} to no row: it may be one of these."]
