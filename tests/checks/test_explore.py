"""Maps side by side: in words everywhere, and alive in a real browser."""

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograder import checks
from autograder.checks.explore import explore
from tests.needs import chromium

COUNT = 60
LABELS = np.arange(COUNT) % 3
_RANDOM = np.random.default_rng(0)
FIRST = np.array([(0, 0), (9, 0), (0, 9)], float)[LABELS] + _RANDOM.normal(0, 1, (COUNT, 2))
SECOND = FIRST[:, ::-1] * 3 + 5
IMAGES = _RANDOM.random((COUNT, 8, 8))


def test_what_cant_be_trusted_is_told():
    """Where the representation is known, points whose neighbours the map loses are named."""
    far = np.random.default_rng(1).normal(size=(COUNT, 5))
    told = str(explore({"Deep layer": FIRST}, labels=LABELS, of={"Deep layer": far}))
    assert "keep at most 20% of their neighbours (" in told
    assert "0 points keep" in str(explore({"Deep layer": FIRST}, labels=LABELS, of={"Deep layer": FIRST}))


@pytest.mark.parametrize(
    "value",
    [None, "a map", np.zeros((5, 3)), [1, 2], np.full((9, 2), np.nan), [[1, 2], [3]], object(), np.zeros((0, 2))],
)
def test_what_is_no_map_is_said_and_nothing_raised(value):
    """*Run All* goes on; the maps that there are, are shown."""
    assert str(explore({"Deep layer": value})) == "Deep layer: there is no map yet, (n, 2)."
    both = explore({"Raw pixels": FIRST, "Deep layer": value}, labels=LABELS, images=IMAGES)
    assert "Deep layer: there is no map yet" in str(both)
    assert "Raw pixels: 60 points" in str(both)


@pytest.mark.parametrize(
    "images", [None, np.zeros((COUNT, 7)), IMAGES[..., None], np.stack([IMAGES] * 3, -1), IMAGES[:5]]
)
def test_any_images_or_none(images):
    """Grey, coloured, too few or rows of numbers: a page comes of it, self-contained."""
    page = checks.explore({"<b>A</b> & 'B'": FIRST}, labels=LABELS, images=images).page
    assert "http-equiv" not in page
    assert "<script src" not in page
    assert "<b>A</b>" not in page.partition("<script>")[0]
    pictures = images is not None and len(images) == COUNT and images.ndim > 2
    assert ("@picture" in page.partition("<script>")[2].rpartition("<script>")[2]) == pictures


def test_without_bokeh_a_figure_is_drawn(monkeypatch):
    """A static figure, and a sentence that says how to get more."""
    import matplotlib.pyplot as plt

    monkeypatch.setitem(sys.modules, "bokeh.embed", None)
    shown = list[Any]()
    monkeypatch.setattr(plt, "show", lambda: shown.append(len(plt.gcf().axes)))
    told = explore({"A": FIRST, "B": SECOND}, labels=LABELS)
    assert shown == [2]
    assert told.page == ""
    assert told._repr_html_() is None
    assert "pip install bokeh" in str(told)


def test_a_grader_is_shown_words_alone(monkeypatch):
    """Nobody looks at it there: no page is made."""
    monkeypatch.setitem(sys.modules, "released_checks", checks)
    assert explore({"A": FIRST}, labels=LABELS).page == ""


@pytest.fixture
def shown(tmp_path) -> Iterator[Any]:
    """The frame as a notebook shows it, in a browser."""
    from playwright.sync_api import sync_playwright

    explored = explore({"A": FIRST, "B": SECOND}, labels=LABELS, images=IMAGES, of={"B": SECOND})
    (tmp_path / "page.html").write_text(
        f"<!doctype html><html lang='en'><body>{explored._repr_html_()}</body></html>", "utf-8"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1000, "height": 700})
        page.goto((tmp_path / "page.html").as_uri())
        frame = page.frames[1]
        frame.wait_for_function("() => window.Bokeh && Bokeh.index.roots.length > 0")
        page.wait_for_timeout(500)
        yield page, frame
        browser.close()


_PLACE = """(image) => {
    const found = [];
    const walk = view => { if (view.model && view.model.type === "Figure") found.push(view);
                           for (const child of view.child_views || []) walk(child); };
    for (const root of Bokeh.index.roots) walk(root);
    const view = found[0], renderer = view.model.renderers.find(one => one.glyph.type === "Scatter");
    const source = renderer.data_source, box = view.canvas_view ? view.canvas_view.el.getBoundingClientRect() : view.el.getBoundingClientRect();
    const frame = view.frame || view.frame_view;
    return [box.x + frame.x_scale.compute(source.data.x0[image]), box.y + frame.y_scale.compute(source.data.y0[image])];
}"""


@pytest.mark.needs("Chromium")
def test_an_image_lights_up_in_all_maps_and_is_picked(shown):
    """The pointer finds it in the first map, both maps light up, and a click lists its index."""
    page, frame = shown
    x, y = frame.evaluate(_PLACE, 7)
    corner = page.locator("iframe").bounding_box()
    page.mouse.move(corner["x"] + x - 2, corner["y"] + y)
    page.mouse.move(corner["x"] + x, corner["y"] + y)
    page.wait_for_timeout(300)
    lit = "() => Bokeh.documents[0]._all_models && [...Bokeh.documents[0]._all_models.values()].filter(m => m.type === 'ColumnDataSource').map(m => [...m.inspected.indices])"
    assert any(7 in indices for indices in frame.evaluate(lit))
    page.mouse.click(corner["x"] + x, corner["y"] + y)
    page.wait_for_timeout(300)
    assert "7" in frame.inner_text("#picked").split(", ")
