"""One specimen of the zoo: the code that a student writes, and what each check should say to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from autograder.assess.specimen import Specimen

from .notebook import STEPS

__all__ = ["EX2", "EX3", "Spec", "ex2", "ex3"]

EX2 = ("ex2_activations", "ex2_embedding", "ex2_plot")
EX3 = ("ex3_activations", "ex3_flatten", "ex3_embedding", "ex3_plot")


@dataclass(frozen=True)
class Spec:
    """One specimen.

    Attributes:
        name: what it does, in words.
        code: what stands in the solution cell, with the notebook's names.
        checks: the checks that look at it.
        fails: for each check that should not pass, (diagnosis,) or (diagnosis, detail); "skipped:" before a diagnosis
            where the check should be skipped.
    """

    name: str
    code: str
    checks: tuple[str, ...]
    fails: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """True where every check should pass."""
        return not self.fails

    def names(self, check: str) -> frozenset[str]:
        """Return every diagnosis that would be right for a check; none where it should pass."""
        return frozenset(self.fails[check][:1]) if check in self.fails else frozenset()

    def specimens(self, only: Sequence[str] | None, ask: Callable[[str], object]) -> Iterator[Specimen]:
        """Yield one specimen for each check that is asked.

        Args:
            only: the checks; None for all that look at it.
            ask: hands the answers to a check.
        """
        for check in self.checks:
            if only is None or check in only:
                yield Specimen(f"{self.name}: {check}", check, lambda _, check=check: ask(check), self.names(check))


def ex2(name, reps=None, *, emb=None, plot=None, layer=None, before="", **fails) -> Spec:
    """Return a specimen for exercise 2; what isn't given is done as the instructor does it."""
    return Spec(name, _code("deep", before, layer, reps=reps, emb=emb, plot=plot), EX2, _fails("ex2", fails))


def ex3(name, taken=None, *, reps=None, emb=None, plot=None, layer=None, before="", **fails) -> Spec:
    """Return a specimen for exercise 3; what isn't given is done as the instructor does it."""
    code = _code("middle", before, layer, activations=taken, reps=reps, emb=emb, plot=plot)
    return Spec(name, code, EX3, _fails("ex3", fails))


def _code(part, before, layer, **steps) -> str:
    """Return the solution's code with some steps replaced."""
    chosen = [steps[step] or STEPS[f"{part}_{step}"] for step in steps]
    return "\n".join([before, f"{part}_layer = {layer}" if layer else STEPS[f"{part}_layer"], *chosen])


def _fails(exercise, outcomes) -> dict[str, tuple[str, ...]]:
    """Return expected failures by check; `drawn` stands for the plot, whose name is taken by its code."""
    return {
        f"{exercise}_{'plot' if check == 'drawn' else check}": (outcome,)
        if isinstance(outcome, str)
        else tuple(outcome)
        for check, outcome in outcomes.items()
    }
