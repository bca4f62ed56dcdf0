"""A map that was asked for before is not computed again, and is what scikit-learn computes."""

import contextlib
import json
import socket
import threading

import numpy as np
import psutil
import pytest
from sklearn.manifold import TSNE, _t_sne

from autograder.reuse.map_cache import MapCache
from autograder.sandbox.inside.patches import tsne as maps
from autograder.sandbox.inside.patches.tsne import remember_maps
from autograder.sandbox.inside.wire import WANTED, Service, receive, send
from autograder.sandbox.sealed_files import SealedFile


@pytest.fixture(scope="module")
def memory():
    """A memory, and the process that computes for it."""
    with MapCache() as memory:
        yield memory


@pytest.fixture
def asking(memory, monkeypatch):
    """Let TSNE in this process ask the memory, as a kernel's does."""
    monkeypatch.setattr(_t_sne.TSNE, "_fit", _t_sne.TSNE._fit)
    with memory.service() as service:
        remember_maps(Service(service))
        yield memory


X = np.random.default_rng(0).normal(size=(60, 5)).astype("f4")
SETTINGS = {"perplexity": 10, "max_iter": 250, "random_state": 0}


def test_a_remembered_map_is_the_computed_one(asking):
    """Embedding and attributes agree with scikit-learn's own, the second one is not computed."""
    computed = asking.computed
    first, second = TSNE(**SETTINGS), TSNE(**SETTINGS)
    embedding = first.fit_transform(X)
    assert np.array_equal(embedding, second.fit(X).embedding_)
    assert asking.computed == computed + 1
    assert (second.n_iter_, second.n_features_in_) == (first.n_iter_, 5)
    assert second.kl_divergence_ > 0
    assert type(second.n_iter_) is int


def test_it_is_what_scikit_learn_computes(asking, monkeypatch):
    """Asked for or computed here, a map is the same to the last bit."""
    asked = TSNE(**SETTINGS).fit_transform(X)
    monkeypatch.undo()
    assert np.array_equal(asked, TSNE(**SETTINGS).fit_transform(X))


def test_a_large_map_is_asked_for_by_its_digest_first(asking, monkeypatch):
    """The vectors are sent once; what has another seed, or another value, is another map."""
    sent = []
    monkeypatch.setattr(maps, "send", lambda peer, header, body: sent.append(len(body)) or send(peer, header, body))
    wide = np.random.default_rng(1).normal(size=(300, 1000)).astype("f4")
    first = TSNE(**SETTINGS).fit_transform(wide)
    assert sent == [0, wide.nbytes]
    assert np.array_equal(TSNE(**SETTINGS).fit_transform(wide), first)
    assert sent == [0, wide.nbytes, 0]
    assert not np.array_equal(TSNE(**{**SETTINGS, "random_state": 1}).fit_transform(wide), first)
    wide[5, 5] += 1
    assert not np.array_equal(TSNE(**SETTINGS).fit_transform(wide), first)
    assert sent == [0, wide.nbytes, 0, 0, wide.nbytes, 0, wide.nbytes]


def test_maps_are_computed_side_by_side():
    """Two that are asked for at the same time, each in a process of its own; they end with the memory."""
    parameters = TSNE(**SETTINGS | {"max_iter": 2000}).get_params()
    header = {"settings": {name: parameters[name] for name in maps.SETTINGS}, "dtype": "<f4", "shape": [400, 5]}
    with MapCache(at_once=2) as memory, contextlib.ExitStack() as stack:
        peers = [stack.enter_context(memory.service()) for _ in range(2)]
        for number, peer in enumerate(peers):
            vectors = np.random.default_rng(number).normal(size=(400, 5)).astype("f4")
            send(peer, header, vectors.tobytes())
        answers = [receive(peer, most=10**6)[0] for peer in peers]
        children = psutil.Process(memory._process.pid).children()
        assert [answer["shape"] for answer in answers] == [[400, 2]] * 2
        assert (len(children), memory.computed) == (2, 2)
    assert not psutil.wait_procs(children, timeout=10)[1]


