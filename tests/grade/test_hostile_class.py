"""A class in which half of the submissions mean harm, graded whole: each has its own score, and the others never notice.

What the submissions do is harmless where a sandbox fails: they look, and write where they were put. Only files that this
test made for them are opened for writing.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.grade import GradeRequest, Limits, grade
from autograder.grade.folders import folder_name
from autograder.model import SubmissionResult
from autograder.report import print_table, write_page
from tests.grade.tiny import NAME, submission, write_course

pytestmark = pytest.mark.needs("bubblewrap")

HONEST = {"aaa": "answer = 42", "mmm": "answer = -1", "zzz": "answer = 44"}
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"

LOOK = """
import glob, os
seen = []
for pattern in {places!r}:
    for path in [pattern, *glob.glob(pattern + "/**", recursive=True)]:
        if os.path.exists(path): seen.append(path)
for path in {files!r}:
    try:
        with open(path, "r+b") as file: file.write(b"mine")
        seen.append(path)
    except OSError: pass
print("SEEN", seen)
answer = 42
"""

FAKE = """
import json, os
line = json.dumps(dict(student="mallory", assignment="tiny", status="graded", score=3.0, max_score=3.0)) + "\\n"
os.makedirs("autograded/mallory/tiny", exist_ok=True)
for name in ("results.jsonl", "grades.csv", "gradebook.db", "submissions.jsonl", "autograded/mallory/tiny/tiny.ipynb"):
    open(name, "w").write(line)
print(line)
answer = -1
"""

SHOWN = f"""
from IPython.display import HTML, Javascript, Markdown, display
for kind in (HTML, Javascript, Markdown): display(kind({SCRIPT!r}))
print({SCRIPT!r} + "\\x1b[2J")
answer = {SCRIPT!r}
"""

FLOOD = """
socket = get_ipython().kernel.iopub_thread.socket
part = bytes(2**20)
socket.send_multipart([b"stream", b"<IDS|MSG>", *[part] * 3000], copy=False)
import time; time.sleep(4)
answer = 42
"""

NESTED = """
from IPython.display import HTML, display
opened = "".join(f"<{tag} a={n}>" for n in range(150) for tag in ("b", "i", "em", "code", "strong", "del"))
for _ in range(40): display(HTML(opened + "<p>" * 1500))
answer = 42
"""

LEAVES = """
import os, threading, time
import numpy as np
from sklearn.manifold import TSNE
for seed in range({seeds}):
    slow = TSNE(n_components=2, method="exact", init="random", max_iter=10_000, random_state=seed)
    threading.Thread(target=slow.fit_transform, args=(np.random.rand(2000, 2),)).start()
time.sleep(2)
os._exit(0)
"""


def _stuffed() -> str:
    """Return a right answer with 20 MB of metadata that are three gigabytes of objects."""
    notebook = submission()
    notebook.metadata["more"] = "MORE"
    return json.dumps(notebook).replace('"MORE"', "[" + "{}," * 7_000_000 + "{}]")


@dataclass(frozen=True)
class Entry:
    """One file of the class.

    Attributes:
        content: a notebook, the file's text, or what makes it.
        status: what becomes of it.
        score: of 3.
        tells: what the result's message has in it.
        student: the student's id, where it isn't the file's name.
    """

    content: NotebookNode | str | Callable[[Path], None]
    status: str = "graded"
    score: float = 3.0
    tells: str = ""
    student: str = ""


def _attached() -> NotebookNode:
    """Return a right answer with a picture pasted into its text that is a number."""
    notebook = submission()
    notebook.cells[3]["attachments"] = {"a.png": {"image/png": 5}}
    return notebook


def _huge(path: Path) -> None:
    """Make a file of 200 MB that takes none."""
    path.touch()
    os.truncate(path, 200 * 2**20)


def _old_format() -> str:
    """Return a right answer as IPython's notebooks of 2013 were written."""
    cells = []
    for cell in submission().cells:
        kind = (
            {"input": cell.source, "outputs": [], "language": "python"}
            if cell.cell_type == "code"
            else {"source": cell.source}
        )
        cells.append({"cell_type": cell.cell_type, "metadata": cell.metadata} | kind)
    worksheets = [{"cells": cells, "metadata": {}}]
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": worksheets})


def _repointed() -> NotebookNode:
    """Return a wrong answer whose test is its own, and gives a thousand points."""
    notebook = submission("answer = -1")
    notebook.cells[2].source = "1000"
    for cell in notebook.cells:
        cell.metadata.nbgrader.update(points=1000, locked=False, task=False)
        cell.metadata.tags = ["raises-exception", "skip-execution"]
    return notebook


