"""Explain why bubblewrap failed where the system denies user namespaces, and what allows them."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["apparmor_profile", "explain_refusal"]

_BY_APPARMOR = ("setting up uid map: Permission denied", "Failed RTM_NEWADDR")
"""What bubblewrap says where AppArmor lets namespaces be made and takes every right in them away.

Ubuntu since 23.10: https://discourse.ubuntu.com/t/spec-unprivileged-user-namespace-restrictions-via-apparmor-in-ubuntu-23-10/37626
"""
_BY_KERNEL = (
    "No permissions to creat",  # "create new namespace" or "creating new namespace", by version
    "Creating new namespace failed",
    "namespaces: Operation not permitted",
)
"""What bubblewrap says where the kernel makes no user namespaces: a sysctl, or the rules of a container."""

_BY_COVERED_PROC = "Can't mount proc"
"""What bubblewrap says where parts of /proc are covered, as container engines do: Linux then mounts no other for an ordinary user."""


def explain_refusal(program: str, complaint: str) -> tuple[str, str]:
    """Return why a sandbox could not be made, in words, and what helps.

    Args:
        program: the path of `bwrap`.
        complaint: what it wrote to standard error.
    """
    line = (complaint.strip().splitlines() or ["it ended without a word"])[-1].removeprefix("bwrap: ")
    if any(text in complaint for text in _BY_APPARMOR):
        return (
            f"AppArmor denies user namespaces to programs without a profile of their own, as {program} ({line})",
            (
                f"As root, either write a profile for {program} (`autograder doctor` prints it), or allow user namespaces to "
                "every program: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0."
            ),
        )
    if any(text in complaint for text in _BY_KERNEL):
        return (
            f"this system denies user namespaces to {program} ({line})",
            (
                "As root, allow them: sysctl -w user.max_user_namespaces=15000, and kernel.unprivileged_userns_clone=1 where "
                "that setting exists. In a container, its rules have to allow them."
            ),
        )
    if _BY_COVERED_PROC in complaint:
        return (
            f"this system lets an ordinary user mount no /proc in a sandbox of {program}, as in most containers ({line})",
            (
                "Grade outside the container, or as root in it (then each submission gets a user of its own), or start it with "
                "an uncovered /proc: docker run --security-opt systempaths=unconfined."
            ),
        )
    return f"{program} doesn't work: {line}", ""


def apparmor_profile(programs: Iterable[str]) -> str:
    """Return the AppArmor profiles that allow user namespaces to these programs, and to no other."""
    head = "abi <abi/4.0>,\ninclude <tunables/global>\n"
    return head + "".join(
        f"profile autograder-bwrap-{number} {program} flags=(unconfined) {{\n  userns,\n}}\n"
        for number, program in enumerate(programs, start=1)
    )
