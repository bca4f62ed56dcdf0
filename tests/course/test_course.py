"""A course of two tiny assignments in one folder: graded, looked at, exported, each apart from the other."""

import csv
import io
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder import cli
from autograder.course import ReportRequest, report
from autograder.grade.grade import alone
from autograder.grade.gradebook.read import read_marks
from autograder.grade.gradebook.write_marks import apply_marks
from autograder.grade.results import read_results
from autograder.model import Mark
from tests.grade.marking import given
from tests.grade.tiny import submission, write_course
from tests.needs import strongest_level
from tests.report.classes import Page

ANSWERS = {"hw1": {"ada": 42, "bob": -1}, "hw2": {"ada": -1, "carl": 42}}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two assignments, graded into one folder one after the other, with a mark in each."""
    root = tmp_path_factory.mktemp("course")
    for name, answers in ANSWERS.items():
        write_course(root, name)
        settings = root / "source" / name / "assignment.toml"
        settings.write_text(settings.read_text().replace("'Tiny'", f"'The {name}'"))
        for student, answer in answers.items():
            folder = root / "submitted" / student / name
            folder.mkdir(parents=True)
            nbformat.write(submission(f"answer = {answer}", f"Words on {name}."), folder / f"{name}.ipynb")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for name in ANSWERS:
            _grade(name)
            apply_marks(
                Path("out/gradebook.db"), name, given({"ada": (Mark("ex1_written", 1.0 + (name == "hw2"), 2.0),)})
            )
    return root


def _grade(name: str, *options: str) -> None:
    command = ["grade", "submitted", "--assignment", name, "--out", "out", "--quiet", "--isolation", strongest_level()]
    assert cli.main([*command, "--memory", "2", *options]) == 0


@pytest.fixture
def root(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the course, to be changed, as the current folder."""
    copy = Path(shutil.copytree(graded, tmp_path / "course"))
    monkeypatch.chdir(copy)
    return copy


def _rows(root: Path) -> dict[tuple[str, str], float]:
    return {(one.assignment, one.student): one.score for one in read_results(root / "out" / "results.jsonl")}


EXPECTED = {("hw1", "ada"): 3.0, ("hw1", "bob"): 0.0, ("hw2", "ada"): 0.0, ("hw2", "carl"): 3.0}


def test_each_assignment_has_its_own(root: Path) -> None:
    """Results, gradebook, feedback, claims, receipts, words, collect records and logs: the second removes nothing."""
    out = root / "out"
    assert _rows(root) == EXPECTED
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as gradebook:
        assert [one.name for one in gradebook.assignments] == ["hw1", "hw2"]
        assert {one.student.id for one in gradebook.assignment_submissions("hw1")} == {"ada", "bob"}
    for name, student in EXPECTED:
        for place in ("feedback/{}/{}.html", "receipts/{}/{}.json", "claims/students/{}/{}.json"):
            assert (out / place.format(student, name)).is_file()
        notebook = (out / "autograded" / student / name / f"{name}.ipynb").read_text()
        assert f"Words on {name}." in notebook
    for name, answers in ANSWERS.items():
        record = json.loads((out / "assignments" / name / "collected.json").read_text())
        assert sorted(one["student"] for one in record["students"]) == sorted(answers)
        assert f"{name}, ada: graded" in (out / "logs" / "grade.log").read_text()


def test_marks_are_one_assignments(root: Path) -> None:
    """A student has other marks in each; without a name, it is asked for."""
    marks = {name: read_marks(root / "out" / "gradebook.db", name)["ada"] for name in ANSWERS}
    assert {name: [one.score for one in own] for name, own in marks.items()} == {"hw1": [1.0], "hw2": [2.0]}
    with pytest.raises(Exception, match="hw1, hw2"):
        read_marks(root / "out" / "gradebook.db")


