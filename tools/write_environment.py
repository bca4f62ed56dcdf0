"""Write environment.yml, for people who work with conda, from pyproject.toml and requirements.lock.

Usage, from the repository's root (`make lock` runs it):

    python tools/write_environment.py

conda brings Python and make; the distributions come from pip, with the lock's versions and markers, so that both kinds of
environment are the same. First stand the ones that pyproject.toml names, then what they bring along.
"""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
HEAD = """\
# Written by `make lock` from pyproject.toml and requirements.lock; edit those.
#
#   conda env create -f environment.yml
#   conda activate {name}
#   pip install --no-deps -e .
name: {name}
channels:
  - conda-forge
dependencies:
  - python {python}
  - pip
  - make
  - pip:
"""


def read_pins(lock: str) -> list[str]:
    """Return the lock's pins, such as ``colorama==0.4.6 ; sys_platform == 'win32'``, without their hashes."""
    return re.findall(r"^(\S+==.*?) *\\?$", lock, flags=re.MULTILINE)


def read_direct(project: dict) -> set[str]:
    """Return the names of the distributions that pyproject.toml asks for, the `dev` extra's too."""
    lines = project["dependencies"] + project["optional-dependencies"]["dev"]
    return {canonicalize_name(Requirement(line).name) for line in lines}


def render_environment(project: dict, lock: str) -> str:
    """Return environment.yml's text.

    Args:
        project: pyproject.toml's table ``project``.
        lock: the text of requirements.lock.
    """
    direct = read_direct(project)
    groups: dict[bool, list[str]] = {True: [], False: []}
    for pin in read_pins(lock):
        groups[canonicalize_name(Requirement(pin).name) in direct].append(f'      - "{pin}"\n')
    head = HEAD.format(name=project["name"], python=project["requires-python"])
    return (
        head
        + "      # asked for by pyproject.toml\n"
        + "".join(groups[True])
        + "      # brought along by those\n"
        + "".join(groups[False])
    )


def main() -> None:
    """Write the file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    (ROOT / "environment.yml").write_text(render_environment(project, lock), encoding="utf-8")


if __name__ == "__main__":
    main()
