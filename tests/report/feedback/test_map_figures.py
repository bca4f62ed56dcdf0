"""Maps on a student's page, and the executed notebook below: in a real browser, where a student's text is hostile."""

import base64
import dataclasses
import io
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from PIL import Image

from autograder.model import MapImages, Mark, StudentMap
from autograder.report.feedback.map_figures import draw_maps
from autograder.report.feedback.map_mistakes import find_mistakes
from autograder.report.feedback.page import PageContext, render_page
from autograder.report.notebook_view import shown_cells
from autograder.report.safe_html import clean_html, plain_text, render_markdown
from tests.grade.tiny import submission
from tests.needs import chromium
from tests.report.classes import check, result

CHROMIUM = chromium()
in_a_browser = pytest.mark.needs("Chromium")


def _digit(shade: int) -> str:
    file = io.BytesIO()
    Image.new("L", (28, 28), shade).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


COUNT = 40
IMAGES = MapImages(tuple(str(n % 2) for n in range(COUNT)), tuple(_digit(6 * n) for n in range(COUNT)), ("0", "1"))


def _map(**fields: Any) -> StudentMap:
    """Return a map of two clusters, one a class, in which image 0 lies among the other class."""
    places = np.random.default_rng(0).random((COUNT, 2)) * 0.2
    places[1::2] += 0.7
    places[0] = (0.8, 0.8)
    points = tuple((round(float(x), 4), round(float(y), 4)) for x, y in places)
    told = {"check": "ex1_test", "title": "Deep layer", "layer": "dense", "fidelity": 0.5, "points": points}
    return StudentMap(**{**told, "reference": points, **fields})


def test_a_mistake_lies_among_another_class() -> None:
    """More than half of its neighbours show one other class; nothing else is one."""
    (mistake,) = find_mistakes(_map(), IMAGES.labels)
    assert (mistake.image, mistake.label, mistake.among) == (0, "0", "1")
    assert find_mistakes(_map(points=((0.5, 0.5),) * COUNT), ["7"] * COUNT) == ()
    assert find_mistakes(_map(points=((0.5, 0.5),)), ["7"]) == ()


def test_points_and_rings_are_the_maps() -> None:
    """Figures are built once for a class; each page gets its own points and mistakes."""
    first, second = draw_maps([_map()], IMAGES), draw_maps([_map(reference=(), points=_map().points[::-1])], IMAGES)
    x, _ = _map().points[3]
    assert f",{x}," in first.script
    assert "[0]" in re.findall(r'"indices":(\[[^\]]*\])', first.script)
    assert "-7770" not in first.script
    assert '"@' not in re.sub(r'"@(label|sign|picture|number)', "", first.script).replace('src="@picture"', "")
    assert [len(pair.figures) for pair in (*first.pairs, *second.pairs)] == [2, 1]
    assert draw_maps([_map()], None).script == draw_maps([], IMAGES).script == ""


def test_classes_with_names_have_a_legend() -> None:
    """Long names stand below the maps with their numbers, and beside the images that are ringed."""
    named = MapImages(tuple(("ankle boot", "bag")[n % 2] for n in range(COUNT)), IMAGES.pictures, ("ankle boot", "bag"))
    page = render_page("Tiny", result("ada", check("ex1_test")), None, PageContext((_map(),), named))
    assert re.search(r'fill="#4e79d0">0</text></svg> ankle boot</span>', page)
    assert '"sign",["0","1",' in page
    assert f'<img src="{IMAGES.pictures[0]}" width="40"' in page
    assert "<b>ankle boot</b> among bag" in page
    assert "</text></svg>" not in render_page(
        "Tiny", result("ada", check("ex1_test")), None, PageContext((_map(),), IMAGES)
    )


