"""The page of diagnoses has each one that a check can give, and no other."""

import ast
import re

from autograder.hidden import messages
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "diagnoses.md").read_text(encoding="utf-8")


def explained() -> set[str]:
    """Return the ids in the first columns of the page's tables."""
    cells = re.findall(r"^\| (`[^|]+`) \|", PAGE, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def raised() -> set[str]:
    """Return the ids that the checks raise by name."""
    found = set()
    for path in (path for room in ("checks", "hidden") for path in (ROOT / "autograder" / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("CheckFailed", "CheckSkipped"):
                name = node.args[0]
                found |= {name.value} if isinstance(name, ast.Constant) else set()
    return found


def test_every_diagnosis_is_explained() -> None:
    """What the public checks raise and what the hidden ones have a message for is on the page, and nothing else."""
    told = {*messages._ACTIVATIONS, *messages._MAPS, *messages._PLOTS}
    assert len(told) > 15
    assert explained() == told | raised()


def test_each_has_a_sentence() -> None:
    """Each row says something."""
    rows = re.findall(r"^\| `[^|]+` \| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert len(rows) == len(re.findall(r"^\| `", PAGE, re.MULTILINE))
    assert all(len(row) > 20 and row.endswith(".") for row in rows)
