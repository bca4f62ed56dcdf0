"""Two graders grade a class of the tiny assignment between them, and put together what they have."""

import csv
import io
import json
import shutil
from pathlib import Path

import nbformat
import pytest

from autograder import cli
from autograder.grade.grade import alone
from autograder.grade.gradebook.read import read_marks, read_overrides
from autograder.grade.gradebook.write_marks import apply_marks
from autograder.grade.results import read_results
from autograder.model import Mark
from autograder.rejudge import RejudgeRequest, judge_class_again
from tests.grade.marking import given
from tests.grade.tiny import NAME, submission, write_course
from tests.needs import strongest_level

CLASSES = {"a": {"ada": 42, "bob": -1, "=eve": 41}, "b": {"carl": 42, "bob": -1, "dora": 7}}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course, and the folders of two graders, with one student in both."""
    root = tmp_path_factory.mktemp("course")
    write_course(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for name, answers in CLASSES.items():
            (root / f"in-{name}").mkdir()
            for student, answer in answers.items():
                nbformat.write(submission(f"answer = {answer}"), root / f"in-{name}" / f"{student}.ipynb")
        shutil.copyfile(root / "in-a" / "bob.ipynb", root / "in-b" / "bob.ipynb")  # cells have ids of their own
        for name in CLASSES:
            _grade(f"in-{name}", f"out-{name}")
    return root


def _grade(path: str, out: str) -> None:
    command = ["grade", path, "--assignment", NAME, "--out", out, "--quiet", "--isolation", strongest_level()]
    assert cli.main([*command, "--memory", "2"]) == 0


@pytest.fixture
def root(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of both folders, to be changed, as the current folder."""
    copy = Path(shutil.copytree(graded, tmp_path / "course"))
    monkeypatch.chdir(copy)
    return copy


def _merge(*options: str) -> int:
    return cli.main(["merge", "out-a", "out-b", "--out", "out", *options])


def _mark(out: str, student: str, score: float | None, comment: str = "", name: str = "ex1_written") -> None:
    assert apply_marks(Path(out, "gradebook.db"), NAME, given({student: (Mark(name, score, 2.0, comment),)}))


