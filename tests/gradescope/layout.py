"""A root file system of its own, laid out as Gradescope's containers are, and what stands for their harness in it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.docs.pages import commands

__all__ = ["HARNESS_TOKEN", "Image", "can_make_root", "unpack"]

HARNESS_TOKEN = "the-harness-may-upload-results"  # noqa: S105 (a mark to look for)

# What a container's root may do, unless it is told otherwise: no mounts, no namespaces, nobody's memory.
_RIGHTS = "chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,net_raw,sys_chroot,mknod,audit_write,setfcap"
_ETC = (
    "passwd",
    "group",
    "nsswitch.conf",
    "hosts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "ssl",
    "fonts",
)
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")

_HARNESS = """\
cd /autograder
mkdir -p results
./run_autograder >results/stdout 2>&1
echo $? >results/exit_code
"""


@dataclass(frozen=True)
class Image:
    """An image: `/autograder` and `/opt`, which lie on this machine's disk; the rest of the system is borrowed.

    Attributes:
        autograder: what lies at `/autograder`.
        opt: what lies at `/opt`.
        settings: environment variables, beside those of the harness.
    """

    autograder: Path
    opt: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def results(self) -> Any:
        """What Gradescope reads."""
        return json.loads((self.autograder / "results" / "results.json").read_text(encoding="utf-8"))

    @property
    def stdout(self) -> str:
        """What the grader printed, for instructors."""
        return (self.autograder / "results" / "stdout").read_text(encoding="utf-8")

    def container(self, folder: Path, **settings: str) -> Image:
        """Return a copy of this image, for one submission."""
        subprocess.run(["cp", "-a", str(self.autograder), str(folder / "autograder")], check=True)
        (folder / "autograder" / "submission").mkdir()
        return Image(folder / "autograder", self.opt, settings)

    def set_up(self) -> str:
        """Run setup.sh as docs/gradescope.md says for an image that has an environment, which is this Python's own here.

        Returns:
            What it prints.
        """
        (command,) = commands("docs/gradescope.md")
        script = command.text.replace("/opt/venv", shlex.quote(sys.prefix))
        return subprocess.run(self.command(script), check=True, capture_output=True, text=True, timeout=300).stdout

    def grade(self) -> None:
        """Do what the harness does for a submission that lies there."""
        subprocess.run(self.command(_HARNESS), check=True, timeout=500)

    def begin(self) -> subprocess.Popen[bytes]:
        """Begin to do so."""
        return subprocess.Popen(self.command(_HARNESS))

    def command(self, script: str) -> list[str]:
        """Return a command that runs a script as root in this file system."""
        told = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HARNESS_TOKEN": HARNESS_TOKEN}
        words = [f"{key}={value}" for key, value in (told | self.settings).items()]
        inner = ["env", "-i", *words, "setpriv", "--bounding-set", _few_rights(), "sh", "-c", script]
        outer = [*_mounts(self), f"exec chroot . {shlex.join(inner)}"]
        # A mount namespace of its own, a process namespace whose /proc is its own, and nothing left when it ends.
        unshare = ["unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "--propagation", "private"]
        return [*unshare, "sh", "-c", "\n".join(outer)]


def _few_rights() -> str:
    return ",".join(["-all", *(f"+{right}" for right in _RIGHTS.split(","))])


def _mounts(image: Image) -> list[str]:
    """Return the lines that make the file system and move into it; everything is gone with its last process."""
    lines = ["set -e", "root=$(mktemp -d)", "mount -t tmpfs -o mode=755 tmpfs $root", "cd $root"]
    lines += ["mkdir -p usr etc proc dev/shm var/tmp run/lock tmp opt root autograder .old"]
    lines += ["chmod 1777 tmp var/tmp dev/shm run/lock"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        lines += [
            f"if [ -L /{name} ]; then cp -P /{name} .; elif [ -d /{name} ]; then mkdir {name}; mount --bind /{name} {name}; fi"
        ]
    lines += ["mount --bind /usr usr", "mount -o remount,bind,ro usr"]
    lines += ["[ ! -e usr/bin/bwrap ] || mount --bind /dev/null usr/bin/bwrap"]  # as if it weren't installed
    lines += [f"[ ! -e /etc/{name} ] || cp -a /etc/{name} etc/" for name in _ETC]
    lines += [f"touch dev/{name}; mount --bind /dev/{name} dev/{name}" for name in _DEVICES]
    lines += [f"mount --bind {shlex.quote(str(image.autograder))} autograder"]
    lines += [f"mount --bind {shlex.quote(str(image.opt))} opt", "mount -t proc proc proc"]
    for prefix in sorted({sys.base_prefix, sys.prefix}):
        if not Path(prefix).is_relative_to("/usr"):
            place = shlex.quote(prefix.lstrip("/"))
            lines += [f"mkdir -p {place}", f"mount --bind /{place} {place}", f"mount -o remount,bind,ro {place}"]
    return [*lines, "pivot_root . .old", "umount -l .old", "rmdir .old"]


def can_make_root() -> bool:
    """Tell whether such a file system can be made here."""
    if os.geteuid() != 0:
        return False
    tried = [
        "unshare",
        "--mount",
        "--pid",
        "--ipc",
        "--fork",
        "--propagation",
        "private",
        "mount",
        "-t",
        "tmpfs",
        "t",
        "/mnt",
    ]
    try:
        return subprocess.run(tried, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def unpack(zipped: Path, folder: Path) -> Image:
    """Lay out an image as Gradescope does: the zip below source/, run_autograder beside it, submissions not yet there."""
    source = folder / "autograder" / "source"
    source.mkdir(parents=True)
    (folder / "opt").mkdir()
    with zipfile.ZipFile(zipped) as opened:
        opened.extractall(source)
    program = folder / "autograder" / "run_autograder"
    program.write_bytes((source / "run_autograder").read_bytes())
    program.chmod(0o755)
    metadata = {
        "id": 1,
        "users": [{"id": 7, "name": "Ada Lovelace", "email": "ada@example.org"}],
        "previous_submissions": [],
    }
    (folder / "autograder" / "submission_metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    return Image(folder / "autograder", folder / "opt")
