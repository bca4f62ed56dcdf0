"""The checks that students call, alone as in a release: what they accept, and what they never print."""

import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from autograder import checks

PACKAGE = Path(checks.__file__).parent
STUDENT_MODULES = sorted(path.name for path in PACKAGE.glob("*.py"))
RANDOM = np.random.default_rng(0)
MAPS = RANDOM.normal(size=(40, 6, 5, 3)).astype("f4")


def _diagnosis(check, *args, **kwargs):
    with pytest.raises(checks.CheckFailed) as caught:
        check(*args, **kwargs)
    return caught.value.diagnosis


def test_an_embedding_may_have_the_rows_of_what_it_embeds():
    """Too few images are the other check's mistake: one mistake costs once."""
    few = RANDOM.normal(size=(30, 2))
    assert checks.embedding(few, "x", images=40, of=np.ones((30, 8)))
    assert _diagnosis(checks.embedding, few, "x", images=40, of=np.ones((20, 8))) == "too_few_rows"
    assert _diagnosis(checks.embedding, few, "x", images=40, of="nothing") == "too_few_rows"


def test_an_embedding_of_many_times_the_images_is_not_looked_at():
    """Comparing it takes the cube of its rows: minutes for ten thousand."""
    assert checks.embedding(RANDOM.normal(size=(120, 2)), "x", images=40, of=np.ones((120, 8)))
    many = RANDOM.normal(size=(121, 2))
    assert _diagnosis(checks.embedding, many, "x", images=40, of=np.ones((121, 8))) == "too_many_rows"


@pytest.mark.parametrize(
    "points", [np.zeros((40, 2)), np.tile([[1.0, 2.0]], (40, 1)), np.column_stack([np.arange(40), np.full(40, 3)])]
)
def test_points_that_are_all_alike_are_degenerate(points):
    """Zeros, one point repeated, a line along an axis."""
    assert _diagnosis(checks.embedding, points, "x", images=40) == "degenerate"


def test_nothing_is_written_to_stderr(capfd):
    """nbgrader gives no points for a cell that wrote there."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        checks.representations(np.full((40, 3), 1e38, "f4"), "x", images=40)
        _diagnosis(checks.flattening, np.full((40, 90), 1e300), "x", MAPS, "y")
    assert not caught
    assert not capfd.readouterr().err


def test_the_student_part_stands_alone(tmp_path):
    """Copied as a folder `checks`, it needs NumPy and nothing of ours."""
    for module in STUDENT_MODULES:
        (tmp_path / "checks").mkdir(exist_ok=True)
        shutil.copy(PACKAGE / module, tmp_path / "checks" / module)
    code = (
        "import sys, checks, numpy as np; checks.representations(np.ones((3, 2)), 'x', images=3);"
        "checks.flattening(np.ones((3, 2)), 'x', np.ones((3, 2)), 'y');"
        "bad = [m for m in sys.modules if m.split('.')[0] in ('scipy', 'sklearn', 'keras', 'matplotlib', 'autograder')]; assert not bad, bad"
    )
    subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"], check=True
    )


@pytest.mark.parametrize("module", STUDENT_MODULES)
def test_the_student_part_knows_nothing_of_the_solution(module):
    """No layer, no hidden module, no threshold of a hidden check."""
    text = (PACKAGE / module).read_text(encoding="utf-8")
    assert not re.search(
        r"conv\d|dense_|pool_dropout|softmax|perplexity|class Judge|import (judge|reference)|assignment\.toml", text
    )
    relative = set(re.findall(r"from \.(\w+) import", text))
    assert {f"{name}.py" for name in relative} <= set(STUDENT_MODULES)
