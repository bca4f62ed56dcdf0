"""Each mistake in `assignment.toml` is named with its line, what was expected, and the nearest known key; all at once."""

import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from autograder.assignment.policy import network_digest
from autograder.assignment.settings import find_settings_problems, read_assignment, read_deadline, read_notebook
from autograder.compile.compiler import build
from autograder.errors import SourceError
from autograder.model import Deadline

NAME = "mapping_representations"
DUE = "[deadline]\nat = 2026-03-01T23:59:00\nzone = "


def _problems(folder):
    """Return the mistakes in a folder's settings, beside its notebook."""
    return find_settings_problems(folder, read_notebook(folder))


@pytest.fixture(scope="module")
def course(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped source, beside a lock."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(root / "source" / NAME, folder / "source" / NAME)
    shutil.copy(root / "requirements.lock", folder)
    return folder


@pytest.fixture
def broken(root: Path, course: Path):
    """Return a function that writes the shipped settings with changes, and returns the source folder."""
    folder = course / "source" / NAME
    shipped = (root / "source" / NAME / "assignment.toml").read_text("utf-8")

    def write(*changes: tuple[str, str]) -> Path:
        text = shipped
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        (folder / "assignment.toml").write_text(text, encoding="utf-8")
        return folder

    return write


def line_of(folder: Path, text: str) -> int:
    """Return the first line that holds a text, from 1."""
    lines = (folder / "assignment.toml").read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_the_shipped_settings_have_none(broken) -> None:
    """So that each broken variant has one cause."""
    assert _problems(broken()) == ()


MISTAKES = [
    # Keys that nobody reads.
    ("detail =", "detial =", "`detial` is no key of [messages]: the nearest known key is `detail`"),
    ("title =", "titel =", "`titel` is no key of this file: the nearest known key is `title`"),
    ("[answers]", "[anwsers]", "`anwsers` is no key of this file: the nearest known key is `answers`"),
    ("[[maps]]", "[[map]]", "`map` is no key of this file: the nearest known key is `maps`"),
    ("middle =", "midle =", "`midle` in [layers] is no role that a test cell asks for: the nearest is `middle`"),
    ('layer = "', 'layr = "', "`layr` is no key of [[maps]] number 1: the nearest known key is `layer`"),
    ("scale = 255", "scale = 255\nimages = 9", "`images` is no key of [data]: it belongs in [answers]"),
    ("seed = 2017", "seed = 2017\ntitle = 'x'", "`title` is no key of [otter]: it belongs before the first table"),
    ("seed = 2017", "seed = 2017\nqqq = 1", "`qqq` is no key of [otter]: known are `python`, `seed`"),
    # Keys that are missing.
    ('title = "Mapping representations"\n', "", "`title` is missing; expected: text"),
    ("images = 1000", "", "`images` in [answers] is missing; expected: a whole number above 15"),
    ('embedding = "deep_emb"', "", "`embedding` in [[maps]] number 1 is missing"),
    ("middle = [", "# [", '[layers] has no `middle`, and a test cell asks for the role "middle"'),
    # Types.
    ('title = "Mapping representations"', "title = 5", "`title` is 5; expected: text"),
    ('deep = ["dense", "dense_relu", "dense_dropout"]', 'deep = "dense"', "`deep` in [layers] is 'dense'; expected"),
    ("images = 1000", 'images = "many"', "`images` in [answers] is 'many'; expected: a whole number"),
    ("images = 1000", "images = true", "`images` in [answers] is true; expected: a whole number"),
    ("images = 1000", "images = 1000.5", "`images` in [answers] is 1000.5; expected: a whole number"),
    ("points = 500", 'points = "500"', "`points` in [answers] is '500'; expected: a whole number"),
    ("scale = 255", 'scale = "255"', "`scale` in [data] is '255'; expected: a number above 0"),
    ("seed = 2017", "seed = true", "`seed` in [otter] is true; expected: a whole number"),
    ('python = "3.11"', "python = 3.11", '`python` in [otter] is 3.11; expected: "3.11"'),
    ("files = [", "files = [3, ", "`files` in [release] holds 3; expected: a list of files"),
    ('requirements = ["numpy", ', 'requirements = "numpy" # [', "`requirements` in [release] is 'numpy'; expected: a list"),
    ('student_readme = "STUDENT.md"', 'student_readme = ["STUDENT.md"]', "`student_readme` in [release] is ['STUDENT.md']"),
    ("[messages]\n", "[[messages]]\n", "[messages] is [{'detail': 'full'}]; expected: a table"),
    # Values.
    ('title = "Mapping representations"', 'title = " "', "`title` is empty"),
    ("images = 1000", "images = 15", "`images` in [answers] is 15; expected: a whole number above 15"),
    ("images = 1000", "images = 100000", "`images` in [answers] is 100000, and the sample has 6000 training images"),
    ("points = 500", "points = 0", "`points` in [answers] is 0; expected: a whole number above 0"),
    ("points = 500", "points = 1001", "`points` in [answers] is 1001, and a map has 1000 points"),
    ("scale = 255", "scale = 0", "`scale` in [data] is 0; expected: a number above 0"),
    ("scale = 255", "scale = inf", "`scale` in [data] is inf; expected: a number above 0"),
    ("seed = 2017", "seed = -1", "`seed` in [otter] is -1; expected: a whole number"),
    ('python = "3.11"', 'python = "2.7"', "`python` in [otter] is '2.7'; expected: \"3.11\""),
    ('detail = "full"', 'detail = "Full"', "`detail` in [messages] is 'Full'; expected: \"brief\" or \"full\""),
    ("[messages]", "[gradescope]\nseconds = 'long'\n[messages]", "`seconds` in [gradescope] is 'long'; expected: a number"),
    ("[messages]", "[gradescope]\nseconds = 0\n[messages]", "`seconds` in [gradescope] is 0; expected: a number, at least 1"),
    ("[messages]", "[gradescope]\nseconds = nan\n[messages]", "`seconds` in [gradescope] is nan; expected: a number"),
    ("[messages]", "[gradescope]\nseconds = true\n[messages]", "`seconds` in [gradescope] is true; expected: a number"),
    ('flat = ["deep"]', 'flat = ["deap"]', "`flat` in [layers] names the role 'deap', which no layers are named for; the nearest is 'deep'"),
    ('class_scores = ["scores", "softmax"]', 'class_scores = ["scores"]\nhigh = ["dense"]', "`high` in [layers] is no role that a test cell asks for: asked for are `deep`, `middle`"),
    ('class_scores = ["scores", "softmax"]', "class_scores = []", "`class_scores` in [layers] is []; expected: a list"),
    ('class_scores = ["', 'class_scores = ["pool", "', "`class_scores` in [layers] names 'pool', which `middle` accepts"),
    ('deep = ["', 'deep = ["xyz", "', "which mnist_cnn.json doesn't have; there are 'conv1', 'conv1_relu'"),
    ('class_scores = ["scores", ', 'class_scores = ["softmax", ', "`class_scores` in [layers] names 'softmax' twice"),
    # Files, distributions, layers and cells.
    ("mnist_sample.LICENSE.txt", "mnist_sample.txt", "`files` in [release] names the file 'mnist_sample.txt', which isn't there"),
    ('files = ["', 'files = ["../secret.txt", "', "`files` in [release] names the file '../secret.txt', which lies outside"),
    ('files = ["', 'files = ["assignment.toml", "', "names the file 'assignment.toml', which students must not see"),
    ('files = ["', f'files = ["{NAME}.ipynb", "', f"names the file '{NAME}.ipynb', which students must not see"),
    ('student_readme = "STUDENT.md"', 'student_readme = "STUDNET.md"', "which isn't there; the nearest is 'STUDENT.md'"),
    ('sample = "mnist_sample.npz"', 'sample = "mnist_cnn_training.json"', "'mnist_cnn_training.json', which [release] doesn't"),
    ('sample = "mnist_sample.npz"', 'sample = "mnist_cnn.json"', "names 'mnist_cnn.json', which is no .npz of arrays"),
    ('weights = "mnist_cnn.weights.h5"', 'weights = "mnist_cnn.json"', "names 'mnist_cnn.json', which holds no weights"),
    ('structure = "mnist_cnn.json"', 'structure = "mnist_sample.npz"', "names 'mnist_sample.npz', which is no model's structure"),
    ('requirements = ["numpy"', 'requirements = ["numpyy"', "names 'numpyy', which is not in requirements.lock; the nearest is 'numpy'"),
    ('requirements = ["numpy"', 'requirements = ["numpy==2.0"', "names 'numpy==2.0', whose version comes from requirements.lock: leave '2.0' out"),
    ('requirements = ["numpy"', 'requirements = ["numpy>=2.0"', "names 'numpy>=2.0', which is no distribution"),
    ('requirements = ["numpy"', 'requirements = ["torch==new"', "names 'torch==new', which is no distribution"),
    ('"dense_dropout"', '"dense_dropuot"', "names the layer 'dense_dropuot', which mnist_cnn.json doesn't have; the nearest is 'dense_dropout'"),
    ('deep = ["', 'deep = ["image", "', "`deep` in [layers] names the layer 'image', which mnist_cnn.json doesn't have"),
    ('check = "ex2_embedding"', 'check = "ex2_embeding"', "no test cell has this grade_id; the nearest is 'ex2_embedding'"),
    ('check = "ex2_embedding"', 'check = "ex2_map"', "`check` in [[maps]] number 1 is 'ex2_map', and no test cell has this grade_id"),
    ('embedding = "middle_emb"', 'embedding = "middle_em"', "`embedding` in [[maps]] number 2 is 'middle_em', which no solution cell assigns"),
    ('representation = "deep_reps"', 'representation = "deep reps"', "`representation` in [[maps]] number 1 is 'deep reps', which is no name of Python"),
    ("[messages]", '[[submissions]]\ntitle = "x"\ncell = "ex2_mapp"\ntext = ""\n[messages]', "`cell` in [[submissions]] number 1 is 'ex2_mapp', and no solution cell has this grade_id; the nearest is 'ex2_map'"),
    ("[[maps]]", "[[submission]]\n[[maps]]", "`submission` is no key of this file: the nearest known key is `submissions`"),
    ('title = "Deep layer"', "title = 5", "`title` in [[maps]] number 1 is 5; expected: text"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), MISTAKES, ids=[new.strip()[:40] or old for old, new, _ in MISTAKES])
def test_a_mistake_is_named(broken, old: str, new: str, words: str) -> None:
    """One change, one mistake, in the line of its key, or of its table where a key is missing."""
    folder = broken((old, new))
    problems = _problems(folder)
    assert [words in problem.message for problem in problems] == [True], [str(problem) for problem in problems]
    assert problems[0].file == folder / "assignment.toml"
    changed = new.strip().splitlines()[-1] if new.strip() and "# [" not in new else ""
    if changed and not changed.startswith("["):
        assert problems[0].line == line_of(folder, changed)


DEADLINES = [
    # What stands in the file, the line that is wrong, and what is said of it.
    (f"{DUE}'Europe/Berlni'", "zone", "`zone` in [deadline] names the time zone 'Europe/Berlni', which isn't known here; the nearest is 'Europe/Berlin'"),
    (f"{DUE}3", "zone", "`zone` in [deadline] is 3; expected: the name of a time zone"),
    ("[deadline]\nat = 2026-03-01T23:59:00", "[deadline]", "`zone` in [deadline] is missing; expected: the name of a time zone"),
    ("[deadline]\nzone = 'UTC'\nat = 2026-03-01", "at = 2", "`at` in [deadline] is 2026-03-01; expected: a date with a time"),
    ("[deadline]\nzone = 'UTC'\nat = '2026-03-01T23:59:00'", "at = '", "`at` in [deadline] is '2026-03-01T23:59:00'; expected: a date with a time, without quotes"),
    ("[deadline]\nzone = 'UTC'\nat = 2026-03-01T23:59:00Z", "at = 2", "`at` in [deadline] is 2026-03-01T23:59:00+00:00, with an offset; the time zone stands in `zone` alone"),
    ("[deadline]\nzone = 'UTC'\nat = 0206-03-01T23:59:00", "at = 0", "`at` in [deadline] is 0206-03-01T23:59:00, in the year 206"),
    ("[deadline]\nzone = 'Europe/Berlin'\nat = 2026-03-29T02:30:00", "at = 2", "`at` in [deadline] is 2026-03-29T02:30:00, which no clock in Europe/Berlin shows"),
    ("[late]\npercent = 10", "[late]", "[late] stands alone: who is late follows from [deadline], which isn't there"),
    (f"{DUE}'UTC'\n[late]\nper = 'day'", "[late]", "`percent` in [late] is missing; expected: a number above 0, at most 100"),
    (f"{DUE}'UTC'\n[late]\npercent = 0", "percent", "`percent` in [late] is 0; expected: a number above 0, at most 100"),
    (f"{DUE}'UTC'\n[late]\npercent = 10\nper = 'week'", "per =", "`per` in [late] is 'week'; expected: \"day\" or \"hour\""),
    (f"{DUE}'UTC'\n[late]\npercent = 10\ncap = 200", "cap", "`cap` in [late] is 200; expected: a number above 0, at most 100"),
    (f"{DUE}'UTC'\n[late]\npercent = 10\ngrace_minutes = -1", "grace_minutes", "`grace_minutes` in [late] is -1; expected: a number from 0 to 1440"),
    (f"{DUE}'UTC'\n[late]\npercent = 10\ngrace = 5", "grace =", "`grace` is no key of [late]: known are `percent`, `per`, `cap`, `grace_minutes`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), DEADLINES)
def test_a_mistake_in_a_deadline_is_named(broken, text: str, line: str, words: str) -> None:
    """In the line of its key, or of its table where a key is missing."""
    folder = broken(("[messages]", f"{text}\n[messages]"))
    (problem,) = _problems(folder)
    assert words in problem.message
    assert problem.line == line_of(folder, line)


@pytest.mark.parametrize(
    ("old", "new"),
    [('check = "ex3_embedding"', 'check = "ex2_embedding"'), ('title = "Middle layer"', 'title = "Deep layer"')],
)
def test_two_maps_that_are_alike_are_named_both(broken, old: str, new: str) -> None:
    """Either may be the wrong one."""
    problems = _problems(broken((old, new)))
    assert ["in two maps" in problem.message for problem in problems] == [True, True]
    assert problems[0].line < problems[1].line


def test_a_build_lists_all_of_them_at_once(broken, course: Path) -> None:
    """Before anything is compiled, and with the notebook's own mistakes behind them."""
    folder = broken(
        ("detail =", "detial ="),
        ('deep = ["dense", "dense_relu", "dense_dropout"]', 'deep = "dense"'),
        ("images = 1000", 'images = "many"'),
        ('title = "Mapping representations"', "title = 5"),
        ('middle = ["conv1"', 'middle = ["conv11"'),
    )
    notebook = folder / f"{NAME}.ipynb"
    sound = notebook.read_text("utf-8")
    notebook.write_text(sound.replace("### END HIDDEN TESTS", "### END", 1), encoding="utf-8")
    told: list[str] = []
    try:
        with pytest.raises(SourceError, match=f"{NAME} has 6 mistakes; nothing was written") as caught:
            build(course, NAME, tell=told.append)
    finally:
        notebook.write_text(sound, encoding="utf-8")
    for words in ("detial", "'dense'", "'many'", "`title` is 5", "'conv11'", "has no END HIDDEN TESTS"):
        assert words in caught.value.message
    assert told == []


@pytest.mark.parametrize("table", ["model", "data", "answers", "layers"])
def test_what_is_about_a_network_stands_together(broken, table: str) -> None:
    """Each of the four tables is missed, since the tests call the hidden checks."""
    folder = broken((f"[{table}]", "[maps_]"))
    assert any(f"[{table}] is missing" in problem.message for problem in _problems(folder))


def test_the_file_alone_can_be_read(root: Path, tmp_path: Path) -> None:
    """Gradescope's container and a cluster's workers have neither the files that it names nor the notebook."""
    folder = tmp_path / NAME
    folder.mkdir()
    shutil.copy(root / "source" / NAME / "assignment.toml", folder)
    assignment = read_assignment(folder)
    assert (assignment.name, assignment.seed, assignment.seconds) == (NAME, 2017, 480.0)
    assert [each.check for each in assignment.maps] == ["ex2_embedding", "ex3_embedding"]


def test_who_judges_imports_no_schema() -> None:
    """pydantic takes a tenth of a second, and a megabyte in each judging process."""
    code = "import autograder.judging.process, autograder.hidden.judge, sys; print('pydantic' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_a_deadline_is_read(broken) -> None:
    """With its zone and its policy; a policy is none by default, and a file without either has no deadline."""
    assert read_assignment(broken()).deadline is None
    assert read_deadline(broken()) is None
    table = f"{DUE}'Europe/Berlin'\n"
    at = datetime(2026, 3, 1, 23, 59)  # noqa: DTZ001 - its zone stands beside it
    folder = broken(("[messages]", f"{table}[messages]"))
    assert _problems(folder) == ()
    assert read_deadline(folder) == read_assignment(folder).deadline == Deadline(at, "Europe/Berlin")
    policy = "[late]\npercent = 2.5\nper = 'hour'\ncap = 50\ngrace_minutes = 15\n"
    folder = broken(("[messages]", f"{table}{policy}[messages]"))
    assert _problems(folder) == ()
    assert read_deadline(folder) == Deadline(at, "Europe/Berlin", 2.5, "hour", 50.0, 15.0)


def test_without_data_of_time_zones_the_file_can_be_read(broken, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradescope's container has none, and grades by no deadline."""
    monkeypatch.setattr("autograder.assignment.entries.available_timezones", set)
    folder = broken(("[messages]", f"{DUE}'Europe/Berlin'\n[messages]"))
    assert read_assignment(folder).deadline is not None


def test_a_deadline_says_nothing_about_the_network(broken) -> None:
    """What `assess` has measured holds as long as the network does, whatever the deadline."""
    before = network_digest(broken())
    assert network_digest(broken(("[messages]", f"{DUE}'UTC'\n[late]\npercent = 10\n[messages]"))) == before
    assert network_digest(broken(("points = 500", "points = 400"))) != before
