"""Find answers that are equal or nearly so: they can be marked at once, and two people may have written one of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.files import write_file
from autograder.log import logged_suppress
from autograder.report.class_records import AlikeStudents, ClassRecords
from autograder.report.written_text import WrittenText

__all__ = ["AlikeAnswers", "alike_students", "find_alike", "read_alike", "write_alike"]

NEARLY = 0.85
"""The least cosine similarity of two answers' TF-IDF weights, of runs of 3 to 5 letters, that is called nearly equal.

A text of 60 words in which every twelfth was changed keeps it; two people's own words for the same thing reach about half.
"""
_LEAST_LETTERS = 40
"""Shorter answers are told where they are equal: "4 and 9" is near to "4 and 7", and says another thing."""


@dataclass(frozen=True)
class AlikeAnswers:
    """Answers that are alike, each with each.

    Attributes:
        places: which of the texts, ascending; at least two.
        equal: whether they are equal but for capitals and white space.
    """

    places: tuple[int, ...]
    equal: bool


def find_alike(texts: Sequence[str]) -> tuple[AlikeAnswers, ...]:
    """Return the groups of texts that are alike; each text is in one of them at most.

    Args:
        texts: answers to one question; an empty one is like no other.
    """
    by_words: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        by_words[" ".join(text.casefold().split())].append(place)
    by_words.pop("", None)
    groups = [[words] for words in by_words if len(words) < _LEAST_LETTERS]
    groups += _nearly_equal([words for words in by_words if len(words) >= _LEAST_LETTERS])
    alike = (
        AlikeAnswers(tuple(sorted(place for one in own for place in by_words[one])), len(own) == 1) for own in groups
    )
    return tuple(sorted((one for one in alike if len(one.places) > 1), key=lambda one: one.places))


def _nearly_equal(texts: Sequence[str]) -> list[list[str]]:
    """Return different texts in groups, each text as near to all others of its group as `NEARLY` asks."""
    if len(texts) < 2:
        return [[text] for text in texts]
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer

    weights = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit_transform(texts)
    distances = (1.0 - (weights @ weights.T).toarray()).clip(0.0)
    nearest = AgglomerativeClustering(
        n_clusters=None, distance_threshold=1.0 - NEARLY, metric="precomputed", linkage="complete"
    )
    groups: dict[int, list[str]] = defaultdict(list)
    for text, label in zip(texts, nearest.fit_predict(distances), strict=True):
        groups[int(label)].append(text)
    return list(groups.values())


def alike_students(
    records: ClassRecords, words: Mapping[str, Mapping[str, tuple[WrittenText, ...]]]
) -> tuple[AlikeStudents, ...]:
    """Return whose answers are alike, question by question; what is too short to be anybody's own is left out.

    Args:
        records: the class.
        words: what each student wrote, by student and `grade_id`.
    """
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for student in (entry.student for entry in records.entries):
        for cell, own in words.get(student, {}).items():
            text = "\n".join(one.words for one in own)
            if len(" ".join(text.split())) >= _LEAST_LETTERS:
                texts[cell][student] = text
    return tuple(
        AlikeStudents(cell, tuple(list(own)[place] for place in group.places), group.equal)
        for cell, own in texts.items()
        for group in find_alike(list(own.values()))
    )


def write_alike(path: Path, alike: Iterable[AlikeStudents]) -> None:
    """Keep whose answers are alike, for the class page: to read all answers again would keep it waiting."""
    write_file(path, json.dumps([asdict(one) for one in alike]) + "\n")


def read_alike(path: Path) -> tuple[AlikeStudents, ...]:
    """Return whose answers were alike when they were last compared; nobody's where they never were."""
    with logged_suppress(OSError, ValueError, TypeError, KeyError):
        if path.exists():
            values = json.loads(path.read_text("utf-8"))
            return tuple(AlikeStudents(one["cell"], tuple(map(str, one["students"])), one["equal"]) for one in values)
    return ()
