"""Run specimens and judge what they assign, in one warm process."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from autograder.assess.verdicts import Verdict, judge_specimen
from autograder.checks import read_plot
from autograder.checks.failure import CheckFailed, parse_failure
from autograder.checks.meanings import Diagnosis
from autograder.judging import process
from autograder.judging.claims import parse_claims
from autograder.sandbox.inside.claims import Bounds, write_claims
from autograder.sandbox.limits import Limits
from autograder.sandbox.sealed_files import SealedFile
from autograder.tsne.descent import FEWEST

from .notebook import ANSWERS, GIVEN, SOURCE, TESTS, VISIBLE
from .spec import Spec

__all__ = ["Seen", "Zoo"]

# t-SNE's results by (values, settings), kept between runs: a map takes seconds, and the same ones are asked for again.
CACHE = Path(os.environ.get("AUTOGRADER_ZOO_CACHE", Path(tempfile.gettempdir()) / "autograder-zoo-tsne"))

_OF_MAPS = ("embedding", "plot", "strays", "borders", "survives", "moved")


@dataclass(frozen=True)
class Seen(Verdict):
    """What one check said to one specimen.

    Attributes:
        spec: the specimen, with all of its checks.
        public: what the part of the check said that students see and run.
    """

    spec: Spec | None = None
    public: Verdict | None = None

    @property
    def detail_right(self) -> bool:
        """Whether the detail is the one that was wanted, where one was."""
        wanted = self.spec.fails.get(self.specimen.check, ()) if self.spec is not None else ()
        return len(wanted) < 2 or (self.failure is not None and self.failure.detail == wanted[1])

    @property
    def message(self) -> str:
        """The sentence for the student."""
        return "" if self.failure is None else self.failure.message


class Zoo:
    """Hold what the notebook's given cells define, and judge as its test cells do.

    Args:
        again: judge each specimen a second time, by values that were taken out as they are of a kernel, and take that one's
            seconds: what is computed once for a class is known then. Where it says something else, that is what counts.
    """

    def __init__(self, *, again: bool = False) -> None:
        self._again = again
        self.seconds: list[float] = []
        self._given = _run_given()

    def visit(self, spec: Spec, only: Sequence[str] | None = None) -> list[Seen]:
        """Return what the specimen's checks say to it.

        Args:
            spec: the specimen.
            only: the checks to ask; where none of them looks at a map, no map is computed.
        """
        asked = spec.checks if only is None else [check for check in spec.checks if check in only]
        names = self._run(spec, fake=not any(check.endswith(_OF_MAPS) for check in asked))
        whole, public = (self._verdicts(spec, only, tests, names) for tests in (TESTS, VISIBLE))
        if self._again:
            names = _taken_out(names)
            start = time.perf_counter()
            again = self._verdicts(spec, only, TESTS, names)
            self.seconds.append(time.perf_counter() - start)
            whole = [new if new.said != old.said else old for old, new in zip(whole, again, strict=True)]
        pairs = zip(whole, public, strict=True)
        return [Seen(verdict.specimen, verdict.failure, spec, part) for verdict, part in pairs]

    def _run(self, spec: Spec, *, fake: bool) -> dict[str, Any]:
        """Return the names that the specimen's code leaves behind; with `fake`, its maps and plots are empty talk."""
        import matplotlib.pyplot as plt

        names = dict(self._given)
        if fake:
            names["plot_embedding"] = lambda *args, **kwargs: None
        names["keras"].utils.set_random_seed(0)
        plt.close("all")
        with remembered_maps(fake=fake), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            exec(spec.code, names)  # noqa: S102 (the specimens are ours)
        return names

    def _verdicts(
        self, spec: Spec, only: Sequence[str] | None, tests: dict[str, str], names: dict[str, Any]
    ) -> list[Verdict]:
        """Return what test cells say to the answers, in the order of the specimen's checks."""
        specimens = spec.specimens(only, lambda check: self._ask(tests[check], names))
        verdicts = (judge_specimen(None, specimen) for specimen in specimens)
        return [Verdict(replace(one.specimen, ask=_asked), one.failure) for one in verdicts]

    def _ask(self, test: str, names: dict[str, Any]) -> None:
        """Run a test cell on the answers, and raise what graders read back from its text.

        An answer that is no name any more is None, as the students' cell begins; a plot is missing, as graders say.
        """
        answers = {name: names.get(name) for name in ANSWERS if name in names or not name.endswith("_plot")}
        try:
            with contextlib.chdir(SOURCE):
                process._execute(test, self._given | answers)
        except NameError as error:
            raise CheckFailed(Diagnosis.MISSING, "") from error
        except CheckFailed as failure:
            diagnosis, detail, message = parse_failure(type(failure).__name__, str(failure))
            raise type(failure)(diagnosis, message, detail) from failure


def _run_given() -> dict[str, Any]:
    """Return the names that the notebook's given cells define before exercise 2, run as a judging process runs them."""
    import matplotlib as mpl

    mpl.use("Agg")
    process._alias_checks()
    names: dict[str, Any] = {"__name__": "__main__", "get_ipython": process._Magics}
    with remembered_maps(), contextlib.chdir(SOURCE), contextlib.redirect_stdout(io.StringIO()):
        for cell in GIVEN:
            process._execute(cell, names)
    return names


def _asked(_: object) -> None:
    """Take the place of what held a specimen's values, which stay in the process that judged it."""


def _taken_out(names: dict[str, Any]) -> dict[str, Any]:
    """Return the answers as a kernel writes them and a judging process reads them."""
    sys.modules.setdefault("released_checks.read_plot", read_plot)
    limits, answers = Limits(), tuple(name for name in ANSWERS if name in names)
    bounds = Bounds(limits.answer, limits.answers, limits.entries, limits.text)
    with tempfile.TemporaryDirectory() as folder:
        write_claims(names, answers, f"{folder}/claims", bounds)
        content = (Path(folder) / "claims").read_bytes()
    claims = parse_claims(SealedFile.from_bytes(content), answers, limits)
    return {name: process.embody(claim) for name, claim in claims.items()}


@contextlib.contextmanager
def remembered_maps(*, fake: bool = False) -> Iterator[None]:
    """Let scikit-learn's t-SNE remember its results on disk, by values and settings; or return noise at once."""
    from sklearn.manifold import TSNE

    compute = TSNE.fit_transform

    def fit_transform(self: Any, X: Any, y: Any = None) -> Any:
        self.embedding_ = find(self, X, y)
        return self.embedding_

    def find(self: Any, X: Any, y: Any) -> Any:
        if fake:
            return np.random.default_rng(0).normal(size=(len(X), self.n_components))
        values = np.ascontiguousarray(X)
        told = repr((values.shape, values.dtype.str, sorted(self.get_params().items())))
        compiled = hasattr(TSNE._tsne, "__wrapped__") and self.max_iter >= FEWEST
        key = hashlib.sha256(values.tobytes() + told.encode() + (b"compiled" if compiled else b""))
        file = CACHE / f"{key.hexdigest()}.npy"
        if not file.exists():
            CACHE.mkdir(parents=True, exist_ok=True)
            result = compute(self, X, y)
            part = file.with_suffix(f".{os.getpid()}.npy")
            np.save(part, result)
            part.replace(file)
        return np.load(file)

    with mock.patch.object(TSNE, "fit_transform", fit_transform):
        yield
