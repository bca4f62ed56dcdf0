"""What a class asks for once: a map is what scikit-learn computes, and hostile questions get no answer."""

import contextlib
import fcntl
import json
import os
import socket
import stat
import time

import numpy as np
import psutil
import pytest
from sklearn.manifold import TSNE, _t_sne
from threadpoolctl import threadpool_limits

from autograder.reuse import map_cache
from autograder.reuse.map_cache import Asker
from autograder.reuse.map_folder import CachedMap
from autograder.reuse.service import ReuseService
from autograder.sandbox.inside.patches import tsne as maps
from autograder.sandbox.inside.patches.tsne import remember_maps
from autograder.sandbox.inside.wire import WANTED, Service, receive, send
from autograder.sandbox.sealed_files import StoredArray


@pytest.fixture(scope="module")
def service():
    """A service, and the process that computes its maps."""
    with ReuseService() as service:
        yield service


@pytest.fixture
def asking(service, monkeypatch):
    """Let TSNE in this process ask the service, as a kernel's does; returns the cache of maps."""
    monkeypatch.setattr(_t_sne.TSNE, "_fit", _t_sne.TSNE._fit)
    with service.connect() as (peer, _):
        remember_maps(Service(peer))
        yield service.maps


X = np.random.default_rng(0).normal(size=(60, 5)).astype("f4")
SETTINGS = {"perplexity": 10, "max_iter": 250, "random_state": 0}


def test_a_remembered_map_is_the_computed_one(asking):
    """Embedding and attributes agree with scikit-learn's own, the second one is not computed."""
    computed = asking.misses
    first, second = TSNE(**SETTINGS), TSNE(**SETTINGS)
    embedding = first.fit_transform(X)
    assert np.array_equal(embedding, second.fit(X).embedding_)
    assert asking.misses == computed + 1
    assert (second.n_iter_, second.n_features_in_) == (first.n_iter_, 5)
    assert second.kl_divergence_ > 0
    assert type(second.n_iter_) is int


def test_it_is_what_scikit_learn_computes(asking, monkeypatch):
    """Asked for or computed here, a map is the same to the last bit."""
    asked = TSNE(**SETTINGS).fit_transform(X)
    monkeypatch.undo()
    with threadpool_limits(1):  # as the process of maps has it: sums in another order end in other bits
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
    header = {"settings": {name: parameters[name] for name in maps.TSNE_PARAMETERS}, "dtype": "<f4", "shape": [400, 5]}
    with ReuseService(at_once=2) as service, contextlib.ExitStack() as stack:
        peers = [stack.enter_context(service.connect()).peer for _ in range(2)]
        for number, peer in enumerate(peers):
            vectors = np.random.default_rng(number).normal(size=(400, 5)).astype("f4")
            send(peer, header, vectors.tobytes())
        answers = [receive(peer, most=10**6)[0] for peer in peers]
        children = psutil.Process(service.maps._process.pid).children()
        assert [answer["shape"] for answer in answers] == [[400, 2]] * 2
        assert (len(children), service.maps.misses) == (2, 2)
    assert not psutil.wait_procs(children, timeout=10)[1]


@pytest.mark.parametrize("key", [7, "0" * 64, None, ["0"], {"a": 1}])
def test_an_unknown_digest_is_answered_by_a_question_for_the_vectors(service, key):
    """Whatever it is."""
    with service.connect() as (peer, _):
        send(peer, {"map": key}, b"")
        assert receive(peer, most=0)[0] == WANTED


@pytest.mark.parametrize(
    "change", [{"random_state": None}, {"random_state": np.random.RandomState(0)}, {"init": X[:, :2]}, {"verbose": 1}]
)
def test_what_is_not_decided_by_plain_values_is_computed_here(asking, change):
    """A map without a seed, with a generator, or with words on the way is the kernel's own business."""
    computed = asking.misses
    TSNE(**{**SETTINGS, **change}).fit_transform(X)
    assert asking.misses == computed


