"""The zip in a root file system laid out as Gradescope's: root with a container's rights, no bubblewrap, a hostile student."""

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from autograder.assignment.settings import read_source
from autograder.compile.gradescope_zip import write_gradescope_zip
from tests.grade import tiny
from tests.gradescope.hostile import FOUND, SEARCH
from tests.gradescope.layout import HARNESS_TOKEN, unpack
from tests.gradescope.schema import faults_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("mounts"),
]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The tiny assignment's image, set up by its own setup.sh; with what that printed."""
    root = tmp_path_factory.mktemp("course")
    assignment, release = tiny.write_course(root)
    (root / "requirements.lock").write_text("numpy==2.4.6\n")
    zipped = root / "tiny-gradescope.zip"
    write_gradescope_zip(read_source(assignment.folder), release, root / "requirements.lock", zipped)
    image = unpack(zipped, tmp_path_factory.mktemp("image"))
    return image, image.set_up()


@pytest.fixture
def container(image, tmp_path):
    """Return a function that makes a container with a notebook in it, whose answer is some code."""

    def make(code=None, **settings):
        container = image[0].container(tmp_path, **settings)
        if code is not None:
            nbformat.write(tiny.submission(code), container.autograder / "submission" / "homework.ipynb")
        return container

    return make


def graded(container):
    """Grade, and return the results, which Gradescope can read and students can't."""
    container.grade()
    assert (container.autograder / "results" / "exit_code").read_text().strip() == "0", container.stdout
    return valid(container)


def valid(container):
    """Return the results once they are known to be sound."""
    assert faults_of(container.results) == []
    assert "Traceback" not in json.dumps(container.results)
    assert container.results["output"] != "" or container.results["score"] > 0
    return container.results


def test_setup_tries_the_levels_and_tells(image):
    """The command of docs/gradescope.md works, and the build log says what works in the image."""
    assert "isolation level bubblewrap: does not work (this system denies user namespaces to " in image[1]
    assert "isolation level user: works" in image[1]


def test_setup_closes_what_is_the_graders(image):
    """Only root can read tests and solutions; Python stays open."""
    source = image[0].autograder / "source"
    assert {oct(path.stat().st_mode & 0o077) for path in (source, *source.rglob("*"))} == {"0o0"}
    assert (image[0].opt / "autograder" / "venv").is_symlink()


def test_a_right_answer_gets_its_points(container):
    """As everywhere; and the level stands in it, for instructors."""
    made = container("answer = 42")
    results = graded(made)
    assert results["score"] == 3
    checked, written = results["tests"]
    assert (checked["name"], checked["score"], checked["max_score"]) == ("ex1_test", 3, 3)
    assert (written["name"], "score" in written) == ("ex1_written", False)
    assert "I think so." in written["output"]
    assert results["extra_data"] == {"isolation": "user", "status": "graded"}
    assert "Written answers are marked by a person" in results["output"]
    assert "Ada Lovelace" in made.stdout
    assert "passed, 3 of 3" in made.stdout


def test_a_hostile_submission_finds_nothing_and_changes_nothing(container):
    """It reads tests, results, other processes and the harness's environment, or would; its honest answer counts."""
    made = container(SEARCH)
    watched = ("source", "submission", "run_autograder", "submission_metadata.json")
    before = {name: contents(made.autograder / name) for name in watched}
    results = graded(made)
    assert {name: contents(made.autograder / name) for name in watched} == before
    assert (results["score"], results["extra_data"]["isolation"]) == (3, "user"), made.stdout
    assert not list((made.autograder / "results").glob("*student*"))
    assert HARNESS_TOKEN not in made.stdout


def test_the_same_search_finds_everything_where_nothing_is_closed(container):
    """What shows that the search above can find something: root runs it in the same file system."""
    made = container()
    (made.autograder / "search.py").write_text(SEARCH + "\nprint(sorted(found))\n")
    script = "cd /tmp; HARNESS_TOKEN=x /opt/autograder/venv/bin/python /autograder/search.py >/autograder/results.txt"
    (made.autograder / "results").mkdir()
    subprocess.run(made.command(script), check=True, timeout=120)
    found = (made.autograder / "results.txt").read_text()
    assert [kind for kind in FOUND if kind not in found] == []


