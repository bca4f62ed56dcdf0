"""A student at work: a real JupyterLab, and a browser without a window that clicks and types in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tests.needs import chromium

__all__ = ["Lab", "open_lab"]

CHROMIUM = chromium()
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
_START = 180  # seconds until the server answers, on a busy machine
_RUN = 900  # seconds for all cells: half a minute on an idle machine
_SETTLING = 3000  # milliseconds in which JupyterLab draws the cells again, once they are all there
_STEP = 120_000  # milliseconds for whatever a click brings
_OPENING = 300  # milliseconds in which a locked cell's editor would open, were it not locked
_SERVER = {
    "ServerApp": {"ip": "127.0.0.1", "port": 0, "open_browser": False, "allow_root": True},
    "IdentityProvider": {"token": ""},
}
_SETTINGS = {
    # Every cell is on the page, so that it can be found by its number.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    # The only saving is the test's own.
    "docmanager-extension/plugin": {"autosave": False},
}
_IDLE = """() => { const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
    return prompts.length > 0 && prompts.every(one => /\\[\\d+\\]/.test(one.textContent)); }"""


class Lab:
    """One notebook, open in JupyterLab.

    Args:
        page: Playwright's page, the notebook shown in it.
        path: the notebook's file.
    """

    def __init__(self, page: Any, path: Path) -> None:
        self.page = page
        self.path = path

    @property
    def saved(self) -> NotebookNode:
        """The notebook as it lies on disk."""
        return nbformat.read(self.path, as_version=nbformat.NO_CONVERT)

    def type_into(self, index: int, text: str, *, locked: bool = False) -> None:
        """Open a cell as a student does, and replace what it holds, key by key.

        Args:
            index: the cell's number, from 0.
            text: what to type.
            locked: no editor is expected to open: the keys are pressed all the same.
        """
        cell = self.page.locator(".jp-Notebook .jp-Cell").nth(index)
        editor = cell.locator(".cm-content")
        if "jp-MarkdownCell" in str(cell.get_attribute("class")):
            cell.locator(".jp-MarkdownOutput").dblclick(position={"x": 5, "y": 5})
        if locked:
            self.page.wait_for_timeout(_OPENING)
        if not locked or editor.is_visible():
            editor.click()
            self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Escape")

    def run_all(self) -> None:
        """Choose Run All Cells in the menu, and wait until every code cell has its number."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        self.page.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True).click()
        self.page.wait_for_function(_IDLE, timeout=1000 * _RUN)

    def save(self) -> None:
        """Save by the keyboard, and wait until the file is another."""
        before = self.path.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        _wait(lambda: self.path.stat().st_mtime_ns != before, _STEP / 1000, "The notebook was not saved.")
        self.page.wait_for_timeout(1000)  # until it is written whole


@contextmanager
def open_lab(notebook: Path, home: Path) -> Iterator[Lab]:
    """Open a notebook in JupyterLab, started in the notebook's folder.

    Args:
        notebook: the file to open.
        home: an empty folder for what Jupyter keeps, so that nothing of the user's is read.
    """
    from playwright.sync_api import sync_playwright

    with (
        _server(notebook.parent, home) as address,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS) as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(_STEP)
        page.goto(f"{address}/lab/tree/{notebook.name}")
        lab = Lab(page, notebook)
        page.locator(".jp-Notebook .jp-Cell").nth(len(lab.saved.cells) - 1).wait_for()
        page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first.wait_for()
        page.wait_for_timeout(_SETTLING)
        yield lab


@contextmanager
def _server(folder: Path, home: Path) -> Iterator[str]:
    """Run JupyterLab in a folder, on a free port of the loopback; give its address."""
    environment = _environment(home)
    with (home / "server.log").open("w") as log:
        command = [sys.executable, "-m", "jupyterlab"]
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, process_group=0)
        try:
            yield _answering(home)
        finally:
            _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server and its kernels: asked to first, so that kernels are shut down too."""
    os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _environment(home: Path) -> dict[str, str]:
    """Write the settings under `home`, and return an environment in which Jupyter looks there."""
    (home / "config").mkdir(parents=True)
    (home / "config" / "jupyter_server_config.json").write_text(json.dumps(_SERVER))
    for name, settings in _SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    own = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    lab = {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces")}
    return os.environ | own | lab | {"HOME": str(home), "IPYTHONDIR": str(home / "ipython")}


def _answering(home: Path) -> str:
    """Wait until the server answers, and return its address."""
    found: list[str] = []

    def look() -> bool:
        for file in (home / "runtime").glob("jpserver-*.json"):
            try:
                address = str(json.loads(file.read_text())["url"]).rstrip("/")
                with urllib.request.urlopen(f"{address}/api", timeout=20):  # noqa: S310 (the loopback)
                    found.append(address)
            except (OSError, ValueError):
                continue
        return bool(found)

    _wait(look, _START, f"JupyterLab did not start; see {home / 'server.log'}.")
    return found[0]


def _wait(condition: Any, seconds: float, otherwise: str) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: it did not within so many seconds.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, otherwise
        time.sleep(0.2)
