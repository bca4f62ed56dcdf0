"""Pages are what they were: a change that nobody meant shows as lines of a golden copy."""

import pytest

from tests.report import golden_pages
from tests.report.golden_pages import COMMAND, GOLDEN, PAGES, difference, scrub


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_its_golden_copy(name: str) -> None:
    """Line by line; `make golden` renews the copies."""
    changed = difference(name, PAGES[name]())
    if changed:
        pytest.fail(changed, pytrace=False)


def test_no_copy_is_left_of_a_page_that_is_gone() -> None:
    """And none is missing."""
    assert {path.stem for path in GOLDEN.iterdir()} == set(PAGES)


def test_a_missing_or_another_copy_is_told(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the lines that differ, and the command that renews it."""
    monkeypatch.setattr(golden_pages, "GOLDEN", tmp_path)
    assert f"class.html is not there: look at the page, then write its copy by `{COMMAND}`." in difference("class", "")
    (tmp_path / "class.html").write_text("<p>\n4 students\n</p>\n", "utf-8")
    told = difference("class", "<p>\n5 students\n</p>\n")
    assert "-4 students\n+5 students\n" in told
    assert f"`{COMMAND}`" in told
    assert difference("class", "<p>\n4 students\n</p>\n") == ""


def test_what_libraries_draw_is_left_out() -> None:
    """Pictures, scripts and styles, their digests, and names that are drawn by lot."""
    page = (
        "<style>p {\n}</style><script nonce='1'>run()</script><img src='data:image/png;base64,iVBO+/=='>'sha256-ab+/='"
    )
    assert scrub(page) == "<style>…</style><script nonce='1'>…</script><img src='data:…'>'sha256-…'"
    assert scrub('<div id="baacc290" data-root-id="p1" class="map">') == '<div id="…" data-root-id="…" class="map">'
