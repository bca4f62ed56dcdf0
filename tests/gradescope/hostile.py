"""A submission that looks for everything that is the grader's, changes what it can, and answers honestly where it found nothing."""

from tests.gradescope.layout import HARNESS_TOKEN

__all__ = ["FOUND", "SEARCH"]

FOUND = ("listed", "hidden test", "written", "token", "another process", "the grader's package")
"""What the search tells, each where there is something of that kind to be had."""

# The marks are put together here, so that the submission itself doesn't hold what it looks for.
_SECRETS = ("another" + " layer's", "the test is" + " broken")
_HALVES = [[text[:9], text[9:]] for text in (*_SECRETS, HARNESS_TOKEN)]

SEARCH = f"""\
import glob, os, signal, subprocess, sys
secrets = ["".join(halves).encode() for halves in {_HALVES!r}]
found = set()
own = {{str(os.getpid())}}

for folder in (*("/autograder/" + name for name in ("", "source", "results", "submission")), os.path.expanduser("~root/.cache")):
    try:
        os.listdir(folder)
        found.add("listed " + folder)
    except OSError:
        pass

def look(path):
    try:
        with open(path, "rb") as file:
            text = file.read(2_000_000)
    except OSError:
        return
    if secrets[0] in text or secrets[1] in text:
        found.add("hidden test in " + path)
    if secrets[2] in text and not path.startswith("/proc/" + str(os.getpid())):
        found.add("token in " + path)

for top in ("/autograder", "/tmp", "/var/tmp", "/dev/shm", "/run", "/etc", "/opt/autograder/uv", "/root"):
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name not in ("site-packages", ".pyenv", ".venv", "lib")]
        for name in files:
            look(os.path.join(folder, name))

for name in os.listdir("/proc"):
    if name.isdigit() and name not in own:
        for what in ("environ", "cmdline"):
            look(f"/proc/{{name}}/{{what}}")
        for link in ("cwd", "root", "exe"):
            try:
                os.listdir(f"/proc/{{name}}/{{link}}/.")
                found.add("another process: " + link)
            except OSError:
                pass
        for what in glob.glob(f"/proc/{{name}}/fd/*") + [f"/proc/{{name}}/mem"]:
            try:
                os.close(os.open(what, os.O_RDWR | os.O_NONBLOCK))
                found.add("another process: " + what)
            except OSError:
                pass
        try:
            os.kill(int(name), 0)
            found.add("another process can be signalled")
        except OSError:
            pass

for path in ("results/results.json", "results/student.json", "submission_metadata.json", "source/container.json",
             "source/unfinished.json", "run_autograder", "source/grader/autograder/student.py"):
    for mode in ("ab", "wb") if os.getuid() else ("ab",):
        try:
            open("/autograder/" + path, mode).close()
            found.add("written " + path)
        except OSError:
            pass
for change in (lambda: os.rename("/autograder/results", "/autograder/old"), lambda: os.chmod("/autograder", 0o777),
               lambda: os.symlink("/tmp", "/autograder/results/student"), lambda: os.unlink("/autograder/run_autograder")):
    try:
        os.getuid() and change()
        if os.getuid():
            found.add("written by a change")
    except OSError:
        pass

sys.path += ["/autograder/source/grader"]
try:
    import autograder.hidden.judge
    found.add("the grader's package")
except Exception:
    pass
said = subprocess.run(["sh", "-c", "cat /autograder/source/*/*/*/*.ipynb /autograder/results/* /proc/1/environ"],
                      capture_output=True).stdout
if said:
    found.add("listed by cat")
answer = 40 if found else 42
"""
