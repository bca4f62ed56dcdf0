"""Report which sandbox works in this container, for the image's build log."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.sandbox.isolation import probe_bubblewrap, probe_user

__all__ = ["level_lines"]


def level_lines() -> Iterator[str]:
    """Yield a line for each level, and one on what that means."""
    probes = {"bubblewrap": probe_bubblewrap(), "user": probe_user()}
    for level, probe in probes.items():
        yield f"isolation level {level}: {'works' if probe.works else f'does not work ({probe.reason})'}"
    best = next((level for level, probe in probes.items() if probe.works), None)
    if best is None:
        yield "NO SANDBOX WORKS: submissions will not be graded, and get a sentence that says so. See docs/gradescope.md."
    else:
        yield f"Submissions will be graded at level {best}, if it works where they are graded too."
