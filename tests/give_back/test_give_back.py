"""Feedback goes back under the names that each system gave, and who gets nothing is told."""

import csv
import json
import stat
import zipfile
from pathlib import Path

import pytest

from autograder import cli
from autograder.collect.record_files import record_path
from autograder.errors import GradeError
from autograder.give_back import GiveBackRequest, find_systems, give_back
from autograder.grade.folders import folder_name
from autograder.grade.results import append_result
from autograder.model import SubmissionResult
from autograder.report.feedback.map_figures import library

NAME = "hw1"
PAGE = '<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;sha256-a&#39;; img-src data:"><p>{}</p>'


def _write(out, students, convention, roster=None):
    """Write a graded folder: for each student, where the work was handed in."""
    files = [
        {"path": path, "kind": "notebook", "student": student, "convention": convention}
        for student, path in students.items()
    ]
    for student in dict.fromkeys(one for names in students for one in names.split("; ")):
        append_result(out / "results.jsonl", SubmissionResult(student, NAME, "graded", 1.0, 3.0, "process", 1.0))
        page = out / "feedback" / folder_name(student) / f"{NAME}.html"
        page.parent.mkdir(parents=True)
        page.write_text(PAGE.format(student))
    record = record_path(out, NAME)
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"files": files, "roster": roster}))
    return out


@pytest.fixture
def out(tmp_path):
    """An empty folder."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("lms", "handed_in", "place"),
    [
        ("moodle", "Ada Lovelace_4711_assignsubmission_file_/hw.ipynb", "Ada Lovelace_4711_assignsubmission_file_/feedback.html"),
        ("moodle", "Section 1/Ada_47_assignsubmission_file_hw.ipynb", "Ada_47_assignsubmission_file_/feedback.html"),
        ("moodle", "Ada_47_assignsubmission_onlinetext_/onlinetext.html", "Ada_47_assignsubmission_file_/feedback.html"),
        ("canvas", "lovelaceada_LATE_4711_9301_homework-1.ipynb", "lovelaceada_LATE_4711_9301_homework-1.html"),
        ("canvas", "lovelaceada_4711_9301_a_5_6_b.tar.gz/in/hw.ipynb", "lovelaceada_4711_9301_a_5_6_b.tar.html"),
        ("canvas", "anon_8Xk2f_9301_homework.ipynb", "anon_8Xk2f_9301_homework.html"),
        ("d2l", "4711-12 - Ada Lovelace - Mar 1, 2026 110 PM/hw.ipynb", "4711-12 - Ada Lovelace - Mar 1, 2026 110 PM/feedback.html"),
        ("blackboard", "Homework_ada_attempt_2026-03-01-10-30-00_hw_attempt_2099-01-01-00-00-00_x.ipynb", "Homework_ada_attempt_2026-03-01-10-30-00_feedback.html"),
    ],
)  # fmt: skip
def test_the_downloads_own_names_come_back(out, lms, handed_in, place):
    """What a student called the file decides nothing."""
    given = give_back(GiveBackRequest(_write(out, {"ada": handed_in}, lms), lms))
    assert given.students == ("ada",)
    with zipfile.ZipFile(given.path) as archive:
        assert archive.namelist() == [place]
        assert b"<p>ada</p>" in archive.read(place)


def test_the_same_pages_give_the_same_zip(out):
    """Whenever it is written."""
    students = {name: f"{name}_{n}_assignsubmission_file_/hw.ipynb" for n, name in enumerate(("bob", "ada"), 1)}
    request = GiveBackRequest(_write(out, students, "moodle"), "moodle")
    before = give_back(request).path.read_bytes()
    assert give_back(request).path.read_bytes() == before
    assert [path for path in out.iterdir() if path.name.endswith(".part")] == []


def test_names_that_a_student_made_up_go_nowhere(out):
    """A file that was collected by hand and is called as Moodle's goes to nobody in Moodle."""
    _write(out, {"eve": "ada_4711_assignsubmission_file_hw.ipynb"}, "folder")
    with pytest.raises(GradeError, match="was not collected from Moodle's download"):
        give_back(GiveBackRequest(out, "moodle"))


def test_who_gets_nothing_is_told(out):
    """A missing page, no such download, nothing handed in; each with its reason, and a dry run writes nothing."""
    _write(out, {"ada": "ada_1_assignsubmission_file_/a.ipynb", "bob": "bob_2_assignsubmission_file_/a.ipynb", "carl": "carl.ipynb"}, "moodle", {"missing": ["Dora"]})  # fmt: skip
    (out / "feedback" / "bob" / f"{NAME}.html").unlink()
    before = sorted(out.rglob("*"))
    given = give_back(GiveBackRequest(out, "moodle", dry_run=True))
    assert sorted(out.rglob("*")) == before
    assert given.students == ("ada",)
    assert sorted(given.without) == ["Dora", "bob", "carl"]
    assert given.without["Dora"] == "handed in nothing"
    assert "has no page" in given.without["bob"]
    assert "carl.ipynb" in given.without["carl"]