def _set_score(out: str, student: str, score: float) -> None:
    """Give a student another result, as another machine might have."""
    path = Path(out, "results.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if line["student"] == student:
            line["score"] = line["checks"][0]["score"] = score
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_everything_comes_together(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Results, gradebook, files, claims and records of both; what both say alike is no conflict."""
    _mark("out-a", "=eve", 1.0, "From a.")
    _mark("out-b", "dora", 2.0)
    assert _merge() == 0
    assert "5 students: out (3 from out-a, 2 from out-b)" in capsys.readouterr().out
    out = Path("out")
    assert {one.student: one.score for one in read_results(out / "results.jsonl")} == {
        "=eve": 0.0,
        "ada": 3.0,
        "bob": 0.0,
        "carl": 3.0,
        "dora": 3.0,
    }
    marks = {student: own[0].score for student, own in read_marks(out / "gradebook.db", NAME).items()}
    assert marks == {"=eve": 1.0, "ada": None, "bob": None, "carl": None, "dora": 2.0}
    for one in ("a", "b"):
        for path in Path(f"out-{one}").rglob("*"):
            place = path.relative_to(f"out-{one}")
            if path.is_file() and place.parts[0] in ("autograded", "feedback", "maps", "receipts", "claims"):
                assert (out / place).read_bytes() == path.read_bytes() or "bob" in place.parts
    record = json.loads((out / "assignments" / NAME / "collected.json").read_text())
    assert [one["student"] for one in record["students"]] == ["=eve", "ada", "bob", "carl", "dora"]
    about = Path("assignments", NAME, "about.json")
    assert (out / about).read_bytes() == ("out-a" / about).read_bytes()
    assert "in-a/ada.ipynb" in (out / "collected.csv").read_text()
    assert "carl" in (out / "grades.csv").read_text()
    assert not list(root.glob(".out*"))


def test_a_merged_folder_goes_on(root: Path) -> None:
    """It is judged again from its claims, graded on, and reported as any other; nobody is run again."""
    assert _merge() == 0
    again, _ = judge_class_again(RejudgeRequest(Path("out"), root))
    assert (again.gone, again.changed) == ({}, ())
    nbformat.write(submission("answer = 12"), root / "in-b" / "fred.ipynb")
    before = Path("out/results.jsonl").read_text()
    _grade("in-b", "out")
    after = Path("out/results.jsonl").read_text()
    assert after.startswith(before)
    assert after.count("\n") == before.count("\n") + 1
    assert cli.main(["report", "out", "--marking"]) == 0


def test_other_results_are_named_and_nothing_is_written(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A student who has two results is told with both, until somebody says which is right."""
    _set_score("out-b", "bob", 2.0)
    assert _merge() == 2
    told = capsys.readouterr().err
    assert (
        "bob, result: 0 of 3, graded (ex1_test unknown) in out-a; 2 of 3, graded (ex1_test unknown) in out-b." in told
    )
    assert "1 conflict, and nothing was written" in told
    assert not Path("out").exists()
    assert _merge("--prefer", "out-b") == 0
    assert "2 of 3, graded (ex1_test unknown) in out-b. out-b counts." in capsys.readouterr().out
    assert {one.student: one.score for one in read_results(Path("out/results.jsonl"))}["bob"] == 2.0


def test_marks_of_both_stand_together(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One gave points, the other words and points for a test: all of them count, and the page shows them."""
    _mark("out-a", "bob", 1.5)
    _mark("out-b", "bob", None, "Look again.")
    _mark("out-b", "bob", 2.5, name="ex1_test")
    assert _merge() == 0
    assert "Marks of several folders stand together for 1 students" in capsys.readouterr().out
    book = Path("out/gradebook.db")
    assert read_marks(book, NAME)["bob"] == (Mark("ex1_written", 1.5, 2.0, "Look again."),)
    assert read_overrides(book, NAME)["bob"] == (Mark("ex1_test", 2.5, 3.0),)
    page = Path("out/feedback/bob", f"{NAME}.html").read_text()
    assert "Look again." in page
    assert "1.5 / 2" in page


def test_other_marks_are_a_conflict(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is named by its cell; the preferred folder's count."""
    _mark("out-a", "bob", 1.5, "Good.")
    _mark("out-b", "bob", 0.5, "Bad.")
    assert _merge() == 2
    told = capsys.readouterr().err
    assert "bob, points of ex1_written: 1.5 in out-a; 0.5 in out-b." in told
    assert "bob, comment on ex1_written: 'Good.' in out-a; 'Bad.' in out-b." in told
    assert _merge("--prefer", "out-a") == 0
    assert read_marks(Path("out/gradebook.db"), NAME)["bob"] == (Mark("ex1_written", 1.5, 2.0, "Good."),)


def test_marks_on_another_hand_in_are_not_taken(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the two were given another notebook of a student, marks stay with the one that they are about."""
    nbformat.write(submission("answer = 9"), root / "in-b" / "bob.ipynb")
    _grade("in-b", "out-b")
    _mark("out-a", "bob", 1.5)
    assert _merge() == 2
    assert "bob, result of another hand-in: 0 of 3" in capsys.readouterr().err
    assert _merge("--prefer", "out-b") == 0
    assert read_marks(Path("out/gradebook.db"), NAME)["bob"] == (Mark("ex1_written", None, 2.0),)


def test_other_points_are_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everybody has the same maximum: a folder that was graded by other points has to be judged again first."""
    for folder in (root / "source" / NAME, root / "release" / "nbgrader" / NAME):
        notebook = nbformat.read(folder / f"{NAME}.ipynb", as_version=4)
        notebook.cells[2].metadata.nbgrader["points"] = 4
        nbformat.write(notebook, folder / f"{NAME}.ipynb")
    assert cli.main(["rejudge", "out-b", "--apply"]) == 0
    assert _merge() == 2
    assert "out-b was graded with other cells or points than out-a" in capsys.readouterr().err
    assert cli.main(["rejudge", "out-a", "--apply"]) == 0
    assert _merge() == 0


def test_what_has_no_claims_is_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its result is merged all the same."""
    shutil.rmtree("out-b/claims/students/carl")
    Path("out-b/claims/students/dora", f"{NAME}.json").write_text("{")
    assert _merge() == 0
    assert "No claims are kept of carl, dora: `rejudge` can't judge them." in capsys.readouterr().out


def test_extensions_have_to_be_the_same(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of two lists none is chosen in silence; one alone holds for all, and that is told."""
    for one in ("a", "b"):
        Path(f"out-{one}", "extensions").mkdir()
        Path(f"out-{one}", "extensions", f"{NAME}.csv").write_text(
            f"student,until\nada,2026-03-0{len(one) + ord(one) % 5}\n"
        )
    assert _merge() == 2
    assert "other lists of extensions" in capsys.readouterr().err
    assert not Path("out").exists()
    assert _merge("--prefer", "out-b") == 0
    assert Path("out/extensions", f"{NAME}.csv").read_text() == Path("out-b/extensions", f"{NAME}.csv").read_text()
    assert "The list of extensions is out-b's" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["out-a", "--out", "out"], "nothing to merge"),
        (["out-a", "./out-a", "--out", "out"], "nothing to merge"),
        (["out-a", "nowhere", "--out", "out"], "nowhere is not there"),
        (["out-a", "out-b", "--out", "out-b"], "out-b is there already"),
        (["out-a", "out-b", "--out", "out", "--prefer", "in-a"], "none of the folders"),
        (["out-a", "in-b", "--out", "out"], "in-b holds no results"),
        (["out-a", "out-b", "--out", "out", "--assignment", "hw9"], "no results of 'hw9'"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    arguments: list[str], told: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence, and nothing is written."""
    assert cli.main(["merge", *arguments]) == 2
    assert told in capsys.readouterr().err
    assert not Path("out").exists()


def test_a_folder_that_is_being_graded_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Half a class is nobody's."""
    with alone(Path("out-b")):
        assert _merge() == 2
    assert "Another run is grading into out-b" in capsys.readouterr().err


def test_marks_without_a_result_are_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They stay where they are, and in the first folder's gradebook as they were."""
    _mark("out-b", "dora", 2.0)
    lines = [line for line in Path("out-b/results.jsonl").read_text().splitlines() if '"dora"' not in line]
    Path("out-b/results.jsonl").write_text("\n".join(lines) + "\n")
    assert _merge() == 0
    assert "Marks in out-b without a result there were not taken over: dora." in capsys.readouterr().out
    rows = csv.DictReader(io.StringIO(Path("out/grades.csv").read_text()))
    assert [row["student"] for row in rows] == ["'=eve", "ada", "bob", "carl"]