def test_to_grade_again_is_about_one(root: Path) -> None:
    """`--fresh` and a changed hand-in of hw2 leave hw1's rows, marks and comparison."""
    nbformat.write(submission("answer = 7"), root / "submitted" / "ada" / "hw2" / "hw2.ipynb")
    _grade("hw2")
    assert _rows(root) == {**EXPECTED, ("hw2", "ada"): 3.0}
    _grade("hw1", "--fresh")
    assert _rows(root) == {**EXPECTED, ("hw2", "ada"): 3.0}
    before = {(one.assignment, one.student): one.score for one in read_results(root / "out/results.previous.jsonl")}
    assert before == EXPECTED
    assert [one.score for one in read_marks(root / "out" / "gradebook.db", "hw1")["ada"]] == [1.0]


@pytest.mark.parametrize("command", [["report"], ["report", "--marking"], ["export", "--lms", "csv"], ["rejudge"]])
def test_which_one_is_asked(command: list[str], root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where several are there, each command says which, and writes nothing."""
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert cli.main([command[0], "out", *command[1:]]) == 2
    told = capsys.readouterr().err
    assert "'hw1', 'hw2'" in told
    assert "--assignment" in told
    assert cli.main([command[0], "out", *command[1:], "--assignment", "hw9"]) == 2
    assert "'hw1', 'hw2'" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_pages_carry_the_assignments_name(root: Path) -> None:
    """A class page, a marking page and a sheet for each, beside a page that lists them; no command in them lacks the choice."""
    for name in ANSWERS:
        assert cli.main(["report", "out", "--assignment", name, "--marking"]) == 0
    front = Page((root / "out" / "report.html").read_text())
    assert [link["href"] for link in front.all("a")] == ["report-hw1.html", "report-hw2.html"]
    assert "The hw1" in front.text
    for name, answers in ANSWERS.items():
        page, marking = (Page((root / "out" / f"{stem}-{name}.html").read_text()) for stem in ("report", "marking"))
        assert f"--assignment {name} --marking" in page.text
        assert f"--assignment {name} --marks out/marking-{name}.csv" in marking.text
        assert f"Words on {name}." in marking.text
        assert {"href": f"report-{name}.html"} in marking.all("a")
        sheet = (root / "out" / f"marking-{name}.csv").read_text("utf-8-sig")
        assert {row["student"] for row in csv.DictReader(io.StringIO(sheet))} == set(answers)
    assert not (root / "out" / "marking.csv").exists()


def test_a_sheet_of_one_changes_no_other(root: Path) -> None:
    """Marks go to the assignment that was named."""
    (root / "marks.csv").write_text("student,cell,score\nada,ex1_written,0.5\n")
    assert cli.main(["report", "out", "--assignment", "hw2", "--marks", "marks.csv"]) == 0
    book = root / "out" / "gradebook.db"
    assert [read_marks(book, name)["ada"][0].score for name in ANSWERS] == [1.0, 0.5]


def test_two_sheets_at_once_lose_nothing(root: Path) -> None:
    """Two people take theirs in at the same time: every mark of both is there."""
    sheets = {"one": "ada,ex1_written,0.5,First.\n", "two": "bob,ex1_written,1.5,Second.\n"}
    for name, row in sheets.items():
        (root / f"{name}.csv").write_text(f"student,cell,score,comment\n{row}")

    def take_in(name: str) -> None:
        report(ReportRequest(root / "out", root, "hw1", marks=(root / f"{name}.csv",)), lambda line: None)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(take_in, sheets))
    marks = read_marks(root / "out" / "gradebook.db", "hw1")
    assert {who: [(one.score, one.comment) for one in own] for who, own in marks.items()} == {
        "ada": [(0.5, "First.")],
        "bob": [(1.5, "Second.")],
    }
    page = (root / "out" / "feedback" / "bob" / "hw1.html").read_text()
    assert "Second." in page


def test_other_points_are_one_assignments(root: Path) -> None:
    """A check of hw2 that gives more now changes hw2's cells in the gradebook, and hw1's stay, marks and all."""
    for folder in (root / "source" / "hw2", root / "release" / "nbgrader" / "hw2"):
        notebook = nbformat.read(folder / "hw2.ipynb", as_version=4)
        notebook.cells[2].metadata.nbgrader["points"] = 5
        nbformat.write(notebook, folder / "hw2.ipynb")
    _grade("hw2")
    assert _rows(root) == {**EXPECTED, ("hw2", "carl"): 5.0}
    with Gradebook(f"sqlite:///{root / 'out' / 'gradebook.db'}") as gradebook:
        points = {name: gradebook.find_grade_cell("ex1_test", name, name).max_score for name in ANSWERS}
    assert points == {"hw1": 3.0, "hw2": 5.0}
    assert [read_marks(root / "out" / "gradebook.db", name)["ada"][0].score for name in ANSWERS] == [1.0, 2.0]


def test_rejudge_is_about_one(root: Path) -> None:
    """Its table has the assignment's name, and the other's results stay."""
    for folder in (root / "source" / "hw2", root / "release" / "nbgrader" / "hw2"):
        notebook = nbformat.read(folder / "hw2.ipynb", as_version=4)
        notebook.cells[2].source = notebook.cells[2].source.replace("answer > 0", "answer != 42")
        nbformat.write(notebook, folder / "hw2.ipynb")
    assert cli.main(["rejudge", "out", "--assignment", "hw2", "--apply"]) == 0
    assert _rows(root) == {**EXPECTED, ("hw2", "ada"): 3.0, ("hw2", "carl"): 0.0}
    assert (root / "out" / "rejudge-hw2.csv").is_file()
    assert not (root / "out" / "rejudge.csv").exists()


def test_exports_have_the_assignments_name(root: Path) -> None:
    """One table doesn't take the other's place."""
    for name in ANSWERS:
        assert cli.main(["export", "out", "--lms", "csv", "--assignment", name, "--scores", "machine"]) == 0
    scores = {name: (root / "out" / f"scores-{name}.csv").read_text() for name in ANSWERS}
    assert "bob,hw1,graded,0,3" in scores["hw1"]
    assert "carl,hw2,graded,3,3" in scores["hw2"]


def test_reports_leave_results_to_who_grades(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While a class is graded into the folder, its last line being written, pages are made and no result is."""
    with (root / "source" / "hw1" / "assignment.toml").open("a") as file:
        file.write('[deadline]\nat = 2026-03-01T23:59:00\nzone = "Europe/Berlin"\n')
    results = root / "out" / "results.jsonl"
    results.write_bytes(results.read_bytes() + b'{"student": "do')
    before = results.read_bytes()
    with alone(root / "out"):
        assert cli.main(["report", "out", "--assignment", "hw1"]) == 0
    assert "A class is being graded into this folder" in capsys.readouterr().err
    assert results.read_bytes() == before
    assert "Due 1 March" in (root / "out" / "report.html").read_text()
    with alone(root / "out"):
        assert cli.main(["report", "out", "--assignment", "hw2"]) == 0
    assert capsys.readouterr().err == "", "nothing waits to be written"


def test_pages_need_no_source(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Called from another folder: title, mark scheme and deadline stand on the pages; nothing of the sources is there."""
    source = root / "source" / "hw1"
    with (source / "assignment.toml").open("a") as file:
        file.write('[deadline]\nat = 2026-03-01T23:59:00\nzone = "Europe/Berlin"\n')
    notebook = nbformat.read(source / "hw1.ipynb", as_version=4)
    notebook.cells[3].source = "### BEGIN SOLUTION\nBecause.\n### END SOLUTION\n"
    notebook.cells[3].source += "=== BEGIN MARK SCHEME ===\nOne point for a *reason*.\n=== END MARK SCHEME ==="
    nbformat.write(notebook, source / "hw1.ipynb")
    assert cli.main(["report", "out", "--assignment", "hw1"]) == 0  # takes over what the source says by now
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    shutil.rmtree(root / "source")
    shutil.rmtree(root / "release")
    out = str(root / "out")
    assert cli.main(["report", out, "--assignment", "hw1", "--marking"]) == 0
    page, marking = (Page((root / "out" / f"{stem}-hw1.html").read_text()) for stem in ("report", "marking"))
    assert "The hw1" in page.text
    assert "Due 1 March 2026, 23:59 (Europe/Berlin)." in page.text
    assert "One point for a reason" in marking.text


def _course(root: Path) -> dict[str, dict[str, str]]:
    text = (root / "out" / "course.csv").read_text()
    return {row["student"]: row for row in csv.DictReader(io.StringIO(text))}


def test_a_courses_table(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A column for each assignment and the total; what is missing is blank, counts neither way, and is listed."""
    assert cli.main(["export", "out", "--course", "--scores", "machine"]) == 0
    told = capsys.readouterr().out
    assert "3 students, 2 assignments: out/course.csv" in told
    assert "bob, hw2: nothing was handed in." in told
    rows = _course(root)
    assert list(rows["ada"]) == ["student", "hw1", "hw2", "total", "out_of", "percent", "dropped", "missing"]
    assert list(rows["ada"].values()) == ["ada", "3", "0", "3", "6", "50", "", ""]
    assert list(rows["bob"].values()) == ["bob", "0", "", "0", "3", "0", "", "hw2"]
    assert list(rows["carl"].values()) == ["carl", "", "3", "3", "3", "100", "", "hw1"]


def test_weights_dropped_and_zeros(root: Path) -> None:
    """Weights count points more than once, the lowest go, and a missing one is 0 on request alone."""
    command = ["export", "out", "--course", "--scores", "machine", "--missing", "0"]
    assert cli.main([*command, "--weights", "hw1=2,hw2=1/2"]) == 0
    assert [(row["total"], row["out_of"]) for row in _course(root).values()] == [
        ("6", "7.5"),
        ("0", "7.5"),
        ("1.5", "7.5"),
    ]
    assert cli.main([*command, "--drop-lowest", "1"]) == 0
    assert [(row["total"], row["dropped"]) for row in _course(root).values()] == [
        ("3", "hw2"),
        ("0", "hw1"),
        ("3", "hw1"),
    ]


def test_written_answers_wait_for_their_marks(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--scores all`, who has an answer that nobody has marked has no score, and --missing 0 doesn't make it 0."""
    assert cli.main(["export", "out", "--course", "--scores", "all", "--missing", "0"]) == 0
    assert "bob, hw1: written answers that nobody has marked: ex1_written." in capsys.readouterr().out
    rows = _course(root)
    assert (rows["ada"]["hw1"], rows["ada"]["hw2"], rows["ada"]["total"]) == ("4", "2", "6")
    assert (rows["bob"]["hw1"], rows["bob"]["hw2"], rows["bob"]["missing"]) == ("", "0", "hw1")


def test_a_class_list_says_who_is_who(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows are the list's: who handed in nothing has one too, and who isn't on it one apart."""
    (root / "list.csv").write_text("name,id\nAda Lovelace,ada\nBob Kahn,bob\nEve Eva,eve\n")
    assert cli.main(["export", "out", "--course", "--class-list", "list.csv", "--scores", "machine"]) == 0
    rows = _course(root)
    assert list(rows) == ["Ada Lovelace", "Bob Kahn", "Eve Eva", "carl"]
    assert (rows["Ada Lovelace"]["total"], rows["Eve Eva"]["total"], rows["Eve Eva"]["missing"]) == ("3", "", "hw1 hw2")
    assert "hw2: carl matches no row, and has a row apart." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--course", "--weights", "hw9=1"], "'hw9'"),
        (["--course", "--drop-lowest", "2"], "would leave nothing"),
        (["--course", "--cap"], "--cap says nothing for --course"),
        (["--course", "--assignment", "hw1"], "--assignment says nothing for --course"),
        (["--lms", "csv", "--assignment", "hw1", "--drop-lowest", "1"], "--drop-lowest says nothing for --lms csv"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    options: list[str], told: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence, and nothing is written."""
    assert cli.main(["export", "out", *options]) == 2
    assert told in capsys.readouterr().err
    assert not (root / "out" / "course.csv").exists()


@pytest.mark.parametrize("weights", ["hw1", "hw1=x", "hw1=-1", "hw1=1/0", "hw1=1,hw1=2"])
def test_weights_are_numbers(weights: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is none is told, as any wrong option is."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["export", "out", "--course", "--weights", weights])
    assert ended.value.code == 2
    assert "--weights" in capsys.readouterr().err
