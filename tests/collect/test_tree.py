"""A folder's names become a tree."""

from pathlib import Path

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
    import os

    (tmp_path / "folder").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    faults = {node.name: (node.fault, node.path, node.children) for node in read_tree(tmp_path)}
    assert faults == {
        "folder": ("is a link; links are not followed", None, []),
        "pipe": ("is a device or a pipe", None, []),
    }
