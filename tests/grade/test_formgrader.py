"""A graded class in nbgrader's own hands: formgrader in a real browser, marks by hand, feedback and export."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.grade import GradeRequest, Limits, grade
from autograder.grade.folders import folder_name
from tests.grade.tiny import NAME, submission, write_course
from tests.needs import chromium

browsers = pytest.importorskip("playwright.sync_api", reason="the Python package `playwright` is missing")
CHROMIUM = chromium()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("Chromium"),
]

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
COMMENT = "Which of them? Look at the loops."
WORDS = "The fours lie **among** the nines."
HOSTILE = "<script>document.documentElement.dataset.ran = 'words'</script><img src=x onerror=\"document.title='ran'\">"
SHOWN = """answer = 42
from IPython.display import HTML, Javascript, display
display(HTML("<script>document.documentElement.dataset.ran = 'html'</script>shown"))
display(Javascript("document.documentElement.dataset.ran = 'javascript'"))"""
CLASS = {
    "ada": submission(words=WORDS),
    "=bob": submission("answer = -1", "I don't know."),
    "Zoë Ünal": submission(words="Schön."),
    "mallory": submission(SHOWN, HOSTILE),
    "blank": submission("# YOUR CODE HERE", "YOUR ANSWER HERE"),
}


CONFIG = """
from pathlib import Path
from autograder.peers.nbgrader import course_config
c = get_config()
c.merge(course_config(Path({out!r})))
"""


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> GradeRequest:
    """A class that is graded, into a folder that is an nbgrader course."""
    root = tmp_path_factory.mktemp("formgrader")
    assignment, release = write_course(root)
    folder, out = root / "in", root / "course"
    folder.mkdir()
    for student, notebook in CLASS.items():
        nbformat.write(notebook, folder / f"{student}.ipynb")
    request = GradeRequest(folder, assignment, release, out, jobs=2, limits=Limits(60, memory=2), quiet=True)
    grade(request, Console(stderr=True), _no_page)
    shutil.copytree(assignment.folder, out / "source" / NAME)
    (out / "nbgrader_config.py").write_text(CONFIG.format(out=str(out)))
    return request


def _no_page(*_: object, **__: object) -> None:
    """Write no page."""


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment in which Jupyter reads and writes nothing of the user's."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    own = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    return os.environ | own | {"HOME": str(home), "IPYTHONDIR": str(home / "ipython")}


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """Run a Jupyter server with formgrader in a course folder, on a free port of the loopback; give its address."""
    environment = _environment(folder.parent)
    config = folder.parent / "server.json"
    extensions = {"nbgrader.server_extensions.formgrader": True}
    settings = {
        "ip": "127.0.0.1",
        "port": 0,
        "open_browser": False,
        "allow_root": True,
        "jpserver_extensions": extensions,
    }
    config.write_text(json.dumps({"ServerApp": settings, "IdentityProvider": {"token": ""}}))
    with (folder.parent / "server.log").open("w") as log:
        command = [sys.executable, "-m", "jupyter_server", f"--config={config}", f"--ServerApp.root_dir={folder}"]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            yield _address(process, Path(environment["JUPYTER_RUNTIME_DIR"]), folder.parent / "server.log")
        finally:
            process.terminate()
            process.wait(20)


def _address(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """Wait until a server answers, and return where."""
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        for file in runtime.glob("jpserver-*.json"):
            address = str(json.loads(file.read_text() or "{}").get("url", "")).rstrip("/")
            try:
                with urllib.request.urlopen(f"{address}/api", timeout=5):  # noqa: S310 (the loopback)
                    return address
            except (OSError, ValueError):
                pass
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def page(request_: GradeRequest) -> Iterator[object]:
    """A browser's page whose address bar begins at formgrader; nothing but the loopback is reached."""
    with _server(request_.out) as address, browsers.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(base_url=f"{address}/formgrader/")
        context.route(lambda url: not url.startswith(address), lambda route: route.abort())
        page = context.new_page()
        page.set_default_timeout(30_000)
        yield page
        browser.close()


def rows(page: object) -> list[list[str]]:
    """Return the texts of the table on a page, when it is filled."""
    page.wait_for_selector("td.name a")
    return [row.inner_text().split("\t") for row in page.locator("tbody tr").all()]


def open_submission(page: object, student: str, *, out: Path) -> None:
    """Open a student's submission from the list of all, as a person does."""
    page.goto(f"gradebook/{NAME}/{NAME}")
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as gradebook:
        number = gradebook.find_submission_notebook(NAME, NAME, student).id
    page.wait_for_selector("td.name a")
    page.evaluate("number => document.querySelector(`td.name a.name-hidden[href*='${number}']`).click()", number)
    page.wait_for_selector("#ex1_written")
    # The scores are fetched once the page is there.
    page.wait_for_function("window.formgrader?.grades?.loaded && formgrader.comments?.loaded")


def test_the_assignment_opens_from_the_gradebook(page) -> None:
    """Manual grading lists the assignment, its notebook, and each submission with what is still to be marked."""
    page.goto("gradebook")
    page.get_by_role("link", name=NAME, exact=True).click()
    page.wait_for_url(f"**/gradebook/{NAME}")
    page.get_by_role("link", name=NAME, exact=True).click()
    page.wait_for_url(f"**/gradebook/{NAME}/{NAME}")
    assert sorted([cell.strip() for cell in row][2:5] for row in rows(page)) == [
        *[["0 / 5", "0 / 3", "0 / 2"]] * 2,
        *[["3 / 5", "3 / 3", "0 / 2"]] * 3,
    ]
    assert page.locator("td[data-search='needs manual grade']").count() == len(CLASS) - 1
    assert page.locator("td[data-search='tests failed']").count() == 2


