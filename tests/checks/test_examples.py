"""The checks for rows of numbers: the same as for images, in other words."""

from types import SimpleNamespace

import numpy as np
import pytest

from autograder import checks
from autograder.checks import examples
from autograder.checks.failure import CheckFailed
from autograder.checks.meanings import of_examples
from autograder.hidden.activations.from_other_images import SCALES
from autograder.hidden.judge import Judge
from autograder.hidden.messages import _ACTIVATIONS, _MAPS, _PLOTS

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(40, 6)).astype("f4")
MAPS = ROWS.reshape(40, 2, 3)
ANSWERS = {
    "representations": [
        *((value,) for value in (ROWS, None, MAPS, ROWS.ravel(), ROWS[:1], ROWS.T, ROWS[:3], np.tile(ROWS, (2, 1)), ROWS[:, 0])),
    ],
    "activations": [(MAPS,), (ROWS.ravel(),), (MAPS[:3],), (MAPS.swapaxes(0, 1),)],
    "embedding": [(ROWS[:, :2],), (ROWS,), (ROWS[:, :2].T,), (np.ones((40, 2)),)],
    "flattening": [
        (flat, "x", MAPS, "y")
        for flat in (ROWS, ROWS[:, ::2], MAPS, ROWS.ravel(), ROWS.reshape(80, 3), ROWS.reshape(20, 12), ROWS.T.reshape(40, 6), ROWS + 1)
    ],
    "plot": [(None,), (object(),)],
}  # fmt: skip


def _said(module, name, answer):
    """Return the sentences of a check, whether it passes or not."""
    more = {
        "representations": {"images": 40},
        "activations": {"images": 40},
        "embedding": {"images": 40},
        "plot": {"points": 3},
    }
    arguments = answer if len(answer) > 1 else (*answer, "x")
    try:
        return repr(getattr(module, name)(*arguments, **more.get(name, {})))
    except module.CheckFailed as failure:
        return str(failure)


@pytest.mark.parametrize("name", ANSWERS)
def test_whatever_a_check_says_is_about_examples(name: str) -> None:
    """Diagnoses, shapes and names are the same."""
    for answer in ANSWERS[name]:
        said, of_images = _said(examples, name, answer), _said(checks, name, answer)
        assert "image" not in said
        assert said == of_images.replace("image", "example")


def test_names_in_backticks_stay() -> None:
    """A student may call an array as they like."""
    assert (
        of_examples("`images` has shape (3, 4): one image is one row.")
        == "`images` has shape (3, 4): one example is one row."
    )


@pytest.mark.parametrize(
    "words", [*_ACTIVATIONS.values(), *_MAPS.values(), *_PLOTS.values(), *((each,) for each in SCALES)]
)
def test_hidden_checks_have_words_for_rows(words: tuple[str, ...]) -> None:
    """Neither images nor pixels nor colours."""
    assert not any(word in of_examples(" ".join(words)) for word in ("image", "pixel", "black", "0 to 1"))


@pytest.mark.parametrize(("shape", "word"), [((40, 6), "example"), ((40, 6, 6, 1), "image")])
def test_the_judge_speaks_of_what_the_data_are(shape: tuple[int, ...], word: str) -> None:
    """By their shape."""
    settings = SimpleNamespace(flat=("deep",), images=40)
    judge = Judge(SimpleNamespace(settings=settings, first_images=np.ones(shape, "f4")))
    with pytest.raises(CheckFailed, match=f"one for each of the first 40 training {word}s") as caught:
        judge.activations(ROWS[:9], "deep_reps", role="deep")
    assert caught.value.diagnosis == "too_few_rows"
