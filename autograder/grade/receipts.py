"""Receipts: digests of all that a verdict was made from, so that it can be checked later that it is the same."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

import autograder.checks
import autograder.execute
import autograder.hidden
import autograder.judging
from autograder.assignment.plan import AssignmentPlan
from autograder.assignment.policy import SETTINGS
from autograder.execute.engine import Result
from autograder.execute.kept_run import run_to_json
from autograder.files import write_file
from autograder.grade.folders import folder_name
from autograder.log import logged_suppress
from autograder.model import SubmissionResult
from autograder.texts import text_digest

__all__ = ["own_digests", "receipt_path", "surroundings", "verdict_digest", "write_receipt"]


def surroundings(plan: AssignmentPlan) -> dict[str, str]:
    """Return digests of what every submission of a run is judged by.

    These are the release, the policy, the checks (the test cells and the code behind them), and the packages that are
    installed, with their versions.
    """
    rooms = (autograder.checks, autograder.hidden, autograder.judging, autograder.execute)
    code = (file for room in rooms for file in Path(str(room.__file__)).parent.rglob("*.py"))
    installed = set[str]()
    # Libraries put folders of their own on the path when they are imported: setuptools has thirty packages in one.
    folders = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
    for one in importlib.metadata.distributions(path=sorted(folders)):
        with logged_suppress(Exception):  # a package that was removed by halves has no name
            installed.add(f"{one.name}=={one.version}")
    return {
        "release": _files_digest(plan.release, plan.release.rglob("*")),
        "policy": _files_digest(plan.source, [plan.source / SETTINGS]),
        "checks": text_digest("\n".join([*(test.check for test in plan.tests), *map(_file_digest, sorted(code))])),
        "environment": text_digest("\n".join(sorted(installed))),
    }


def own_digests(graded: Result, notebook: str) -> dict[str, str]:
    """Return digests of what is a submission's own: its notebook, its claims, its verdict.

    Args:
        graded: what came of it.
        notebook: the digest of the file as it was handed in.
    """
    claims = "" if graded.run is None else text_digest(run_to_json(graded.run))
    return {"notebook": notebook, "claims": claims, "verdict": verdict_digest(graded.result)}


def verdict_digest(result: SubmissionResult) -> str:
    """Return a digest of what the machine said: status, scores, diagnoses, messages."""
    checks = [asdict(check) for check in result.checks]
    return text_digest(json.dumps([result.status, result.score, result.max_score, checks], sort_keys=True))


def write_receipt(out: Path, result: SubmissionResult) -> None:
    """Write a result's receipt beside the results."""
    named = {"student": result.student, "assignment": result.assignment, **result.receipt}
    text = json.dumps(named, indent=1, ensure_ascii=False)
    write_file(receipt_path(out, result.student, result.assignment), text + "\n")


def receipt_path(out: Path, student: str, assignment: str) -> Path:
    """Return where a receipt lies."""
    return out / "receipts" / folder_name(student) / f"{assignment}.json"


def _files_digest(folder: Path, files: Iterable[Path]) -> str:
    """Return a digest of files, with their names."""
    named: Mapping[str, str] = {
        str(file.relative_to(folder)): _file_digest(file)
        for file in files
        if file.is_file() and "__pycache__" not in file.parts
    }
    return text_digest(json.dumps(named, sort_keys=True))


def _file_digest(file: Path) -> str:
    """Return a digest of a file's bytes."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
