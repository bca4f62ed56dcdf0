"""Hostile submissions of the small assignment: what each tries, and what its honest part deserves.

They are harmless where a sandbox fails: bounded in size, count and time; they send signals only where process 1 is the
sandbox's own, write only where they were put, and talk to nobody.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from nbformat import NotebookNode

from .small import FIRST, SECOND

__all__ = ["INSIDE", "SPECIMENS", "Specimen"]

INSIDE = "b'inside.forkserver' in open('/proc/1/cmdline', 'rb').read()"
"""Code that is true where process 1 is the sandbox's own."""


@dataclass(frozen=True)
class Specimen:
    """One submission, and its expected result.

    Attributes:
        first: the first answer's code; its test asks for `answer == 42` and gives 2 points.
        second: the second answer's code; its test asks for a `table` and gives 3.
        scores: of the two tests.
        status: the submission's; several where the system decides.
        says: what stands in the outputs of its cells.
        tells: what stands in the result's message.
        edit: changes the notebook.
    """

    first: str = FIRST
    second: str = SECOND
    scores: tuple[float, float] = (2, 3)
    status: str = "graded"
    says: str = ""
    tells: str = ""
    edit: Callable[[NotebookNode], None] | None = None


def _then(answer: str, text: str) -> str:
    """Return code behind which an answer stands."""
    return f"{textwrap.dedent(text)}\n{answer}"


