"""Build releases, solutions and zips from one source: all of them, or none."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat

from autograder.accuracy import write_accuracy
from autograder.assignment.settings import SourceNotebook, find_sources
from autograder.compile.accuracy_gate import measured_in_full
from autograder.compile.gate import check_promises
from autograder.compile.gradescope_zip import write_gradescope_zip
from autograder.compile.lint import check_source
from autograder.compile.locks import pins_for
from autograder.compile.nbgrader_release import add_nbgrader_files, add_student_files, generate_release
from autograder.compile.otter_release import make_otter, normalise_zip
from autograder.compile.passes import apply, clear_outputs, clear_trial_metadata, drop_markers
from autograder.compile.publishing import Compilation, outputs_of, publish, staging
from autograder.compile.rendering import render_solution
from autograder.errors import SourceError

__all__ = ["build", "compile_source"]

Tell = Callable[[str], None]


def _say(line: str) -> None:
    """Print a line at once: what else runs prints too."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


# What the hidden tests import; otter adds itself.
_CONTAINER_NEEDS = ("scipy",)


def build(
    root: Path,
    name: str | None = None,
    *,
    gate: bool = True,
    html: bool = False,
    draft: bool = False,
    tell: Tell = _say,
) -> None:
    """Build one assignment, or all of them.

    Args:
        root: the project's root.
        name: an assignment's name; None builds every folder under `source/`.
        gate: check the promises before anything is published.
        html: render the solved notebook, run, as HTML beside it.
        draft: build though words of the instructor's are missing; the pages say so.
        tell: takes one line of progress.

    Raises:
        SourceError: a source has mistakes, or there is none of this name.
        BuildError: a tool that the build drives failed.
        GateError: a promise is broken; what was there before stays as it was.
    """
    folders = [folder for folder in find_sources(root) if name in (None, folder.name)]
    if not folders:
        names = ", ".join(folder.name for folder in find_sources(root)) or "none"
        raise SourceError(
            f"There is no assignment {name!r} under {root / 'source'}.", tip=f"Known assignments: {names}."
        )
    for source in [check_source(folder, draft=draft) for folder in folders]:
        _build_one(root, source, gate=gate, html=html, tell=tell)


def _build_one(root: Path, source: SourceNotebook, *, gate: bool, html: bool, tell: Tell) -> None:
    name = source.assignment.name
    with staging(root) as stage:
        tell(f"{name}: compiling")
        compilation = compile_source(root, source, stage / "first")
        if gate:
            tell(
                f"{name}: the gate (solved and blank notebooks by nbgrader, otter and autograder grade, leaks, a second build)"
            )
            for line in check_promises(compilation, lambda: compile_source(root, source, stage / "second")):
                tell(f"{name}: {line}")
        if html:
            tell(f"{name}: running the solved notebook for its HTML page")
            render_solution(compilation.path("solutions") / f"{name}.ipynb", compilation.path("nbgrader"), source)
        publish(compilation.stage, root, tuple(outputs_of(name).values()))
    tell(f"{name}: built " + ", ".join(outputs_of(name).values()))


def compile_source(root: Path, source: SourceNotebook, stage: Path) -> Compilation:
    """Compile one source into an empty stage."""
    name = source.assignment.name
    paths = {kind: stage / path for kind, path in outputs_of(name).items()}
    lock = root / "requirements.lock"
    for path in paths.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(generate_release(source, stage / "work" / "course"), paths["nbgrader"])
    add_nbgrader_files(source, paths["nbgrader"], lock)
    needs = (*source.assignment.requirements, *_CONTAINER_NEEDS)
    pins = pins_for(lock, needs, source.assignment.python)
    otter = make_otter(source, paths["nbgrader"], pins, _fresh(stage / "work" / "otter"))
    shutil.move(otter.student, paths["otter"])
    add_student_files(source, paths["otter"], lock, extra=("otter-grader",))
    normalise_zip(otter.zip, paths["otter_zip"])
    write_gradescope_zip(source, paths["nbgrader"], lock, paths["gradescope_zip"])
    solved = apply(source.notebook, (clear_outputs, clear_trial_metadata, drop_markers))
    nbformat.write(solved, _fresh(paths["solutions"]) / f"{name}.ipynb")
    _keep_accuracy(root, source, paths["solutions"])
    return Compilation(source, stage, otter.solved)


def _keep_accuracy(root: Path, source: SourceNotebook, solutions: Path) -> None:
    """Keep what `assess` has measured, as long as it is about this network, its data and these settings."""
    folder = source.assignment.folder
    if (accuracy := measured_in_full(root / outputs_of(source.assignment.name)["solutions"], folder)) is not None:
        write_accuracy(solutions, accuracy)


def _fresh(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
