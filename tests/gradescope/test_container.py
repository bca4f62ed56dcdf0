"""What the grader reads of its container, which a student has a hand in."""

import json

import pytest

from autograder.gradescope.container import Container, cores, memory_bytes


@pytest.fixture
def container(tmp_path):
    """A container with the build's settings."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "container.json").write_text('{"assignment": "tiny", "seconds": 480.0}')
    return Container(tmp_path)


@pytest.mark.parametrize(
    ("metadata", "student"),
    [
        ('{"users": [{"name": "Ada Lovelace", "email": "a@b", "id": 1}]}', "Ada Lovelace"),
        ('{"users": [{"name": "", "email": "a@b", "id": 1}, {"id": 2}]}', "a@b, 2"),
        ('{"users": [{"name": "A\\u001b[31m\\nB\\ud800"}]}', "A[31mB"),
        ('{"users": [{"name": "' + "x" * 5000 + '"}]}', "x" * 200),
        ('{"users": []}', "student"),
        ('{"users": {"a": 1}}', "student"),
        ('{"users": [3]}', "student"),
        ("[" * 100_000, "student"),
        ("not JSON", "student"),
        (None, "student"),
    ],
)
def test_who_handed_in(container, metadata, student):
    """A name of one line, whatever the metadata say; "student" where they say nothing."""
    if metadata is not None:
        (container.root / "submission_metadata.json").write_text(metadata, encoding="utf-8")
    assert container.student == student


@pytest.mark.parametrize(
    ("asked", "seconds"), [("", 480), ("90", 90), ("1e3", 1000), ("soon", 480), ("-1", 480), ("nan", 480)]
)
def test_the_time(container, monkeypatch, asked, seconds):
    """The environment's word counts where it is one."""
    monkeypatch.setenv("AUTOGRADER_SECONDS", asked)
    assert container.seconds == seconds


def test_the_memory_is_the_control_groups(tmp_path):
    """Version 2 and version 1; without a limit, the machine's."""
    whole = memory_bytes(tmp_path)
    (tmp_path / "memory.max").write_text("max\n")
    assert memory_bytes(tmp_path) == whole > 0
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("3000000\n")
    assert memory_bytes(tmp_path) == 3_000_000
    (tmp_path / "memory.max").write_text("2000000\n")
    assert memory_bytes(tmp_path) == 2_000_000


@pytest.mark.parametrize(
    ("quota", "expected"), [("50000 100000", 1), ("100000 100000", 1), ("max 100000", None), ("", None)]
)
def test_the_cores_are_the_control_groups(tmp_path, monkeypatch, quota, expected):
    """Half a core is one; a machine's many are four at most."""
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    (tmp_path / "cpu.max").write_text(quota)
    assert cores(tmp_path) == (expected or 4)


def test_the_places_are_theirs(container):
    """As Gradescope's specification has them."""
    told = json.dumps([str(path.relative_to(container.root)) for path in (container.submission, container.results)])
    assert told == '["submission", "results/results.json"]'
    assert container.source.name == container.release.name == "tiny"
