"""A class of the tiny assignment is graded, the assignment is mended, and the class is judged again."""

import csv
import dataclasses
import io
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.assignment.plan import make_plan
from autograder.errors import GradeError
from autograder.grade import GradeRequest, Limits, grade
from autograder.grade.grade import alone
from autograder.grade.results import read_results
from autograder.rejudge import RejudgeRequest, follow_checks, judge_class_again, print_changes
from autograder.report import write_page
from tests.grade.tiny import NAME, TEST, source, submission, write_course
from tests.needs import strongest_level

ANSWERS = {"ada": 42, "bob": -1, "carl": 41, "dora": 7}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of five, graded once: four answers, and a file that is no notebook."""
    root = tmp_path_factory.mktemp("course")
    assignment, release = write_course(root)
    (root / "in").mkdir()
    for student, answer in ANSWERS.items():
        nbformat.write(submission(f"answer = {answer}"), root / "in" / f"{student}.ipynb")
    (root / "in" / "emil.ipynb").write_text("no notebook")
    request = GradeRequest(
        root / "in",
        assignment,
        release,
        root / "out",
        jobs=2,
        isolation=strongest_level(),
        limits=Limits(120, memory=2),
        quiet=True,
    )
    grade(request, Console(stderr=True), write_page("Tiny"))
    with Gradebook(f"sqlite:///{root / 'out' / 'gradebook.db'}") as gradebook:
        mark = gradebook.find_grade("ex1_written", NAME, NAME, "ada")
        mark.manual_score, mark.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    return root


@pytest.fixture
def root(graded, tmp_path):
    """A copy of the graded course, to be changed."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def _change(root: Path, *cells: nbformat.NotebookNode) -> None:
    """Put other cells into source and release."""
    for folder in (root / "source" / NAME, root / "release" / "nbgrader" / NAME):
        notebook = nbformat.read(folder / f"{NAME}.ipynb", as_version=4)
        notebook.cells = list(cells)
        nbformat.write(notebook, folder / f"{NAME}.ipynb")


def _cells(test: str = TEST, points: float = 3, name: str = "ex1_test") -> list[nbformat.NotebookNode]:
    """Return the assignment's cells with another test."""
    cells = source().cells
    cells[2].source = test
    cells[2].metadata.nbgrader |= {"points": points, "grade_id": name}
    return cells


STRICTER = TEST.replace("answer > 0", "answer > 10")


def _rejudge(root: Path, **options):
    return judge_class_again(RejudgeRequest(root / "out", root, **options))


def _scores(root: Path) -> dict[str, float]:
    return {one.student: one.score for one in read_results(root / "out" / "results.jsonl")}


def _bytes(folder: Path) -> dict[str, bytes]:
    """Return every file's bytes, but the table that says what would change, and maps and logs."""
    own = ("rejudge.csv", "tsne_memory", "logs")
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if path.relative_to(folder).parts[0] not in own
    }


def test_nothing_changed_changes_nothing(root):
    """By the same checks everybody gets what was there, to the letter."""
    again, _ = _rejudge(root)
    assert again.changed == ()
    assert again.gone == {}
    assert len(again.judged) == len(ANSWERS) + 1


def test_who_would_change_is_told_and_nothing_is_written(root, capsys):
    """A stricter check is shown as a table and a file; results, gradebook and pages stay."""
    _change(root, *_cells(STRICTER))
    before = _bytes(root / "out")
    again, _ = _rejudge(root)
    assert [one.before.student for one in again.changed] == ["dora"]
    assert _bytes(root / "out") == before
    print_changes(again, Console(width=120))
    shown = capsys.readouterr().out
    assert "dora" in shown
    assert "3 of 3, passed" in shown
    assert "0 of 3" in shown
    rows = list(csv.DictReader(io.StringIO((root / "out" / "rejudge.csv").read_text())))
    assert [(row["student"], row["check"], row["score_before"], row["score_after"]) for row in rows] == [
        ("dora", "ex1_test", "3.0", "0.0")
    ]


def test_applied_it_counts_everywhere(root):
    """Results, receipts, gradebook, notebook and page say the new verdict; the mark stays and asks for no other look."""
    _change(root, *_cells(STRICTER))
    _rejudge(root, apply=True)
    out = root / "out"
    assert _scores(root) == {"ada": 3.0, "bob": 0.0, "carl": 0.0, "dora": 0.0, "emil": 0.0}
    assert {one.student: one.score for one in read_results(out / "results.previous.jsonl")}["dora"] == 3.0
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as gradebook:
        assert gradebook.find_grade("ex1_test", NAME, NAME, "dora").auto_score == 0.0
        mark = gradebook.find_grade("ex1_written", NAME, NAME, "ada")
        assert (mark.manual_score, mark.needs_manual_grade) == (1.5, False)
    assert "answer > 10" in (out / "autograded" / "dora" / NAME / f"{NAME}.ipynb").read_text()
    assert "has to be positive" in (out / "feedback" / "dora" / f"{NAME}.html").read_text()
    receipt = json.loads((out / "receipts" / "dora" / f"{NAME}.json").read_text())
    dora = next(one for one in read_results(out / "results.jsonl") if one.student == "dora")
    assert receipt["verdict"] == dora.receipt["verdict"]
    assert _rejudge(root)[0].changed == ()


