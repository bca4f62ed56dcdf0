"""Where a notebook replaced or subclassed what a shortcut goes around, the library's own way is gone."""

import functools
import sys
import types

import numpy as np
import pytest
from sklearn.manifold import TSNE, _t_sne

from autograder.sandbox.inside.patches import table
from autograder.sandbox.inside.patches.table import REPLACED, replace
from autograder.sandbox.inside.patches.tsne import remember_maps
from autograder.sandbox.inside.wire import Service

SHORTCUTS = [row for row in REPLACED if row.around]
X = np.random.default_rng(0).normal(size=(40, 5)).astype("f4")


@pytest.fixture
def choose(request, monkeypatch):
    """Stand in for a row's shortcut; returns what is called, and the names that it looks at."""
    monkeypatch.setattr(table, "_own", {})  # other tests may have looked while they had something replaced
    pytest.importorskip(request.param.name.partition(".")[0])
    for module in ("keras", "matplotlib.pyplot", "matplotlib.backends.backend_agg"):
        __import__(module)
    owner, around = types.ModuleType("owner"), request.param.around
    chosen = table._standing_back(lambda: "ours", lambda: "theirs", owner, around)
    assert all(list(table._spaces(name)) for name in around), around
    return chosen, [space for name in around for space in table._spaces(name)]


@pytest.mark.parametrize("choose", SHORTCUTS, ids=[row.name for row in SHORTCUTS], indirect=True)
def test_each_name_on_the_way_makes_a_shortcut_stand_back(choose):
    """Every function, class, method and property; of Keras's thousands some. Put back, the shortcut is taken again."""
    chosen, spaces = choose
    names = [(space, name, value) for space in spaces for name, value in table._own[space].items()]
    names = [each for each in names if each[1] not in ("__dict__", "__weakref__")]
    assert len(names) > 10
    for space, name, value in names[:: len(names) // 500 + 1]:
        setattr(space, name, lambda *_: None)
        found = chosen()
        setattr(space, name, value)
        assert found == "theirs", (space, name)
    assert chosen() == "ours"


def _called(compute):
    """Return what Python code is run, as (module, name)."""
    seen = set()

    def note(frame, event, _):
        if event == "call":
            seen.add((frame.f_globals.get("__name__", ""), frame.f_code.co_qualname))

    sys.setprofile(note)
    try:
        compute()
    finally:
        sys.setprofile(None)
    return seen


@pytest.mark.parametrize("settings", [{}, {"method": "exact", "init": "random"}, {"init": "pca", "metric": "cosine"}])
def test_all_that_t_sne_calls_of_its_module_is_on_the_way(settings):
    """Every function of scikit-learn's that `TSNE._fit` runs, but for general checks of arrays and settings."""
    row = next(row for row in REPLACED if row.name.endswith("TSNE._fit"))
    spaces = [space for name in row.around for space in table._spaces(name)]
    watched = {
        (getattr(value, "__module__", ""), getattr(value, "__qualname__", ""))
        for space in spaces
        for value in vars(space).values()
    }
    called = _called(lambda: TSNE(perplexity=5, max_iter=260, random_state=0, **settings)._fit(X))
    general = tuple(
        f"sklearn.{part}"
        for part in (
            *("_config", "base", "callback", "externals", "preprocessing", "utils"),
            "metrics._pairwise_distances_reduction",  # compiled; what is run of it in Python only chooses
        )
    )
    missed = {
        (module, name)
        for module, name in called - watched
        if module.startswith("sklearn.")
        and not module.startswith(general)
        and "<" not in name
        and "__sklearn" not in name
    }
    assert missed == set()


@pytest.fixture
def answers(monkeypatch):
    """Let `TSNE` be answered with zeros by a service that is always there; returns the questions."""
    asked = []
    monkeypatch.setattr(_t_sne.TSNE, "_fit", _t_sne.TSNE._fit)
    monkeypatch.setattr(Service, "connected", True)
    monkeypatch.setattr(
        "autograder.sandbox.inside.patches.tsne._ask",
        lambda *_: asked.append(1) or ({"kl_divergence_": 1.0}, np.zeros((40, 2))),
    )
    remember_maps(Service())
    return asked


def _map(kind=TSNE):
    return kind(perplexity=5, max_iter=300, random_state=0).fit_transform(X)


def test_an_animation_of_the_descent_is_recorded(answers, monkeypatch):
    """The widely copied one: it replaces `_gradient_descent`, and keeps each step's points."""
    assert not _map().any()
    assert len(answers) == 1
    positions = []

    def _gradient_descent(objective, p0, it, max_iter, **options):
        def keep(params, *args, **kwargs):
            positions.append(params.copy())
            return objective(params, *args, **kwargs)

        return descend(keep, p0, it, max_iter, **options)

    descend = _t_sne._gradient_descent
    monkeypatch.setattr(_t_sne, "_gradient_descent", _gradient_descent)
    embedding = _map()
    assert np.dstack([position.reshape(-1, 2) for position in positions]).shape == (40, 2, 300)
    assert np.abs(embedding).max() > 0
    assert len(answers) == 1


def test_a_class_or_an_object_of_the_notebooks_own_computes(answers, monkeypatch):
    """A subclass that overrides a step, and an object with a method of its own."""

    class Mine(TSNE):
        def _tsne(self, *args, **kwargs):
            return super()._tsne(*args, **kwargs)

    assert _map(Mine).any()
    estimator = TSNE(perplexity=5, max_iter=300, random_state=0)
    estimator._tsne = lambda *args, **kwargs: np.ones((40, 2))
    assert (estimator.fit_transform(X) == 1).all()
    assert not answers
    assert not _map().any()


def test_what_we_replace_ourselves_is_not_the_notebooks(answers):
    """A second shortcut beside the first leaves the first; so does putting it back."""
    put_back = replace("sklearn.manifold._t_sne", {"TSNE._tsne": functools.partial})
    assert not _map().any()
    put_back()
    assert not _map().any()
    assert len(answers) == 2
