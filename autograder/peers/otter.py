"""Grade a notebook as Gradescope would with an otter zip: by `otter run`, in a folder of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.errors import AutograderError, OutOfTimeError
from autograder.model import CheckResult
from autograder.threads import thread_limits

__all__ = ["OtterError", "otter_run", "run_otter"]

_OTTER = ("-m", "otter")
# otter names a case "<question> - <n>"; a question's cases are added up.
_CASE_NAME = re.compile(r"^(?P<question>.+?) - (?P<case>\d+)$")


class OtterError(AutograderError):
    """`otter run` wrote no results: the kernel died, or the notebook can't be read."""


def otter_run(
    autograder_zip: Path, notebook: Path, *, timeout: float = 600, threads: int | None = None
) -> tuple[CheckResult, ...]:
    """Run one notebook through an otter zip and return the outcome of each question that has tests.

    Args:
        autograder_zip: what `otter assign` made.
        notebook: the notebook to grade.
        timeout: seconds after which everything is killed; otter itself sets no limit.
        threads: how many threads the numerical libraries may use; None leaves that to them.

    Raises:
        OtterError: no results were written.
        OutOfTimeError: nor did it end in time.
    """
    with tempfile.TemporaryDirectory() as out:
        arguments = ["run", "-a", str(autograder_zip), "-o", out, "--no-logo", str(notebook)]
        _, output = run_otter(arguments, timeout, {"PYTHONWARNINGS": "ignore", **thread_limits(threads)})
        results = Path(out) / "results.json"
        if not results.is_file():
            last = output.strip().splitlines()[-1:] or ["it said nothing"]
            raise OtterError(f"otter run wrote no results for {notebook.name}: {last[0]}")
        return _read_results(json.loads(results.read_text(encoding="utf-8")))


def run_otter(
    arguments: Sequence[str], seconds: float, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> tuple[int, str]:
    """Run one of otter's commands in a process group of its own; return its exit code and what it printed.

    Args:
        arguments: what follows `otter`.
        seconds: how long it may take.
        environment: variables that are set for it.
        folder: the current folder; None for ours.

    Raises:
        OutOfTimeError: it took longer, and was killed with all that it started.
    """
    with subprocess.Popen(
        [sys.executable, *_OTTER, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        env={**os.environ, **(environment or {})},
        cwd=folder,
    ) as process:
        try:
            output = process.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            printed = process.communicate()[0]  # what it had printed before, too
            raise OutOfTimeError(f"`otter {arguments[0]}`", seconds, printed) from None
        return process.returncode, output


def _read_results(results: dict[str, list[dict[str, object]]]) -> tuple[CheckResult, ...]:
    totals: dict[str, list[float]] = {}
    texts: dict[str, list[str]] = {}
    for test in results["tests"]:
        if "max_score" in test and test["name"] != "Public Tests":
            match = _CASE_NAME.match(str(test["name"]))
            question = match["question"] if match else str(test["name"])
            total = totals.setdefault(question, [0.0, 0.0])
            total[0] += float(str(test.get("score") or 0))
            total[1] += float(str(test["max_score"]))
            texts.setdefault(question, []).append(str(test.get("output", "")))
    return tuple(
        CheckResult(name, "passed" if got >= most else "failed", got, most, message="\n".join(texts[name]))
        for name, (got, most) in totals.items()
    )
