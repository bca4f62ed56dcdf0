"""Memory that no process holds, and sockets that leave the machine: the filter refuses what makes them, and nothing else."""

import socket
import struct

import pytest

from autograder.sandbox.inside import syscalls
from tests.execute.test_hostile import code, printed


@pytest.fixture(params=syscalls._MACHINES)
def decide(request):
    """Run the filter as the system does: (machine, number, flags) -> whether the call is allowed."""
    machine = syscalls._MACHINES[request.param]
    program = syscalls._steps(*machine)
    steps = [struct.unpack("=HBBI", program[start : start + 8]) for start in range(0, len(program), 8)]

    def run(number, flags=0, family=1, arch=machine[0]):
        told = {
            syscalls._NUMBER: number,
            syscalls._MACHINE: arch,
            syscalls._FAMILY: family,
            syscalls._MMAP_FLAGS: flags,
        }
        loaded = place = 0
        while True:
            operation, yes, no, value = steps[place]
            if operation == syscalls._RETURN:
                return value == syscalls._ALLOW
            holds = {
                syscalls._EQUAL: loaded == value,
                syscalls._AT_LEAST: loaded >= value,
                syscalls._ANY_BIT: bool(loaded & value),
            }
            loaded = told[value] if operation == syscalls._LOAD else loaded
            place += 1 + (0 if operation == syscalls._LOAD else yes if holds[operation] else no)

    run.mmap, run.sockets, run.refused = machine[1:]
    return run


def test_the_filter_refuses_what_it_names(decide):
    """Each of the calls, another machine's numbers, and shared mappings without a file; every other call goes on."""
    others = set(range(600)) - {*decide.refused, decide.mmap}
    assert all(decide(number) for number in others)
    assert not any(map(decide, decide.refused))
    assert not decide(0, arch=1)
    assert not decide(0x40000000)
    allowed = {flags for flags in range(64) if decide(decide.mmap, flags)}
    assert allowed == {flags for flags in range(64) if not (flags & 0x20 and flags & 0x01)}
    for number in decide.sockets:
        families = {family for family in range(64) if decide(number, family=family)}
        assert families == {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK}


def test_a_submission_gets_no_hidden_memory(grade):
    """Neither by key, nor by a file without a name, nor by a shared mapping; memory that is shared by files is there."""
    text = """
    import ctypes, mmap, os
    from multiprocessing import shared_memory
    libc, made = ctypes.CDLL(None), []
    if libc.shmget(0, 4096, 0o1600) >= 0: made.append("key")
    try: made.append(os.memfd_create("x"))
    except PermissionError: pass
    try: made.append(mmap.mmap(-1, 4096))
    except PermissionError: pass
    block = shared_memory.SharedMemory(create=True, size=4096)
    block.buf[:4] = b"file"
    private = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    print("MADE", made, bytes(block.buf[:4]), len(private))
    block.close(); block.unlink()
    """
    assert "MADE [] b'file' 4096" in printed(grade(code(text)))


def test_a_submission_leaves_no_notes_on_files(grade):
    """Attributes are refused; whoever copies a file with them, as Python does, goes on without."""
    text = """
    import os, shutil
    made = []
    with open("a", "w") as file:
        for place in ("a", file.fileno()):
            try: os.setxattr(place, "user.note", b"x"); made.append(place)
            except OSError: pass
    shutil.copy2("a", "b")
    print("MADE", made, os.path.exists("b"))
    """
    assert "MADE [] True" in printed(grade(code(text)))


def test_a_submission_gets_no_socket_that_leaves_the_machine(grade):
    """AF_VSOCK reaches the host whatever the network namespace; those that programs need are there."""
    text = """
    import socket
    made = []
    for family in (40, socket.AF_UNIX, socket.AF_INET, socket.AF_INET6):
        try: made.append(int(socket.socket(family, socket.SOCK_STREAM).family))
        except OSError: pass
    print("MADE", made)
    """
    assert f"MADE {[int(socket.AF_UNIX), int(socket.AF_INET), int(socket.AF_INET6)]}" in printed(grade(code(text)))


def test_a_submission_has_terminals_of_its_own(grade):
    """A kernel's terminals are its own, and not so many that another finds none."""
    text = """
    import os
    held = []
    try:
        while len(held) < 200: held.append(os.openpty())
    except OSError: pass
    print("HELD", len(held), sorted(os.listdir("/dev/pts"))[:2])
    """
    assert "HELD 64 ['0', '1']" in printed(grade(code(text)))
    shell = """
    import os
    held = os.openpty()
    print("SEEN", sorted(os.listdir("/dev/pts")))
    """
    assert "SEEN ['0', 'ptmx']" in printed(grade(code(shell)))
