"""A student's words are shown as the Markdown and mathematics that they are, and nothing in them runs or is lost."""

import time

import pytest

from autograder.report.student_markdown import render_answer
from tests.report.classes import HOSTILE, Page


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("**1.** so", "<p><strong>1.</strong> so</p>"),
        ("# Big\n* a\n* b", "<p><strong>Big</strong></p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("$a^2$", "<p><math><mrow><msup><mi>a</mi><mn>2</mn></msup></mrow></math></p>"),
        ("$$2x$$", "<p><math><mrow><mn>2</mn><mi>x</mi></mrow></math></p>"),
        ("$a < b$", "<p><math><mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow></math></p>"),
        ("$5 and $6", "<p>$5 and $6</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        (r"$\left($", r"<p><code>\left(</code></p>"),
        (r"$\text{<b>x</b>}$", r"<p><code>\text{&lt;b&gt;x&lt;/b&gt;}</code></p>"),
    ],
)
def test_markdown_and_mathematics_are_shown(words: str, html: str) -> None:
    """A formula that no parser takes, or that hides elements, stands as code."""
    assert render_answer(words).strip() == html


@pytest.mark.parametrize(
    "words",
    [
        HOSTILE,
        "[x](javascript:alert(1))",
        "![x](http://evil/x.png)",
        "<http://evil>",
        "[a]: http://evil",
        r"$\text{<img src=x onerror=alert(1)>}$",
        r"$\href{javascript:alert(1)}{x}$",
        "<math><mtext><script>alert(1)</script></mtext></math>",
    ],
)
def test_hostile_words_are_words(words: str) -> None:
    """No element that runs, loads or links comes of them, and they are there to be read."""
    page = Page(render_answer(words))
    allowed = {"p", "br", "code", "math", "mrow", "mi", "mo", "mn", "mtext", "ul", "li", "em"}
    assert {tag for tag, _ in page.elements} <= allowed
    assert not any(attributes for _, attributes in page.elements)
    assert any(word in page.text for word in ("evil", "alert", "href"))


@pytest.mark.parametrize(
    "words",
    ["[" * 8000, "a**b" * 2000, "`a" * 4000, "$a$" * 2600, "$" + r"\frac{" * 66 + "$", "_a*" * 2600, "|" * 8000],
)
def test_no_words_keep_the_parser_busy(words: str) -> None:
    """A second is many times what the slowest takes here."""
    start = time.perf_counter()
    render_answer(words)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("words", ["x" * 8001, ">" * 60 + "deep"])
def test_what_is_too_long_or_deep_stands_as_typed(words: str) -> None:
    """Nothing of it is left out."""
    assert Page(render_answer(words)).text == words
    assert Page(render_answer(words)).all("p") == [{"class": "typed"}]