def test_never_lower_keeps_the_better(root):
    """With it, a check that gives less now keeps what it gave, and the table says so."""
    _change(root, *_cells(STRICTER))
    again, _ = _rejudge(root, never_lower=True, apply=True)
    assert again.changed == ()
    assert _scores(root)["dora"] == 3.0
    rows = list(csv.DictReader(io.StringIO((root / "out" / "rejudge.csv").read_text())))
    assert [(row["student"], row["counts"]) for row in rows] == [("dora", "no")]


def test_another_policy_is_tried_without_touching_the_source(root):
    """`--policy` judges by a file that lies elsewhere."""
    _change(
        root,
        *_cells(TEST.replace("assert answer > 0", "assert 'kind' in open('assignment.toml').read() or answer > 0")),
    )
    policy = root / "kind.toml"
    policy.write_text((root / "source" / NAME / "assignment.toml").read_text().replace("'Tiny'", "'A kind one'"))
    assert _rejudge(root)[0].changed == ()
    assert [one.before.student for one in _rejudge(root, policy=policy)[0].changed] == ["bob"]


def test_credit_counts_when_a_class_is_judged_again(root):
    """A mistake that keeps half of the points now keeps them, and says so to the student."""
    policy = root / "kind.toml"
    policy.write_text((root / "source" / NAME / "assignment.toml").read_text() + "[credit]\nwrong_layer = 0.5\n")
    again, _ = _rejudge(root, policy=policy, apply=True)
    assert [one.before.student for one in again.changed] == ["carl"]
    (check,) = again.changed[0].after.checks
    assert (check.status, check.score, check.diagnosis) == ("failed", 1.5, "wrong_layer")
    assert check.message.endswith("With this mistake, 1.5 of 3 points stay.")
    assert "1.5 of 3 points stay" in (root / "out" / "feedback" / "carl" / f"{NAME}.html").read_text()


def test_points_in_thirds_add_up(root):
    """Everybody has the same new maximum, and sums are exact."""
    third = [_cells(points=1 / 3, name=f"ex1_test{i}")[2] for i in range(3)]
    seven, one = _cells(points=0.7, name="ex1_seven")[2], _cells(points=0.1, name="ex1_one")[2]
    cells = _cells()
    _change(root, *cells[:2], *third, seven, one, cells[3])
    again, _ = _rejudge(root, apply=True)
    assert {one.after.max_score for one in again.judged if one.after.status == "graded"} == {1.8}
    assert _scores(root)["ada"] == 1.8


def test_a_question_may_go_and_come(root):
    """A check that is gone, one that is new, and points that changed: marks of the other cells stay."""
    cells = _cells(points=5, name="ex1_renamed")
    extra = _cells("assert answer != 42, 'never'", 1, "ex1_extra")[2]
    _change(root, *cells[:3], extra, cells[3])
    again, told = _rejudge(root, apply=True)
    assert again.gone == {}
    assert any("`ex1_test`" in line for line in told)
    assert any("`ex1_extra` is new" in line for line in told)
    results = {one.student: one for one in read_results(root / "out" / "results.jsonl")}
    assert {one.max_score for one in results.values()} == {6.0}
    assert [(c.name, c.score) for c in results["ada"].checks] == [("ex1_renamed", 5.0), ("ex1_extra", 0.0)]
    with Gradebook(f"sqlite:///{root / 'out' / 'gradebook.db'}") as gradebook:
        grades = {g.name: g for g in gradebook.find_submission_notebook(NAME, NAME, "ada").grades}
        assert {name: g.auto_score for name, g in grades.items()} == {
            "ex1_renamed": 5.0,
            "ex1_extra": 0.0,
            "ex1_written": None,
        }
        assert grades["ex1_written"].manual_score == 1.5
        assert (gradebook.find_assignment(NAME).max_score, gradebook.find_assignment(NAME).num_submissions) == (8.0, 5)


def test_a_renamed_written_answer_keeps_its_mark(root):
    """The same words under another name are the same question."""
    cells = _cells()
    cells[3].metadata.nbgrader.grade_id = "ex1_why"
    _change(root, *cells)
    _, told = _rejudge(root, apply=True)
    assert "`ex1_written` is called `ex1_why` now." in told
    with Gradebook(f"sqlite:///{root / 'out' / 'gradebook.db'}") as gradebook:
        assert gradebook.find_grade("ex1_why", NAME, NAME, "ada").manual_score == 1.5


