"""What formgrader and nbgrader's feedback show of a student's notebook."""

from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from autograder.peers.nbgrader.config import course_config
from autograder.peers.nbgrader.html_filters import clean_html

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<scr<script></script>ipt>alert(1)</scr<script></script>ipt>",
        "<script>alert(1)",
        "<img src=x onerror=alert(1)>",
        '<img src="https://tracker.example/pixel.png">',
        '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" DATA:text/html,<script>alert(1)</script>">x</a>',
        '<a href="java\nscript:alert(1)">x</a>',
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<form action=/x><button formaction=javascript:alert(1)>x</button></form>",
        "<base href=//evil.example><link rel=stylesheet href=//evil.example><meta http-equiv=refresh content=0>",
        "<div id=ex1_written style='position:fixed'>x</div>",
        "<!--<img src=x onerror=alert(1)>-->",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(html: str) -> None:
    """Of HTML that does something, at most its text is left."""

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            assert tag in ("a", "div", "img", "table")
            assert {name for name, _ in attributes} <= {"rel"}

    Reader().feed(clean_html(html))


def test_what_people_write_stays() -> None:
    """Tables, headings, emphasis, links and pasted pictures are shown as they were meant."""
    kept = (
        '<h2>A</h2><table class="dataframe"><thead><tr><th>x</th></tr></thead><tbody><tr><td colspan="2">1</td></tr></tbody>'
        f'</table><p><em>b</em> <a href="https://example.org" rel="noopener noreferrer">c</a> <img src="data:image/png;base64,{PIXEL}" alt="d"></p>'
    )
    assert clean_html(kept) == kept


class Told(HTMLParser):
    """What a page consists of: each tag with its attributes' names, and the texts of its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[str]]] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, [name for name, _ in attributes]))

    def handle_data(self, data: str) -> None:
        """Note a script's text."""
        if self.tags and self.tags[-1][0] == "script":
            self.scripts.append(data)


def test_both_of_nbgraders_pages_are_clean(tmp_path) -> None:
    """Outputs and Markdown of a notebook come out clean, attachments and formulas whole, by the course's configuration."""
    hostile = "<script>ran()</script><img src=x onerror=ran()>"
    outputs = [
        new_output("display_data", data={kind: f"{hostile}shown"})
        for kind in ("text/html", "text/markdown", "image/svg+xml", "application/javascript", "text/latex")
    ]
    text = f"# Title\n{hostile}\n\n$a < b$ ![p](attachment:p.png)\n\n> quoted"
    cells = [new_code_cell("x", outputs=outputs), new_markdown_cell(text, attachments={"p.png": {"image/png": PIXEL}})]
    config: Config = course_config(tmp_path)
    page, _ = HTMLExporter(config=config).from_notebook_node(nbformat.from_dict(new_notebook(cells=cells)))
    body = page[page.index("<body") :]
    told = Told()
    told.feed(body)
    assert not [name for _, names in told.tags for name in names if name.startswith("on")]
    assert not [text for text in told.scripts if "ran()" in text]
    assert f"data:image/png;base64,{PIXEL}" in body
    assert "<blockquote>" in body
    assert "<h1>Title" in body
    assert "$a &lt; b$" in body
    assert "shown" in body
