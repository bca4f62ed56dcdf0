"""Hostile submissions: each gets what its honest part deserves, and nothing else changes.

They are harmless where a sandbox fails: they read, write in scratch, send signals only where process 1 is the sandbox's
own, and are bounded in size, count and time.
"""

import contextlib
import dataclasses
import socket
import textwrap
import threading

import nbformat
import pytest

from autograder.log import keep_logs

from .conftest import LIMITS
from .small import FIRST, SECOND, SECRET
from .specimens import INSIDE


def scores(result):
    """Return the scores of the two tests."""
    return [check.score for check in result.result.checks]


def printed(result, grade_id="first"):
    """Return what a cell wrote to its outputs, errors included."""
    cell = next(c for c in result.notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    return "\n".join(o.get("text", "") or "\n".join(o.get("traceback", [])) for o in cell.outputs)


def code(text):
    """Return an answer's code behind which the honest answer stands."""
    return textwrap.dedent(text) + "\n" + FIRST


def test_an_honest_submission_gets_its_points(grade):
    """What the tests ask for gives every point."""
    result = grade().result
    assert (result.status, result.score, result.max_score) == ("graded", 5, 5)
    assert result.isolation == "bubblewrap"
    assert result.message is None


SEARCH = f"""
import os, sys
found, seen = [], 0
skipped = ("/usr", "/sys", "/dev", sys.prefix, sys.base_prefix, "/proc/sys")
for top in ("/", *(os.path.join("/proc/1", link) for link in ("root/scratch", "cwd"))):
    for folder, folders, files in os.walk(top):
        folders[:] = [f for f in folders if os.path.join(folder, f) not in skipped and f not in ("task", "net")]
        for file in files:
            path = os.path.join(folder, file)
            try:
                if not os.path.isfile(path): continue
                with open(path, "rb", buffering=0) as opened:
                    if {SECRET[:8]!r}.encode() + {SECRET[8:]!r}.encode() in opened.read(10**6): found.append(path)
                seen += 1
            except OSError: pass
print("FOUND", found, "of", seen)
"""


def test_it_finds_no_hidden_test(grade):
    """No file that a submission can open holds a hidden test: not by walking the disk, nor by way of /proc."""
    result = grade(code(SEARCH))
    assert "FOUND []" in printed(result)
    assert scores(result) == [2, 3]


def test_it_sees_no_file_of_the_grader(grade, plan, root):
    """The source, the repository and the user's own settings are not there; of home folders, the way to Python at most."""
    places = [str(plan.source), str(root / "source"), str(root / "tests"), str(root / ".git"), "/etc/shadow"]
    text = f"""
    import os, glob, sys
    prefixes = [os.path.realpath(prefix) for prefix in (sys.prefix, sys.base_prefix)]
    print("SEEN", [p for p in {places!r} if os.path.exists(p) or glob.glob(p + "*")])
    beside, folders = [], ["/home", "/root"]
    while folders:
        folder = folders.pop()
        for entry in os.scandir(folder) if os.path.isdir(folder) else ():
            if any((prefix + "/").startswith(entry.path + "/") for prefix in prefixes):
                folders += [entry.path] if entry.path not in prefixes else []
            else: beside.append(entry.path)
    print("BESIDE", beside)
    """
    result = grade(code(text))
    assert "SEEN []" in printed(result)
    assert "BESIDE []" in printed(result)


def test_it_has_no_open_file_of_the_grader(grade):
    """Of the files that a kernel has open, none leads out of its own world, and its guard's can't be seen."""
    text = """
    import os
    opened = set()
    for number in os.listdir("/proc/self/fd"):
        try: opened.add(os.readlink("/proc/self/fd/" + number).split(":")[0])
        except OSError: pass
    try: guards = os.listdir("/proc/1/fd")
    except OSError as error: guards = type(error).__name__
    print("OPEN", sorted(name for name in opened if not name.startswith("/proc/")), guards)
    """
    assert printed(grade(code(text))).strip() == "OPEN ['/dev/null', 'anon_inode', 'pipe', 'socket'] PermissionError"


FORGED = [
    ("stream", {}),
    ("stream", {"name": 3, "text": "x"}),
    ("stream", {"name": "stdout", "text": ["x"]}),
    ("stream", {"name": "stdout", "text": "half \ud800 character"}),
    ("display_data", {"data": {"text/plain": {"a": 1}}, "metadata": {}}),
    ("display_data", {"data": [], "metadata": None}),
    ("execute_result", {"data": {"text/html": "<script>1</script>"}, "metadata": {}, "execution_count": "x"}),
    ("error", {"ename": "x", "evalue": None, "traceback": 7}),
    ("status", {"execution_state": ["idle"]}),
    ("clear_output", None),
    ("x" * 1000, {"a": 1}),
]


def test_forged_messages_are_passed_over(grade):
    """Messages that no kernel sends, signed or not, harm neither the result nor the notebook, which can be written."""
    text = f"""
    import json
    kernel = get_ipython().kernel
    kernel.session.pack = lambda message: json.dumps(message, default=str).encode()
    for kind, content in {FORGED!r}:
        kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
    kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", b"", b"{{", b"[]", b"3", b"{{}}"])
    kernel.iopub_socket.send_multipart([b"nothing"])
    """
    result = grade(code(text))
    assert scores(result) == [2, 3]
    nbformat.validate(result.notebook)
    nbformat.writes(result.notebook).encode()


def test_it_writes_nowhere_but_in_its_scratch_folder(grade, tmp_path):
    """Nothing outside /scratch, /tmp, /dev/shm and the answers' folder can be written."""
    text = f"""
    import os
    folders = ("/", "/usr", "/release", "/etc", "/dev", "/autograder/inside", "/home", "/root", "/var/tmp", {str(tmp_path)!r}, os.path.dirname(os.__file__))
    written = [folder for folder in folders if os.access(folder, os.W_OK)]
    try: written.append(open({str(tmp_path)!r} + "/mark", "w").write("x"))
    except OSError: pass
    print("WRITTEN", written, [folder for folder in ("/scratch", "/tmp", "/dev/shm") if os.access(folder, os.W_OK)])
    """
    assert "WRITTEN [] ['/scratch', '/tmp', '/dev/shm']" in printed(grade(code(text)))
    assert not (tmp_path / "mark").exists()


def test_nothing_is_left_for_the_next_student(grade):
    """A file, a process, a variable, a shared memory segment of one submission is gone in the next."""
    leave = """
    import os, subprocess, sys, numpy
    for folder in ("/scratch", "/tmp", "/dev/shm", "/answers"):
        if os.getcwd() == "/scratch": open(folder + "/left", "w").write("x")
    numpy.left = True
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    """
    look = """
    import os, numpy
    left = [f for f in ("/scratch/left", "/tmp/left", "/dev/shm/left", "/answers/left") if os.path.exists(f)]
    print("LEFT", left, hasattr(numpy, "left"), sorted(p for p in os.listdir("/proc") if p.isdigit() and int(p) > 2 and p != str(os.getpid())))
    """
    assert scores(grade(code(leave))) == [2, 3]
    assert "LEFT [] False []" in printed(grade(code(look)))


def test_there_is_no_network(grade):
    """No way out, no name, no listener on the loopback and no abstract socket of the machine is there."""
    listener = socket.create_server(("127.0.0.1", 0))
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 0))
    names.setblocking(False)
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind("\0autograder-test-listener")
    abstract.listen()
    with listener, abstract, names:
        text = f"""
        import socket
        reached = []
        for family, place in ((socket.AF_INET, ("127.0.0.1", {listener.getsockname()[1]})), (socket.AF_UNIX, "\\0autograder-test-listener")):
            with socket.socket(family) as s:
                s.settimeout(2)
                try:
                    s.connect(place)
                    reached.append(place)
                except OSError: pass
        question = b"\\x12\\x34\\x01\\x00\\x00\\x01" + bytes(6) + b"\\x04test\\x00\\x00\\x01\\x00\\x01"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            try: reached.append(s.sendto(question, ("127.0.0.1", {names.getsockname()[1]})))
            except OSError: pass
        import os
        routes = open("/proc/net/route").read().splitlines()[1:]
        print("REACHED", reached, [name for _, name in socket.if_nameindex() if name != "lo"], routes, os.path.exists("/etc/resolv.conf"))
        """
        assert "REACHED [] [] [] False" in printed(grade(code(text)))
        with pytest.raises(BlockingIOError):
            names.recv(100)


