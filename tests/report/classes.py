"""A class in records: students, what the checks say of them, their maps and marks."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from autograder.model import CheckResult, MapImages, Mark, StudentMap, SubmissionResult
from autograder.report.class_records import ClassRecords, Entry

NAME = "tiny"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}\n=cmd()"
IMAGES = MapImages(("0", "1", "2", "1"), ("data:,",) * 4, ("0", "1", "2"))


def check(name: str = "ex2_activations", diagnosis: str | None = None, **fields: Any) -> CheckResult:
    """Return a check's result: passed, or failed where there is a diagnosis."""
    given = {"status": "failed" if diagnosis else "passed", "score": 0.0 if diagnosis else 4.0, "max_score": 4.0}
    return CheckResult(**{"name": name, **given, "diagnosis": diagnosis, **fields})


def result(student: str = "ada", *checks: CheckResult, **fields: Any) -> SubmissionResult:
    """Return a submission's result with these checks, by default with one that passed."""
    given = checks or (check(),)
    told = {"score": sum(one.score for one in given), "max_score": sum(one.max_score for one in given)}
    values = {"student": student, "assignment": NAME, "status": "graded", "isolation": "process", "seconds": 1.0}
    return SubmissionResult(**{**values, **told, "checks": given, **fields})


def drawn(values: str = "", embedding: str = "", **fields: Any) -> StudentMap:
    """Return a map of four images, with the digests of what was embedded and of the embedding."""
    points = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.5, 0.5))
    told = {"check": "ex2_embedding", "title": "Deep layer", "layer": "dense", "fidelity": 0.5, "points": points}
    digests = {name: digest for name, digest in (("deep_reps", values), ("deep_emb", embedding)) if digest}
    return StudentMap(**{**told, "digests": digests, **fields})


def entry(
    student: str = "ada", *checks: CheckResult, maps: Any = (), marks: tuple[Mark, ...] = (), **fields: Any
) -> Entry:
    """Return a student on the pages."""
    return Entry(result(student, *checks, **fields), f"feedback/{student}.html", tuple(maps), marks)


def records(*entries: Entry, **fields: Any) -> ClassRecords:
    """Return a class."""
    return ClassRecords(**{"assignment": NAME, "title": "Tiny", "entries": entries, "images": IMAGES, **fields})


class Page(HTMLParser):
    """A page's elements, and its text without tags.

    Attributes:
        elements: each tag with its attributes.
        text: what a reader reads, white space folded.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._texts: list[str] = []
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take one tag."""
        self.elements.append((tag, dict(attrs)))
        self._hidden = tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        """Take a text."""
        if not self._hidden:
            self._texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self._hidden = False

    @property
    def text(self) -> str:
        """What a reader reads."""
        return " ".join(" ".join(self._texts).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of each element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]