@pytest.mark.parametrize(
    ("change", "error"),
    [({"perplexity": 100}, ValueError), ({"metric": "precomputed"}, ValueError), ({"max_iter": 3}, ValueError)],
)
def test_errors_are_scikit_learns_own(asking, change, error):
    """What scikit-learn refuses, it refuses in the kernel."""
    with pytest.raises(error):
        TSNE(**{**SETTINGS, **change}).fit_transform(X)


@pytest.mark.parametrize(("trusted", "answered"), [(False, 120), (True, 130)])
def test_a_kernel_may_ask_so_often_and_the_judging_process_as_it_likes(service, trusted, answered):
    """The judging process asks for a whole class."""
    found = 0
    with service.connect(trusted=trusted) as (peer, _), contextlib.suppress(OSError, EOFError):
        for _ in range(130):
            send(peer, {}, b"")
            receive(peer, most=100)
            found += 1
    assert found == answered


def test_a_question_that_was_broken_off_answers_no_other(asking, monkeypatch):
    """An interrupted cell leaves an answer behind, which would be the map of the next cell."""

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    other = {**SETTINGS, "perplexity": 5}
    with threadpool_limits(1):
        with monkeypatch.context() as patched:
            patched.setattr(maps, "receive", interrupted)
            with pytest.raises(KeyboardInterrupt):
                TSNE(**SETTINGS).fit_transform(X)
        after = TSNE(**other).fit_transform(X)
        monkeypatch.undo()
        assert np.array_equal(after, TSNE(**other).fit_transform(X))


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
def test_unsound_requests_get_no_map(service, header):
    """A request that describes nothing sound is answered with nothing."""
    with service.connect() as (kernel, _):
        send(kernel, header, X.tobytes())
        assert receive(kernel, most=100) == ({}, bytearray())


@pytest.mark.parametrize(
    ("shape", "change"), [([60, 5], {"n_components": 500}), ([1, 300], {}), ([2, 2**18], {}), ([3000, 5], {})]
)
def test_what_can_not_be_computed_in_bounds_is_not(service, shape, change):
    """Many axes, many rows, rows that are endless: whoever wants that computes it."""
    parameters = TSNE(**SETTINGS | change).get_params()
    header = {"settings": {name: parameters[name] for name in maps.TSNE_PARAMETERS}, "dtype": "<f4", "shape": shape}
    with service.connect() as (kernel, _):
        send(kernel, header, bytes(4 * shape[0] * shape[1]))
        assert receive(kernel, most=100) == ({}, bytearray())


@pytest.mark.parametrize(
    "raw", [b"\xff\xff\xff\xff", b"\x02\x00\x00\x00[]", b"\x05\x00\x00\x00nonse", json.dumps({"bytes": 2**60}).encode()]
)
def test_noise_ends_the_connection(service, raw):
    """Bytes that are no request end this kernel's connection, and no other."""
    with service.connect() as (kernel, _):
        kernel.sendall(raw + b"\x00" * 2000)
        kernel.shutdown(socket.SHUT_WR)
        kernel.settimeout(10)
        with pytest.raises((EOFError, OSError)):
            receive(kernel, most=100)


def _stored(folder, numbers):
    """Return numbers that lie in a file, as they are offered under "key"."""
    path = folder / "numbers"
    np.arange(numbers).tofile(path)
    return {"key": StoredArray(path, "<i8", (numbers,))}


def _ask_prediction(peer, key):
    send(peer, {"prediction": key}, b"")
    return receive(peer, most=0)[0]


def test_predictions_are_those_that_were_offered(tmp_path):
    """Before the offer and behind the end there is no answer, whatever the key is; in between it comes with its file."""
    with ReuseService() as service, service.connect() as (peer, _):
        assert _ask_prediction(peer, "key") == {}
        service.predictions = _stored(tmp_path, 3)
        assert _ask_prediction(peer, "key") == {"dtype": "<i8", "shape": [3]}
        assert len(socket.recv_fds(peer, 1, 1)[1]) == 1
        assert [_ask_prediction(peer, key) for key in ("other", 7, None, ["key"])] == [{}] * 4
        (tmp_path / "numbers").unlink()  # as another grader may
        assert _ask_prediction(peer, "key") == {}