def contents(path: Path):
    """Return every file below a path with its content, and when it was changed."""
    paths = [path, *sorted(path.rglob("*"))]
    return [
        (str(one), one.stat().st_mtime_ns, one.read_bytes())
        for one in paths
        if one.is_file() and "__pycache__" not in one.parts
    ]


def test_several_notebooks_and_other_files(container):
    """The one with the assignment's name counts, wherever it lies; a link is not followed, data is left alone."""
    made = container("answer = 1")
    folder = made.autograder / "submission" / "work"
    folder.mkdir()
    nbformat.write(tiny.submission("answer = 42"), folder / "tiny.ipynb")
    (folder / "notes.txt").write_text("notes")
    (folder / "tiny-2.ipynb").symlink_to("/autograder/source/assignment/source/tiny/tiny.ipynb")
    results = graded(made)
    assert results["score"] == 3
    assert "2 notebooks were handed in" in results["output"]


def test_no_notebook(container):
    """A sentence, and no points for any check."""
    made = container()
    (made.autograder / "submission" / "essay.pdf").write_bytes(b"%PDF")
    results = graded(made)
    assert (results["score"], results["extra_data"]["status"]) == (0, "unreadable")
    assert "holds no notebook" in results["output"]
    assert [test["max_score"] for test in results["tests"]] == [3]


def test_an_endless_loop_ends_before_the_container_does(container):
    """Its time is ours to end."""
    start = time.monotonic()
    results = graded(container("while True: pass", AUTOGRADER_SECONDS="60"))
    assert time.monotonic() - start < 75
    assert results["score"] == 0
    assert "too long" in results["output"] or "did not end within 60 seconds" in results["output"]


def test_a_deadline_that_nothing_meets(container):
    """Even where the time ends before anything began, there is a result."""
    results = graded(container("answer = 42", AUTOGRADER_SECONDS="1"))
    assert results["extra_data"]["status"] == "timeout"
    assert "did not end within 1 seconds" in results["output"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_grader_that_is_killed_leaves_a_result(container, number):
    """Politely, it says so itself; otherwise what was there from the beginning stands."""
    made = container("import time\nwhile True: time.sleep(1)")
    running = made.begin()
    grader = the_grader(running.pid, made)
    grader.send_signal(number)
    assert running.wait(60) == 0
    results = valid(made)
    assert (results["score"], results["tests"][0]["max_score"]) == (0, 3)
    assert results["extra_data"]["status"] == ("stopped" if number == signal.SIGTERM else "unfinished")


def _command(process):
    """Return a process's command line; nothing for one that has just ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def the_grader(pid: int, container) -> psutil.Process:
    """Return the grader's process once it grades."""
    for _ in range(600):
        for process in psutil.Process(pid).children(recursive=True):
            if "autograder.gradescope" in _command(process) and "isolation user" in container.stdout:
                return process
        time.sleep(0.1)
    raise AssertionError(container.stdout)


def test_a_broken_image_says_so(container):
    """A grader that can't run leaves what was written first; the reason stands where instructors look."""
    made = container("answer = 42")
    shutil.rmtree(made.autograder / "source" / "grader" / "autograder" / "checks")
    made.grade()
    assert valid(made)["score"] == 0
    assert "Error" in made.stdout


@pytest.mark.long
def test_the_real_assignment(root, tmp_path_factory):
    """The solved notebook gets every point that the machine gives, from a cold start, within the default time."""
    folder, name = tmp_path_factory.mktemp("real"), "mapping_representations"
    source, release = read_source(root / "source" / name), root / "release" / "nbgrader" / name
    write_gradescope_zip(source, release, root / "requirements.lock", folder / "real.zip")
    made = unpack(folder / "real.zip", folder)
    made.set_up()
    (made.autograder / "submission").mkdir()
    shutil.copy(root / "solutions" / name / f"{name}.ipynb", made.autograder / "submission" / "homework.ipynb")
    results = graded(made)
    assert (results["score"], results["extra_data"]) == (21, {"isolation": "user", "status": "graded"}), made.stdout
    assert results["execution_time"] < 480