def _marks(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """Return nbgrader's metadata by id."""
    return {cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader for cell in notebook.cells}


def _raise_points(notebook: NotebookNode) -> None:
    """Give every cell a thousand points, and say that it is a test."""
    for marks in _marks(notebook).values():
        marks.update(points=1000, grade=True, locked=False)


def _exchange_ids(notebook: NotebookNode) -> None:
    """Let the two answers point at each other's question."""
    marks = _marks(notebook)
    marks["first"]["grade_id"], marks["second"]["grade_id"] = "second", "first"


def _point_tests_at_answers(notebook: NotebookNode) -> None:
    """Let the tests say that they are answers, and the answers that they are tests."""
    marks = _marks(notebook)
    for answer, test in (("first", "first_test"), ("second", "second_test")):
        marks[answer]["grade_id"], marks[test]["grade_id"] = test, answer


def _rewrite_tests(notebook: NotebookNode) -> None:
    """Replace every test by one that holds."""
    for cell in notebook.cells:
        if "test" in cell.metadata.nbgrader.grade_id:
            cell.source = "answer, table = 42, np.arange(6.0).reshape(2, 3)"
            cell.metadata.nbgrader.update(locked=False, grade=False, solution=True)


def _delete_tests(notebook: NotebookNode) -> None:
    """Delete the tests."""
    notebook.cells = [cell for cell in notebook.cells if "test" not in cell.metadata.nbgrader.grade_id]


def _duplicate(notebook: NotebookNode) -> None:
    """Hand in everything three times, the first two with other answers."""
    wrong = [cell.copy() for cell in notebook.cells]
    for cell in wrong:
        cell.source = "answer = table = 0" if cell.cell_type == "code" else cell.source
    notebook.cells = [*wrong, *wrong, *notebook.cells]


def _retype(notebook: NotebookNode) -> None:
    """Turn code into text, and text into code."""
    for cell in notebook.cells:
        cell.cell_type = "raw" if cell.cell_type == "code" else "code"


def _show_scripts(notebook: NotebookNode) -> None:
    """Put scripts into text, metadata and the names of attachments."""
    script = "<script>alert(1)</script>"
    for cell in notebook.cells:
        cell.metadata["title"] = cell.metadata["name"] = script
        if cell.cell_type == "markdown":
            cell.source += script
            cell["attachments"] = {f'"><img src=x onerror=alert(1)>{script}': {"image/svg+xml": f"<svg>{script}</svg>"}}


_FAKE_REPLIES = """
    kernel = get_ipython().kernel
    parent, ident = kernel.get_parent("shell"), kernel._shell_parent_ident
    for kind, content in (
        ("take_reply", {"status": "ok"}),
        ("execute_reply", {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}),
    ):
        kernel.session.send(kernel.shell_stream, kind, content, parent=parent, ident=[])
        kernel.session.send(kernel.iopub_socket, kind, content, parent=parent)
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
    from IPython.display import display
    display({"application/json": {"score": 5, "max_score": 5, "status": "graded"}}, raw=True)
    print("CheckPassed first_test 2 of 2")
"""

_FILES_OF_PYTHON = """
    import os, site, sys, sysconfig
    lines = "import os; os.abort()\\n"
    own = os.path.join(os.getcwd(), ".local", "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
    os.makedirs(own, exist_ok=True)
    for name in ("evil.pth", "sitecustomize.py", "usercustomize.py", "numpy.py", "json.py", "zmq.py", "ipykernel.py"):
        for folder in (own, os.getcwd()):
            open(os.path.join(folder, name), "w").write(lines)
    open(os.path.join(os.getcwd(), ".pythonrc"), "w").write(lines)
    print("WRITABLE", [p for p in [*site.getsitepackages(), sysconfig.get_path("stdlib"), *sys.path] if p and p.startswith("/") and os.access(p, os.W_OK)])
"""

_DAEMON = """
    import os, signal, sys, time
    if os.fork() == 0:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(number, signal.SIG_IGN)
        if os.fork() == 0:
            end = time.monotonic() + 30
            while time.monotonic() < end:
                for folder in ("/scratch", "/answers"):
                    if os.getcwd() == "/scratch":
                        for name in os.listdir(folder): open(folder + "/daemon", "w").write(name)
                time.sleep(0.05)
        os._exit(0)
"""

_HALF_A_QUESTION = """
    import sklearn.manifold
    from inside.kernel import SERVICE
    SERVICE.peer.sendall((14).to_bytes(4, "little") + b'{"bytes": 100}')
"""

_SHARED = """
    import mmap, os, time
    table, memory = None, mmap.mmap(-1, 3 * 2**29)
    for start in range(0, len(memory), 2**26):
        memory[start : start + 2**26] = b"x" * 2**26
        time.sleep(0.05)
    time.sleep(60)  # whoever watches may be kept waiting by a busy machine
"""

_PAGE_TABLES = """
    import mmap, time
    table, rooms = None, []
    for _ in range(6):
        rooms.append(mmap.mmap(-1, 2**37, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ))
        rooms[-1].madvise(mmap.MADV_NOHUGEPAGE)
        np.frombuffer(rooms[-1], np.uint8)[:: 2**21].max()
        time.sleep(0.3)
    time.sleep(60)
"""

SPECIMENS = {
    "fills memory with page tables": Specimen(
        second=textwrap.dedent(_PAGE_TABLES), scores=(2, 0), status="memory", tells="used more memory than is allowed"
    ),
    "ends by exit()": Specimen(first="answer = 42\nexit()"),
    "asks for input": Specimen(first="answer = input()", scores=(0, 3), says="StdinNotImplementedError"),
    "overflows the stack in C": Specimen(
        second="import ctypes, sys\nsys.setrecursionlimit(10**6)\nf = ctypes.CFUNCTYPE(None)(lambda: f())\nf()\ntable = 0",
        scores=(2, 0),
        status="crashed graded",
    ),
    "ends in the first question": Specimen(
        first="import os\nanswer = 42\nos.abort()", scores=(0, 3), status="crashed", tells="in first"
    ),
    "closes every file": Specimen(
        second="table = None\nimport os\nos.closerange(0, 1024)", scores=(2, 0), status="crashed timeout"
    ),
    "stops itself": Specimen(
        first=f"import os, signal\nif {INSIDE}: os.kill(os.getpid(), signal.SIGSTOP)",
        scores=(0, 3),
        status="timeout",
        tells="took too long and was stopped in first",
    ),
    "loops in C": Specimen(
        first="import collections, itertools\nanswer = 42\ncollections.deque(itertools.repeat(0, 6 * 10**9), maxlen=0)",
        scores=(0, 3),
        status="timeout",
        tells="took too long and was stopped in first",
    ),
    "ignores interrupts": Specimen(
        second="import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nend = time.monotonic() + 60\n"
        "while time.monotonic() < end: pass",
        scores=(2, 0),
        status="timeout",
    ),
    "asks for 100 GB": Specimen(second="table = bytearray(10**11)", scores=(2, 0), says="MemoryError"),
    "an answer of 10 GB": Specimen(
        second="table = np.empty((100, 50, 5000, 100), np.float32)", scores=(2, 0), says="MemoryError"
    ),
    "an answer that looks like 10 GB": Specimen(
        second="table = np.broadcast_to(np.float32(0), (100, 50, 5000, 100))", scores=(2, 0)
    ),
    "a question that never ends": Specimen(
        first=_then(FIRST, _HALF_A_QUESTION),
        second=f"import time\ntime.sleep(60)\n{SECOND}",
        scores=(2, 0),
    ),
    "an answer that was a file of 10 GB": Specimen(
        second="with open('large', 'wb') as file: file.truncate(2**25)\n"
        "table = np.memmap('large', np.uint8, 'r', shape=(8, 8, 2**10, 2**9))",
        scores=(2, 0),
    ),
    "shared memory": Specimen(second=textwrap.dedent(_SHARED), scores=(2, 0), says="PermissionError"),
    "shared memory of a file": Specimen(
        second=textwrap.dedent(_SHARED).replace("-1,", "os.open('/dev/zero', os.O_RDWR),"),
        scores=(2, 0),
        status="memory",
    ),
    "a pickle's bytes": Specimen(
        second="import pickle\ntable = pickle.dumps(np.arange(6.0).reshape(2, 3))", scores=(2, 0)
    ),
    "swaps data and names of ours": Specimen(
        first="open('data.txt', 'w').write('mine')\nn, data, answer = 1, 'mine', 42\n__builtins__.open = None"
    ),
    "files that Python reads when it starts": Specimen(first=_then(FIRST, _FILES_OF_PYTHON), says="WRITABLE []"),
    "the same, and a second kernel": Specimen(
        first=_then("os.abort()", _FILES_OF_PYTHON), scores=(0, 3), status="crashed"
    ),
    "a daemon that waits": Specimen(first=_then(FIRST, _DAEMON)),
    "fakes replies and scores": Specimen(first=_then("answer = 41", _FAKE_REPLIES), scores=(0, 3)),
    "raises the points": Specimen(edit=_raise_points),
    "exchanges ids": Specimen(edit=_exchange_ids, scores=(0, 3)),
    "points tests at answers": Specimen(edit=_point_tests_at_answers, scores=(0, 0)),
    "rewrites the tests": Specimen(first="answer = 41", edit=_rewrite_tests, scores=(0, 3)),
    "deletes the tests": Specimen(first="answer = 41", edit=_delete_tests, scores=(0, 3), tells="put back"),
    "hands in everything thrice": Specimen(edit=_duplicate, tells="the last copy of each counts"),
    "retypes every cell": Specimen(edit=_retype, tells="The type of cells was put right"),
    "scripts in text and metadata": Specimen(edit=_show_scripts),
}
"""By what they try."""
