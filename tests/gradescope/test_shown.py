"""On Gradescope, maps are pictures beside their checks, and written answers stand where people mark them."""

import base64
import json
import re

import nbformat
import pytest

from autograder.execute.engine import Result
from autograder.export import results_json
from autograder.gradescope.shown import show_more
from autograder.model import CheckResult, MapImages, StudentMap, SubmissionResult
from autograder.report.written_text import WrittenText
from tests.grade import tiny
from tests.gradescope.schema import faults_of

HOSTILE = "<script>alert(1)</script> & **so** \ud800"
IMAGES = MapImages(("a", "b", "a"), (), ("a", "b"))
POINTS = ((0.0, 0.0), (0.5, 1.0), (1.0, 0.2))


def _graded(words="I think so.", points=POINTS, reference=POINTS, layer="dense", blank=frozenset()):
    check = CheckResult("ex1_test", "failed", 0.0, 3.0, "pooled", None, "`answer` < <b>right</b>.")
    result = SubmissionResult("ada", tiny.NAME, "graded", 0.0, 3.0, "process", 1.0, None, (check,))
    drawn = StudentMap("ex1_test", "Deep", layer, 0.5, points, reference)
    notebook = nbformat.writes(tiny.submission("answer = 1", words)).encode("utf-8", "replace")
    return Result(result, notebook, maps=(drawn,), blank=blank)


def _shown(graded):
    record = show_more(results_json(graded.result), graded, IMAGES)
    assert faults_of(json.loads(json.dumps(record))) == []
    return {test["name"]: test for test in record["tests"]}


def test_a_map_stands_beside_the_graders():
    """As pictures that need nothing else, with words for who doesn't see them, and the classes' colours."""
    test = _shown(_graded())["ex1_test"]
    pictures = re.findall(r'<img src="data:image/png;base64,([\w+/=]+)"[^>]* alt="([^"]*)"', test["output"])
    assert [words for _, words in pictures] == [
        "your map of dense",
        "the grader's map of dense, turned to lie like yours",
    ]
    assert all(base64.b64decode(data).startswith(b"\x89PNG") for data, _ in pictures)
    assert "&lt;b&gt;right&lt;/b&gt;" in test["output"]
    assert (test["output_format"], test["score"]) == ("html", 0.0)
    assert "&#9632;</span> b" in test["output"]
    assert len(test["output"]) < 50_000


def test_without_a_reference_it_stands_alone():
    """Of values that are no layer's there is none."""
    assert _shown(_graded(reference=(), layer=None))["ex1_test"]["output"].count("<img") == 1


def test_written_answers_have_no_score():
    """A person marks them; what a student wrote is text."""
    test = _shown(_graded(HOSTILE))["ex1_written"]
    assert "score" not in test
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; **so**" in test["output"]
    assert "<script" not in test["output"]


def test_what_was_left_blank_says_so():
    """As it was given, it is no answer."""
    assert _shown(_graded(blank=frozenset({"ex1_written"})))["ex1_written"]["output"] == "<p>No answer.</p>"


def test_one_large_picture_hides_no_other(monkeypatch):
    """What there is room for is shown."""
    large, small = "data:image/png;base64," + "A" * 2**20, "data:image/png;base64,AAAA"
    texts = {"ex1_written": (WrittenText("Look.", (large, small)),)}
    monkeypatch.setattr("autograder.gradescope.shown.answers_of", lambda _: texts)
    output = _shown(_graded())["ex1_written"]["output"]
    assert "Picture 1 is too large" in output
    assert f'src="{small}"' in output


@pytest.mark.parametrize("content", [None, b"{", b"[]", b'{"cells": 3}'])
def test_what_can_not_be_shown_costs_no_result(content):
    """The record stays as it was."""
    graded = _graded()
    broken = Result(graded.result, content, maps=graded.maps)
    record = results_json(graded.result)
    shown = show_more(record, broken, IMAGES)
    assert [test["score"] for test in shown["tests"]] == [0.0]
    assert content is None or shown == record
