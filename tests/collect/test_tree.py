"""A folder's names become a tree."""

import os
from pathlib import Path

import pytest

from autograder.collect import tree
from autograder.collect.records import Node
from autograder.collect.tree import read_tree, without_twins

TWO_WAYS = ("Zo\u00eb.ipynb", "Zoe\u0308.ipynb")


def test_two_names_that_look_alike_stay_two(tmp_path: Path) -> None:
    """`ë` as one sign and as two: both files are there, with names that differ; a name that is there already isn't taken."""
    for name in (*TWO_WAYS, "Zo\u00eb (2).ipynb"):
        (tmp_path / name).write_text(name)
    names = [node.name for node in read_tree(tmp_path)]
    assert names == ["Zo\u00eb (2).ipynb", "Zo\u00eb (3).ipynb", "Zo\u00eb.ipynb"]


def test_many_twins_take_no_longer_each() -> None:
    """Thousands of names that look alike are numbered."""
    nodes = without_twins([Node("a.ipynb", "a.ipynb", None) for _ in range(20_000)], "")
    assert len({node.name for node in nodes}) == 20_000


def test_links_and_pipes_are_told(tmp_path: Path) -> None:
    """Neither is followed or opened."""
    (tmp_path / "folder").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    faults = {node.name: (node.fault, node.path, node.children) for node in read_tree(tmp_path)}
    assert faults == {
        "folder": ("is a link; links are not followed", None, []),
        "pipe": ("is a device or a pipe", None, []),
    }


def test_too_many_files_cost_their_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies beyond the limit is told as one line; what lies near the top is read first, environments last."""
    monkeypatch.setattr(tree, "MAX_ENTRIES", 20)
    for name in (*(f"venv/lib/{number}.py" for number in range(40)), "venv/pyvenv.cfg", "work/a/b/hw.ipynb"):
        path = tmp_path / "eve" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "ada.ipynb").write_text("")
    ada, eve = read_tree(tmp_path)
    assert ada.fault == ""
    below = list(eve.walk())
    assert any(node.name == "hw.ipynb" and node.path for node in below)
    assert any("more than 20" in node.fault for node in below)
    assert len(below) < 30
