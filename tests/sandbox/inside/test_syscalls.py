"""Memory that no process holds: the filter refuses what makes it, and nothing else."""

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

    def run(number, flags=0, arch=machine[0]):
        told, loaded, place = {syscalls._NUMBER: number, syscalls._MACHINE: arch, syscalls._MMAP_FLAGS: flags}, 0, 0
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

    run.mmap, run.refused = machine[1:]
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