def test_nobody_comes_in_by_the_loopback(grade):
    """What a submission listens on can't be reached from the machine; from inside, its loopback is down."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text = f"""
    import socket, time
    listener = socket.create_server(("127.0.0.1", {port}))
    listener.settimeout(1.5)
    try: print("CAME", listener.accept()[1])
    except OSError as error: print("NOBODY", error)
    """
    came, over = [], threading.Event()

    def knock():
        while not over.wait(0.05):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
                came.append(port)

    knocking = threading.Thread(target=knock)
    knocking.start()
    said = printed(grade(code(text)))
    over.set()
    knocking.join()
    assert "NOBODY" in said
    assert came == []


def test_its_guard_can_not_be_read_or_traced(grade):
    """Process 1 of its world, and the forking parent behind it, show neither memory nor files, and can't be traced."""
    text = """
    import ctypes, os
    reached = []
    for path in (os.path.join("/proc/1", name) for name in ("mem", "environ", "maps", "root/etc", "cwd/.")):
        try: reached.append(os.listdir(path) if path.endswith(("etc", ".")) else open(path, "rb").read(1))
        except OSError: pass
    libc = ctypes.CDLL(None)
    if INSIDE: reached += [name for name, result in (("seized", libc.ptrace(0x4206, 1, 0, 0)), ("opened", libc.syscall(438, os.pidfd_open(1), 0, 0))) if result >= 0]
    print("REACHED", reached, os.getppid())
    """
    assert "REACHED [] 1" in printed(grade(code(text.replace("INSIDE", INSIDE))))


