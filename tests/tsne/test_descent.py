"""t-SNE's compiled descent takes scikit-learn's steps, ends where that ends, and leaves to it what it doesn't know."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE, _t_sne

from autograder.sandbox.inside.patches.tsne import descend_by
from autograder.tsne.descent import DESCENT, FEWEST, descent
from autograder.tsne.gradient import Gradient

COUNT = 200
SETTINGS: dict[str, Any] = {
    "n_iter_check": 10,
    "n_iter_without_progress": 300,
    "momentum": 0.5,
    "learning_rate": 50.0,
    "min_grad_norm": 1e-7,
    "verbose": 0,
}


def _descend(gradient: Any, steps: tuple[int, int], **more: Any) -> tuple[np.ndarray, float, int]:
    """Descend from a start that is the same every time: by scikit-learn's loop where its name is what is wanted."""
    random = np.random.default_rng(1)
    affinities = random.random(COUNT * (COUNT - 1) // 2) ** 8
    affinities /= 2 * affinities.sum()
    start = random.standard_normal(2 * COUNT).astype(np.float32)
    way = more.pop("way", _t_sne._gradient_descent)
    options = SETTINGS | {"args": [affinities, 1, COUNT, 2], "kwargs": {"skip_num_points": 0}} | more
    return way(gradient, start, *steps, **options)


@pytest.mark.parametrize("steps", [(0, 1), (0, 30), (0, 37), (13, 20), (13, 55)])
@pytest.mark.parametrize("momentum", [0.5, 0.8])
def test_steps_are_scikit_learns(steps: tuple[int, int], momentum: float) -> None:
    """Wherever the descent begins and ends: the same places, the same divergence, the same last step."""
    gradient = Gradient(_t_sne._kl_divergence)
    wanted, error, last = _descend(_t_sne._kl_divergence, steps, momentum=momentum)
    ours = _descend(gradient, steps, momentum=momentum, way=descent(_t_sne._gradient_descent))
    np.testing.assert_allclose(ours[0], wanted, atol=2e-4 * np.abs(wanted).max())
    assert ours[0].dtype == wanted.dtype
    assert ours[1] == pytest.approx(error, rel=1e-5)
    assert ours[2] == last == steps[1] - 1


@pytest.mark.parametrize(
    "ending",
    [
        {"min_grad_norm": 1.0},
        {"learning_rate": 0.0, "n_iter_without_progress": 40},
        {"learning_rate": 0.0, "n_iter_without_progress": 45},
    ],
)
def test_it_ends_where_scikit_learns_does(ending: dict[str, Any]) -> None:
    """Where the gradient is small enough, and where the divergence has not become less for so many steps."""
    wanted = _descend(_t_sne._kl_divergence, (0, 200), **ending)
    ours = _descend(Gradient(_t_sne._kl_divergence), (0, 200), way=descent(_t_sne._gradient_descent), **ending)
    assert ours[2] == wanted[2] < 199


def test_what_is_not_known_is_scikit_learns_own() -> None:
    """Another objective, what is to be told on the way, points that are held, and no steps at all."""
    asked = []
    way = descent(lambda *args, **_: asked.append(args[2:]) or (np.zeros(2), 0.0, 0))
    gradient = Gradient(_t_sne._kl_divergence)
    _descend(_t_sne._kl_divergence, (0, 1), way=way)
    _descend(gradient, (0, 2), way=way, verbose=2)
    _descend(gradient, (0, 3), way=way, kwargs={"skip_num_points": 5})
    _descend(gradient, (4, 4), way=way)
    assert asked == [(0, 1), (0, 2), (0, 3), (4, 4)]
    _descend(gradient, (0, 5), way=way)
    assert len(asked) == 4


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_not_finite_is_refused_as_there() -> None:
    """What a step too long leaves behind is an error where the gradient is looked at, and no number at the end."""
    way = descent(_t_sne._gradient_descent)
    for objective, descend in (
        (_t_sne._kl_divergence, _t_sne._gradient_descent),
        (Gradient(_t_sne._kl_divergence), way),
    ):
        with pytest.raises(ValueError, match=r"infs or NaNs|not finite"):
            _descend(objective, (0, 10), learning_rate=float("inf"), way=descend)
        places, error, _ = _descend(objective, (0, 9), learning_rate=float("inf"), way=descend)
        assert np.isnan(places).any()
        assert np.isnan(error)


@pytest.mark.parametrize("method", ["exact", "barnes_hut"])
def test_a_whole_map_is_as_good(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Early exaggeration, in place, is followed; the map reaches the divergence that scikit-learn's reaches."""
    images = load_digits().data[:300].astype(np.float32)
    tsne = TSNE(method=method, init="pca", max_iter=500, random_state=0, perplexity=20)
    theirs = tsne.fit(images).kl_divergence_
    monkeypatch.setattr(TSNE, "_tsne", TSNE._tsne)
    descend_by(DESCENT, FEWEST)
    ours = tsne.fit(images)
    assert ours.kl_divergence_ == pytest.approx(theirs, rel=0.03)
    assert ours.n_iter_ == 499


@pytest.mark.parametrize(("steps", "compiled"), [(FEWEST - 1, False), (FEWEST, True)])
def test_maps_of_few_steps_are_left_to_scikit_learn(
    steps: int, *, compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A map that was stopped too early has to look like a student's own; afterwards, all is as before."""
    used = []
    names = ("_kl_divergence", "_kl_divergence_bh", "_gradient_descent")
    before = [getattr(_t_sne, name) for name in names]
    monkeypatch.setattr(
        TSNE,
        "_tsne",
        lambda self, *_: used.append(
            [getattr(_t_sne, name) is not one for name, one in zip(names, before, strict=True)]
        ),
    )
    descend_by(DESCENT, FEWEST)
    TSNE(max_iter=steps)._tsne()
    assert used == [[compiled] * 3]
    assert [getattr(_t_sne, name) for name in names] == before
