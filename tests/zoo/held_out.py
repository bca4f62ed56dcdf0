"""The held-out zoo's kind of specimen: written from the contract alone, by someone who hadn't seen the judge."""

from __future__ import annotations

from dataclasses import dataclass, field

from .spec import Spec

__all__ = ["HeldOut", "held_out"]


@dataclass(frozen=True)
class HeldOut(Spec):
    """A specimen that the contract may name in more than one way.

    Attributes:
        also: for a check that should not pass, the other diagnoses that an honest reader of the contract could give.
    """

    also: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def names(self, check: str) -> frozenset[str]:
        """Return every diagnosis that would be right for a check; none where it should pass."""
        return super().names(check) | frozenset(self.also.get(check, ()))


def held_out(spec: Spec, *looked_at: str, **also: str) -> HeldOut:
    """Return a specimen with fewer checks looking at it, or with more than one right diagnosis.

    Args:
        spec: the specimen.
        looked_at: the checks that the contract is clear about ("activations", "plot", …); all when none is given.
        also: for a check, further right diagnoses, separated by blanks.
    """
    prefix = spec.checks[0].partition("_")[0]
    checks = tuple(f"{prefix}_{check}" for check in looked_at) or spec.checks
    fails = {check: outcome for check, outcome in spec.fails.items() if check in checks}
    others = {f"{prefix}_{check}": tuple(ids.split()) for check, ids in also.items()}
    return HeldOut(spec.name, spec.code, checks, fails, others)
