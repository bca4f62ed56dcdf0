"""The checks that students call: shapes, finite values, flattening, plots; and what stands in a release."""

import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import checks

PACKAGE = Path(checks.__file__).parent
STUDENT_MODULES = sorted(path.name for path in PACKAGE.glob("*.py"))
RANDOM = np.random.default_rng(0)
MAPS = RANDOM.normal(size=(40, 6, 5, 3)).astype("f4")


def _diagnosis(check, *args, **kwargs):
    with pytest.raises(checks.CheckFailed) as caught:
        check(*args, **kwargs)
    return caught.value.diagnosis


def test_a_message_sets_names_as_code_and_words_as_words():
    """The hidden check doesn't know what the student's activations are called."""
    flat = MAPS.reshape(40, -1)
    assert "all of `y`," in checks.flattening(flat, "x", MAPS, "y").text
    assert "all of the activations," in checks.flattening(flat, "x", MAPS, "the activations").text
    with pytest.raises(checks.CheckFailed, match="not those of the activations:"):
        checks.flattening(flat + 1, "x", MAPS, "the activations")


@pytest.mark.parametrize(
    ("shape", "diagnosis"),
    [
        ((10, 8), "too_few_rows"), ((0, 8), "too_few_rows"), ((40, 0), "too_few_rows"), ((50, 8), "too_many_rows"),
        ((8, 40), "transposed"), ((320,), "flattened_batch"), ((1, 320), "flattened_batch"), ((40,), "pooled"),
        ((8,), "too_few_rows"), ((1, 8), "too_few_rows"), ((40, 2, 4), "not_flattened"), ((1, 40, 8), "not_flattened"),
    ],
)  # fmt: skip
def test_representations_want_a_row_an_image(shape, diagnosis):
    """Each wrong shape is named by what it usually comes from."""
    assert _diagnosis(checks.representations, np.ones(shape), "x", images=40) == diagnosis


@pytest.mark.parametrize(
    ("shape", "diagnosis"),
    [
        ((10, 4, 4, 2), "too_few_rows"), ((4, 4, 2), "too_few_rows"), ((50, 4, 4, 2), "too_many_rows"), ((4, 4, 2, 40), "transposed"),
        ((320,), "flattened_batch"), ((40,), "pooled"), ((40, 1, 4, 4, 2), "wrong_type"),
    ],
)  # fmt: skip
def test_activations_want_the_images_first(shape, diagnosis):
    """Two to four axes, the first counts the images."""
    assert _diagnosis(checks.activations, np.ones(shape), "x", images=40) == diagnosis


@pytest.mark.parametrize("shape", [(40, 8), (40, 4, 2), (40, 2, 2, 2)])
def test_right_activations_pass(shape):
    """Flat, or with positions."""
    assert "40 images" in repr(checks.activations(np.ones(shape), "x", images=40))


@pytest.mark.parametrize(
    ("shape", "diagnosis"),
    [((40, 3), "wrong_components"), ((2, 40), "wrong_components"), ((40,), "wrong_components"), ((30, 2), "too_few_rows"), ((50, 2), "too_many_rows")],
)  # fmt: skip
def test_embeddings_want_two_coordinates(shape, diagnosis):
    """(images, 2)."""
    assert _diagnosis(checks.embedding, RANDOM.normal(size=shape), "x", images=40) == diagnosis


def test_an_embedding_may_have_the_rows_of_what_it_embeds():
    """Too few images are the other check's mistake: one mistake costs once."""
    few = RANDOM.normal(size=(30, 2))
    assert checks.embedding(few, "x", images=40, of=np.ones((30, 8)))
    assert _diagnosis(checks.embedding, few, "x", images=40, of=np.ones((20, 8))) == "too_few_rows"
    assert _diagnosis(checks.embedding, few, "x", images=40, of="nothing") == "too_few_rows"


@pytest.mark.parametrize(
    "points", [np.zeros((40, 2)), np.tile([[1.0, 2.0]], (40, 1)), np.column_stack([np.arange(40), np.full(40, 3)])]
)
def test_points_that_are_all_alike_are_degenerate(points):
    """Zeros, one point repeated, a line along an axis."""
    assert _diagnosis(checks.embedding, points, "x", images=40) == "degenerate"


@settings(deadline=None, max_examples=30)
@given(st.permutations([1, 2, 3]), st.integers(0, 2**32 - 1), st.sampled_from(["f2", "f4", "f8"]))
def test_any_order_that_is_the_same_for_all_rows_is_flat(axes, seed, dtype):
    """Axes exchanged, or features shuffled."""
    turned = MAPS.transpose(0, *axes).reshape(40, -1)
    shuffled = turned[:, np.random.default_rng(seed).permutation(turned.shape[1])]
    assert checks.flattening(turned.astype(dtype), "x", MAPS, "y")
    assert checks.flattening(shuffled.copy(), "x", MAPS, "y")


@pytest.mark.parametrize(
    ("change", "diagnosis"),
    [
        (lambda a: a, "not_flattened"), (lambda a: a.reshape(40, 30, 3), "not_flattened"), (lambda a: a.reshape(-1, 3), "not_flattened"),
        (lambda a: a.reshape(3, -1), "mixed_samples"), (lambda a: a.T.reshape(40, -1), "mixed_samples"), (lambda a: a.reshape(40, -1).T, "mixed_samples"),
        (lambda a: a.ravel(), "flattened_batch"), (lambda a: a.reshape(1, -1), "flattened_batch"),
        (lambda a: a.mean((1, 2)), "pooled"), (lambda a: a.max(3).reshape(40, -1), "pooled"), (lambda a: a.sum((1, 2, 3)).reshape(40, 1), "pooled"),
        (lambda a: a[:, ::2, ::2].reshape(40, -1), "not_these_activations"), (lambda a: a.reshape(40, -1) * 2, "not_these_activations"),
        (lambda a: a.reshape(40, -1)[::-1], "not_these_activations"), (lambda a: np.sort(a.reshape(40, -1), axis=1), "not_these_activations"),
        (lambda a: a[:20].reshape(20, -1), "not_these_activations"), (lambda a: np.ones((40, 90)), "not_these_activations"),
        (lambda a: a[:, :4, :4].reshape(40, 2, 2, 2, 2, 3).mean((2, 4)).reshape(40, -1), "not_these_activations"),
    ],
)  # fmt: skip
def test_wrong_ways_to_flatten_are_named(change, diagnosis):
    """Everything about flattening can be said in public."""
    assert _diagnosis(checks.flattening, change(MAPS), "x", MAPS, "y") == diagnosis


def test_one_wrong_row_is_seen():
    """All rows count, not most."""
    flat = MAPS.reshape(40, -1).copy()
    flat[17] = flat[16]
    assert _diagnosis(checks.flattening, flat, "x", MAPS, "y") == "not_these_activations"


@pytest.mark.parametrize("source", [None, "pool", np.full((40, 2), np.nan)])
def test_without_activations_only_the_shape_is_judged(source):
    """Their absence is the other check's business."""
    assert "could not be compared" in repr(checks.flattening(MAPS.reshape(40, -1), "x", source, "y"))
    assert _diagnosis(checks.flattening, MAPS, "x", source, "y") == "not_flattened"


def test_activations_in_one_vector_can_be_flattened_rightly():
    """The vector is the other check's mistake."""
    assert checks.flattening(MAPS.reshape(40, -1), "x", MAPS.ravel(), "y")


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
