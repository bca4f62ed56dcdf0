"""Scores don't depend on the memory of maps: computed by the grader's side, remembered, or computed in the kernel."""

import contextlib
import dataclasses
import socket

import pytest

from autograder.execute.engine import Engine
from autograder.reuse.service import ReuseService, ServiceEnd
from autograder.sandbox.stopwatch import ServiceClock
from tests.needs import require

from .conftest import LIMITS
from .small import make_small, submit

GIVEN = "import numpy as np\nfrom sklearn.manifold import TSNE\nX = np.random.default_rng(0).normal(size=(60, 5)).astype('f4')"
SOLUTION = """\
tsne = TSNE(perplexity=10, max_iter=250, random_state=0)
emb = tsne.fit_transform(X)
told = {"steps": tsne.n_iter_, "loss": tsne.kl_divergence_, "rate": tsne.learning_rate_, "features": tsne.n_features_in_}
again = TSNE(perplexity=10, max_iter=250, random_state=0).fit(X).embedding_"""
HIDDEN = """\
own = TSNE(perplexity=10, max_iter=250, random_state=0).fit(X)
assert np.allclose(emb, own.embedding_, atol=1e-3), "another map"
assert np.array_equal(emb, again), "not the same twice"
assert told["steps"] == own.n_iter_ and told["features"] == 5, told
assert abs(told["loss"] - own.kl_divergence_) < 1e-3 and told["rate"] == own.learning_rate_, told"""
CELLS = [
    ("setup", "given", "code", GIVEN, "", 0),
    ("first", "solution", "code", "emb = told = again = None", SOLUTION, 0),
    ("first_test", "test", "code", "assert emb is not None", HIDDEN, 2),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """An engine whose maps are remembered, in a folder too."""
    require("bubblewrap")
    plan = make_small(tmp_path_factory.mktemp("mapped"), CELLS)
    service = ReuseService(folder=tmp_path_factory.mktemp("maps"))
    limits = dataclasses.replace(LIMITS, seconds=120.0, cell_seconds=60.0)  # the first map waits for scikit-learn
    with Engine(plan, limits=limits, service=service, threads=1, modules=("numpy", "sklearn.manifold")) as engine:
        yield engine


@contextlib.contextmanager
def nobody(_=None, **_settings):
    """Be a memory that answers nobody."""
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs:
        yield ServiceEnd(theirs, ServiceClock.new())


def test_scores_are_the_same_with_and_without_it(engine, tmp_path, monkeypatch):
    """The first to ask, the next, one who is answered from the disk and one who computes alone get the same result; the hidden test asks too."""
    maps, results, asked = engine.service.maps, [], []

    def grade(code=SOLUTION):
        results.append(engine.run(submit(tmp_path, engine._plan, code)).result.checks)
        asked.append((maps.misses, maps.hits))

    grade()
    grade()
    maps._maps.clear()
    grade()
    monkeypatch.setattr(engine.service, "connect", nobody)
    grade()
    assert [check.score for check in results[0]] == [2]
    assert results[1:] == results[:1] * 3
    assert asked == [(1, 2), (1, 5), (1, 8), (1, 9)]


def test_a_replaced_tsne_is_nobodys_map(engine, tmp_path):
    """A submission that replaces `TSNE` and asks for maps of its own changes no map of the next one's."""
    fake = "TSNE.fit_transform = lambda self, X, y=None: X[:, :2] * 0\nTSNE._fit = TSNE.fit_transform\n"
    assert engine.run(submit(tmp_path, engine._plan, fake + SOLUTION)).result.score == 0
    assert engine.run(submit(tmp_path, engine._plan, SOLUTION)).result.score == 2


def test_the_plain_way_asks_nobody(engine, tmp_path):
    """Kernel and hidden test compute their own maps, by scikit-learn's own functions, in a sandbox; the result is the same."""
    look = "import os\nprint('ours', 'inside/patches' in TSNE._fit.__code__.co_filename)\n"
    look += f"print('sees', os.path.exists({str(engine._plan.source)!r}), len([n for n in os.listdir('/proc') if n.isdigit()]))\n"
    plain = Engine(engine._plan, limits=engine._limits, threads=1, modules=engine._modules, plain=True)
    told, results = [], []
    for each in (engine, plain):
        with contextlib.nullcontext() if each is engine else each:
            graded = each.run(submit(tmp_path, each._plan, look + SOLUTION))
        told.append(next(cell.outputs[0].text for cell in graded.notebook.cells if cell.source.startswith("import os")))
        results.append(graded.result)
    assert told == ["ours True\nsees False 2\n", "ours False\nsees False 2\n"]
    assert results[0].checks == results[1].checks
    assert [(result.isolation, result.plain) for result in results] == [("bubblewrap", False), ("bubblewrap", True)]
    assert plain.service is None
