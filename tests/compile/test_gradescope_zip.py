"""The zip that Gradescope makes its image from: what is in it, and that the same content gives the same bytes."""

import json
import re
import subprocess
import sys
import zipfile

import pytest

from autograder.assignment.settings import read_source
from autograder.compile.gradescope_zip import find_faults, write_gradescope_zip
from autograder.compile.nbgrader_release import add_student_files, generate_release
from tests.compile.small import SETTINGS, write_small_course
from tests.gradescope.schema import faults_of


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The small course's source, its release, and the lock."""
    root = tmp_path_factory.mktemp("course")
    source = read_source(write_small_course(root))
    release = generate_release(source, root / "work")
    add_student_files(source, release, root / "requirements.lock")
    return source, release, root / "requirements.lock"


@pytest.fixture(scope="module")
def zipped(course, tmp_path_factory):
    """The zip."""
    path = tmp_path_factory.mktemp("dist") / "small-gradescope.zip"
    write_gradescope_zip(*course, path)
    return path


def test_it_holds_what_gradescope_looks_for(zipped):
    """Both programs at the top, executable, for a shell with Unix line ends."""
    with zipfile.ZipFile(zipped) as opened:
        for name in ("setup.sh", "run_autograder"):
            assert opened.getinfo(name).external_attr >> 16 == 0o755
            text = opened.read(name)
            assert text.startswith(b"#!/usr/bin/env bash\n")
            assert b"\r" not in text


def test_it_holds_the_grader_and_the_assignment(zipped, root):
    """The package whole, the release whole, the source's notebook and settings; nothing that Python compiled."""
    names = set(zipfile.ZipFile(zipped).namelist())
    package = {
        f"grader/{path.relative_to(root).as_posix()}"
        for path in (root / "autograder").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert package <= names
    rest = {name for name in names - package if "/release/" not in name}
    assert rest == {
        "assignment/source/small/assignment.toml",
        "assignment/source/small/small.ipynb",
        "container.json",
        "requirements.lock",
        "run_autograder",
        "setup.sh",
        "unfinished.json",
    }
    assert {"assignment/release/small/numbers.txt", "assignment/release/small/checks/__init__.py"} <= names
    assert list(find_faults(zipped)) == []


def test_the_same_content_gives_the_same_bytes(course, zipped, tmp_path):
    """Neither dates nor the order of folders are in it."""
    again = tmp_path / "again.zip"
    for file in course[1].rglob("*"):
        file.touch()
    write_gradescope_zip(*course, again)
    assert again.read_bytes() == zipped.read_bytes()


def test_the_unfinished_result_is_one_that_gradescope_takes(zipped):
    """Every check, no points, and a sentence that blames nobody."""
    told = json.loads(zipfile.ZipFile(zipped).read("unfinished.json"))
    assert faults_of(told) == []
    assert (told["score"], [(test["name"], test["max_score"]) for test in told["tests"]]) == (0, [("sum_test", 2)])
    assert "nothing about your answers" in told["output"]


@pytest.mark.parametrize(("line", "seconds"), [("", 480), ("[gradescope]\nseconds = 900", 900)])
def test_the_time_is_the_assignments(course, tmp_path, line, seconds):
    """`[gradescope] seconds` in assignment.toml; two minutes below Gradescope's limit otherwise."""
    folder = write_small_course(tmp_path)
    (folder / "assignment.toml").write_text(f"{SETTINGS}{line}\n", encoding="utf-8")
    write_gradescope_zip(read_source(folder), *course[1:], tmp_path / "small.zip")
    told = json.loads(zipfile.ZipFile(tmp_path / "small.zip").read("container.json"))
    assert told == {"assignment": "small", "python": "3.11", "seconds": seconds}


def test_faults_are_found(zipped, tmp_path):
    """What is missing, what lies outside, what names somebody's own folder."""
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(zipped) as opened, zipfile.ZipFile(broken, "w") as out:
        for name in opened.namelist():
            if name not in ("setup.sh", "assignment/source/small/small.ipynb"):
                out.writestr(name, opened.read(name))
        out.writestr("../outside.txt", "")
        out.writestr("notes.txt", "see " + "/home" + "/ada/notes")
    assert sorted(find_faults(broken)) == [
        "'../outside.txt' lies outside.",
        "assignment/source/small/small.ipynb is missing.",
        "notes.txt names a path that only one machine has.",
        "setup.sh is missing.",
    ]


def test_the_scripts_name_no_host_and_parse(zipped, tmp_path):
    """What is installed comes from where the image's own tools look."""
    for name in ("setup.sh", "run_autograder"):
        script = tmp_path / name
        script.write_bytes(zipfile.ZipFile(zipped).read(name))
        assert not re.search(r"https?://|\.(org|com|io)\b", script.read_text())
        subprocess.run(["bash", "-n", str(script)], check=True)


def test_the_packed_grader_starts_by_itself(zipped, tmp_path):
    """From the zip, without this checkout: imports are all there."""
    with zipfile.ZipFile(zipped) as opened:
        opened.extractall(tmp_path)
    told = "import autograder.gradescope.run as run; print(run.__file__)"
    command = [sys.executable, "-P", "-c", told]
    environment = {"PYTHONPATH": str(tmp_path / "grader"), "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith(str(tmp_path))
