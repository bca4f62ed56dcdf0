"""Each map is computed once, and the oldest are forgotten."""

import threading

import numpy as np
import pytest
from sklearn.manifold import TSNE

from autograder.reuse.map_cache import MapCache
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


def _ask(cache, seed):
    """Ask as a kernel does."""
    tsne = TSNE(**{**SETTINGS, "random_state": seed}).get_params()
    settings = {name: value for name, value in tsne.items() if name not in ("n_jobs", "verbose")}
    return cache.find({"settings": settings, "dtype": "<f4", "shape": [60, 5]}, SealedFile.from_bytes(X.tobytes()))