def test_members_of_a_group_share_a_hand_in(out):
    """One page goes back, and who has none of their own is told."""
    given = give_back(
        GiveBackRequest(_write(out, {"ada; bob": "ada_1_assignsubmission_file_/a.ipynb"}, "moodle"), "moodle")
    )
    assert given.students == ("ada",)
    assert "shares a hand-in with ada" in given.without["bob"]


def test_nbgraders_layout(out, tmp_path):
    """As `nbgrader release_feedback` looks for it: each page whole."""
    give_back(
        GiveBackRequest(_write(out, {"ada": "ada/hw1/hw1.ipynb"}, "nbgrader"), "nbgrader", to=tmp_path / "feedback")
    )
    assert "<p>ada</p>" in (tmp_path / "feedback" / "ada" / NAME / f"{NAME}.html").read_text()


def _with_library(out):
    page = out / "feedback" / "ada" / f"{NAME}.html"
    page.write_text(f"{page.read_text()}<script>{library()}</script><script>draw()</script>")


def _addresses(table):
    with table.open(newline="") as file:
        return {row["student"]: row["address"] for row in csv.DictReader(file)}


def test_a_web_servers_folder(out, tmp_path):
    """Addresses can't be guessed, stay the same, are told to the owner alone; the library is there once."""
    _write(out, {"ada": "ada.ipynb", "=bob": "=bob.ipynb"}, "folder")
    _with_library(out)
    request = GiveBackRequest(out, "folder", to=tmp_path / "web")
    give_back(request)
    table = out / f"addresses-{NAME}.csv"
    rows = _addresses(table)
    for path in (table, out / "addresses.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(rows) == {"ada", "'=bob"}
    assert all(len(address.partition("/")[0]) >= 20 for address in rows.values())
    page = (tmp_path / "web" / rows["ada"]).read_text()
    (script,) = (tmp_path / "web").glob("*.js")
    assert script.read_text() == library()
    assert f'<script src="../{script.name}"></script>' in page
    assert "&#39;self&#39;" in page
    assert len(page) < 10_000
    assert "script-src &#39;sha256-a&#39;;" in (tmp_path / "web" / rows["'=bob"]).read_text()
    assert "ada" not in (tmp_path / "web" / "index.html").read_text()
    give_back(request)
    assert _addresses(table) == rows


@pytest.mark.parametrize("text", ["{", "[]", '{"ada": "../../etc"}', '{"ada": 1}'])
def test_damaged_addresses_are_told(out, text):
    """No address of another's choosing is used."""
    _write(out, {"ada": "ada.ipynb"}, "folder")
    (out / "addresses.json").write_text(text)
    with pytest.raises(GradeError, match="damaged"):
        give_back(GiveBackRequest(out, "folder"))


def test_a_student_is_no_path(out, tmp_path):
    """A name with a slash in it would leave the folder."""
    _write(out, {"../eve": "x.ipynb"}, "folder")
    with pytest.raises(GradeError, match="can't be the name of a folder"):
        give_back(GiveBackRequest(out, "nbgrader", to=tmp_path / "feedback"))


def test_gradescope_takes_none(out):
    """It is said what there is instead."""
    with pytest.raises(GradeError, match="Gradescope takes no feedback files"):
        give_back(GiveBackRequest(out, "gradescope"))


def test_what_can_not_be_written_is_told(out):
    """In a sentence."""
    _write(out, {"ada": "ada.ipynb"}, "folder")
    (out / "file").write_text("")
    with pytest.raises(GradeError, match="can't be written"):
        give_back(GiveBackRequest(out, "folder", to=out / "file"))


def test_the_command_line(out, capsys):
    """It says what was written, who gets nothing, and what to do next."""
    _write(out, {"ada": "ada_1_assignsubmission_file_/a.ipynb", "bob": "bob.ipynb"}, "moodle")
    assert cli.main(["return", str(out), "--lms", "moodle", "--dry-run"]) == 0
    assert "Would write 1 page to" in capsys.readouterr().out
    assert cli.main(["return", str(out), "--lms", "moodle"]) == 0
    told = capsys.readouterr()
    assert Path(told.out.strip()).is_file()
    assert "1 get nothing:" in told.err
    assert "Upload multiple feedback files" in told.err
    assert cli.main(["return", str(out), "--lms", "gradescope"]) == 2


def test_every_system_is_on_the_page(root):
    """The page's table has each of them, and no other."""
    table = (root / "docs" / "give-back.md").read_text().partition("## Systems")[2].partition("\n## ")[0]
    assert {line.split("`")[1] for line in table.splitlines() if line.startswith("| `") and "--lms" not in line} == set(
        find_systems()
    )
