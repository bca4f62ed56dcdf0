"""Print on which systems and Pythons a release's packages can be installed, as a table for docs/student.md.

Usage, from the repository's root (`make platforms` runs it):

    python tools/resolve_platforms.py [REQUIREMENTS ...]

uv resolves each requirements.txt (those of both releases unless others are named) for every system and Python, from wheels
only, and downloads none of them. It needs a package index, so it is no part of CI. It exits 1 unless every system but the
Macs with an Intel processor resolves, and these don't.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
INTEL_MAC = "macOS, Intel processor"
SYSTEMS = {
    "Windows, 64 bit": "windows",
    "macOS, Apple processor": "aarch64-apple-darwin",
    "Linux, x86-64": "x86_64-unknown-linux-gnu",
    "Linux, aarch64": "aarch64-unknown-linux-gnu",
    INTEL_MAC: "x86_64-apple-darwin",
}
YES = "yes"

Resolve = Callable[[Path, str, str], str]


def resolve(requirements: Path, platform: str, python: str) -> str:
    """Return "yes", or "no: " and the package that has no wheel there."""
    command = ["uv", "pip", "compile", str(requirements), "--python-platform", platform, "--python-version", python]
    options = ["--only-binary", ":all:", "--no-header", "--no-annotate", "--quiet"]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    return YES if done.returncode == 0 else f"no: {lacking(done.stderr)}"


def lacking(told: str) -> str:
    """Return the package that uv found no wheel for; its last words where it says something else."""
    words = " ".join(told.split())
    found = re.search(r"[Bb]ecause (\S+?)(?:==\S+)? has no wheels", words)
    return found[1] if found else words[-200:]


def table(files: Sequence[Path], one: Resolve = resolve) -> dict[str, list[str]]:
    """Return for each system, and in it for each Python, the first file's answer that isn't "yes"."""
    return {
        system: [
            next((told for file in files if (told := one(file, platform, python)) != YES), YES) for python in PYTHONS
        ]
        for system, platform in SYSTEMS.items()
    }


def rendered(rows: dict[str, list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [["system", *(f"Python {python}" for python in PYTHONS)], ["---"] * (1 + len(PYTHONS))]
    lines += [[system, *cells] for system, cells in rows.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_promised(rows: dict[str, list[str]]) -> bool:
    """Tell whether all systems can install the release, and Intel Macs can't: the pages say both."""
    return all((cell == YES) == (system != INTEL_MAC) for system, cells in rows.items() for cell in cells)


if __name__ == "__main__":
    releases = [Path(name) for name in sys.argv[1:]] or sorted(ROOT.glob("release/*/*/requirements.txt"))
    found = table(releases)
    print(rendered(found))
    sys.exit(not as_promised(found))