def test_it_has_no_rights(grade):
    """It is nobody, without capabilities, and gets none back: no new namespace, no mount, no way to another user."""
    text = """
    import os, ctypes
    libc = ctypes.CDLL(None)
    status = dict(line.split(":\\t") for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
    print("RIGHTS", os.getuid(), int(status["CapEff"], 16), int(status["CapPrm"], 16), status["NoNewPrivs"], libc.unshare(0x10000000), libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
    """
    assert "RIGHTS 65534 0 0 1 -1 -1" in printed(grade(code(text)))


@pytest.mark.parametrize("how", ["os._exit(0)", "os._exit(9)", "import ctypes; ctypes.string_at(0)", "os.abort()"])
def test_a_kernel_that_ends_costs_its_question(grade, how):
    """A process that ends itself keeps the points of the question before, and is told which cell ended it."""
    result = grade(second=f"import os\n{SECOND}\n{how}")
    assert result.result.status == "crashed"
    assert scores(result) == [2, 0]
    assert result.result.checks[1].diagnosis == "missing"
    assert "The cell `second` stopped with the end of its process" in result.result.checks[1].message


def test_a_stack_overflow_costs_its_question(grade):
    """Endless recursion is an error like any other; the answer before it counts."""
    result = grade(second="import sys\ntable = None\nsys.setrecursionlimit(300)\ndef f(): return f()\nf()")
    assert "RecursionError" in printed(result, "second")
    assert scores(result) == [2, 0]
    assert result.result.status == "graded"


def test_sys_exit_is_an_error(grade):
    """`sys.exit()` ends a cell, not the kernel."""
    assert scores(grade(first="import sys\nsys.exit(3)")) == [0, 3]


def test_it_kills_nobody_else(grade):
    """Signals to its parent, its group and to everybody reach nothing but its own world."""
    text = """
    import os, signal
    if INSIDE:
        for target in (os.getppid(), 1, -1):
            try: os.kill(target, signal.SIGKILL)
            except OSError as error: print(target, error)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGSTOP):
            try: os.kill(1, number)
            except OSError as error: print(number, error)
        print("ALIVE")
    """
    result = grade(code(text.replace("INSIDE", INSIDE)))
    assert "ALIVE" in printed(result)
    assert scores(result) == [2, 3]
    assert scores(grade()) == [2, 3]


