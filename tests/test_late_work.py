"""A deadline, a policy or an extension changes after grading: results, pages, exports and the gradebook follow."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder import cli
from autograder.assignment.plan import make_plan
from autograder.assignment.settings import read_assignment
from autograder.grade.grade import alone
from autograder.grade.gradebook.prepare import Grades, prepare_gradebook
from autograder.grade.gradebook.write_marks import apply_marks
from autograder.grade.results import append_result, read_results
from autograder.late_work import renew_pages
from autograder.model import Mark
from tests.grade.marking import given
from tests.grade.tiny import NAME, submission, write_course
from tests.report.classes import Page, check, result

DEADLINE = "[deadline]\nat = 2026-03-01T23:59:00\nzone = 'Europe/Berlin'\n"
POLICY = "[late]\npercent = 10\ncap = 50\n"
TIMES = {"ada": "2026-03-01T20:00:00", "bob": "2026-03-03T10:00:00", "cleo": ""}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course without a deadline, and a folder as `grade` leaves it for three students."""
    root = tmp_path_factory.mktemp("course")
    write_course(root)
    source, out = root / "source" / NAME, root / "out"
    out.mkdir()
    plan = make_plan(source, root / "release" / "nbgrader" / NAME)
    prepare_gradebook(out / "gradebook.db", read_assignment(source), plan)
    for student, when in TIMES.items():
        one = result(student, check("ex1_test", score=3.0, max_score=3.0), handed_in=when, marked_late=not when or None)
        with Grades(out / "gradebook.db", plan) as grades:
            grades.record(one, ())
        append_result(out / "results.jsonl", one)
        notebook = out / "autograded" / student / NAME / f"{NAME}.ipynb"
        notebook.parent.mkdir(parents=True)
        nbformat.write(submission(), notebook)
        page = out / "feedback" / student / f"{NAME}.html"
        page.parent.mkdir(parents=True)
        page.write_text("as graded")
    return root


