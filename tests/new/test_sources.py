"""The assignments in git that `autograder new` wrote are what it writes today, with their instructors' words."""

import re
from pathlib import Path

import pytest

from tools.renew_sources import WORDS, renew

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # Keras's own

_FACTS = re.compile(r"\* (?:of a point's|groups that|came apart|rows that lie) [^\n]*?(?=\\n|$)")


@pytest.mark.parametrize("name", ["mapping_clothes", "mapping_digits"])
def test_the_notebook_is_what_new_writes(root: Path, name: str) -> None:
    """But for the facts about the maps: on another processor t-SNE makes others."""
    folder = root / "source" / name
    written = (folder / f"{name}.ipynb").read_text("utf-8")
    assert _FACTS.sub("", renew(folder)) == _FACTS.sub("", written), f"make sources: {WORDS}"
    assert len(_FACTS.findall(written)) >= 10