def test_it_neither_reads_nor_fills_the_logs(grade, tmp_path):
    """Standard error leads nowhere, and what its guard and the warm process write to is out of reach."""
    text = """
    import os
    for path in ("/proc/self/fd/2", "/proc/1/fd/2", f"/proc/{os.getppid()}/fd/2") if INSIDE else ():
        try: os.write(os.open(path, os.O_WRONLY), b"forged" * 100)
        except OSError: pass
        else: print("WROTE", path)
    """
    with keep_logs(tmp_path):
        result = grade(code(text.replace("INSIDE", INSIDE)))
    assert scores(result) == [2, 3]
    assert "WROTE /proc/self" in printed(result)
    assert "WROTE /proc/1" not in printed(result)
    assert "forged" not in "".join(path.read_text() for path in tmp_path.glob("*.log"))


def test_a_fork_bomb_is_bounded(grade):
    """A process that forks without end stops at its limit, and goes with its kernel."""
    text = """
    import os, time
    count = 0
    for _ in range(400):
        try:
            if os.fork() == 0:
                time.sleep(20)
                os._exit(0)
            count += 1
        except OSError: break
    print("FORKS", count)
    """
    result = grade(second=textwrap.dedent(text) + SECOND)
    assert scores(result)[0] == 2
    assert "FORKS 400" not in printed(result, "second")
    assert scores(grade()) == [2, 3]


@pytest.mark.parametrize(
    "how",
    [
        "import numpy\nhog = [numpy.ones(2**24) for _ in range(12)]",
        "import os, time, numpy\nfor _ in range(4):\n    if os.fork() == 0:\n        hog = numpy.ones(2**25); time.sleep(5); os._exit(0)\ntime.sleep(3)",
    ],
)
def test_too_much_memory_ends_it(grade, how):
    """A gigabyte and a half, or one in four processes, pass the limit of 0.75; the answer before it counts."""
    result = grade(second=f"table = None\n{how}")
    assert scores(result) == [2, 0]
    assert result.result.status == "memory" or "MemoryError" in printed(result, "second")
    assert result.peak < 2 * 2**30


def test_a_full_disk_is_its_own(grade):
    """The scratch folder has a size; what is full is the student's, and answers are handed over all the same."""
    text = """
    size = 0
    try:
        with open("full", "wb") as file:
            for _ in range(200):
                size += file.write(b"x" * 2**20)
    except OSError as error: print("FULL", error)
    """
    result = grade(code(text))
    assert "FULL" in printed(result)
    assert scores(result) == [2, 3]


def test_endless_output_is_cut(grade):
    """A megabyte of output is kept, the rest is left out, and the answer counts."""
    result = grade(code("for i in range(100_000): print('x' * 50)"))
    assert scores(result) == [2, 3]
    assert len(printed(result)) < 3 * 2**20
    assert "left out" in printed(result)


def test_one_huge_message_is_not_taken(grade):
    """A message larger than its limit ends nothing but itself."""
    result = grade(code("from IPython.display import display, HTML\ndisplay(HTML('x' * 20_000_000))"))
    assert scores(result)[1] in (0, 3)
    assert len(str(result.notebook)) < 2**22


def test_an_endless_loop_is_interrupted(grade):
    """A cell that takes too long is interrupted; the other question counts."""
    result = grade(first="import time\nanswer, end = 42, time.monotonic() + 60\nwhile time.monotonic() < end: pass")
    assert result.result.status == "graded"
    assert scores(result) == [2, 3]
    assert "first" in result.result.message


def test_a_loop_that_swallows_interrupts_is_ended(grade):
    """A cell that does not let itself be interrupted ends the notebook; the answer before it counts."""
    text = (
        "import time\nend = time.monotonic() + 60\nwhile time.monotonic() < end:\n"
        "    try:\n        while time.monotonic() < end: time.sleep(0.01)\n    except KeyboardInterrupt: pass"
    )
    result = grade(second=text)
    assert result.result.status == "timeout"
    assert scores(result) == [2, 0]


REPLACING = {
    "numpy.allclose": "np.allclose = lambda *a, **k: True\nnp.testing.assert_allclose = lambda *a, **k: None",
    "assert": "import ast\nclass Drop(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\nget_ipython().ast_transformers.append(Drop())",
    "builtins": "import builtins\nbuiltins.AssertionError = type('Fine', (Exception,), {})\nbuiltins.all = lambda *a: True",
    "json": "import json\njson.dumps = lambda *a, **k: '{}'",
    "modules": "import sys\nsys.modules['numpy'] = sys.modules['json'] = None",
    "the answer-taking code": "import sys\nfor name in list(sys.modules):\n    if name.startswith('inside'): sys.modules[name].write_claims = lambda *a, **k: None",
    "results": "open('results.jsonl', 'w').write('{\"score\": 5}')\nprint('{\"score\": 5, \"max_score\": 5}')",
}


