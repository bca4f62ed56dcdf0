"""Take pictures of pages with a browser that has no window, and run the server of nbgrader's formgrader for it."""

import io
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import sync_playwright

__all__ = ["formgrader", "photograph"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--force-color-profile=srgb"),
    *("--disable-background-networking", "--disable-component-update"),
)
_DRAWING = 2000  # milliseconds for scripts that draw, once everything is loaded
_START = 120  # seconds until Jupyter answers


def photograph(address: str, width: int, height: int, *, at: str = "body", above: int = 0) -> Image.Image:
    """Return what a browser shows of a page, without the empty rows below it.

    Args:
        address: a `file:` or `http:` address.
        width: of the window, in pixels.
        height: the most of the page that is shown, in pixels.
        at: what is shown first, as a selector of Playwright's.
        above: how many pixels are shown above that.
    """
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        raise SystemExit(
            "No chromium was found: install it (on Debian: apt-get install chromium), then run this again."
        )
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=browser, args=_FLAGS) as window:
        page = window.new_page(viewport={"width": width, "height": height})
        page.goto(address, wait_until="networkidle", timeout=120_000)
        page.locator(at).first.evaluate("element => element.scrollIntoView()")
        page.mouse.wheel(0, -above)
        page.wait_for_timeout(_DRAWING)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    empty = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    content = ImageChops.difference(picture, empty).getbbox() or (0, 0, 0, height)
    return picture.crop((0, 0, width, min(height, content[3] + 24)))


@contextmanager
def formgrader(results: Path, source: Path) -> Iterator[str]:
    """Run Jupyter with formgrader in a copy of a graded class, as docs/first-hour.md says; give its address.

    Args:
        results: what `autograder grade` wrote.
        source: the folder that holds each assignment's source.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        home, course = Path(temporary, "home"), Path(temporary, "course")
        (home / "config").mkdir(parents=True)
        shutil.copytree(results, course, ignore=shutil.ignore_patterns("tsne_memory", "logs", "submissions"))
        shutil.copytree(source, course / "source")
        settings = {"allow_root": True, "open_browser": False, "port": 0, "ip": "127.0.0.1"}
        config = {"ServerApp": settings, "IdentityProvider": {"token": ""}}
        (home / "config" / "jupyter_server_config.json").write_text(json.dumps(config))
        own = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        environment = os.environ | own | {"HOME": str(home), "IPYTHONDIR": str(home / "ipython")}
        server = subprocess.Popen(
            ["jupyter", "notebook"], cwd=course, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield f"{_answering(home / 'runtime')}/formgrader"
        finally:
            server.terminate()
            server.wait(30)


def _answering(runtime: Path) -> str:
    """Wait until a Jupyter server answers, and return its address."""
    for _ in range(10 * _START):
        for file in runtime.glob("jpserver-*.json"):
            try:
                address = str(json.loads(file.read_text())["url"]).rstrip("/")
                with urllib.request.urlopen(f"{address}/api", timeout=10):  # noqa: S310 (the loopback)
                    return address
            except (OSError, ValueError):
                continue
        time.sleep(0.1)
    raise SystemExit("Jupyter did not start.")
