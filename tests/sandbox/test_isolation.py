"""Which program makes the sandbox: of those found, the first that works; and why one doesn't, in words."""

import stat

import pytest

from autograder.errors import AutograderError
from autograder.sandbox import bubblewrap, isolation
from autograder.sandbox.namespaces import apparmor_profile, explain_refusal


@pytest.fixture
def fresh(monkeypatch):
    """Let the probe look again."""
    isolation.probe_bubblewrap.cache_clear()
    yield monkeypatch
    isolation.probe_bubblewrap.cache_clear()


def _broken(folder, name="bwrap"):
    """Write a program that fails as bubblewrap does where namespaces are denied."""
    program = folder / name
    program.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


@pytest.mark.needs("bubblewrap")
def test_a_program_that_does_not_work_is_passed_over(fresh, tmp_path):
    """The system's `bwrap` is tried first; where it is broken, the package's is taken."""
    working = isolation.probe_bubblewrap().program
    isolation.probe_bubblewrap.cache_clear()
    broken = _broken(tmp_path)
    fresh.setattr(isolation, "bubblewrap_programs", lambda: (broken, working))
    probe = isolation.probe_bubblewrap()
    assert (probe.works, probe.program) == (True, working)


def test_the_systems_program_comes_first(fresh, tmp_path):
    """What PATH finds, then what the package brings along."""
    broken = _broken(tmp_path)
    fresh.setenv("PATH", str(tmp_path))
    fresh.setattr(bubblewrap, "_packaged_program", lambda: "/packaged/bwrap")
    assert bubblewrap.bubblewrap_programs() == (broken, "/packaged/bwrap")


def test_where_none_works_the_reason_is_in_words(fresh, tmp_path):
    """Never bubblewrap's bare error: whose rule it is, and the two ways out."""
    broken = _broken(tmp_path)
    fresh.setattr(isolation, "bubblewrap_programs", lambda: (broken,))
    probe = isolation.probe_bubblewrap()
    assert not probe.works
    assert probe.reason.startswith("AppArmor denies user namespaces")
    assert "profile" in probe.remedy
    assert "sysctl" in probe.remedy


def test_where_there_is_no_program_the_level_says_so(fresh):
    """Other processors and other systems have no wheel."""
    fresh.setattr(isolation, "bubblewrap_programs", lambda: ())
    probe = isolation.probe_bubblewrap()
    assert "is not installed" in probe.reason
    assert "apt-get install bubblewrap" in probe.remedy


@pytest.mark.parametrize(
    ("complaint", "words"),
    [
        ("bwrap: setting up uid map: Permission denied", "AppArmor denies"),
        ("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted", "AppArmor denies"),
        ("bwrap: No permissions to create new namespace, likely because the kernel does not allow it", "denies user"),
        ("bwrap: No permissions to creating new namespace, likely because", "this system denies"),
        ("bwrap: Creating new namespace failed: No space left on device", "this system denies"),
    ],
)
def test_each_refusal_names_who_denies_and_what_helps(complaint, words):
    """AppArmor and the kernel say it in their own ways; all come with a remedy."""
    reason, remedy = explain_refusal("/opt/bwrap", complaint)
    assert words in reason
    assert complaint.removeprefix("bwrap: ") in reason
    assert "sysctl" in remedy


def test_a_covered_proc_is_a_containers():
    """An ordinary user in a container can't mount /proc: neither a profile nor a sysctl would help."""
    reason, remedy = explain_refusal("/opt/bwrap", "bwrap: Can't mount proc on /newroot/proc: Operation not permitted")
    assert "as in most containers (Can't mount proc on /newroot/proc: Operation not permitted)" in reason
    assert "systempaths=unconfined" in remedy
    assert "as root in it" in remedy


def test_another_failure_is_told_as_it_is():
    """What nobody foresaw keeps its own last line."""
    assert explain_refusal("/opt/bwrap", "one\ntwo\n") == ("/opt/bwrap doesn't work: two", "")
    assert explain_refusal("/opt/bwrap", "")[0].endswith("it ended without a word")


def test_the_profile_allows_each_program_and_no_other():
    """One block for each path, with a name of its own."""
    text = apparmor_profile(["/usr/bin/bwrap", "/opt/bwrap"])
    assert text.count("userns,") == 2
    assert "profile autograder-bwrap-2 /opt/bwrap " in text


def test_notebooks_of_our_own_run_without_a_sandbox_where_none_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are trusted; the reason is told."""

    def refuse(asked: str) -> str:
        raise AutograderError(f"No sandbox works here for {asked}: it is not installed.")

    said: list[str] = []
    monkeypatch.setattr(isolation, "choose_isolation", refuse)
    assert isolation.strongest_isolation(said.append) == "process"
    assert "it is not installed. The sample submissions are run without one: they are our own." in said[0]
    monkeypatch.setattr(isolation, "choose_isolation", lambda asked: "user")
    assert isolation.strongest_isolation(said.append) == "user"
    assert len(said) == 1
