"""What the doctor says of a machine: all of it tried, in words and for machines."""

import json
from pathlib import Path

import pytest

from autograder import cli
from autograder.doctor import MachineFinding, machine, print_findings, programs
from autograder.doctor.packages import examine_lock
from autograder.sandbox.bubblewrap import bubblewrap_programs
from autograder.sandbox.isolation import Probe
from autograder.sandbox.namespaces import explain_refusal
from tests.needs import strongest_level

DENIED = "bwrap: setting up uid map: Permission denied\n"


def _named(findings: list[MachineFinding], name: str) -> MachineFinding:
    """Return the finding about one thing."""
    return next(finding for finding in findings if finding.name == name)


def test_the_command_tells_machines_what_works_here(root, tmp_path, monkeypatch, capsys):
    """A kernel runs a cell, formgrader shows its page, and the exit code says whether there is a sandbox."""
    monkeypatch.chdir(root)
    code = cli.main(["doctor", "--json", "--out", str(tmp_path / "out")])
    record = json.loads(capsys.readouterr().out)
    found = {finding["name"]: finding for finding in record["findings"]}
    assert record["ready"] == (code == 0) == (strongest_level() != "process")
    needed = [found[name] for name in ("packages", "kernel", "formgrader", "OUT")]
    assert [one["value"] for one in needed if one["state"] != "good"] == []
    assert not (tmp_path / "out").exists()


@pytest.fixture
def quick(monkeypatch):
    """Start nothing."""
    good = MachineFinding("kernel", "good", "one started")
    monkeypatch.setattr(machine, "examine_kernel", lambda level: good)
    monkeypatch.setattr(machine, "examine_formgrader", lambda: good)


@pytest.fixture
def denied(monkeypatch, quick):
    """A machine whose AppArmor denies namespaces, and whose grader is no root."""
    refused = Probe(False, *explain_refusal("/opt/bwrap", DENIED))
    monkeypatch.setattr(machine, "probe_bubblewrap", lambda: refused)
    monkeypatch.setattr(machine, "probe_user", lambda: Probe(works=False, reason="it needs root"))


def test_where_apparmor_denies_namespaces_both_ways_out_are_told(root, denied):
    """The level says why, and how: a profile that can be copied, or the setting."""
    findings, ready = machine.examine(root)
    told = _named(findings, "sandbox: bubblewrap")
    assert not ready
    assert told.state == "missing"
    assert "AppArmor denies" in told.value
    assert "kernel.apparmor_restrict_unprivileged_userns=0" in told.advice
    for program in bubblewrap_programs():
        assert f"{program} flags=(unconfined) {{\n  userns,\n}}" in told.advice


def test_a_level_that_nobody_needs_is_not_missing(root, monkeypatch, quick):
    """Where bubblewrap works, that the other level does not is a note."""
    monkeypatch.setattr(machine, "probe_bubblewrap", lambda: Probe(works=True, program="/opt/bwrap", version="1.2"))
    monkeypatch.setattr(machine, "probe_user", lambda: Probe(works=False, reason="it needs root"))
    findings, ready = machine.examine(root)
    assert ready
    assert _named(findings, "sandbox: bubblewrap").value == "works: /opt/bwrap, version 1.2"
    assert _named(findings, "sandbox: user").state == "note"


def test_a_folder_that_cannot_be_written_is_no_place_for_results(root, tmp_path, quick):
    """OUT below a file, as a mistyped path gives it, is told, and the exit code follows."""
    (tmp_path / "file").touch()
    findings, ready = machine.examine(root, tmp_path / "file" / "out")
    assert not ready
    assert "can't be written" in _named(findings, "OUT").value


def test_a_small_machine_is_told(root, monkeypatch, quick):
    """Little memory and a full disk come with what to do."""
    monkeypatch.setattr(machine, "_MEMORY_BYTES", 2**60)
    monkeypatch.setattr(machine, "_DISK_BYTES", 2**60)
    findings, _ = machine.examine(root)
    assert "--memory" in _named(findings, "memory").advice
    assert "make room" in _named(findings, "disk").advice


def test_an_environment_that_is_not_the_locks_is_told(tmp_path):
    """Another version and a missing distribution are named; pins for other systems are passed over."""
    lock = tmp_path / "requirements.lock"
    lock.write_text("numpy==0.1 \\\n    --hash=x\nno-such-thing==1.0\nother==1 ; sys_platform == 'win32'\n")
    found = examine_lock(lock)
    assert found.state == "missing"
    assert "numpy 2." in found.value
    assert "no-such-thing not installed" in found.value
    assert "other" not in found.value
    assert examine_lock(tmp_path / "nowhere.lock").state == "note"


def test_what_does_not_start_is_told(monkeypatch):
    """A kernel, a server and a browser that are not there: a sentence each, no traceback."""
    monkeypatch.setattr(programs, "_run_cell", lambda level: "")
    assert "did not run a cell" in programs.examine_kernel("process").value
    monkeypatch.setattr(programs.sys, "executable", "/nowhere/python")
    assert "does not start" in programs.examine_formgrader().value
    monkeypatch.setenv("PATH", "/nowhere")
    assert programs.examine_chromium().state == "note"


def test_formgrader_is_tried_again(monkeypatch):
    """Another program may take the port that Jupyter has found."""
    errors = [OSError("Address already in use")]
    monkeypatch.setattr(programs, "_open_formgrader", lambda folder: errors and (_ for _ in ()).throw(errors.pop()))
    assert programs.examine_formgrader().state == "good"


def test_people_read_a_table(capsys):
    """Each finding with its sign and its advice, and a last line that answers the question."""
    findings = [MachineFinding("cores", "good", "2"), MachineFinding("disk", "missing", "full", "Make room.")]
    print_findings(findings, ready=False, as_json=False)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "✓  cores  2"
    assert lines[1:3] == ["✗  disk   full", "Make room."]
    assert lines[-1] == "A class can NOT be graded in a sandbox here."


def test_the_repository_is_where_packages_are_compared(root):
    """The project's own lock is what this environment holds."""
    assert examine_lock(Path(root) / "requirements.lock").state == "good"
