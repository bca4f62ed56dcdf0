"""The level `user`: a grader that is root gives each submission a user of its own, and takes back whatever that one leaves."""

import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from autograder.errors import AutograderError
from autograder.execute.engine import Engine
from autograder.sandbox.isolation import choose_isolation, probe_user
from autograder.sandbox.limits import MIB
from autograder.sandbox.unprivileged import Users, end_processes, take_more_than
from tests.execute.conftest import LIGHT, LIMITS
from tests.execute.open_python import in_the_open
from tests.execute.small import FIRST, SECRET, make_small, submit
from tests.execute.specimens import SPECIMENS
from tests.execute.test_hostile import printed, scores
from tests.needs import PREFIX

pytestmark = pytest.mark.needs("root")
by_user = pytest.mark.needs("user level")  # where Python is closed, the first test runs the others elsewhere


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """The small assignment, in a folder that others can't look into."""
    return make_small(tmp_path_factory.mktemp("private"))


@pytest.fixture(scope="module")
def engine(plan):
    """An engine at this level."""
    with Engine(plan, isolation="user", limits=LIMITS, modules=LIGHT) as engine:
        yield engine


@pytest.fixture
def grade(engine, plan, tmp_path):
    """Grade a submission whose first answer stands behind some code."""
    return lambda text="", **more: engine.run(submit(tmp_path, plan, f"{text}\n{FIRST}", **more))


@pytest.mark.needs("mounts")
@pytest.mark.needs("a Python that others can't read")
def test_all_of_it_where_python_can_be_read():
    """The tests of this file, run again where the folders above Python are open, as they are in a container."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "", __file__]
    ran = subprocess.run(in_the_open(command), capture_output=True, text=True, timeout=500, check=False)
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr[-2000:]
    assert " 0 passed" not in ran.stdout
    assert "passed" in ran.stdout


@pytest.mark.needs("a Python that others can't read")
def test_a_python_that_others_cannot_read_is_told():
    """Where Python lies in root's own folder, the level doesn't work, and the reason names the folder's Python."""
    probe = probe_user()
    assert not probe.works
    assert str(Path(sys.executable)) in probe.reason


@by_user
def test_the_probe_shows_that_it_works():
    """Root can be somebody else: the level is tried, and not believed."""
    assert probe_user().works
    assert choose_isolation("user") == "user"


@by_user
def test_an_honest_submission_gets_its_points(grade):
    """As at every other level, and the level stands in the result."""
    result = grade()
    assert (result.result.status, result.result.score, result.result.isolation) == ("graded", 5, "user")


@by_user
def test_it_is_nobody_without_rights(grade):
    """Not root, in no group, without a capability, and with no way back."""
    text = """
import os
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print("WHO", os.getuid() >= 20000, os.getuid() == os.getgid(), os.getgroups(), status["CapEff"].strip(), status["CapBnd"].strip(), status["NoNewPrivs"].strip())
try: os.setuid(0); print("ROOT")
except PermissionError: pass
"""
    said = printed(grade(text))
    assert "WHO True True []" in said
    assert " 0000000000000000 " in said
    assert said.strip().endswith("1")
    assert "ROOT" not in said


@by_user
def test_two_submissions_are_two_users(engine, plan, tmp_path):
    """One can't signal or read the other, since no two at a time are the same user."""
    users = Users()
    taken = [users.take() for _ in range(3)]
    assert len(set(taken)) == 3
    for user in taken:
        users.release(user)


@by_user
def test_it_reads_and_writes_nothing_of_the_graders(grade, plan, tmp_path):
    """Not by path, and not through the grader's processes; its own folder is its own."""
    target = tmp_path / "results.jsonl"
    target.write_text("{}\n")
    text = f"""
import os, glob
found = []
paths = [{str(plan.source / "small.ipynb")!r}, {str(target)!r}, "/etc/shadow"]
paths += glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/mem") + glob.glob("/proc/[0-9]*/fd/*")
own = str(os.getpid())
for path in paths:
    if path.split("/")[2] == own: continue
    try:
        with open(path, "rb") as opened: found.append(path)
    except OSError: pass
try: open({str(target)!r}, "w").write("mine"); found.append("written")
except OSError: pass
open("own.txt", "w").write("x"); open("data.txt", "a").write("x")
print("FOUND", found)
"""
    result = grade(text)
    assert "FOUND []" in printed(result)
    assert scores(result) == [2, 3]
    assert SECRET not in str([output for cell in result.notebook.cells for output in cell.get("outputs", [])])


