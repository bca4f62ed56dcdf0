"""The page of diagnoses has each one that a check can give, and no other."""

import re

from autograder.checks.meanings import Diagnosis
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "diagnoses.md").read_text(encoding="utf-8")


def explained() -> set[str]:
    """Return the ids in the first columns of the page's tables."""
    cells = re.findall(r"^\| (`[^|]+`) \|", PAGE, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def used() -> set[str]:
    """Return the members that the package names."""
    named = re.compile(r"\bDiagnosis\.([A-Z_]+)\b")
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "autograder").rglob("*.py"))
    return {Diagnosis[name] for text in texts for name in named.findall(text)}


def test_every_diagnosis_is_explained() -> None:
    """Each member is on the page, and nothing else is; each is given by some part of the package."""
    assert explained() == set(Diagnosis) == used()


def test_each_has_a_sentence() -> None:
    """Each row says something."""
    rows = re.findall(r"^\| `[^|]+` \| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert len(rows) == len(re.findall(r"^\| `", PAGE, re.MULTILINE))
    assert all(len(row) > 20 and row.endswith(".") for row in rows)
