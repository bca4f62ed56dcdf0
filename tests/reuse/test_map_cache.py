"""Each map is computed once, and the oldest are forgotten."""

import contextlib
import socket
import threading
import time

import numpy as np
import pytest
from sklearn.manifold import TSNE

from autograder.reuse import map_cache
from autograder.reuse.map_cache import Asker, MapCache
from autograder.reuse.map_folder import CachedMap
from autograder.sandbox.sealed_files import SealedFile

X = np.random.default_rng(0).normal(size=(60, 5)).astype("f4")
SETTINGS = {"perplexity": 10, "max_iter": 250, "random_state": 0}


@pytest.fixture
def new_cache():
    """Return what makes caches, which are closed at the end."""
    caches = []

    def make(**settings):
        caches.append(MapCache(**settings))
        return caches[-1]

    yield make
    for cache in caches:
        cache.close()


def test_the_memory_is_bounded(new_cache):
    """The map that was not used for longest is forgotten first."""
    cache = new_cache(most=1)
    for seed in (0, 1, 0):
        _ask(cache, seed)
    assert cache.misses == 3


def test_two_who_ask_at_once_wait_for_one_map(new_cache):
    """The same map asked for from two sides is computed once."""
    cache = new_cache()
    threads = [threading.Thread(target=_ask, args=(cache, 5)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (cache.misses, cache.hits) == (1, 2)


def _ask(cache, seed, asker=None, rows=60, **settings):
    """Ask as a kernel does."""
    tsne = TSNE(**{**SETTINGS, "random_state": seed, **settings}).get_params()
    settings = {name: value for name, value in tsne.items() if name not in ("n_jobs", "verbose")}
    vectors = np.resize(X, (rows, 5)) + np.arange(rows, dtype="f4")[:, None]
    header = {"settings": settings, "dtype": "<f4", "shape": [rows, 5]}
    return cache.find(header, SealedFile.from_bytes(vectors.tobytes()), asker)


LONG = {"rows": 1500, "max_iter": 10_000, "min_grad_norm": 0.0, "n_iter_without_progress": 10_000}


@pytest.fixture
def asked():
    """Ask for maps in threads; returns what asks, and gives each thread with its answer."""
    threads = []

    def ask(cache, asker, **settings):
        answer = []
        thread = threading.Thread(target=lambda: answer.append(_ask(cache, len(threads), asker, **settings)))
        threads.append(thread)
        thread.start()
        return thread, answer

    yield ask
    for thread in threads:
        thread.join()


@pytest.fixture
def new_pair():
    """Return what makes pairs of sockets, which are closed at the end."""
    with contextlib.ExitStack() as stack:
        yield lambda: tuple(map(stack.enter_context, socket.socketpair()))


def _wait_for(condition):
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_nobody_waits_for_any_more_is_not_computed(new_cache, asked, new_pair):
    """Who asks for a map that takes minutes and goes away keeps nobody waiting: it is stopped, and so is what is queued."""
    cache = new_cache()
    ends = [new_pair() for _ in range(3)]
    running = [asked(cache, Asker(ours), **LONG) for ours, _ in ends]
    _wait_for(lambda: cache._turns._running and len(cache._turns._waiting) == 2)
    for _, theirs in ends:
        theirs.close()
    for thread, _ in running:
        thread.join(60)
    assert [answer for _, answer in running] == [[None]] * 3
    assert cache.misses == 0
    assert _ask(cache, 0) is not None


def test_the_grader_waits_for_no_submission(new_cache, asked, new_pair):
    """Its own map is computed beside theirs, and before those that wait."""
    cache = new_cache()
    ours, theirs = new_pair()
    running = [asked(cache, Asker(ours), **LONG) for _ in range(2)]
    _wait_for(lambda: cache._turns._running and cache._turns._waiting)
    assert _ask(cache, 9, Asker(trusted=True)) is not None
    assert all(thread.is_alive() for thread, _ in running)
    theirs.close()


def test_each_in_its_turn(new_cache, asked, new_pair):
    """Who has had much computed waits for who has had little, whoever came first."""
    cache, order = new_cache(), []
    ours, theirs = new_pair()
    asked(cache, Asker(ours), **LONG)
    _wait_for(lambda: cache._turns._running)
    greedy, modest = Asker(), Asker()
    greedy.seconds = 100.0
    for name, asker in (("greedy", greedy), ("modest", modest)):
        thread, _ = asked(cache, asker)
        threading.Thread(target=lambda thread=thread, name=name: (thread.join(), order.append(name))).start()
    _wait_for(lambda: len(cache._turns._waiting) == 2)
    theirs.close()
    _wait_for(lambda: len(order) == 2)
    assert order == ["modest", "greedy"]


def test_a_submission_has_so_much_and_no_more(new_cache, monkeypatch):
    """A map that takes more than is left is given up; what was known is still given, and others have their own."""
    monkeypatch.setattr(map_cache, "_SECONDS", 2.0)
    cache, asker = new_cache(), Asker()
    assert _ask(cache, 0, asker) is not None
    assert _ask(cache, 1, asker, **LONG) is None
    assert asker.left == 0
    assert _ask(cache, 0, asker) is not None
    assert _ask(cache, 2, asker) is None
    assert _ask(cache, 2, Asker()) is not None
    monkeypatch.setattr(cache, "_claim", lambda *_: pytest.fail("it was compared with others'"))
    assert _ask(cache, 3, asker) is None


def test_a_map_takes_so_much_memory_and_no_more(new_cache):
    """Some metrics take the square of the columns: gigabytes, for vectors of a hundred megabytes."""
    asker, columns = Asker(), 12_000
    tsne = TSNE(random_state=0, metric="mahalanobis", method="exact", init="random").get_params()
    settings = {name: value for name, value in tsne.items() if name not in ("n_jobs", "verbose")}
    vectors = SealedFile.from_bytes(np.random.default_rng(0).normal(size=(100, columns)).tobytes())
    assert new_cache().find({"settings": settings, "dtype": "<f8", "shape": [100, columns]}, vectors, asker) is None
    assert asker.seconds < 20


def test_who_asks_first_fails_for_itself_alone(new_cache, monkeypatch):
    """A map that is computed for somebody who has no time left, or goes away, is computed for the next who waits."""
    first, second, begun = Asker(), Asker(), threading.Event()

    def compute(self, key, header, file, wanted):
        if wanted.askers[0] is second:
            return CachedMap({}, "<f4", (60, 2), bytes(480))
        begun.set()
        while second not in wanted.askers:
            time.sleep(0.01)
        return None

    monkeypatch.setattr(MapCache, "_compute", compute)
    cache, found = new_cache(), {}
    threads = [
        threading.Thread(target=lambda one=one: found.update({one: _ask(cache, 3, one)})) for one in (first, second)
    ]
    threads[0].start()
    begun.wait()
    threads[1].start()
    for thread in threads:
        thread.join()
    assert found[first] is None
    assert found[second].shape == (60, 2)
