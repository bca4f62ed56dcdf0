"""Compute t-SNE maps in a process of its own: numbers in, numbers out.

It is run as `python -m autograder.reuse.map_process FD`.

It imports what is needed, and forks once for each socket that comes through that file: the children compute side by side.
"""

from __future__ import annotations

import contextlib
import faulthandler
import math
import os
import resource
import signal
import socket
import sys
import time
import warnings
from typing import Any, NoReturn

from autograder.bounded.memory import address_space, limit_memory
from autograder.log import log_suppressed, show_log
from autograder.sandbox.inside.patches.table import replace
from autograder.sandbox.inside.patches.tsne import descend_by
from autograder.sandbox.inside.process_memory import give_memory_back, hold_little_memory
from autograder.sandbox.inside.startup import without_collections
from autograder.sandbox.inside.system import end_with
from autograder.sandbox.inside.wire import receive, send
from autograder.sandbox.sealed_files import SealedFile
from autograder.tsne.descent import DESCENT, FEWEST
from autograder.tsne.distances import DISTANCES
from autograder.tsne.perplexity import PERPLEXITY

__all__ = ["compute_quickly", "main"]

_MOST_BYTES = 2**30  # beside what is imported; vectors of 256 MB take 700 MB
_ATTRIBUTES = ("kl_divergence_", "n_iter_", "learning_rate_")


def main(arguments: list[str]) -> None:
    """Fork for each socket until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    show_log(2)
    faulthandler.enable()
    hold_little_memory()
    with without_collections():
        compute_quickly()
    parent = os.getpid()
    with socket.socket(fileno=int(arguments[0])) as control:
        while files := socket.recv_fds(control, 1, 1)[1]:
            if os.fork() == 0:
                end_with(parent)  # it may be at work when the grader is killed
                control.close()
                _serve(socket.socket(fileno=files[0]))
            os.close(files[0])


def compute_quickly() -> None:
    """Let t-SNE in this process and its forks be computed by the functions of `tsne`."""
    descend_by(DESCENT, FEWEST)
    replace("sklearn.manifold._t_sne", DISTANCES)
    replace("sklearn.manifold._utils", PERPLEXITY)


def _serve(peer: socket.socket) -> NoReturn:
    """Compute until the other side is gone."""
    with contextlib.suppress(EOFError, OSError):
        limit_memory(address_space() + _MOST_BYTES)
        process = os.pidfd_open(os.getpid())
        socket.send_fds(peer, [b"."], [process])
        os.close(process)
        while True:
            header, _ = receive(peer, most=0)
            begin = time.process_time()
            _end_after(header.pop("seconds"))
            answer, values = _compute(header, SealedFile.receive(peer))
            send(peer, {**answer, "seconds": time.process_time() - begin}, values)
            del header, answer, values
            give_memory_back()
    os._exit(0)


def _end_after(seconds: float) -> None:
    """Have the system end this process when it computes for longer."""
    most = math.ceil(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def _compute(header: dict[str, Any], file: SealedFile) -> tuple[dict[str, Any], bytes]:
    """Return a map; nothing where scikit-learn refuses: the kernel will see its error for itself."""
    import numpy as np
    from sklearn.manifold import TSNE

    vectors = file.numbers(0, tuple(header["shape"]), np.dtype(header["dtype"]))
    tsne = TSNE(**header["settings"])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a warning is for the student to see, where it is due
            embedding = np.ascontiguousarray(tsne.fit_transform(vectors))
    except Exception as error:  # noqa: BLE001 (whatever it refuses)
        log_suppressed(error)
        return {}, b""
    attributes = {name: float(getattr(tsne, name)) for name in _ATTRIBUTES} | {"n_iter_": int(tsne.n_iter_)}
    return {"attributes": attributes, "dtype": embedding.dtype.str, "shape": list(embedding.shape)}, embedding.tobytes()


if __name__ == "__main__":
    main(sys.argv[1:])