@by_user
def test_it_signals_nobody(grade):
    """Neither the grader nor the warm process; signal 0 asks for permission and does nothing."""
    text = f"""
import os
reached = []
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) != os.getpid():
        try: os.kill(int(name), 0); reached.append(open(f"/proc/{{name}}/cmdline").read())
        except OSError: pass
print("REACHED", reached, {os.getpid()} in map(int, filter(str.isdigit, os.listdir("/proc"))))
"""
    assert "REACHED [] True" in printed(grade(text))


@by_user
@pytest.mark.parametrize("folder", ["/tmp", "/var/tmp", "/dev/shm"])  # noqa: S108 (what everybody may write to)
def test_nothing_stays(grade, folder):
    """Neither a process that left its group and session, nor a file where everybody may write."""
    if not Path(folder).stat().st_mode & stat.S_IWOTH:
        pytest.skip(f"{PREFIX}{folder} that everybody may write to: it is closed here")
    mark = f"{folder}/autograder-test-{os.getpid()}"
    text = f"""
import os, subprocess, sys, time
os.makedirs({mark!r}); open({mark!r} + "/file", "w").write("x"); open({mark!r} + ".txt", "w").write("x")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)  # stays {os.getpid()}"])
    os._exit(0)
time.sleep(0.5)
"""
    before = time.time()
    assert scores(grade(text)) == [2, 3]
    assert not Path(mark).exists()
    assert not Path(f"{mark}.txt").exists()
    assert not [
        p for p in psutil.process_iter(["cmdline"]) if f"stays {os.getpid()}" in " ".join(p.info["cmdline"] or [])
    ]
    assert time.time() - before < 30


@by_user
@pytest.mark.parametrize(
    "name",
    [
        "ends in the first question",
        "asks for 100 GB",
        "shared memory of a file",
        "files that Python reads when it starts",
        "fakes replies and scores",
        "rewrites the tests",
    ],
)
def test_what_a_sandbox_withstands_a_user_does_too(grade, engine, plan, tmp_path, name):
    """Scores, status and words of a hostile submission are those of the strongest level; the next one is unharmed."""
    specimen = SPECIMENS[name]
    graded = engine.run(submit(tmp_path, plan, specimen.first, specimen.second, edit=specimen.edit))
    assert tuple(scores(graded)) == specimen.scores
    assert graded.result.status in specimen.status.split()
    assert specimen.says in printed(graded, "first") + printed(graded, "second")
    assert grade().result.score == 5


@by_user
def test_memory_shared_by_key_does_not_stay(grade):
    """System V shared memory outlives its maker: a submission gets none, and what a user has is removed with it."""
    make = "import ctypes; print('MADE', ctypes.CDLL(None).shmget(0, 4096, 0o1600) >= 0)"
    assert "MADE False" in printed(grade(make))
    users = Users()
    user = users.take()
    command = [sys.executable, "-I", "-c", make]
    made = subprocess.run(command, user=user, group=user, extra_groups=[], cwd="/", capture_output=True, check=True)
    assert b"MADE True" in made.stdout
    assert _segments(user)
    users.release(user)
    assert not _segments(user)


def _segments(user):
    """Return the shared memory that a user has."""
    rows = [line.split() for line in Path("/proc/sysvipc/shm").read_text().splitlines()]
    return [row for row in rows[1:] if row[rows[0].index("uid")] == str(user)]


