"""A class gets its pages back under the names that its system knows."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from autograder import cli
from autograder.give_back.lms import find_systems
from autograder.grade.results import append_result
from autograder.model import SubmissionResult
from autograder.report.feedback.map_figures import library
from autograder.report.feedback.shared_library import SharedLibrary
from tests.give_back.returning import DOWNLOADS, NAME, graded, page

ZIPPED = {
    "moodle": ["Ada Lovelace_71_assignsubmission_file_/hw.html", "Émile_72_assignsubmission_file/hw.html"],
    "canvas": ["borelemile_4712_9302_hw.html", "lovelaceada_LATE_4711_9301_hw-1.html"],
    "blackboard": [
        "Homework_ada_attempt_2026-03-01-10-30-00_hw.html",
        "Homework_emile_attempt_2026-03-01-10-30-00_hw.html",
    ],
    "d2l": [
        "4711-12 - Ada Lovelace - Mar 1, 2026 1030 AM/hw.html",
        "4712-12 - Émile Borel - Mar 1, 2026 1031 AM/hw.html",
    ],
    "gradescope": ["submission_71/hw.html", "submission_72/hw.html"],
}


def _return(out: Path, lms: str, *options: str) -> int:
    return cli.main(["return", str(out), "--lms", lms, *options])


@pytest.mark.parametrize("lms", ZIPPED)
def test_a_zip_has_the_names_of_the_download(lms: str, tmp_path: Path) -> None:
    """Each student's page lies where the system looks for it, holds all that it needs, and twice makes the same zip."""
    out, students = graded(tmp_path, DOWNLOADS[lms])
    assert _return(out, lms) == 0
    path = out / "return" / f"hw-{lms}.zip"
    with ZipFile(path) as packed:
        assert packed.namelist() == sorted(ZIPPED[lms])
        pages = [packed.read(name).decode() for name in packed.namelist()]
    assert all(any(f"feedback for {student}<" in text for text in pages) for student in students)
    assert all(library() in text for text in pages)
    first = path.read_bytes()
    os.utime(next(out.rglob("hw.html")), (1, 1))
    assert _return(out, lms, "--to", str(tmp_path / "again")) == 0
    assert (tmp_path / "again" / path.name).read_bytes() == first
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_every_system_is_tried() -> None:
    """A new system comes with its names here."""
    assert {*ZIPPED, "nbgrader", "folder"} == set(find_systems()) == set(DOWNLOADS)


def test_a_file_of_moodles_without_folders(tmp_path: Path) -> None:
    """What stands before the student's own name is kept, and nothing of that name."""
    names = (
        "Ada_71_assignsubmission_file_hw.ipynb",
        "Bob_72_assignsubmission_file_evil_9_assignsubmission_file_.ipynb",
    )
    out, _ = graded(tmp_path, names)
    assert _return(out, "moodle") == 0
    with ZipFile(out / "return" / "hw-moodle.zip") as packed:
        assert packed.namelist() == ["Ada_71_assignsubmission_file_hw.html", "Bob_72_assignsubmission_file_hw.html"]


def test_a_group_has_a_page_for_each(tmp_path: Path) -> None:
    """Who handed in together lies in one folder, each under a name of their own."""
    out, _ = graded(tmp_path, DOWNLOADS["gradescope"])
    path = out / "assignments" / NAME / "collected.json"
    record = json.loads(path.read_text())
    for file in record["files"]:
        file["student"] = "71; 72" if file["student"] == "71" else ""
    path.write_text(json.dumps(record))
    assert _return(out, "gradescope") == 0
    with ZipFile(out / "return" / "hw-gradescope.zip") as packed:
        assert packed.namelist() == ["submission_71/hw-72.html", "submission_71/hw.html"]


def test_a_dry_run_lists_who_gets_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a page, or collected from another system: each with the reason; nothing is written."""
    names = (*DOWNLOADS["canvas"], "zoe.ipynb")
    out, _ = graded(tmp_path, names, without_page=["borelemile_4712"])
    before = sorted(tmp_path.rglob("*"))
    assert _return(out, "canvas", "--dry-run") == 0
    assert sorted(tmp_path.rglob("*")) == before
    said = capsys.readouterr().out
    assert "borelemile_4712: gets nothing, has no page of feedback" in said
    assert "zoe: gets nothing, was not collected from Canvas" in said
    assert "1 student gets a page. Nothing was written." in said


def test_who_handed_in_nothing_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The class list says so."""
    out, _ = graded(tmp_path, DOWNLOADS["canvas"])
    path = out / "assignments" / NAME / "collected.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"roster": {"missing": ["No\x1bah"]}}))
    assert _return(out, "canvas") == 0
    assert "No?ah: gets nothing, handed in nothing" in capsys.readouterr().out


