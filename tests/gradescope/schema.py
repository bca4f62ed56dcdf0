"""Gradescope's format for `results.json`, as its specification tells it, checked key by key."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["faults_of"]

_VISIBILITIES = {"visible", "hidden", "after_due_date", "after_published"}
_FORMATS = {"text", "html", "simple_format", "md", "ansi"}
_TOP = {
    "score": (int, float),
    "execution_time": (int, float),
    "output": str,
    "output_format": str,
    "test_output_format": str,
    "test_name_format": str,
    "visibility": str,
    "stdout_visibility": str,
    "extra_data": dict,
    "tests": list,
    "leaderboard": list,
}
_TEST = {
    "score": (int, float),
    "max_score": (int, float),
    "status": str,
    "name": str,
    "name_format": str,
    "number": str,
    "output": str,
    "output_format": str,
    "tags": list,
    "visibility": str,
    "extra_data": dict,
}


def faults_of(results: Any) -> list[str]:
    """Return what Gradescope would stumble over, and what this project asks of itself beside."""
    if not isinstance(results, dict):
        return ["it is no object"]
    faults = _faults("the whole", results, _TOP)
    if "score" not in results and any("score" not in test for test in results.get("tests", [])):
        faults.append("there is no score")
    if results.get("stdout_visibility") != "hidden":
        faults.append("students see what the grader prints")
    for test in results.get("tests", []):
        faults += _faults(f"test {test.get('name')}", test, _TEST)
        # What a person marks has no score, and no most.
        wanted = {"name", "output", "visibility"} | (
            {"score", "max_score"} if {"score", "max_score"} & test.keys() else set()
        )
        faults += [f"a test has no {key}" for key in sorted(wanted - test.keys())]
    return faults


def _faults(place: str, told: dict[str, Any], known: dict[str, Any]) -> list[str]:
    """Return what is wrong with one object."""
    faults = [f"{place}: {key} is unknown" for key in told.keys() - known.keys()]
    faults += [
        f"{place}: {key} is {told[key]!r}"
        for key in told.keys() & known.keys()
        if not isinstance(told[key], known[key])
    ]
    faults += [
        f"{place}: {key} is {told[key]}" for key in ("score", "max_score") if not math.isfinite(told.get(key, 0))
    ]
    for key, allowed in {
        "visibility": _VISIBILITIES,
        "stdout_visibility": _VISIBILITIES,
        "output_format": _FORMATS,
    }.items():
        faults += [f"{place}: {key} is {told[key]}"] if told.get(key, min(allowed)) not in allowed else []
    if told.get("status", "passed") not in ("passed", "failed"):
        faults.append(f"{place}: status is {told['status']}")
    return faults
