"""The commands of the pages: found in their fenced blocks, run in a shell as a reader would, their output compared."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("source/*/*.md"))
)
"""Every page that a person reads, relative to the repository's root."""

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

EXCEPTIONS = {
    "make demo": "sets up an environment; its steps are tested in tests/demo and tests/compile",
    "make test": "is what runs these tests",
    "python -m pip install torch": "needs a package index; `make test-torch` does it",
    "make build": "sets up an environment, then runs `autograder build`, as docs/first-hour.md does",
    **dict.fromkeys(
        (
            "python3 -m venv .venv",
            "source .venv/bin/activate",
            "python3 -m pip install -r requirements.txt",
            "jupyter notebook mapping_representations.ipynb",
            "jupyter notebook mapping_clothes.ipynb",
            "jupyter notebook mapping_digits.ipynb",
        ),
        "needs the lines above it in the same terminal; tests/docs/test_student.py types all four so",
    ),
}
"""Commands in blocks that no test runs, and why."""

IN_SENTENCES = {
    "chmod go-rwx": "lacks its folder; tests/sandbox/test_unprivileged.py closes one",
    "dask scheduler": "needs several machines; tests/grade/test_cluster.py has workers here",
    "dask worker tcp://10.0.0.5:8786 --nthreads 4 --nworkers 1": "needs several machines, as above",
    "make assess": "judges three assignments' specimens, for minutes; tests/assess does the same for a small one",
    "make confusion": "judges two zoos, for minutes; `make test-zoo` does the same",
    "make model": "trains for five minutes, and asks for the whole of MNIST",
    "make platforms": "asks a package index for nine systems; its table stands in the page",
    "python3 --version": "prints the reader's own Python",
    "python3 -m zipfile -e mapping_representations.zip .": "unpacks the reader's own upload; the cell that does it is the page's",
    "nbgrader generate_assignment mapping_representations --force": "is run on a small course by tests/peers/test_course_root.py",
    "nbgrader update": "is said to fail, and does in tests/peers/test_course_root.py",
    "otter assign": "is run by the build",
}
"""Commands within sentences that stand in no block and that the command line's parser isn't asked about, and why."""

RUN_BY = {
    "README.md": "tests/docs/test_operations.py",
    "docs/add-a-question.md": "tests/docs/test_add_a_question.py",
    "docs/another-assignment.md": "tests/docs/test_another_assignment.py",
    "docs/export.md": "tests/docs/test_export.py",
    "docs/first-hour.md": "tests/docs/test_first_hour.py",
    "docs/give-back.md": "tests/docs/test_give_back.py",
    "docs/gradescope.md": "tests/gradescope/test_container_run.py",
    "docs/marking.md": "tests/docs/test_marking.py",
    "docs/nbgrader-and-otter.md": "tests/docs/test_nbgrader_and_otter.py",
    "docs/operations.md": "tests/docs/test_operations.py",
    "docs/student.md": "tests/docs/test_first_hour.py",
}
"""The module that runs all commands of a page, in their order, but for the exceptions."""


@dataclass(frozen=True)
class Command:
    """One command of a page.

    Attributes:
        text: what is typed.
        shown: the lines that the page shows below it; "…" stands for anything.
    """

    text: str
    shown: tuple[str, ...] = ()


def blocks(page: str) -> list[tuple[str, str]]:
    """Return a page's fenced blocks: language and content."""
    return _BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def commands(page: str) -> list[Command]:
    """Return what a page tells its reader to type: each line of a `sh` block, each `$ ` line of a `console` block."""
    found = []
    for language, content in blocks(page):
        if language == "sh":
            lines = (line.partition("  #")[0].strip() for line in content.splitlines())
            found += [Command(line) for line in lines if line and not line.startswith("#")]
        elif language == "console":
            for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                typed, *shown = part.rstrip("\n").split("\n")
                found.append(Command(typed, tuple(shown)))
    return found