def test_each_prediction_is_a_file_of_its_own(tmp_path):
    """Open for reading alone, sealed: position, flags and attributes of one are nobody else's."""
    with ReuseService() as service, service.connect() as (peer, _):
        service.predictions = _stored(tmp_path, 300)
        files = []
        for _ in range(2):
            send(peer, {"prediction": "key"}, b"")
            receive(peer, most=0)
            files += socket.recv_fds(peer, 1, 1)[1]
        for file in files:
            assert fcntl.fcntl(file, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
            assert fcntl.fcntl(file, fcntl.F_GET_SEALS) & fcntl.F_SEAL_WRITE
            assert stat.S_IMODE(os.fstat(file).st_mode) == 0o444
            with pytest.raises(OSError, match="Bad file"):
                os.write(file, b"note")
        os.lseek(files[0], 80, os.SEEK_SET)
        assert os.lseek(files[1], 0, os.SEEK_CUR) == 0
        assert os.fstat(files[0]).st_ino != os.fstat(files[1]).st_ino
        assert np.array_equal(np.frombuffer(os.pread(files[1], 2400, 0), "i8"), np.arange(300))
        for file in files:
            os.close(file)


def test_a_submission_gets_so_many_predictions_and_no_more(monkeypatch, tmp_path):
    """Files on their way, or not looked at, are memory that no limit of a kernel's counts."""
    monkeypatch.setattr(map_cache, "_MOST_PREDICTED_BYTES", 100)
    with ReuseService() as service, service.connect() as (peer, _), service.connect() as (neighbour, _):
        service.predictions = _stored(tmp_path, 4)
        for _ in range(3):
            assert _ask_prediction(peer, "key") != {}
            (file,) = socket.recv_fds(peer, 1, 1)[1]
            os.close(file)
        assert _ask_prediction(peer, "key") == {}
        assert _ask_prediction(neighbour, "key") != {}


def test_who_leaves_off_asking_stops_no_clock(service):
    """A question whose end never comes is waited for in the kernel's own time."""
    with service.connect() as (peer, clock):
        peer.sendall((14).to_bytes(4, "little") + b'{"bytes": 100}')
        time.sleep(0.1)
        assert clock.seconds == 0


def test_who_takes_no_answer_stops_no_clock(service, monkeypatch):
    """The same, for an answer that doesn't fit into what the system keeps between two."""
    embedding = CachedMap({}, "<f4", (10**7,), bytes(4 * 10**7))
    monkeypatch.setattr(service.maps, "recall", lambda *_: embedding)
    with service.connect() as (peer, clock):
        send(peer, {"map": "key"}, b"")
        assert peer.recv(1)
        before = clock.seconds
        time.sleep(0.1)
        assert clock.seconds == before


def test_digests_and_comparisons_count(service, monkeypatch):
    """Large arrays keep a processor busy before a map is computed: that is computing for who asks, too."""
    askers = []
    monkeypatch.setattr("autograder.reuse.service.Asker", lambda peer, trusted: askers.append(Asker(peer)) or askers[0])
    tsne = TSNE(random_state=0, max_iter=-1).get_params()
    settings = {name: value for name, value in tsne.items() if name not in ("n_jobs", "verbose")}
    vectors = np.ones((1000, 60_000), "f4")
    with service.connect() as (peer, _):
        send(peer, {"settings": settings, "dtype": "<f4", "shape": [1000, 60_000]}, vectors.view("u1").reshape(-1).data)
        assert receive(peer, most=2**20)[0] == {}
        send(peer, {"map": "nothing"}, b"")  # what the first took is noted by then
        receive(peer, most=0)
    assert askers[0].seconds > 0.05
