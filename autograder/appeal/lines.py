"""Put explanations and verifications into lines for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from autograder.appeal.explain import ExplainedCheck, Explanation
from autograder.appeal.plain_run import PlainVerdict
from autograder.appeal.verify import Verification
from autograder.model import CheckResult
from autograder.texts import printable
from autograder.totals import total_of

__all__ = ["explanation_lines", "verdict_words", "verification_lines"]

_MOST_LINES = 40  # of a cell
_OUTCOMES = {"same": "the same", "differs": "DIFFERS", "unknown": "can't be told"}


def explanation_lines(explanation: Explanation) -> Iterator[str]:
    """Yield an explanation in lines."""
    result = explanation.result
    yield f"{printable(result.student)}, {explanation.title}: {total_of(result)} by the machine, {result.status}."
    if explanation.note:
        yield explanation.note
    shown = set[str]()
    for check in explanation.checks:
        yield ""
        yield from _check_lines(check, shown)
    if explanation.plain is not None:
        yield ""
        yield from verdict_words(explanation.plain, result.checks)


def _check_lines(check: ExplainedCheck, shown: set[str]) -> Iterator[str]:
    """Yield what is said of one check; a cell that was shown before is named alone."""
    result = check.result
    kind = f", {result.diagnosis}" if result.diagnosis else ""
    yield f"{result.name}: {result.score:g} of {result.max_score:g}, {result.status}{kind}"
    if result.message:
        yield f"  {printable(' '.join(result.message.split()))}"
    if check.now is not None:
        yield f"  Judged today it would be {check.now.score:g} of {check.now.max_score:g}, {check.now.status}: `rejudge` shows it."
    for one in check.evidence:
        bound = f"   ({one.bound})" if one.bound else ""
        yield f"  {one.what}: {printable(one.found)}{bound}"
    if check.drawn is not None and check.drawn.fidelity is not None:
        yield f"  the map keeps {check.drawn.fidelity:.0%} of the nearest neighbours; --html draws it beside the grader's"
    for cell in check.cells:
        yield f"  from {cell.where} (`{cell.name}`){', shown above' if cell.name in shown else ':'}"
        lines = [] if cell.name in shown else printable(cell.source.strip("\n"), keep="\n").splitlines()
        shown.add(cell.name)
        yield from textwrap.indent("\n".join(lines[:_MOST_LINES]), "    | ", lambda _: True).splitlines()
        if len(lines) > _MOST_LINES:
            yield f"    | … {len(lines) - _MOST_LINES} more lines"


def verdict_words(verdict: PlainVerdict, counted: tuple[CheckResult, ...]) -> Iterator[str]:
    """Yield whether a verdict stands, and which checks differ."""
    if verdict.stands:
        yield f"Run once more without any shortcut: the verdict stands, {verdict.score:g} points."
        return
    yield f"Run once more without any shortcut: the verdict does not stand, {verdict.score:g} points."
    before, after = ({check.name: check for check in checks} for checks in (counted, verdict.checks))
    for name in verdict.differing:
        yield f"  {name}: {_words(before.get(name))} counts, {_words(after.get(name))} now"


def _words(check: CheckResult | None) -> str:
    """Return a result in a few words."""
    return "nothing" if check is None else f"{check.score:g} of {check.max_score:g} ({check.diagnosis or check.status})"


def verification_lines(verification: Verification) -> Iterator[str]:
    """Yield each digest's comparison, and what they say together."""
    width = max(len(one.part) for one in verification.comparisons)
    yield f"Receipt of {printable(verification.student)}, {printable(verification.assignment)}:"
    for one in verification.comparisons:
        why = f": {printable(one.why)}" if one.why else ""
        yield f"  {one.part:{width}}  {_OUTCOMES[one.outcome]}{why}   ({one.about})"
    yield "Everything is as the receipt says." if verification.holds else "Not everything is as the receipt says."
