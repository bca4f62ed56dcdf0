"""Pages in a real browser, by axe-core and by keyboard alone: WCAG 2.1, levels A and AA."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbconvert.exporters.html import HTMLExporter

from autograder.checks.explore import explore
from tests.needs import chromium
from tests.report.golden_pages import PAGES

pytestmark = pytest.mark.needs("Chromium")

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# What Jupyter's own style sheet has, whoever's the notebook: grey prompts, colours of code, links that are told by colour.
JUPYTERS = {"include": [["main .jp-RenderedMarkdown"]], "exclude": [["pre"], ["code"]]}
RUN = """([rules, context, without]) => axe.run(context || document, {runOnly: {type: "tag", values: rules},
    rules: Object.fromEntries(without.map(name => [name, {enabled: false}]))})
    .then(found => found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 200))]))"""
FOCUSED = """() => { let at = document.activeElement;
    if (!at || at === document.body) return null;
    const style = getComputedStyle(at), box = at.getBoundingClientRect();
    return [at.outerHTML.slice(0, 60), style.outlineStyle !== "none" || style.boxShadow !== "none" || at.tagName === "IFRAME",
            box.width > 0 && box.height > 0]; }"""


@cache
def axe() -> str:
    """Return axe-core."""
    spec = find_spec("axe_playwright_python")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the Python package `axe-playwright-python`, which brings axe-core, is not installed")
    (script,) = Path(spec.submodule_search_locations[0]).rglob("axe.min.js")
    return script.read_text("utf-8")


def _explored() -> str:
    """Return what `checks.explore` shows, as a page."""
    random = np.random.default_rng(0)
    labels = np.arange(90) % 3
    points = random.normal(0, 1, (90, 2)) + 9 * labels[:, None]
    shown = explore({"Raw pixels": points, "Deep layer": -points}, labels=labels, images=random.random((90, 8, 8)))
    return f"<!doctype html><html lang='en'><head><title>Maps</title></head><body><main><h1>Maps</h1>{shown._repr_html_()}</main></body></html>"


def _release() -> str:
    """Return the release's notebook, as nbconvert shows it."""
    path = Path(__file__).parents[2] / "release/nbgrader/mapping_representations/mapping_representations.ipynb"
    return str(HTMLExporter().from_notebook_node(nbformat.read(path, as_version=4))[0])


EVERY: dict[str, Callable[[], str]] = {**PAGES, "explore": _explored, "release": _release}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for all of them."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def _open(browser: Any, folder: Path, name: str, scheme: str = "light") -> Any:
    """Return a page, opened from a file; axe-core is put in past the page's policy."""
    path = folder / f"{name}.html"
    path.write_text(EVERY[name](), "utf-8")
    page = browser.new_context(bypass_csp=True, color_scheme=scheme).new_page()
    page.goto(path.as_uri())
    page.wait_for_timeout(700)  # maps are drawn
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", EVERY)
def test_axe_finds_nothing(browser: Any, tmp_path: Path, name: str, scheme: str) -> None:
    """No violation of WCAG 2.1 A or AA, in frames neither; contrast of 4.5 included."""
    page = _open(browser, tmp_path, name, scheme)
    context, without = (JUPYTERS, ["link-in-text-block"]) if name == "release" else (None, [])
    for frame in page.frames:
        frame.evaluate(axe())
        assert frame.evaluate(RUN, [RULES, context, without]) == []
    page.context.close()


def test_axe_would_find_something(browser: Any, tmp_path: Path) -> None:
    """A picture without words, and grey on white."""
    (tmp_path / "bad.html").write_text(
        "<!doctype html><html><body><img src='x'><p style='color: #bbb'>grey</p>", "utf-8"
    )
    page = browser.new_page()
    page.goto((tmp_path / "bad.html").as_uri())
    page.evaluate(axe())
    found = {name for name, _ in page.evaluate(RUN, [RULES, None, []])}
    assert {"image-alt", "color-contrast", "html-has-lang", "document-title"} <= found


@pytest.mark.parametrize("name", ["class", "feedback", "marking", "explore"])
def test_by_keyboard_alone(browser: Any, tmp_path: Path, name: str) -> None:
    """Tab leads from one thing to the next and out again; each shows that it has the focus."""
    page = _open(browser, tmp_path, name)
    seen = list[str]()
    for _ in range(200):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            break
        html, shows, visible = focused
        assert (shows, visible) == (True, True), html
        seen.append(html)
    assert len(seen) >= 2
    page.context.close()
