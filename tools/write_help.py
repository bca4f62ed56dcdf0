"""Renew the help texts that README shows: each ``console`` block that begins with ``$ autograder ... --help``.

Usage, from the repository's root (`make readme` runs it):

    python tools/write_help.py
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"^```console\n\$ autograder([^\n]*--help)\n.*?^```$", re.MULTILINE | re.DOTALL)


def renew(block: re.Match[str]) -> str:
    """Return a block with what the program prints now."""
    command = [sys.executable, "-m", "autograder", *block[1].split()]
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1"}
    text = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    return f"```console\n$ autograder{block[1]}\n{text.rstrip()}\n```"


if __name__ == "__main__":
    README.write_text(BLOCK.sub(renew, README.read_text(encoding="utf-8")), encoding="utf-8")