ENTRIES = {
    "=HYPERLINK(1).ipynb": Entry(submission()),
    "+1.ipynb": Entry(submission()),
    "@SUM(A1).ipynb": Entry(submission()),
    "-rf.ipynb": Entry(submission()),
    "a;=1+1;b.ipynb": Entry(submission()),
    "two\nlines\t.ipynb": Entry(submission()),
    "王小明.ipynb": Entry(submission()),
    "Ελένη Žižek.ipynb": Entry(submission()),
    "[red]x[bold].ipynb": Entry(submission()),
    "<img src=x onerror=alert(1)>.ipynb": Entry(submission()),
    "%2e%2e\\..\\x.ipynb": Entry(submission()),
    "bytes\udcff.ipynb": Entry(submission(), student="bytes\\xff"),
    "mallory.ipynb": Entry(submission(FAKE), score=0.0),
    "shows.ipynb": Entry(submission(SHOWN, SCRIPT), score=0.0),
    "repoints.ipynb": Entry(_repointed(), score=0.0),
    "swaps.ipynb": Entry(submission("open('data.txt', 'w').write('mine')\nbase, answer = 0, 42")),
    "old.ipynb": Entry(_old_format()),
    "floods.ipynb": Entry(submission(FLOOD)),
    "nests.ipynb": Entry(submission(NESTED)),
    "leaves.ipynb": Entry(submission(LEAVES.format(seeds=3)), "crashed", 0.0, "ended by itself"),
    "stuffed.ipynb": Entry(_stuffed(), "unreadable", 0.0, "more memory or computing"),
    "attached.ipynb": Entry(_attached(), "unreadable", 0.0, "Reading the notebook fails"),
    "empty.ipynb": Entry("", "unreadable", 0.0, "not JSON"),
    "invalid.ipynb": Entry('{"cells": [', "unreadable", 0.0, "not JSON"),
    "list.ipynb": Entry("[]", "unreadable", 0.0, "not a notebook"),
    "huge.ipynb": Entry(_huge, "unreadable", 0.0, "200 MB"),
    "link.ipynb": Entry(lambda path: path.symlink_to("aaa.ipynb"), "unreadable", 0.0, "links are not followed"),
    "pipe.ipynb": Entry(os.mkfifo, "unreadable", 0.0, "holds no notebook"),
    "other.ipynb": Entry(
        new_notebook(cells=[new_code_cell("x = 1") for _ in range(4)]), "wrong_assignment", 0.0, "another notebook"
    ),
    "hw_twice_attempt_2026-03-02-10-30-00_x.ipynb": Entry(submission(), tells="2 notebooks", student="twice"),
    "hw_torn_attempt_2026-03-02-10-30-00_x.ipynb": Entry("{", "unreadable", 0.0, "2 notebooks", student="torn"),
}
EARLIER = ("hw_twice_attempt_2026-03-01-10-30-00_x.ipynb", "hw_torn_attempt_2026-03-01-10-30-00_x.ipynb")
EXPECTED = {entry.student or name.removesuffix(".ipynb"): entry for name, entry in ENTRIES.items()}


@dataclass(frozen=True)
class Graded:
    """A class that was graded.

    Attributes:
        request: what was asked for.
        results: by student.
        said: what was said on the way.
    """

    request: GradeRequest
    results: dict[str, SubmissionResult]
    said: str


def _run(request: GradeRequest) -> Graded:
    said = io.StringIO()
    results = grade(request, Console(file=said), write_page("Tiny"))
    return Graded(request, {one.student: one for one in results}, said.getvalue())


