"""Print findings: a table for people, JSON for machines."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.doctor.findings import MachineFinding, State

__all__ = ["print_findings"]

_SIGNS: dict[State, tuple[str, str]] = {"good": ("✓", "green"), "missing": ("✗", "red"), "note": ("·", "dim")}


def print_findings(findings: Sequence[MachineFinding], *, ready: bool, as_json: bool) -> None:
    """Print findings to standard output.

    Args:
        findings: in the order in which they are shown.
        ready: whether a class can be graded in a sandbox here.
        as_json: whether a machine reads it.
    """
    console = Console()
    if as_json:
        record = {"ready": ready, "findings": [dataclasses.asdict(finding) for finding in findings]}
        console.out(json.dumps(record, indent=2, ensure_ascii=False), highlight=False)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        sign, style = _SIGNS[finding.state]
        table.add_row(
            Text(sign, style), Text(finding.name), Text("\n".join(filter(None, [finding.value, finding.advice])))
        )
    console.print(table)
    last = "A class can be graded in a sandbox here." if ready else "A class can NOT be graded in a sandbox here."
    console.print(Text(f"\n{last}"))