@by_user
def test_a_bomb_is_bounded_and_ended(grade):
    """A few hundred processes that fork again when they can: bounded by number, and ended as one."""
    text = """
import os, time
for _ in range(400):
    try:
        if os.fork() == 0:
            time.sleep(20); os._exit(0)
    except OSError as error: print("BOUNDED"); break
"""
    start = time.monotonic()
    result = grade(text)
    assert "BOUNDED" in printed(result)
    assert time.monotonic() - start < 40


@by_user
def test_a_source_that_everybody_can_read_is_refused(tmp_path):
    """At this level permissions are the wall, so they are looked at before anything runs."""
    folder = Path("/tmp") / f"autograder-open-{os.getpid()}"  # noqa: S108 (pytest's own folder is closed)
    try:
        open_plan = make_small(folder)
        for path in (folder, *folder.rglob("*")):
            path.chmod(path.stat().st_mode | stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0))
        with (
            pytest.raises(AutograderError, match="could read") as raised,
            Engine(open_plan, isolation="user", modules=LIGHT),
        ):
            pass
        assert "chmod" in str(raised.value.tip)
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)


@by_user
@pytest.mark.parametrize("folder", [".", "/var/tmp"])  # noqa: S108 (what everybody may write to)
def test_files_are_bounded_where_no_file_system_is_its_own(engine, plan, tmp_path, folder):
    """Many files, each below the limit for one, end the kernel; the answer before them counts, and they go."""
    text = f"""
import time
for number in range(8):
    with open(f"{folder}/autograder-test-{os.getpid()}-{{number}}", "wb") as file: file.write(b"x" * {MIB * 8})
time.sleep(3)
"""
    result = engine.run(submit(tmp_path, plan, second=text))
    assert (result.result.status, scores(result)) == ("crashed", [2, 0])
    assert "more files than is allowed" in result.result.message
    assert not list(Path("/var/tmp").glob(f"autograder-test-{os.getpid()}-*"))  # noqa: S108


def test_empty_files_are_counted_too(tmp_path):
    """Each takes a block at least; what a link leads to doesn't count."""
    for number in range(10):
        (tmp_path / str(number)).touch()
    (tmp_path / "link").symlink_to("/usr")
    assert take_more_than([tmp_path], 10 * 4096)
    assert not take_more_than([tmp_path], 20 * 4096)
    assert not take_more_than([tmp_path / "gone"], 0)


def test_only_users_of_ours_are_ended():
    """Root, or a person, is never among them."""
    for user in (0, 1000, 65534):
        with pytest.raises(ValueError, match="none of ours"):
            end_processes(user)


# What a container allows: root, without the right to make namespaces or mounts.
_POOR = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.execute.conftest import LIGHT, LIMITS
from tests.execute.small import make_small, submit
from autograder.execute.engine import Engine
folder = Path({folder!r})
plan = make_small(folder)
with Engine(plan, isolation="auto", limits=LIMITS, modules=LIGHT) as engine:
    result = engine.run(submit(folder, plan)).result
print("LEVEL", result.isolation, result.score)
"""


@by_user
def test_auto_takes_it_where_root_can_make_no_namespaces(root, tmp_path):
    """Without the capability that bubblewrap needs as root, `auto` takes this level, and it works."""
    program = _POOR.format(root=str(root), folder=str(tmp_path))
    # CAP_SYS_ADMIN leaves the bounding set, and with the next program the process.
    starter = f"import ctypes, os, sys; ctypes.CDLL(None).prctl(24, 21, 0, 0, 0); os.execv(sys.executable, [sys.executable, '-c', {program!r}])"
    ran = subprocess.run([sys.executable, "-c", starter], capture_output=True, text=True, timeout=120, check=False)
    assert "LEVEL user 5" in ran.stdout, ran.stderr[-2000:]


@by_user
def test_the_network_is_closed_where_that_can_be(grade):
    """A grader that may make network namespaces does; in a container that may not, the page on security says so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        text = f"""
import socket
try: socket.create_connection(("127.0.0.1", {listener.getsockname()[1]}), 2); print("CONNECTED")
except OSError as error: print("CLOSED")
"""
        assert "CLOSED" in printed(grade(text))