def test_the_students_page_has_each_score(page) -> None:
    """Each student stands there under the folder's name, with the machine's score."""
    page.goto("manage_students")
    scores = {row[1].strip(): row[3].strip() for row in rows(page)}
    bob = folder_name("=bob")
    assert scores == {"ada": "3 / 5", bob: "0 / 5", "Zoë Ünal": "3 / 5", "mallory": "3 / 5", "blank": "0 / 5"}


def test_a_submission_opens(page, request_: GradeRequest) -> None:
    """The page of a submission shows the written answer, the code and the machine's points."""
    open_submission(page, "ada", out=request_.out)
    assert page.locator("strong", has_text="among").count() == 1
    assert "answer = 42" in page.inner_text("body")
    assert page.get_attribute("#ex1_test", "placeholder") == "3"
    assert page.input_value("#ex1_written") == ""


@pytest.mark.parametrize("student", ["Zoë Ünal", folder_name("=bob"), "blank"])
def test_every_name_opens(page, request_: GradeRequest, student: str) -> None:
    """A name of another alphabet, a formula and an empty answer open as any other."""
    open_submission(page, student, out=request_.out)
    assert page.locator("#ex1_test").count() == 1


@pytest.fixture(scope="module")
def marked(page, request_: GradeRequest) -> GradeRequest:
    """The class after a person has typed points and a comment into a page."""
    open_submission(page, "ada", out=request_.out)
    for field, text, url in (
        ("#ex1_written", "1.5", "/api/grade/"),
        ("#ex1_written-comment", COMMENT, "/api/comment/"),
    ):
        with page.expect_response(lambda answer, url=url: url in answer.url and answer.request.method == "PUT") as told:
            page.fill(field, text)
            page.dispatch_event(field, "change")
        assert told.value.ok
    return request_


def assert_marked(out: Path) -> None:
    """Assert that the gradebook holds the machine's points, the person's and the comment."""
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as gradebook:
        written = gradebook.find_grade("ex1_written", NAME, NAME, "ada")
        assert (written.auto_score, written.manual_score, written.score) == (None, 1.5, 1.5)
        assert gradebook.find_grade("ex1_test", NAME, NAME, "ada").auto_score == 3.0
        assert gradebook.find_comment("ex1_written", NAME, NAME, "ada").comment == COMMENT


def test_a_mark_is_kept(page, marked: GradeRequest) -> None:
    """Points and a comment that were typed into the page stand in the gradebook, and in the page opened again."""
    assert_marked(marked.out)
    open_submission(page, "ada", out=marked.out)
    assert page.input_value("#ex1_written") == "1.5"
    assert page.input_value("#ex1_written-comment") == COMMENT


@pytest.fixture(scope="module")
def regraded(marked: GradeRequest) -> GradeRequest:
    """The class graded once more, from the beginning, while the server runs."""
    grade(replace(marked, fresh=True), Console(stderr=True), _no_page)
    return marked


def test_a_mark_survives_a_fresh_run(page, regraded: GradeRequest) -> None:
    """Grading everything again costs no person's mark and no comment; the page shows them."""
    assert_marked(regraded.out)
    open_submission(page, "ada", out=regraded.out)
    assert page.input_value("#ex1_written") == "1.5"
    assert page.input_value("#ex1_written-comment") == COMMENT
    page.goto("manage_students")
    assert {row[1].strip(): row[3].strip() for row in rows(page)}["ada"] == "4.5 / 5"


def _nbgrader(request: GradeRequest, *arguments: str) -> str:
    """Run one of nbgrader's own commands in the course; return what it says."""
    done = subprocess.run(
        ["nbgrader", *arguments],
        cwd=request.out,
        env=_environment(request.out.parent),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_nbgrader_writes_feedback(regraded: GradeRequest) -> None:
    """`nbgrader generate_feedback` makes a page for each student, with the score and the comment; ours stay."""
    _nbgrader(regraded, "generate_feedback", NAME)
    pages = {path.parent.parent.name: path for path in (regraded.out / "feedback").glob(f"*/{NAME}/{NAME}.html")}
    assert sorted(pages) == sorted(map(folder_name, CLASS))
    text = pages["ada"].read_text(encoding="utf-8")
    assert COMMENT in text
    assert "<strong>4.5</strong> of 5 points" in " ".join(text.split())


def test_nbgrader_exports_the_scores(regraded: GradeRequest) -> None:
    """`nbgrader export` writes a table that has each student's whole score."""
    table, ours = regraded.out / "exported.csv", (regraded.out / "grades.csv").read_bytes()
    _nbgrader(regraded, "export", "--to", str(table))
    assert (regraded.out / "grades.csv").read_bytes() == ours
    with table.open(newline="", encoding="utf-8") as file:
        scores = {row["student_id"]: (row["score"], row["max_score"]) for row in csv.DictReader(file)}
    expected = {"ada": 4.5, folder_name("=bob"): 0.0, "Zoë Ünal": 3.0, "mallory": 3.0, "blank": 0.0}
    assert scores == {student: (str(score), "5.0") for student, score in expected.items()}


def test_a_students_script_does_not_run(page, request_: GradeRequest) -> None:
    """What a student shows or writes is seen by the person who marks, and no script of it runs in that browser."""
    open_submission(page, "mallory", out=request_.out)
    page.wait_for_timeout(500)
    assert "shown" in page.inner_text("body")
    assert page.evaluate("document.title") != "ran"
    assert page.evaluate("document.documentElement.dataset.ran") is None