@pytest.mark.parametrize("key", [7, "0" * 64, None, ["0"], {"a": 1}])
def test_an_unknown_digest_is_answered_by_a_question_for_the_vectors(memory, key):
    """Whatever it is."""
    with memory.service() as peer:
        send(peer, {"map": key}, b"")
        assert receive(peer, most=0)[0] == WANTED


@pytest.mark.parametrize(
    "change", [{"random_state": None}, {"random_state": np.random.RandomState(0)}, {"init": X[:, :2]}, {"verbose": 1}]
)
def test_what_is_not_decided_by_plain_values_is_computed_here(asking, change):
    """A map without a seed, with a generator, or with words on the way is the kernel's own business."""
    computed = asking.computed
    TSNE(**{**SETTINGS, **change}).fit_transform(X)
    assert asking.computed == computed


@pytest.mark.parametrize(
    ("change", "error"),
    [({"perplexity": 100}, ValueError), ({"metric": "precomputed"}, ValueError), ({"max_iter": 3}, ValueError)],
)
def test_errors_are_scikit_learns_own(asking, change, error):
    """What scikit-learn refuses, it refuses in the kernel."""
    with pytest.raises(error):
        TSNE(**{**SETTINGS, **change}).fit_transform(X)


@pytest.mark.parametrize(("trusted", "answered"), [(False, 120), (True, 130)])
def test_a_kernel_may_ask_so_often_and_the_judging_process_as_it_likes(memory, trusted, answered):
    """The judging process asks for a whole class."""
    found = 0
    with memory.service(trusted=trusted) as peer, contextlib.suppress(OSError, EOFError):
        for _ in range(130):
            send(peer, {}, b"")
            receive(peer, most=100)
            found += 1
    assert found == answered


def test_without_a_service_maps_are_computed(asking, monkeypatch):
    """A service that is gone costs time and nothing else."""
    ours, theirs = socket.socketpair()
    ours.close()
    monkeypatch.undo()
    monkeypatch.setattr(_t_sne.TSNE, "_fit", _t_sne.TSNE._fit)
    remember_maps(Service(theirs))
    assert TSNE(**SETTINGS).fit_transform(X).shape == (60, 2)
    theirs.close()


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"settings": {}, "dtype": "<f4", "shape": [60, 5]},
        {"settings": None, "dtype": "O", "shape": [60, 5]},
        {"settings": {}, "dtype": "<f4", "shape": [-60, -5]},
    ],
)
def test_unsound_requests_get_no_map(memory, header):
    """A request that describes nothing sound is answered with nothing."""
    with memory.service() as kernel:
        send(kernel, header, X.tobytes())
        assert receive(kernel, most=100) == ({}, bytearray())


@pytest.mark.parametrize(
    "raw", [b"\xff\xff\xff\xff", b"\x02\x00\x00\x00[]", b"\x05\x00\x00\x00nonse", json.dumps({"bytes": 2**60}).encode()]
)
def test_noise_ends_the_connection(memory, raw):
    """Bytes that are no request end this kernel's connection, and no other."""
    with memory.service() as kernel:
        kernel.sendall(raw + b"\x00" * 2000)
        kernel.shutdown(socket.SHUT_WR)
        kernel.settimeout(10)
        with pytest.raises((EOFError, OSError)):
            receive(kernel, most=100)


def test_the_memory_is_bounded():
    """The map that was not used for longest is forgotten first."""
    with MapCache(most=1) as memory:
        for seed in (0, 1, 0):
            _ask(memory, seed)
        assert memory.computed == 3


def test_two_who_ask_at_once_wait_for_one_map():
    """The same map asked for from two sides is computed once."""
    with MapCache() as memory:
        threads = [threading.Thread(target=_ask, args=(memory, 5)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (memory.computed, memory.remembered) == (1, 2)


def _ask(memory, seed):
    """Ask as a kernel does."""
    tsne = TSNE(**{**SETTINGS, "random_state": seed}).get_params()
    settings = {name: value for name, value in tsne.items() if name not in ("n_jobs", "verbose")}
    return memory.find({"settings": settings, "dtype": "<f4", "shape": [60, 5]}, SealedFile.from_bytes(X.tobytes()))