@dataclass
class Shell:
    """A reader's terminal: each command begins in the folder where the one before it ended.

    Attributes:
        folder: where the next command is typed.
        home: a folder of its own for what programs keep under HOME.
        printed: what each command of a page printed, by command.
        instead: the folder in which a command is run in place of `folder`, by command.
        before: called before a command, by command.
    """

    folder: Path
    home: Path
    printed: dict[str, str] = field(default_factory=dict)
    instead: Mapping[str, Path] = field(default_factory=dict)
    before: Mapping[str, Callable[[], None]] = field(default_factory=dict)

    def run_page(self, page: str) -> None:
        """Run every command of a page, in order, but for the exceptions."""
        for command in commands(page):
            if command.text not in EXCEPTIONS:
                self.before.get(command.text, lambda: None)()
                self.printed[command.text] = self.run(command)

    def run(self, command: Command) -> str:
        """Run one command; it has to exit with 0 and print what the page shows.

        Returns:
            What it printed on stdout and stderr.
        """
        folder = self.instead.get(command.text, self.folder)
        if "jupyter notebook" in command.text:
            return self.serve(command.text)
        if re.fullmatch(r"(\.venv/bin/)?autograder( [\w./-]+)+", command.text):
            printed = _call(shlex.split(command.text)[1:], folder)
            if "--help" in command.text:  # tests/test_readme.py compares these, wherever lines break
                return printed
        else:
            printed = self._type(command, folder)
        assert_shown(command, printed)
        return printed

    def _type(self, command: Command, folder: Path) -> str:
        """Run a command in a shell, and note in which folder it ends."""
        end = self.home / "folder"
        done = subprocess.run(
            ["bash", "-e", "-c", f'{command.text}\npwd > "{end}"'],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"$ {command.text}\n{done.stdout}"
        if command.text not in self.instead:
            self.folder = Path(end.read_text().rstrip("\n"))
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        """The environment of this Python, nothing of the user's, and Jupyter free to run as root on any port."""
        own = {f"JUPYTER_{name}_DIR": str(self.home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        return os.environ | own | {"HOME": str(self.home), "IPYTHONDIR": str(self.home / "ipython"), "PATH": path}

    def serve(self, text: str) -> str:
        """Start a server as the page says, look at the page that its reader opens, and stop it with Ctrl-C."""
        settings = {"allow_root": True, "open_browser": False, "port": 0, "ip": "127.0.0.1"}
        config = {"ServerApp": settings, "IdentityProvider": {"token": ""}}
        (self.home / "config").mkdir(exist_ok=True)
        (self.home / "config" / "jupyter_server_config.json").write_text(json.dumps(config))
        with (self.home / "server.log").open("w+") as log:
            server = subprocess.Popen(
                ["bash", "-c", text], cwd=self.folder, env=self.environment, stdout=log, stderr=log, process_group=0
            )
            try:
                return self._look(server, formgrader=".ipynb" not in text)
            finally:
                os.killpg(server.pid, signal.SIGTERM)
                server.wait(30)

    def _look(self, server: subprocess.Popen[bytes], *, formgrader: bool) -> str:
        """Return the page that a server shows first; or formgrader's, with the students that it lists."""
        paths = ("/formgrader/gradebook", "/formgrader/api/students") if formgrader else ("/tree",)
        for _ in range(600):
            assert server.poll() is None, (self.home / "server.log").read_text()
            for file in (self.home / "runtime").glob("jpserver-*.json"):
                try:
                    address = str(json.loads(file.read_text())["url"]).rstrip("/")
                    return "\n".join(_read(address + path) for path in paths)
                except (OSError, ValueError):
                    pass
            time.sleep(0.1)
        raise AssertionError((self.home / "server.log").read_text())


def _read(address: str) -> str:
    """Return the page at an address of this machine."""
    with urllib.request.urlopen(address, timeout=20) as page:  # noqa: S310 (the loopback)
        return str(page.read().decode())


def _call(arguments: Sequence[str], folder: Path) -> str:
    """Run `autograder` within this process, which has imported what takes a new one seconds; it has to return 0."""
    printed = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            code = cli.main(arguments)
        except SystemExit as ended:  # --help
            code = ended.code
    assert code == 0, f"$ autograder {shlex.join(arguments)}\n{printed.getvalue()}"
    return printed.getvalue()


def assert_shown(command: Command, printed: str) -> None:
    """Assert that a command printed the lines that the page shows, in their order; "…" stands for anything."""
    wanted = "\n".join(command.shown).strip()
    pattern = ".*".join(re.escape(part) for part in re.split(r"\n?…\n?", wanted))
    assert re.search(pattern, printed, re.DOTALL), f"$ {command.text}\nshown:\n{wanted}\nprinted:\n{printed}"