def test_rows_of_numbers_are_examples_with_label_and_index() -> None:
    """No picture is looked for, and no sentence speaks of images."""
    rows = MapImages(IMAGES.labels, (), IMAGES.classes)
    page = render_page("Tiny", result("ada", check("ex1_test")), None, PageContext((_map(),), rows))
    words = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    assert "1 of 40 examples are ringed" in words
    assert re.search(r"<li>0: <span><b>0</b> among 1</span></li>", words)
    assert not re.search(r"image|<img|digit", words.partition("<body>")[2])
    assert "example @number" in page
    assert "@picture" not in draw_maps([_map()], rows).script


def test_marks_and_comments_are_shown() -> None:
    """What a person gave stands beside the answer, with the comment, escaped; what waits is said to."""
    mark = Mark("ex1_written", 1.5, 2.0, "<b>Well</b> seen.")
    page = render_page("Tiny", result(), submission(), PageContext(marks=(mark,)))
    assert "&lt;b&gt;Well&lt;/b&gt; seen." in page
    assert re.search(r"1.5 / 2</span>", page)
    assert "<strong>1.5</strong> of 2 points for answers in words" in page
    assert "marked by a person" in render_page(
        "Tiny", result(), submission(), PageContext(marks=(dataclasses.replace(mark, score=None),))
    )


BEACON = "http://127.0.0.1:{port}/"
HTML = """<script>document.title = "owned"</script><img src="{at}i.png" onerror="document.title='owned'">
<svg onload="document.title='owned'"><script>document.title='owned'</script></svg><iframe src="{at}f"></iframe>
<style>@import "{at}s.css"; body {{ display: none }}</style><link rel="stylesheet" href="{at}l.css"><base href="{at}">
<meta http-equiv="refresh" content="0;url={at}m"><form action="{at}"><input name="x" autofocus onfocus="document.title='owned'"></form>
<a href="javascript:document.title='owned'">click</a><div style="position:fixed;inset:0;background:url({at}b.png)">cover</div>
<h1 id="exercise-1">another heading</h1><math><mtext></form><form><mglyph><style></math><img src onerror="document.title='owned'">"""


