"""The command line: it parses, calls, and says in one sentence what went wrong."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.commands import authoring, environment, grading
from autograder.errors import GradeError
from autograder.grade import Limits
from autograder.log import show_log
from autograder.model import CheckResult, CheckStatus, SubmissionResult, SubmissionStatus
from tests.grade.tiny import NAME, write_course


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the tiny assignment, as the current folder."""
    write_course(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "arguments", [[], ["grade"], ["grade", "x"], ["nonsense"], ["grade", "x", "--assignment", "a"]]
)
def test_wrong_calls_exit_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A call that lacks something is told what, and exits with 2."""
    with pytest.raises(SystemExit) as raised:
        cli.main(arguments)
    assert raised.value.code == 2
    assert "usage: autograder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value"), [("--jobs", "0"), ("--jobs", "x"), ("--timeout", "-1"), ("--memory", "inf")]
)
def test_limits_have_to_make_sense(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A limit that is no number above 0 is refused by name."""
    with pytest.raises(SystemExit):
        cli.main(["grade", "in", "--assignment", NAME, "--out", "out", option, value])
    assert option in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [("--jobs", "1.5", "'1.5' is no whole number above 0"), ("--timeout", "ten", "'ten' is no number")],
)
def test_a_limit_says_what_it_wants(option: str, value: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The value stands in the sentence, and what it should be."""
    with pytest.raises(SystemExit):
        cli.main(["grade", "in", "--assignment", NAME, "--out", "out", option, value])
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["build"],
        ["build", NAME],
        ["grade", "x", "--assignment", NAME, "--out", "out"],
        ["collect", "x", "--assignment", NAME],
    ],
)
def test_in_another_folder_it_says_where_to_go(
    command: list[str],
    course: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where there is no source/, the sentence names the folder, and both ways out."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    assert cli.main(command) == 2
    told = capsys.readouterr().err
    assert f"{elsewhere} holds no assignment" in told
    assert "Run it at the repository's root, or give --root DIR." in told


def test_the_root_can_be_given(
    course: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --root, paths of submissions and of results stay the current folder's."""
    asked: list[Any] = []
    monkeypatch.setattr("autograder.grade.grade", lambda request, *_: asked.append(request) or ())
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert cli.main(["grade", "in", "--assignment", NAME, "--out", "out", "--root", str(course)]) == 0
    assert asked[0].release == course / "release" / "nbgrader" / NAME
    assert (asked[0].path, asked[0].out) == (Path("in"), Path("out"))


def test_a_report_of_nothing_names_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who mistyped OUT reads what was looked at."""
    assert cli.main(["report", str(tmp_path / "nowhere")]) == 2
    assert f"{tmp_path / 'nowhere'} holds no results" in capsys.readouterr().err


def test_defaults_are_the_limits_own(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody asks for is what `limits.py` gives reasons for: the help repeats it, and decides nothing."""
    asked: list[Any] = []
    monkeypatch.setattr("autograder.grade.grade", lambda request, *_: asked.append(request) or ())
    assert cli.main(["grade", "in", "--assignment", NAME, "--out", "out"]) == 0
    assert asked[0].limits == Limits()
    assert (asked[0].isolation, asked[0].cluster, asked[0].fresh) == ("auto", None, False)
    assert asked[0].jobs == os.cpu_count()


def test_what_cannot_be_done_is_one_sentence(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that is not there is a sentence on stderr, without a traceback."""
    assert cli.main(["grade", "nowhere", "--assignment", NAME, "--out", "out"]) == 2
    told = capsys.readouterr()
    assert "is not there" in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_an_unknown_assignment_is_told(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An assignment that has no source folder is named."""
    assert cli.main(["grade", ".", "--assignment", "nothing", "--out", "out"]) == 2
    assert "nothing" in capsys.readouterr().err


def test_debug_shows_the_traceback(course: Path) -> None:
    """With --debug the exception itself comes out."""
    with pytest.raises(GradeError):
        cli.main(["--debug", "grade", "nowhere", "--assignment", NAME, "--out", "out"])


def test_options_reach_the_grader(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked for is what `grade` is given; nothing to grade is no failure."""
    asked: list[Any] = []
    monkeypatch.setattr("autograder.grade.grade", lambda request, *_: asked.append(request) or ())
    call = [
        "grade",
        "in",
        "--assignment",
        NAME,
        "--out",
        "out",
        "--jobs",
        "3",
        "--timeout",
        "9",
        "--memory",
        "1",
        "--fresh",
    ]
    assert cli.main(call) == 0
    (request,) = asked
    assert (request.jobs, request.limits.seconds, request.limits.memory, request.fresh) == (3, 9, 1, True)
    assert request.release == course / "release" / "nbgrader" / NAME


def test_options_reach_who_watches(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`watch` is asked what `grade` is, and when to end."""
    asked: list[Any] = []
    monkeypatch.setattr("autograder.watch.watch", lambda request, *_: asked.append(request) or ())
    call = ["watch", "in", "--assignment", NAME, "--out", "out", "--jobs", "3", "--timeout", "9", "--from", "canvas"]
    assert cli.main(call) == 0
    assert cli.main([*call, "--until-idle", "2.5", "--quiet"]) == 0
    first, second = asked
    assert (first.until_idle, first.root, first.grading.path) == (None, course, Path("in"))
    assert (first.grading.jobs, first.grading.limits.seconds, first.grading.convention) == (3, 9, "canvas")
    assert (second.until_idle, second.grading.quiet) == (2.5, True)
    assert (second.grading.cluster, second.grading.fresh, second.grading.plain) == (None, False, False)


@pytest.mark.parametrize(
    ("status", "check", "told"), [("graded", "failed", False), ("graded", "error", True), ("crashed", "failed", True)]
)
def test_the_log_is_named_where_it_says_more(
    course: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: SubmissionStatus,
    check: CheckStatus,
    told: bool,
) -> None:
    """Where something crashed, or a check of ours failed, the last line says where to look."""
    result = SubmissionResult("ada", NAME, status, 0.0, 3.0, "process", 1.0, None, (CheckResult("x", check, 0.0, 3.0),))
    monkeypatch.setattr("autograder.grade.grade", lambda *_: (result,))
    assert cli.main(GRADE) == 0
    assert (f"{Path('out', 'logs')} has what was said" in capsys.readouterr().err) is told


@pytest.mark.parametrize(("flags", "level"), [([], "WARNING"), (["-v"], "INFO"), (["-vv"], "DEBUG")])
def test_more_is_said_where_more_is_asked_for(
    course: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str], level: str
) -> None:
    """`-v` and `-vv` stand before the command."""
    monkeypatch.setattr("autograder.grade.grade", lambda *_: ())
    assert cli.main([*flags, *GRADE]) == 0
    found = logging.getLevelName(logging.getLogger("autograder").level)
    show_log(0)
    assert found == level


GRADE = ["grade", "in", "--assignment", NAME, "--out", "out"]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (GRADE, "stopped. The same command goes on where this one was."),
        ([*GRADE, "--fresh"], "stopped. The same command without --fresh goes on where this one was."),
        (["watch", *GRADE[1:]], "stopped. The same command goes on where this one was."),
        (["build"], "stopped. The same command begins anew."),
        (["demo"], "stopped. The same command begins anew."),
    ],
)
def test_ctrl_c_is_told(
    call: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stop by hand promises to go on where the command can, and nowhere else."""
    _raise_in(call[0], KeyboardInterrupt(), monkeypatch)
    assert cli.main(call) == 130
    assert capsys.readouterr().err == f"autograder: {told}\n"


def test_our_own_fault_is_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody foresaw is told as the program's fault, with the way to its traceback."""
    _raise_in("demo", ValueError("seven"), monkeypatch)
    assert cli.main(["demo"]) == 1
    told = capsys.readouterr().err
    assert "a fault of the program's own: ValueError: seven" in told
    assert "--debug" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("error", [ValueError("seven"), KeyboardInterrupt()])
def test_debug_shows_what_we_did_not_raise(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --debug whatever ended the command comes out, a stop by hand too."""
    _raise_in("demo", error, monkeypatch)
    with pytest.raises(type(error)):
        cli.main(["--debug", "demo"])


def _raise_in(command: str, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a command end with this."""

    def fail(_: object) -> None:
        raise error

    rooms = {"grade": grading, "watch": grading, "build": authoring, "demo": environment}
    monkeypatch.setattr(rooms[command], f"do_{command}", fail)


@pytest.mark.parametrize(("arguments", "called"), [(["build", NAME, "--html"], "autograder.compile.compiler.build")])
def test_build_is_called(course: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], called: str) -> None:
    """`build` hands its options on."""
    calls: list[tuple[Any, ...]] = []
    stand_in: Callable[..., None] = lambda *given, **options: calls.append((*given, options))  # noqa: E731
    monkeypatch.setattr(called, stand_in)
    assert cli.main(arguments) == 0
    assert calls == [(course, NAME, {"gate": True, "html": True, "draft": False})]


def test_collect_tells_and_writes(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run shows each file and writes nothing; with --out the table is written, formulas defused."""
    (course / "in").mkdir()
    for name in ("ada.ipynb", "=cmd().ipynb", "notes.xyz", "\x1b[2J.xyz"):
        (course / "in" / name).write_text("{}")
    (course / "list.csv").write_text("name,id\nAda,ada\nDan,dan\n")
    call = ["collect", "in", "--assignment", NAME, "--out", "out", "--roster", "list.csv"]
    assert cli.main([*call, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "ada.ipynb: ada, notebook" in shown
    assert not (course / "out").exists()
    assert cli.main(call) == 0
    shown = capsys.readouterr().out
    assert "2 students, read as folder" in shown
    assert "notes.xyz: nobody's" in shown
    assert "\x1b" not in shown
    assert "handed in nothing: 1\n  Dan" in shown
    table = (course / "out" / "collected.csv").read_text()
    assert len(table.splitlines()) == 5
    assert '"\'=cmd().ipynb"' in table
    assert '"Ada"' in table


def test_collect_with_a_wrong_convention_finds_nobody(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `--from` names is asked for, and nothing else is guessed."""
    (course / "in").mkdir()
    (course / "in" / "ada.ipynb").write_text("{}")
    assert cli.main(["collect", "in", "--assignment", NAME, "--from", "canvas"]) == 2
    assert "holds no submission" in capsys.readouterr().err
