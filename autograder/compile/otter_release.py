"""Write an otter master notebook from an nbgrader source.

otter's own `assign` makes the release and the zip from it.
"""

from __future__ import annotations

import ast
import copy
import functools
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from autograder.assignment.cells import cell_kind, grade_id, is_solution, is_test, is_written, points_of
from autograder.assignment.names import names_of, parse_cell
from autograder.assignment.placeholders import OTTER_PROMPT
from autograder.assignment.policy import SETTINGS
from autograder.assignment.regions import parse_regions
from autograder.assignment.settings import CHECKS, SourceNotebook
from autograder.compile.otter_student import given_cell_first, lock_given_cells, tag_bonus
from autograder.compile.passes import Pass, apply, clear_outputs, clear_trial_metadata
from autograder.compile.publishing import write_zip
from autograder.errors import BuildError
from autograder.model import Credit
from autograder.peers.otter import run_otter
from autograder.totals import share_of, subtract

__all__ = ["OtterOutput", "make_otter", "normalise_zip", "otter_master"]

# What the hidden tests import in Gradescope's container, where this project isn't installed.
_GRADER_PACKAGE = "autograder"
_PACKAGE = Path(__file__).parent.parent
_ASSIGN_SECONDS = 300
_WRITTEN_QUESTION = "Answer in the cell below."


class OtterOutput:
    """Where `otter assign` left what it made: `student/`, the solved notebook, and the zip."""

    def __init__(self, folder: Path, name: str) -> None:
        self.student = folder / "student"
        self.solved = folder / "autograder" / f"{name}.ipynb"
        zips = sorted((folder / "autograder").glob("*.zip"))
        if not zips:
            raise BuildError("otter assign ended without an autograder zip.")
        self.zip = zips[0]


def otter_master(source: SourceNotebook, config: dict[str, Any]) -> NotebookNode:
    """Return the master notebook that `otter assign` reads.

    Each graded cell becomes a question of the same name: a test gets a public case without points,
    and a hidden one, that repeats the public lines and carries the points. otter has no partial
    credit inside a case: with `[credit]`, each share of the points that may stay has a case.
    """
    first = new_raw_cell("# ASSIGNMENT CONFIG\n" + yaml.safe_dump(config, sort_keys=False))
    questions = functools.partial(_as_questions, credit=source.assignment.credit)
    passes: tuple[Pass, ...] = (clear_outputs, clear_trial_metadata, questions, _without_ids)
    master = apply(source.notebook, passes)
    master.cells.insert(0, _bare(first))
    return master