def _hostile(at: str) -> NotebookNode:
    """Return a notebook that tries everything everywhere."""
    html = HTML.format(at=at)
    outputs = [
        new_output("display_data", {"text/html": html}),
        new_output("display_data", {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{html}</svg>"}),
        new_output("display_data", {"application/javascript": "document.title = 'owned'"}),
        new_output("stream", name="stdout", text=f"\x1b[31m{html}"),
        new_output("error", ename=html, evalue=html, traceback=[html, "\x1b]8;;javascript:1\x07link\x1b]8;;\x07"]),
    ]
    notebook = submission(words=html)
    notebook.cells[1].outputs = list(outputs)
    notebook.cells += [
        new_markdown_cell(
            f"{html}\n\n![picture]({at}p.png) [link](javascript:document.title='owned')\n\n</div></main>"
        ),
        new_code_cell(f"# {html}</code></pre></details>", outputs=outputs),
    ]
    notebook.cells[2].source += "\n### BEGIN HIDDEN TESTS\nassert answer == 'the secret'\n### END HIDDEN TESTS"
    notebook.cells[2].outputs = [new_output("error", ename="A", evalue="the secret", traceback=["the secret"])]
    return notebook


def test_of_a_test_nothing_is_shown() -> None:
    """Neither its code nor its outputs, which can quote what is hidden."""
    page = render_page("Tiny", result(), _hostile("http://127.0.0.1:9/"), PageContext((_map(),), IMAGES))
    assert "the secret" not in page
    assert [cell.kind for cell in shown_cells(_hostile("x"))].count("test") == 1


def test_html_is_left_without_anything_that_acts() -> None:
    """Elements that load, run or style are gone with their attributes; words stay, headings as bold lines."""
    cleaned = str(clean_html("<b title=x>kept</b>" + HTML.format(at="http://x/")))
    assert set(re.findall(r"<(\w+)", cleaned)) <= {"p", "strong", "b", "div"}
    assert "owned" not in cleaned
    assert "<b>kept</b>" in cleaned
    assert "another heading" in cleaned
    assert "¶" not in str(render_markdown("# Title\n\nText"))
    assert plain_text("\x1b[1;31mred\x1b[0m\x00\r\n", 5) == "red\r\n"
    assert plain_text("\x1b]8;;http://x\x07link\x1b]8;;\x07", 9) == "link"


def test_a_students_words_are_shown_as_they_were_typed() -> None:
    """No parser is given them: pasted pictures, and what makes one slow, cost nothing; given words are Markdown."""
    notebook = submission(words="![x](attachment:map.png) **bold** " + r"\begin{a}" * 5000)
    notebook.cells += [new_markdown_cell("![y](attachment:map.png)") for _ in range(300)]
    page = render_page("Tiny", result(), notebook)
    assert "![y](attachment:map.png)" in page
    assert "**bold**" in page
    assert str(render_markdown("**bold** ![x](attachment:map.png)")) == "<pre>**bold** ![x](attachment:map.png)</pre>"


def test_a_hidden_comment_is_not_what_a_test_is_about() -> None:
    """Only the line that students have in their own copy is shown."""
    notebook = submission()
    notebook.cells[2].source = "# has to be 42\nassert answer == 42"
    assert "has to be 42" not in render_page("Tiny", result("ada", check("ex1_test")), notebook)
    notebook.cells[2].source = "# Points: a sound answer. \nassert answer == 42"
    assert "A sound answer." in render_page("Tiny", result("ada", check("ex1_test")), notebook)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """Yield a port, and what was asked of it."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    asked.append(connection.recv(1000))

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], asked
        over.set()
        thread.join()


@in_a_browser
@pytest.mark.parametrize("with_maps", [True, False])
def test_a_browser_shows_maps_and_runs_nothing_else(
    tmp_path: Path, listener: tuple[int, list[bytes]], *, with_maps: bool
) -> None:
    """Maps are drawn, and a tap shows the image; a hostile submission runs nothing, loads nothing, changes nothing."""
    from playwright.sync_api import sync_playwright

    port, asked = listener
    seen = PageContext(
        (_map(title=HTML.format(at="x")),) if with_maps else (), IMAGES, (Mark("ex1_written", 1.0, 4.0, HTML),)
    )
    one = result("<script>document.title='owned'</script>", message=HTML)
    path = tmp_path / "page.html"
    path.write_text(render_page("Tiny", one, _hostile(BEACON.format(port=port)), seen), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport={"width": 390, "height": 1200}, has_touch=True, is_mobile=True).new_page()
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_timeout(500)
        if with_maps:
            _tap_the_mistake(page)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.wait_for_timeout(500)
        title, width = page.title(), page.evaluate("document.documentElement.scrollWidth")
        headings, url = page.evaluate("document.querySelectorAll('h1').length"), page.url
        browser.close()
    assert title == "Tiny: feedback for <script>document.title='owned'</script>"
    assert (headings, url, asked) == (1, path.as_uri(), [])
    assert width <= 390
    assert [line for line in told if "setting log level" not in line] == []


def _tap_the_mistake(page: Any) -> None:
    """Tap image 0 in the student's map, and see its label beside its picture."""
    for _ in range(200):  # a string to wait for would be compiled on the page, which its policy forbids
        if page.evaluate("() => window.Bokeh && Bokeh.index && Bokeh.index.roots.length === 2"):
            break
        page.wait_for_timeout(100)
    place = page.locator(".map-place").first
    place.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = page.evaluate(
        """() => { const view = Bokeh.index.roots[0]; const frame = view.frame.bbox;
        const own = view.el.getBoundingClientRect();
        return [own.x + frame.left + view.frame.x_scale.compute(0.8) - frame.left,
                own.y + view.frame.y_scale.compute(0.8)]; }"""
    )
    page.touchscreen.tap(*box)
    page.wait_for_timeout(500)
    assert "0 image 0" in page.evaluate(
        """() => { const texts = []; const walk = (root) => root.querySelectorAll("*").forEach((one) => {
        if (one.shadowRoot) { texts.push(one.shadowRoot.textContent); walk(one.shadowRoot); } });
        walk(document); return texts.join(" "); }"""
    )