@pytest.fixture
def out(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, beside the course, which is the current folder."""
    for path in (path for path in graded.rglob("*") if path.is_file()):
        copy = tmp_path / path.relative_to(graded)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return Path("out")


@pytest.fixture
def settings(out: Path) -> Callable[[str], None]:
    """Return a function that writes tables behind those of the assignment's settings."""
    path = out.parent / "source" / NAME / "assignment.toml"
    before = path.read_text()
    return lambda tables: path.write_text(before + tables)  # type: ignore[return-value]


def _late(out: Path) -> dict[str, Any]:
    """Return what results.jsonl says of each student."""
    return {one.student: one.late for one in read_results(out / "results.jsonl")}


def _text(path: Path) -> str:
    """Return what a reader reads, with plain signs for minus and dash."""
    return Page(path.read_text("utf-8")).text.replace("\u2212", "-").replace("\u2013", "-")


def _page(out: Path, student: str) -> str:
    return _text(out / "feedback" / student / f"{NAME}.html")


def _scores(out: Path, *options: str) -> dict[str, dict[str, str]]:
    """Return the rows of a table that is exported now."""
    assert cli.main(["export", str(out), "--lms", "csv", *options]) == 0
    return {row["student"]: row for row in csv.DictReader((out / "scores.csv").read_text().splitlines())}


def test_without_a_deadline_nobody_is_late(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No page and no file says anything of it."""
    assert cli.main(["report", str(out)]) == 0
    assert set(_late(out).values()) == {None}
    page = _text(out / "report.html")
    assert "Late work" not in page
    assert "Nobody knows" not in capsys.readouterr().err
    assert _scores(out)["bob"]["score"] == "3"


def test_report_and_export_follow_the_deadline(
    out: Path, settings: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Set after grading, it reaches results, the table, the class page, the pages of those who were late; scores stay."""
    before = read_results(out / "results.jsonl")
    settings(DEADLINE + POLICY)
    assert cli.main(["report", str(out)]) == 0
    assert "1 feedback pages were written again" in capsys.readouterr().err
    late = _late(out)
    assert (late["bob"].count, late["bob"].percent, late["bob"].handed_in) == (2, 20.0, "2026-03-03T10:00:00+01:00")
    assert (late["ada"].percent, late["cleo"].percent, late["cleo"].handed_in) == (0.0, 0.0, "")
    assert tuple(replace(one, late=None) for one in read_results(out / "results.jsonl")) == before
    table = {row["student"]: row for row in csv.DictReader((out / "grades.csv").read_text().splitlines())}
    assert (table["bob"]["score"], table["bob"]["late_percent"]) == ("3.0", "20.0")
    page = _text(out / "report.html")
    assert "Due 1 March 2026, 23:59 (Europe/Berlin). Each day that begins after it takes off 10 %" in page
    assert "bob 3 March 2026, 10:00 1 March 2026, 23:59 2 days late 20 % -0.6 2.4" in page
    assert "-0.6 for being 2 days late: 20 % of the 3 points reached so far. A part of a day counts as one." in _page(
        out, "bob"
    )
    assert "2.4 points are left Handed in 3 March 2026, 10:00. Due 1 March 2026, 23:59 (Europe/Berlin)." in _page(
        out, "bob"
    )
    assert (out / "feedback" / "ada" / f"{NAME}.html").read_text() == "as graded"


def test_export_follows_without_a_report(out: Path, settings: Callable[[str], None]) -> None:
    """It writes nothing down, and goes by the rules of today."""
    before = (out / "results.jsonl").read_bytes()
    settings(DEADLINE + POLICY)
    assert _scores(out)["bob"]["score"] == "2.4"
    settings(DEADLINE + POLICY.replace("10", "50"))
    assert _scores(out)["bob"]["score"] == "1.5"
    assert _scores(out, "--late", "ignore")["bob"]["score"] == "3"
    settings(DEADLINE.replace("03-01", "03-04") + POLICY)
    assert _scores(out)["bob"]["score"] == "3"
    settings("")
    assert _scores(out)["bob"]["score"] == "3"
    assert (out / "results.jsonl").read_bytes() == before


def test_marks_of_people_count_in_the_share(out: Path, settings: Callable[[str], None]) -> None:
    """The gradebook keeps points as people gave them."""
    settings(DEADLINE + POLICY)
    apply_marks(out / "gradebook.db", NAME, given({student: (Mark("ex1_written", 1.0, 2.0),) for student in TIMES}))
    row = _scores(out)["bob"]
    assert (row["score"], row["late_penalty"], row["machine"], row["ex1_written"]) == ("3.2", "0.8", "3", "1")
    assert cli.main(["report", str(out)]) == 0
    assert "-0.8 for being 2 days late: 20 % of the 4 points reached. A part" in _page(out, "bob")
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission(NAME, "bob").score == 4.0


def test_away_from_the_repository_results_stay_as_late_as_they_were(
    out: Path,
    settings: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The penalty stands in the results: no command forgets it in silence."""
    settings(DEADLINE + POLICY)
    assert cli.main(["report", str(out)]) == 0
    away = out.resolve()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert _scores(away)["bob"]["score"] == "2.4"
    assert cli.main(["report", str(away)]) == 0
    page = _text(away / "report.html")
    assert "2 days late 20 % -0.6 2.4" in page
    assert cli.main(["report", str(away), "--extensions", str(away / "results.jsonl")]) == 2


def test_a_hand_in_without_a_time_is_told(
    out: Path, settings: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """On the class page, by export and on standard error; nothing is taken off, whatever the download marks."""
    settings(DEADLINE + POLICY)
    assert cli.main(["report", str(out)]) == 0
    sentences = (
        "Nobody knows when these were handed in, so that nothing is taken off: cleo.",
        "Of these the download marks as late, without a time: cleo.",
    )
    page, told = _text(out / "report.html"), capsys.readouterr().err
    assert all(sentence in page and sentence in told for sentence in sentences)
    assert _scores(out)["cleo"]["score"] == "3"
    told = capsys.readouterr().out
    assert all(sentence in told for sentence in sentences)


def test_an_extension_is_taken_in(
    out: Path, settings: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The pages of those whom it touches are written again; one that is nobody's is told, with its text harmless."""
    settings(DEADLINE + POLICY)
    assert cli.main(["report", str(out)]) == 0
    (out / "feedback" / "ada" / f"{NAME}.html").write_text("untouched")
    listed = out.parent / "given.csv"
    listed.write_text("student,until\nbob,2026-03-02 12:00\n=cmd()<b>,2026-03-09\n")
    capsys.readouterr()
    assert cli.main(["report", str(out), "--extensions", str(listed)]) == 0
    told = capsys.readouterr().err
    assert "1 feedback pages were written again" in told
    assert "Line 3 of the extensions is about '=cmd()<b>', and nothing of theirs is here." in told
    assert (out / "extensions" / f"{NAME}.csv").read_bytes() == listed.read_bytes()
    assert (_late(out)["bob"].count, _late(out)["bob"].extended) == (1, True)
    assert "You had longer than the class: until 2 March 2026, 12:00 (Europe/Berlin)." in _page(out, "bob")
    assert (out / "feedback" / "ada" / f"{NAME}.html").read_text() == "untouched"
    html = (out / "report.html").read_text("utf-8")
    assert "=cmd()&lt;b&gt;" in html
    assert "<b>," not in html
    assert "bob 3 March 2026, 10:00 2 March 2026, 12:00, extended 1 day late 10 % -0.3 2.7" in _text(
        out / "report.html"
    )
    assert _scores(out)["bob"]["score"] == "2.7"
    listed.write_text("student,until\nbob,2026-03-03\n")
    assert cli.main(["report", str(out), "--extensions", str(listed)]) == 0
    assert "on time - - 3" in _text(out / "report.html")
    assert "points are left" not in _page(out, "bob")


@pytest.mark.parametrize(
    ("tables", "text", "told"),
    [
        ("", "student,until\nbob,2026-03-09\n", "has no deadline of 'tiny' that could be extended"),
        (DEADLINE, "student,until\nbob,soon\n", "line 2: `until` is 'soon'"),
        (
            DEADLINE.replace("Berlin", "Berlni"),
            "student,until\nbob,2026-03-09\n",
            "line 11: `zone` in [deadline] names",
        ),
    ],
)
def test_a_mistake_changes_nothing(
    out: Path,
    settings: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
    tables: str,
    text: str,
    told: str,
) -> None:
    """One sentence with its line, and every file as it was."""
    settings(tables)
    (out.parent / "given.csv").write_text(text)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert cli.main(["report", str(out), "--extensions", str(out.parent / "given.csv")]) == 2
    assert told in capsys.readouterr().err
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_other_assignments_stay_as_they_were(out: Path, settings: Callable[[str], None]) -> None:
    """An OUT of several: the lines of the others, and their place among these, don't change."""
    other = result("bob", check("ex9_test"), assignment="other", handed_in="2026-03-09T10:00:00")
    lines = (out / "results.jsonl").read_text().splitlines(keepends=True)
    (out / "results.jsonl").write_text(lines[0] + json.dumps(other.to_json()) + "\n" + "".join(lines[1:]))
    settings(DEADLINE + POLICY)
    assert cli.main(["report", str(out), "--assignment", NAME]) == 0
    after = read_results(out / "results.jsonl")
    assert [one.student for one in after] == ["ada", "bob", "bob", "cleo"]
    assert after[1] == other
    assert after[2].late is not None


def test_nbgraders_plug_in_sees_the_times(out: Path, settings: Callable[[str], None]) -> None:
    """The deadline, each hand-in and each extension in UTC, as nbgrader keeps them; its own seconds follow."""
    settings(DEADLINE + POLICY)
    extensions = out.parent / "given.csv"
    extensions.write_text("student,until\nbob,2026-03-02 12:00\n")
    assert cli.main(["report", str(out), "--extensions", str(extensions)]) == 0
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as gradebook:
        assert gradebook.find_assignment(NAME).duedate == datetime(2026, 3, 1, 22, 59)  # noqa: DTZ001 - as nbgrader has it
        ada, bob, cleo = (gradebook.find_submission(NAME, student) for student in TIMES)
        assert (ada.timestamp, ada.extension, ada.total_seconds_late) == (datetime(2026, 3, 1, 19), None, 0)  # noqa: DTZ001
        assert bob.extension == timedelta(hours=12, minutes=1)
        assert bob.total_seconds_late == 22 * 3600
        assert (cleo.timestamp, cleo.total_seconds_late) == (None, 0)
    settings(DEADLINE.replace("03-01", "03-08"))
    assert cli.main(["report", str(out)]) == 0
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission(NAME, "bob").total_seconds_late == 0


def test_a_new_gradebook_knows_the_deadline(out: Path, settings: Callable[[str], None], tmp_path: Path) -> None:
    """Each submission is stamped as it is recorded."""
    settings(DEADLINE)
    source = Path("source", NAME)
    plan = make_plan(source, Path("release", "nbgrader", NAME))
    path = tmp_path / "new.db"
    prepare_gradebook(path, read_assignment(source), plan)
    with Grades(path, plan) as grades:
        grades.record(result("eve", check("ex1_test"), handed_in="2026-03-02T00:59:00+01:00"), ())
    with Gradebook(f"sqlite:///{path}") as gradebook:
        assert gradebook.find_submission(NAME, "eve").total_seconds_late == 3600
    settings(DEADLINE.replace("23:59", "23:29"))
    prepare_gradebook(path, read_assignment(source), plan)
    with Gradebook(f"sqlite:///{path}") as gradebook:
        assert gradebook.find_submission(NAME, "eve").total_seconds_late == 5400


def test_who_grades_may_follow_the_deadline_too(out: Path, settings: Callable[[str], None]) -> None:
    """While the folder is held, its holder writes what is late now, and nobody else does; it is told that it waits."""
    settings(DEADLINE + POLICY)
    with alone(out):
        work = renew_pages(out, NAME, Path.cwd())
        assert "is written down when that has ended" in work.notes[-1]
        assert set(_late(out).values()) == {None}
        renew_pages(out, NAME, Path.cwd(), is_held=True)
    assert _late(out)["bob"].percent == 20.0