def _without_ids(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook in format 4.4: otter makes random cell ids for a newer one."""
    result = copy.deepcopy(notebook)
    result.nbformat_minor = 4
    result.cells = [_bare(cell) for cell in result.cells]
    return result


def _bare(cell: NotebookNode) -> NotebookNode:
    return NotebookNode({key: value for key, value in cell.items() if key != "id"})


def _as_questions(notebook: NotebookNode, credit: Credit) -> NotebookNode:
    result = copy.deepcopy(notebook)
    assigned: set[str] = set()
    cells: list[NotebookNode] = []
    for index, cell in enumerate(notebook.cells):
        if _is_question_text(cell, notebook.cells[index + 1 : index + 2]):
            continue  # it becomes part of the question that follows
        text = notebook.cells[index - 1] if index and _is_question_text(notebook.cells[index - 1], [cell]) else None
        cells += _question(cell, assigned, credit.of(grade_id(cell)), text)
        if cell.cell_type == "code":
            assigned |= set(names_of(cell.source).assigned)
    result.cells = cells
    return result


def _is_question_text(cell: NotebookNode, next_cells: list[NotebookNode]) -> bool:
    """Tell whether this text asks for the written answer that follows it."""
    is_given = cell.cell_type == "markdown" and cell_kind(cell) == "given"
    return is_given and any(is_written(one) for one in next_cells)


def _question(
    cell: NotebookNode, assigned: set[str], shares: Mapping[str, float], text_above: NotebookNode | None = None
) -> Iterator[NotebookNode]:
    """Yield the cells of otter's question for a cell of the source.

    Args:
        cell: the cell.
        assigned: the names that the cells above it assign.
        shares: the part of a test's points that stays, by kind of mistake.
        text_above: the text that asks for a written answer. otter locks a written question's first cell,
            and marks it for export by a comment: that has to be this text, never the answer.
    """
    if is_test(cell):
        yield from _block("QUESTION", _tests(cell, assigned, shares), name=grade_id(cell))
    elif is_written(cell):
        settings = {"name": grade_id(cell), "manual": True, "points": points_of(cell)}
        prompt = _block("PROMPT", [new_markdown_cell(OTTER_PROMPT)])
        answer = _block("SOLUTION", [new_markdown_cell(parse_regions(cell.source).without_markers().strip())])
        text = new_markdown_cell(_WRITTEN_QUESTION if text_above is None else text_above.source)
        yield from _block("QUESTION", [text, *prompt, *answer], **settings)
    elif is_solution(cell):
        code = re.sub(r"^(\s*).*\b(BEGIN|END) SOLUTION\b.*$", r"\1# \2 SOLUTION", cell.source, flags=re.MULTILINE)
        yield from _block("QUESTION", [*_block("SOLUTION", [new_code_cell(code)])], name=grade_id(cell))
    else:
        plain = copy.deepcopy(cell)
        plain.metadata = NotebookNode()
        yield plain


def _block(kind: str, cells: list[NotebookNode] | Iterator[NotebookNode], **settings: Any) -> Iterator[NotebookNode]:
    body = "\n" + yaml.safe_dump(settings, sort_keys=False).strip() if settings else ""
    yield new_raw_cell(f"# BEGIN {kind}{body}")
    yield from cells
    yield new_raw_cell(f"# END {kind}")


def _tests(cell: NotebookNode, assigned: set[str], shares: Mapping[str, float]) -> Iterator[NotebookNode]:
    regions = parse_regions(cell.source)
    public, whole = regions.outside("HIDDEN TESTS"), regions.without_markers()
    points = points_of(cell)
    hidden = bool(regions.of("HIDDEN TESTS"))
    if shares:
        cases = [_case("public", public if hidden else whole, assigned, points=0)]
        cases += _cases_of_shares(whole, assigned, shares, points)
    elif hidden:
        cases = [
            _case("public", public, assigned, points=0),
            _case("hidden", whole, assigned, points=points, hidden=True),
        ]
    else:
        cases = [_case("public", whole, assigned, points=points)]
    yield from _block("TESTS", cases)


def _cases_of_shares(
    whole: str, assigned: set[str], shares: Mapping[str, float], points: float
) -> Iterator[NotebookNode]:
    """Yield a hidden case for each share that may stay, and one for what no mistake leaves.

    Each carries what it leaves more than the next smaller one.
    """
    below = 0.0
    for least in sorted({*shares.values(), 1.0}):
        worth = subtract(share_of(points, least), share_of(points, below))
        name = "hidden" if least == 1.0 else f"hidden_{format(least, 'g').replace('.', '_')}"
        settings = {"points": worth, "hidden": True}
        yield _case(name, whole, assigned, (shares, least) if least < 1.0 else None, **settings)
        below = least


class _StudentGlobals(ast.NodeTransformer):
    """Puts `env` in the place of each `globals()`, and notes whether there was any."""

    found = False

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Replace one call."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "globals":
            self.found = True
            return ast.copy_location(ast.Name("env", ast.Load()), node)
        return node


def _case(
    name: str, code: str, assigned: set[str], share: tuple[Mapping[str, float], float] | None = None, **settings: Any
) -> NotebookNode:
    """Return a test case: a function of the student's names that its code reads.

    With a share it holds where at least that much of the points stays.

    otter passes None for a name that is missing, and as `env` the student's whole namespace: `globals()` would be that of
    the test's own file.
    """
    tree, globals_ = parse_cell(code), _StudentGlobals()
    globals_.visit(tree)
    parameters = (set(names_of(code).read) & assigned) | ({"env"} if globals_.found else set())
    function = ast.parse(f"def {name}({', '.join(sorted(parameters))}): pass")
    # By its syntax tree, since indenting text would change strings of several lines.
    function.body[0].body = tree.body if share is None else _with_share(tree.body, *share)  # type: ignore[attr-defined]
    head = ['""" # BEGIN TEST CONFIG', yaml.safe_dump(settings).strip(), '""" # END TEST CONFIG']
    case: NotebookNode = new_code_cell("\n".join([*head, ast.unparse(function)]))
    return case


def _with_share(body: list[ast.stmt], shares: Mapping[str, float], least: float) -> list[ast.stmt]:
    """Return statements that run others, and hold where they leave at least a share of the points."""
    text = f"""
from autograder.hidden.credit import needs_share
def test(): pass
needs_share(test, {dict(shares)!r}, {least!r})
"""
    statements = ast.parse(text).body
    statements[1].body = body  # type: ignore[attr-defined]
    return statements


def make_otter(source: SourceNotebook, release: Path, pins: tuple[str, ...], work: Path) -> OtterOutput:
    """Run `otter assign` on the master made from this source.

    Args:
        source: what to compile.
        release: nbgrader's release folder, complete: the files and the
            student's checks are taken from it.
        pins: the requirements of the grading container.
        work: an empty folder for the master and otter's output.

    Raises:
        BuildError: otter failed; the message ends with what it printed last.
    """
    files = [*source.assignment.files, *([CHECKS] if source.has_checks else [])]
    for name in files:
        _copy(release / name, work / name)
    _copy_grader(work / _GRADER_PACKAGE)
    shutil.copy(source.assignment.folder / SETTINGS, work / SETTINGS)
    master = work / f"{source.assignment.name}.ipynb"
    nbformat.write(otter_master(source, _config(source, files, pins)), master)
    _assign(master, work / "made")
    output = OtterOutput(work / "made", source.assignment.name)
    _tidy(output.student)
    _finish(output.student / f"{source.assignment.name}.ipynb", source.notebook)
    return output


def _finish(notebook: Path, source: NotebookNode) -> None:
    """Lock what is given in the student's notebook, let a given cell come first, and tag what is bonus."""
    student = tag_bonus(nbformat.read(notebook, as_version=nbformat.NO_CONVERT), source)
    nbformat.write(apply(student, (lock_given_cells, given_cell_first)), notebook)


def _config(source: SourceNotebook, files: list[str], pins: tuple[str, ...]) -> dict[str, Any]:
    assignment = source.assignment
    return {
        "requirements": list(pins),
        "python_version": assignment.python,
        "files": files,
        "autograder_files": [_GRADER_PACKAGE, SETTINGS],
        "init_cell": True,
        "check_all_cell": False,
        "export_cell": {"pdf": False, "run_tests": True},
        "run_tests": False,  # the gate runs the finished zip instead, and looks at the score
        "tests": {"ok_format": False},
        "generate": {"pdf": False, "seed": assignment.seed},
    }


def _copy(origin: Path, target: Path) -> None:
    if origin.is_dir():
        shutil.copytree(origin, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(origin, target)


def _copy_grader(target: Path) -> None:
    """Copy the part of this package that the hidden tests import, and no more."""
    for part in ("checks", "hidden", "assignment/__init__.py", "assignment/policy.py"):
        _copy(_PACKAGE / part, target / part)
    (target / "__init__.py").write_text(
        '"""The checks of the autograder, as the tests import them."""\n', encoding="utf-8"
    )


def _assign(master: Path, out: Path) -> None:
    arguments = ["assign", "--no-pdfs", "--no-run-tests", master.name, out.name]
    code, output = run_otter(arguments, _ASSIGN_SECONDS, folder=master.parent)
    if code:
        raise BuildError("otter assign failed: " + " / ".join(output.strip().splitlines()[-5:]))


def _tidy(student: Path) -> None:
    """Drop what otter leaves in the student's folder without need: an empty tests folder, compiled files."""
    for cache in student.rglob("__pycache__"):
        shutil.rmtree(cache)
    tests = student / "tests"
    if tests.is_dir() and not any(tests.iterdir()):
        tests.rmdir()


def normalise_zip(origin: Path, target: Path) -> None:
    """Rewrite a zip with sorted entries and no dates."""
    with zipfile.ZipFile(origin) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/") and "__pycache__" not in name]
        write_zip(target, {name: archive.read(name) for name in names})