@pytest.mark.parametrize("record", [None, "", "[]", '{"files": [{"student": 3}], "path": "x"}', "[" * 100_000])
def test_no_record_gives_nobody_anything(
    record: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What nobody collected, or whose record is damaged, has no names."""
    out, _ = graded(tmp_path, DOWNLOADS["moodle"])
    path = out / "assignments" / NAME / "collected.json"
    path.unlink() if record is None else path.write_text(record)
    assert _return(out, "moodle") == 0
    assert "0 students get a page. Nothing was written." in capsys.readouterr().out
    assert not (out / "return").exists()


def test_no_place_leads_out_of_the_zip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A record is read as a stranger's: a sign that Windows takes for a folder's is no part of a name."""
    out, _ = graded(tmp_path, DOWNLOADS["canvas"])
    path = out / "assignments" / NAME / "collected.json"
    path.write_text(path.read_text().replace("borelemile_4712_9302_hw.ipynb", r"..\\x_4712_9302_hw.ipynb"))
    assert _return(out, "canvas") == 0
    assert "which is no name of Canvas's" in capsys.readouterr().out


def test_nbgrader_releases_what_was_returned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`nbgrader release_feedback` itself takes each page into the exchange, and what a link holds stays out."""
    out, students = graded(tmp_path, DOWNLOADS["nbgrader"])
    course = tmp_path / "course"
    course.mkdir()
    (tmp_path / "exchange").mkdir(mode=0o777)
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'course'\nc.CourseDirectory.root = "
        f"{str(course)!r}\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
    )
    assert _return(out, "nbgrader", "--to", str(course)) == 0
    command = [sys.executable, "-m", "nbgrader", "release_feedback", NAME]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    released = sorted((tmp_path / "exchange" / "course" / "feedback").glob("*.html"))
    texts = [path.read_text("utf-8") for path in released]
    assert len(texts) == len(students)
    assert sorted(students) == sorted(match[1] for text in texts if (match := re.search(r"feedback for (\w+)<", text)))
    assert all(library() in text for text in texts)


def test_nbgrader_needs_the_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who has none, or a link in its place, gets nothing: nbgrader would stop there, for the whole class."""
    out, _ = graded(tmp_path, DOWNLOADS["nbgrader"])
    secret = tmp_path / "inbox" / "ada" / "hw" / "submission_secret.txt"
    secret.unlink()
    secret.symlink_to(tmp_path / "inbox" / "emile" / "hw" / "submission_secret.txt")
    assert _return(out, "nbgrader") == 0
    assert "ada: gets nothing, has no submission_secret.txt in " in capsys.readouterr().out
    assert [path.name for path in (out / "return" / "nbgrader" / "feedback").iterdir()] == ["emile"]


def test_a_web_servers_folder(tmp_path: Path) -> None:
    """Addresses can't be guessed and stay; only the owner reads whose they are; pages load one library."""
    out, students = graded(tmp_path, DOWNLOADS["folder"])
    site = tmp_path / "site"
    assert _return(out, "folder", "--to", str(site)) == 0
    links = (out / "feedback-links.csv").read_text()
    addresses = {row["student"]: row["address"] for row in csv.DictReader(links.splitlines())}
    assert sorted(addresses) == list(students)
    assert all(re.fullmatch(r"[\w-]{20,}/hw\.html", address) for address in addresses.values())
    for name in ("feedback-links.csv", "feedback-tokens.json"):
        assert (out / name).stat().st_mode & 0o777 == 0o600
    (shared,) = site.glob("*.js")
    assert shared.read_text() == library()
    assert {path.name for path in site.iterdir()} == {
        "index.html",
        shared.name,
        *(address.partition("/")[0] for address in addresses.values()),
    }
    for student, address in addresses.items():
        text = (site / address).read_text()
        assert f"feedback for {student}<" in text
        assert f'<script src="../{shared.name}"></script>' in text
        assert library() not in text
    assert _return(out, "folder", "--to", str(site)) == 0
    assert (out / "feedback-links.csv").read_text() == links


def test_a_damaged_list_of_tokens_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """New tokens would break every address that was sent."""
    out, _ = graded(tmp_path, DOWNLOADS["folder"])
    for text in ("{", "[]", '{"ada": "../../x"}', '{"ada": "' + "a" * 22 + '", "emile": "' + "a" * 22 + '"}'):
        (out / "feedback-tokens.json").write_text(text)
        assert _return(out, "folder") == 2
        assert "holds no tokens that can be read" in capsys.readouterr().err


def test_results_are_not_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A web server's folder doesn't hold OUT."""
    out, _ = graded(tmp_path, DOWNLOADS["folder"])
    for folder in (out, tmp_path, out / "feedback", out / "feedback" / "site"):
        assert _return(out, "folder", "--to", str(folder)) == 2
        assert "Give another --to DIR" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file stands where the folder would be: one sentence."""
    out, _ = graded(tmp_path, DOWNLOADS["moodle"])
    (tmp_path / "file").write_text("")
    assert _return(out, "moodle", "--to", str(tmp_path / "file")) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_page_without_its_library_keeps_its_other_script() -> None:
    """The policy allows the server's own scripts in place of the library's digest, and the page's own by its digest."""
    shared = SharedLibrary()
    whole, parted = page("ada"), shared.take_out(page("ada"), "../")
    policy = re.search(r'Security-Policy" content="([^"]*)"', parted)
    assert policy is not None
    assert re.search(r"script-src &#39;self&#39; &#39;sha256-[^;&]+&#39;;", policy[1])
    assert "<script>draw();</script>" in parted
    assert len(whole) - len(parted) > 1_000_000


@pytest.mark.parametrize("text", ["", "<p>no maps</p>", "<script>another release</script>"])
def test_a_page_without_the_library_stays_as_it_is(text: str) -> None:
    """One without maps, or that an earlier release wrote."""
    assert SharedLibrary().take_out(text, "../") == text


def test_each_assignments_addresses_are_kept(tmp_path: Path) -> None:
    """Of several in one folder each has a table of its own, with the same address for a student."""
    out, students = graded(tmp_path, DOWNLOADS["folder"])
    append_result(out / "results.jsonl", SubmissionResult("ada", "hw2", "graded", 1.0, 1.0, "process", 1.0))
    (out / "feedback" / "ada" / "hw2.html").write_text(page("ada"), "utf-8")
    for name in (NAME, "hw2"):
        assert _return(out, "folder", "--assignment", name) == 0
    tables = [(out / f"feedback-links-{name}.csv").read_text() for name in (NAME, "hw2")]
    assert len(tables[0].splitlines()) == 1 + len(students)
    token = tables[0].split("ada,", 1)[1].split("/")[0]
    assert tables[1].splitlines() == ["student,address", f"ada,{token}/hw2.html"]