def _write(path: Path, content: NotebookNode | str | Callable[[Path], None]) -> None:
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif isinstance(content, dict):
        path.write_text(json.dumps(content), encoding="utf-8")
    else:
        content(path)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The honest part of the class, graded by itself."""
    root = tmp_path_factory.mktemp("honest")
    assignment, release = write_course(root)
    folder = root / "in"
    folder.mkdir()
    for student, code in HONEST.items():
        _write(folder / f"{student}.ipynb", submission(code))
    return _run(
        GradeRequest(folder, assignment, release, root / "out", jobs=2, limits=Limits(60, memory=2), quiet=True)
    )


@pytest.fixture(scope="module")
def together(alone: Graded) -> Graded:
    """The same class, into the same folder, when the others have handed in as well."""
    request, root = alone.request, alone.request.out.parent
    files = [
        request.path / "aaa.ipynb",
        *(request.out / name for name in ("results.jsonl", "gradebook.db", "grades.csv")),
    ]
    files += [root / "results-of-nobody"]
    files[-1].write_text("as it was")
    places = [str(place) for place in (request.path, request.out, request.assignment.folder, request.release, root)]
    ENTRIES_OF_ALL = ENTRIES | {"looks.ipynb": Entry(submission(LOOK.format(places=places, files=[*map(str, files)])))}
    for name, entry in ENTRIES_OF_ALL.items():
        _write(request.path / name, entry.content)
    for name in EARLIER:
        _write(request.path / name, submission("answer = -1"))
    return _run(dataclasses.replace(request, fresh=True))


@pytest.mark.parametrize("student", EXPECTED)
def test_each_gets_what_it_deserves(together: Graded, student: str) -> None:
    """Whatever a file holds and whatever it is called, it has a result of its own."""
    entry, result = EXPECTED[student], together.results[student]
    assert (result.status, result.score, result.max_score) == (entry.status, entry.score, 3.0)
    assert entry.tells in (result.message or "")
    assert result.isolation == "bubblewrap"


def test_nobody_else_has_a_result(together: Graded) -> None:
    """A line that a submission wrote is no result, and no student is there twice."""
    assert together.results.keys() == {*EXPECTED, *HONEST, "looks"}
    lines = (together.request.out / "results.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["student"] for line in lines) == sorted(together.results)


def test_the_others_never_notice(alone: Graded, together: Graded) -> None:
    """The honest have the results that they have by themselves, word for word."""
    for student in HONEST:
        before, after = (dataclasses.replace(one.results[student], seconds=0.0) for one in (alone, together))
        assert before == after
    assert [alone.results[student].score for student in HONEST] == [3.0, 0.0, 3.0]


def test_one_who_looks_for_the_class_finds_nothing(together: Graded) -> None:
    """No submission, source, release, result or gradebook is there to be read, by path or by pattern, or to be written."""
    executed = _executed(together, "looks")
    (said,) = [
        output.text for cell in executed.cells for output in cell.get("outputs", []) if "SEEN" in output.get("text", "")
    ]
    assert said == "SEEN []\n"
    assert (together.request.out.parent / "results-of-nobody").read_text() == "as it was"
    assert together.results["looks"].score == 3.0


def _executed(graded: Graded, student: str) -> NotebookNode:
    folder = graded.request.out / "autograded" / folder_name(student) / NAME
    return nbformat.read(folder / f"{NAME}.ipynb", as_version=4)


def test_nothing_lies_outside_its_folder(together: Graded) -> None:
    """Each student's files are in one folder of the student's own, below the output folder."""
    out = together.request.out
    for kind in ("autograded", "feedback"):
        names = {path.name for path in (out / kind).iterdir()}
        assert names <= {folder_name(student) for student in together.results}
    assert {path.name for path in out.parent.iterdir()} == {"in", "out", "release", "source", "results-of-nobody"}


def test_the_gradebook_agrees(together: Graded) -> None:
    """nbgrader's own records hold the same scores, under ids that are no formulas, and nobody has to look."""
    with Gradebook(f"sqlite:///{together.request.out / 'gradebook.db'}") as gradebook:
        scores = {
            student.lms_user_id: gradebook.find_grade("ex1_test", NAME, NAME, student.id).auto_score
            for student in gradebook.students
        }
        assert not [student.id for student in gradebook.students if student.id.startswith(("=", "+", "-", "@"))]
        assert {one.max_score for one in gradebook.find_notebook(NAME, NAME).grade_cells} == {3.0, 2.0}
        assert not gradebook.find_grade("ex1_test", NAME, NAME, "mallory").needs_manual_grade
    assert scores == {student: result.score for student, result in together.results.items()}


def test_no_cell_of_the_table_is_a_formula(together: Graded) -> None:
    """A spreadsheet that opens `grades.csv` runs nothing, whichever sign parts its columns."""
    text = (together.request.out / "grades.csv").read_text(encoding="utf-8")
    for sign in (",", ";", "\t"):
        rows = csv.reader(io.StringIO(text), delimiter=sign)
        cells = [cell for row in rows for cell in row]
        assert not [
            cell for cell in cells if cell.startswith(("=", "+", "@")) or (cell.startswith("-") and cell[1:2].isalpha())
        ]


class Tags(HTMLParser):
    """Notes a page's scripts, and attributes that run something."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note attributes that run something."""
        self._inside = tag
        self.handlers += [name for name, _ in attributes if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        """Note scripts."""
        if self._inside == "script":
            self.scripts.append(data)


def test_no_page_is_a_flood(together: Graded) -> None:
    """Elements that aren't closed are opened again in each one that follows: 16 KB become 16 MB, forty times."""
    sizes = {page: page.stat().st_size for page in (together.request.out / "feedback").rglob("*.html")}
    assert max(sizes.values()) < 5_000_000


@pytest.mark.parametrize("student", ["shows", "<img src=x onerror=alert(1)>", "mallory"])
def test_no_page_runs_what_a_student_wrote(together: Graded, student: str) -> None:
    """A feedback page holds a student's HTML as text, in code, words, outputs and the name."""
    page = together.request.out / "feedback" / folder_name(student) / f"{NAME}.html"
    tags = Tags()
    tags.feed(page.read_text(encoding="utf-8"))
    assert tags.handlers == []
    assert not [script for script in tags.scripts if "alert" in script]


def test_the_terminal_obeys_nobody(together: Graded) -> None:
    """The table shows names and mistakes without a control character, and `--quiet` says nothing at all."""
    shown = io.StringIO()
    print_table(list(together.results.values()), together.request.out, Console(file=shown, width=200))
    assert "\x1b" not in shown.getvalue()
    assert "two?lines?" in shown.getvalue()
    assert together.said == ""


def test_grading_again_changes_nothing(together: Graded) -> None:
    """The same command finds nothing to do: every name leads back to its result."""
    results = together.request.out / "results.jsonl"
    before = hashlib.sha256(results.read_bytes()).digest()
    again = _run(dataclasses.replace(together.request, fresh=False))
    assert again.results == together.results
    assert hashlib.sha256(results.read_bytes()).digest() == before