@pytest.mark.parametrize("what", REPLACING)
def test_replacing_things_gives_no_points(grade, what):
    """Whatever is replaced in the student's process, a wrong answer stays wrong."""
    result = grade(first=REPLACING[what] + "\nanswer = 41", second="table = None")
    assert result.result.score == 0
    assert scores(grade()) == [2, 3]


LYING = {
    "an array whose == always agrees": "class Liar(np.ndarray):\n    def __array_ufunc__(self, *a, **k): return True\n    def __eq__(self, other): return True\n    shape = property(lambda self: (2, 3))\ntable = np.zeros(3).view(Liar)",
    "an object that equals everything": "class Liar:\n    shape = (2, 3)\n    def __eq__(self, other): return True\n    def __array__(self, *a, **k): return np.arange(6.0).reshape(2, 3)\ntable = Liar()",
    "an object that raises": "class Liar:\n    def __getattr__(self, name): raise SystemError(name)\ntable = Liar()",
    "a pickle": "import os\nclass Liar:\n    def __reduce__(self): return (os.abort, ())\ntable = Liar()",
    "an array of 100 GB": "table = np.broadcast_to(np.float64(0), (50, 25, 100000, 100))",
    "an array of objects": "table = np.array([Exception, open], dtype=object)",
    "a list that holds itself": "table = []\ntable.append(table)",
    "a million entries": "table = {i: i for i in range(10**6)}",
    "an endless integer": "table = 10 ** 10000",
    "a text of 10 MB": "table = 'x' * 10**7",
}


@pytest.mark.parametrize("what", LYING)
def test_lying_objects_give_no_points(grade, what):
    """What is judged is plain data: an object that answers as the tests would like is not it."""
    result = grade(second=LYING[what])
    assert scores(result) == [2, 0]
    assert result.result.status == "graded"


def test_files_of_its_own_are_not_imported_by_the_next_cell_of_ours(grade):
    """A `numpy.py`, a `sitecustomize.py` and a `.pth` in its folder change nothing."""
    text = """
    for name in ("numpy.py", "sitecustomize.py", "usercustomize.py", "json.py", "x.pth"):
        open(name, "w").write("raise SystemExit(3)\\n")
    """
    assert scores(grade(code(text))) == [2, 3]


def test_forged_claims_are_not_believed(grade):
    """A file in the place of the answers that is no claim gives nothing, and a link is not followed."""
    text = """
    import os, threading, time
    def forge():
        while time.monotonic() < end:
            for name in os.listdir("/answers"):
                if name.startswith("taking"):
                    try:
                        os.unlink("/answers/" + name)
                        os.symlink("/proc/self/environ", "/answers/" + name)
                    except OSError: pass
    end = time.monotonic() + 30
    threading.Thread(target=forge, daemon=True).start()
    """
    assert grade(code(text)).result.score <= 5
    assert scores(grade()) == [2, 3]


def test_tags_change_nothing(grade):
    """A student's tags, kernel and metadata are not looked at."""

    def edit(notebook):
        notebook.metadata = {"kernelspec": {"name": "bash", "display_name": "x"}, "language_info": {"name": "bash"}}
        for cell in notebook.cells:
            cell.metadata["tags"] = ["raises-exception", "skip-execution", "remove-cell"]

    assert scores(grade(edit=edit)) == [2, 3]
    assert scores(grade(first="answer = 41", edit=edit)) == [0, 3]


@pytest.mark.parametrize(("more", "score"), [(1000, 3), (200, 0)])
def test_answers_of_all_questions_have_one_limit(engine, grade, monkeypatch, more, score):
    """They wait in the grader's memory for their judgement: what is beyond the limit is not there."""
    monkeypatch.setattr(engine, "_limits", dataclasses.replace(LIMITS, claims=LIMITS.answer + more))
    result = grade("answer = np.zeros(2**20)").result
    assert [check.score for check in result.checks] == [0, score]
