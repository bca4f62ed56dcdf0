"""One name, one meaning: what the package's public names and ids stand for."""

import ast
from collections import Counter
from collections.abc import Iterator

from autograder.checks.meanings import Diagnosis
from autograder.stops import Stop
from tests.test_layers import modules


def classes() -> Iterator[str]:
    """Yield the name of each public class, nested ones too, and of each `Literal` that stands for one."""
    for _, path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                yield node.name
            elif isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("Literal["):
                yield ast.unparse(node.targets[0])


def test_no_two_classes_share_a_name() -> None:
    """A public class's name means one thing in the whole package."""
    names = Counter(name for name in classes() if not name.startswith("_"))
    assert [name for name, count in names.items() if count > 1] == []


def test_a_stop_is_worded_once() -> None:
    """No other module words what a stop is: what happened stands in the enum, and messages are made of that."""
    texts = [path.read_text(encoding="utf-8") for name, path in modules() if name != "autograder.stops"]
    assert [stop for stop in Stop for text in texts if stop.event in text] == []


def test_a_diagnosis_that_a_message_explains_is_a_member() -> None:
    """Ids are written in one place: neither a check nor a finding names a diagnosis by a text of its own."""
    makers = {"CheckFailed", "CheckSkipped", "Finding", "MapFinding", "PlotFinding"}
    texts = {
        node.args[0].value
        for _, path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in makers
        if isinstance(node.args[0], ast.Constant)
    }
    assert texts == {"layer", "map", "other", "plot"}
    assert texts.isdisjoint(Diagnosis)