def test_a_mark_on_a_cell_that_is_gone_is_told_and_kept_beside(root):
    """Its points are not lost in silence."""
    _change(root, *_cells()[:3])
    _, told = _rejudge(root, apply=True)
    assert any("1 marks or comments" in line and "gradebook.previous.db" in line for line in told)
    with Gradebook(f"sqlite:///{root / 'out' / 'gradebook.previous.db'}") as gradebook:
        assert gradebook.find_grade("ex1_written", NAME, NAME, "ada").manual_score == 1.5


def test_who_has_no_claims_is_named_and_run_again(root):
    """The old result stays until `grade` finds the work; then it is run, and no other."""
    shutil.rmtree(root / "out" / "claims" / "students" / "dora")
    _change(root, *_cells(STRICTER))
    again, _ = _rejudge(root, apply=True, run_again=True)
    assert list(again.gone) == ["dora"]
    assert "none were kept" in again.gone["dora"]
    assert _scores(root)["dora"] == 3.0
    assert _grade(root) == {"ada": 3.0, "bob": 0.0, "carl": 0.0, "dora": 0.0, "emil": 0.0}


def test_answers_that_were_never_taken_out_are_told(root):
    """A new check that asks for another name can't be judged from claims."""
    cells = _cells()
    cells[1].source = "### BEGIN SOLUTION\nanswer = 42\nother = 1\n### END SOLUTION"
    cells[2].source = "assert other == 1\nassert answer"
    _change(root, *cells)
    again, _ = _rejudge(root)
    assert sorted(again.gone) == sorted(ANSWERS)
    assert "`other`" in again.gone["ada"]


@pytest.mark.parametrize("damage", ["{", '{"execution": 1}', "x" * 100, '{"execution":{"stop":"nonsense"}}'])
def test_damaged_records_are_told(root, damage):
    """A record that anybody could have written is no answer, and no crash."""
    (root / "out" / "claims" / "students" / "ada" / f"{NAME}.json").write_text(damage)
    again, _ = _rejudge(root)
    assert list(again.gone) == ["ada"]


def test_a_check_alone_is_judged(root):
    """The others keep what they have; one that isn't there is told."""
    cells = _cells(STRICTER)
    _change(root, *cells[:3], _cells("assert answer != 42", 1, "ex1_extra")[2], cells[3])
    again, _ = _rejudge(root, checks=("ex1_extra",))
    assert {change.name for one in again.judged for change in one.changes} == {"ex1_extra"}
    with pytest.raises(GradeError, match="no check 'ex9'"):
        _rejudge(root, checks=("ex9",))


def test_it_waits_for_nobody(root):
    """While a class is being graded into the folder, it is refused."""
    with alone(root / "out"), pytest.raises(GradeError, match="Another run"):
        _rejudge(root)


def test_no_kernel_starts(root, monkeypatch):
    """It judges, and runs nothing of a student's."""
    from autograder.sandbox import forkserver

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a sandbox was started")

    monkeypatch.setattr(forkserver, "Forkserver", refuse)
    shutil.rmtree(root / "in")
    assert _rejudge(root)[0].changed == ()


def _grade(root: Path) -> dict[str, float]:
    """Grade the course's class, as the command does; return the scores."""
    follow_checks(root / "out", root, NAME, 2)
    assignment = dataclasses.replace(_assignment(root))
    request = GradeRequest(
        root / "in",
        assignment,
        root / "release" / "nbgrader" / NAME,
        root / "out",
        jobs=2,
        isolation=strongest_level(),
        limits=Limits(120, memory=2),
        quiet=True,
    )
    return {one.student: one.score for one in grade(request, Console(stderr=True), write_page("Tiny"))}


def _assignment(root: Path):
    from autograder.assignment.settings import read_assignment

    return read_assignment(root / "source" / NAME)


def test_grade_goes_on_with_other_checks(root):
    """A class that was graded with other checks is judged again by them, and who hands in now gets the same maximum."""
    _change(root, *_cells(STRICTER, points=4))
    nbformat.write(submission("answer = 12"), root / "in" / "fred.ipynb")
    plan = make_plan(root / "source" / NAME, root / "release" / "nbgrader" / NAME)
    assert _grade(root) == {"ada": 4.0, "bob": 0.0, "carl": 0.0, "dora": 0.0, "emil": 0.0, "fred": 4.0}
    results = read_results(root / "out" / "results.jsonl")
    assert {one.max_score for one in results} == {plan.tests[0].points}
