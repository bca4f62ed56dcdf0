"""The gate's question how right the grader is: what counts as measured, and what an instructor reads below a bar."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest

from autograder.accuracy import FULL, SHORT, Accuracy, Figure, read_accuracy, write_accuracy
from autograder.assignment.policy import network_digest
from autograder.assignment.settings import read_assignment
from autograder.compile import accuracy_gate
from autograder.compile.accuracy_gate import accuracy_findings, accuracy_of, measured_in_full
from autograder.errors import BuildError
from autograder.model import AccuracyBars

NAME = "mapping_representations"
RIGHT = Accuracy(Figure(20, 20), Figure(40, 40), Figure(39, 40), (("deep: one", "pooled", "unknown"),))


@pytest.fixture
def built(root: Path, tmp_path: Path) -> Any:
    """An assignment with a network, as if it had been compiled."""
    shutil.copytree(root / "source" / NAME, tmp_path / NAME)
    assignment = SimpleNamespace(folder=tmp_path / NAME, name=NAME)
    return SimpleNamespace(source=SimpleNamespace(assignment=assignment), path=lambda kind: tmp_path / kind)


def _measured(folder: Path) -> Accuracy:
    return Accuracy(Figure(1, 1), Figure(2, 2), Figure(2, 2), digest=network_digest(folder), form=SHORT)


def _none(folder: Path) -> Accuracy:
    raise AssertionError("nothing is to be measured here")


def test_what_was_measured_in_full_counts(built: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays as it is, byte for byte; a title or a bar may change meanwhile, and an accepted layer may not."""
    monkeypatch.setattr(accuracy_gate, "_measure", _none)
    settings = tmp_path / NAME / "assignment.toml"
    full = Accuracy(Figure(60, 60), Figure(99, 100), Figure(98, 100), digest=network_digest(tmp_path / NAME))
    written = write_accuracy(tmp_path / "solutions", full).read_bytes()
    settings.write_text(
        settings.read_text("utf-8").replace('title = "Mapping', 'title = "Map') + "[accuracy]\nnamed = 90\n"
    )
    assert accuracy_of(built) == full
    assert (tmp_path / "solutions" / "accuracy.json").read_bytes() == written
    settings.write_text(settings.read_text("utf-8").replace('"dense_dropout"]', "]"))
    assert measured_in_full(tmp_path / "solutions", tmp_path / NAME) is None


def test_the_short_form_is_measured_with_each_build(
    built: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process of its own, and written down; a short one that is there already is no measurement of these checks."""
    monkeypatch.setattr(accuracy_gate, "_measure", _measured)
    monkeypatch.setattr(accuracy_gate, "ProcessPoolExecutor", _InThisProcess)
    write_accuracy(tmp_path / "solutions", Accuracy(Figure(0, 9), Figure(0, 9), Figure(0, 9), form=SHORT))
    assert accuracy_of(built) == read_accuracy(tmp_path / "solutions") == _measured(tmp_path / NAME)


class _InThisProcess:
    """A pool that calls at once."""

    def __init__(self, workers: int, **_: Any) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, function: Any, *arguments: Any) -> Any:
        value = function(*arguments)
        return SimpleNamespace(result=lambda: value)


def test_a_process_that_ends_is_told(built: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known then, and nothing is published."""
    monkeypatch.setattr(accuracy_gate, "_be_quiet", _end)
    with pytest.raises(BuildError, match=f"measures the accuracy of {NAME}'s grader ended early"):
        accuracy_of(built)


def _end() -> None:
    raise SystemExit(3)


def test_without_a_network_nothing_is_measured(built: Any, tmp_path: Path) -> None:
    """There are no specimens of it."""
    settings = tmp_path / NAME / "assignment.toml"
    settings.write_text('title = "None"\n')
    assert accuracy_of(built) is None


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        (RIGHT, []),
        (
            Accuracy(Figure(19, 20), Figure(40, 40), Figure(40, 40), (("deep: dense", "passed", "wrong_layer"),)),
            ["right specimens accepted: 19 of 20, 95.0%, and the bar is 100%. ", '"deep: dense" should be passed, and the'],
        ),
        (
            Accuracy(Figure(20, 20), Figure(39, 40), Figure(38, 40), (("a", "pooled", "passed"), ("b", "pooled", "unknown"))),
            ['wrong specimens caught: 39 of 40, 97.5%, and the bar is 98%. "a" should be pooled, and the grader says passed.'],
        ),
        (
            Accuracy(Figure(20, 20), Figure(40, 40), Figure(32, 40), tuple((str(n), "pooled", "unknown") for n in range(8))),
            ["mistakes named rightly: 32 of 40, 80.0%, and the bar is 95%. ", "2 more are in the table of `autograder assess`."],
        ),
    ],
)  # fmt: skip
def test_below_a_bar_the_specimens_are_named(accuracy: Accuracy, words: list[str]) -> None:
    """In a sentence for each bar."""
    findings = list(accuracy_findings(accuracy, AccuracyBars()))
    assert len(findings) == min(1, len(words))
    assert all(word in findings[0] for word in words)


def test_an_instructor_may_ask_for_another_bar(root: Path, tmp_path: Path) -> None:
    """In assignment.toml; what isn't named there stays."""
    text = (root / "source" / NAME / "assignment.toml").read_text("utf-8")
    (tmp_path / "assignment.toml").write_text(f"{text}\n[accuracy]\nnamed = 80\n", encoding="utf-8")
    bars = read_assignment(tmp_path).bars
    assert bars == AccuracyBars(accepted=100, caught=98, named=80)
    assert not list(accuracy_findings(Accuracy(Figure(9, 9), Figure(50, 50), Figure(41, 50)), bars))


def test_figures_that_cant_be_read_are_none(tmp_path: Path) -> None:
    """An older file, or a damaged one."""
    assert read_accuracy(tmp_path) is None
    for text in ("{", "[]", '{"accepted": {"got": 1, "of": 1}}'):
        (tmp_path / "accuracy.json").write_text(text)
        assert read_accuracy(tmp_path) is None
    write_accuracy(tmp_path, RIGHT)
    assert read_accuracy(tmp_path) == RIGHT
    assert RIGHT.form == FULL
