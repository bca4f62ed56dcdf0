"""Given cells run once for a class: notebooks come out as if each had run them, and start from the same state."""

import socket

import pytest
from nbformat.v4 import new_code_cell

from autograder.assignment.plan import make_plan
from autograder.execute.engine import Engine
from autograder.model import Submission
from autograder.sandbox.forkserver import Forkserver

from .conftest import LIGHT, LIMITS
from .small import CELLS, make_small, submit

pytestmark = pytest.mark.needs("bubblewrap")

SHOWS = 'print("data:", data)\nprint("n:", n)\nshared = [1]\nn\n'


def _with_given(tmp_path, *sources):
    """Return the small assignment with more given cells in front."""
    more = [(f"given{number}", "given", "code", source, "", 0) for number, source in enumerate(sources)]
    return make_small(tmp_path / "assignment", [*CELLS[:2], *more, *CELLS[2:]])


@pytest.fixture
def wholes(monkeypatch):
    """The kernels that are forked from the process in which nothing has run."""
    fork, seen = Forkserver.fork, []

    def note(self, request, maps=None):
        seen.append(request)
        return fork(self, request, maps)

    monkeypatch.setattr(Forkserver, "fork", note)
    return seen


def _engine(plan, threads=1, modules=LIGHT):
    return Engine(plan, limits=LIMITS, threads=threads, modules=modules)


def _code_cells(result):
    return [(cell.execution_count, cell.outputs) for cell in result.notebook.cells if cell.cell_type == "code"]


def test_a_notebook_comes_out_as_if_it_had_run_them(tmp_path, wholes):
    """Outputs, their order and numbers, names and working folder: the same as in a kernel that runs everything."""
    plan = _with_given(tmp_path, SHOWS, "import sys\nprint('to stderr', file=sys.stderr)")
    answer = "import os\nprint(os.getcwd(), sorted(os.listdir()), n, data)\nshared, answer = _, 42"
    with _engine(plan) as begun:
        fast = begun.run(submit(tmp_path, plan, answer))
        assert not wholes
    with _engine(plan, threads=2) as whole:
        slow = whole.run(submit(tmp_path, plan, answer))
        assert len(wholes) == 1
    assert fast.result.score == slow.result.score == 5
    assert _code_cells(fast) == _code_cells(slow)
    texts = "".join(output.get("text", "") for _, outputs in _code_cells(fast) for output in outputs)
    assert "data: data" in texts
    assert "to stderr" in texts
    assert any(output.output_type == "execute_result" for _, outputs in _code_cells(fast) for output in outputs)


def test_lines_added_to_a_given_cell_run_behind_all_of_them(tmp_path, wholes):
    """A student who adds an import to a given cell has the class's start all the same."""
    plan = _with_given(tmp_path, SHOWS)

    def edit(notebook):
        notebook.cells[1].source += "\nimport math\nn = 7"

    with _engine(plan) as engine:
        result = engine.run(submit(tmp_path, plan, "answer = math.floor(42.5) if n == 6 else n", edit=edit)).result
    assert (result.score, result.status) == (5, "graded")
    assert "`setup`" in result.message
    assert not wholes


def test_nothing_goes_from_one_notebook_to_the_next(tmp_path, wholes):
    """What a student does to a given cell's names is gone with the kernel."""
    plan = _with_given(tmp_path, SHOWS, "lines = open('data.txt')")
    with _engine(plan) as engine:
        spoil = "shared.append(2)\nn = 7\nimport numpy\nnumpy.arange = None\nlines.seek(3)\nanswer = 42"
        engine.run(submit(tmp_path, plan, spoil))
        ask = "assert shared == [1] and n == 6, (shared, n)\nassert lines.read() == 'data\\n'\nanswer = 42"
        assert engine.run(submit(tmp_path, plan, ask)).result.score == 5
    assert not wholes


def test_a_notebook_that_begins_otherwise_begins_at_its_beginning(tmp_path, plan, wholes):
    """A student's own cell in front of a given one may change what that does."""

    def put_in_front(notebook):
        notebook.cells.insert(0, new_code_cell("print('mine')"))

    with _engine(plan) as engine:
        result = engine.run(submit(tmp_path, plan, edit=put_in_front))
        assert result.result.score == 5
        assert len(wholes) == 1
        assert "mine" in str(result.notebook)


@pytest.mark.parametrize(
    "given",
    [
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "open('result.txt', 'w').close()",
        "import os\nopen(f'/tmp/result-{os.getuid()}.txt', 'w').close()",
        "import mmap\nshared = mmap.mmap(-1, 100)",
        "import tempfile\nshared = tempfile.TemporaryFile()",
        "import os\npipe = os.pipe()",
        "import os\nassert os.getcwd() != '/release'",
        "import os\nif os.getcwd() == '/release':\n    os._exit(3)",
    ],
)
def test_given_cells_that_can_not_run_once_run_each_time(tmp_path, wholes, given):
    """A cell that fails, leaves a thread, writes a file or shares something runs in each kernel, as it did before."""
    plan = _with_given(tmp_path, given)
    with _engine(plan) as engine:
        for number in (1, 2):
            assert engine.run(submit(tmp_path, plan)).result.score == 5
            assert len(wholes) >= number


def test_the_death_of_the_process_costs_nothing(tmp_path, plan, wholes):
    """The next notebook begins at its beginning, the one after is past the given cells again."""
    with _engine(plan) as engine:
        engine.run(submit(tmp_path, plan))
        engine._sources._shared_start._control.shutdown(socket.SHUT_RDWR)
        assert engine.run(submit(tmp_path, plan)).result.score == 5
        assert len(wholes) == 1
        assert engine.run(submit(tmp_path, plan)).result.score == 5
        assert len(wholes) == 1


def test_a_cell_that_ends_its_kernel_costs_its_own_question(tmp_path, plan, wholes):
    """The kernel behind it is past the given cells too."""
    with _engine(plan) as engine:
        result = engine.run(submit(tmp_path, plan, "import os\nos._exit(1)")).result
    assert [check.score for check in result.checks] == [0, 3]
    assert not wholes


TENSORS = "import tensorflow as tf\nweights = tf.Variable([1.0, 2.0])\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "kernels"),
    [
        ("answer = 42 * int(tf.reduce_sum(weights * 2) / 6)", 0),
        ("answer = 42 * int(tf.function(lambda: tf.reduce_sum(weights * 2) / 6)())", 1),
        ("answer = sum(int(x) for x in tf.data.Dataset.from_tensor_slices([40, 2]).map(lambda x: x))", 0),
        ("import os\nos._exit(86)", 2),
    ],
)
def test_what_needs_threads_runs_where_there_are_some(tmp_path, wholes, answer, kernels):
    """Operations run in a kernel whose TensorFlow lost its threads, graphs in one that has them."""
    plan = _with_given(tmp_path, TENSORS)
    with _engine(plan, modules=("numpy", "tensorflow")) as engine:
        result = engine.run(submit(tmp_path, plan, answer)).result
    assert result.score == (5 if "_exit" not in answer else 3)
    assert len(wholes) == kernels


NETWORK = """import keras
import numpy as np

keras.utils.set_random_seed(0)
images = np.random.default_rng(0).random((70, 8, 8, 1)).astype("float32")
network = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3), keras.layers.Flatten(), keras.layers.Dense(3)])
expected = np.array(network(images))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("predicted", "kernels"),
    [
        ("network.predict(images)", 0),
        ("network.predict(images, batch_size=7, verbose=0)", 0),
        ("network.predict(keras.ops.convert_to_tensor(images), verbose=0)", 0),
        (
            "keras.Model(network.inputs, [network.layers[0].output, network.layers[2].output]).predict(images, verbose=2)[1]",
            0,
        ),
        ("network.predict_on_batch(images)", 0),
        ("network.predict(__import__('tensorflow').data.Dataset.from_tensor_slices(images).batch(9), verbose=0)", 0),
        (
            "type('Own', (keras.Sequential,), {'predict_step': lambda self, x: self(x)})(network.layers).predict(images)",
            1,
        ),
        ("[network.compile(loss='mse'), network.fit(images, expected, verbose=0), expected][-1]", 1),
    ],
)
def test_predict_needs_no_threads(tmp_path, wholes, predicted, kernels):
    """Keras's own `predict`, batch by batch and with its progress bar; what it can't do so runs where threads are."""
    plan = _with_given(tmp_path, NETWORK)
    answer = f"predicted = {predicted}\nanswer = 42 if np.allclose(predicted, expected, atol=1e-5) else predicted.shape"
    with _engine(plan, modules=("numpy", "tensorflow", "keras")) as engine:
        result = engine.run(submit(tmp_path, plan, answer))
    errors = [
        output.evalue for _, outputs in _code_cells(result) for output in outputs if output.output_type == "error"
    ]
    assert (result.result.score, result.result.message, errors) == (5, None, [])
    assert len(wholes) == kernels
    bar = "3/3" if "images)" in predicted and "verbose" not in predicted and "batch" not in predicted else ""
    assert bar in "".join(output.get("text", "") for _, outputs in _code_cells(result) for output in outputs)


@pytest.mark.slow
def test_the_given_cells_of_the_real_assignment_run_once(root, tmp_path, wholes):
    """Network, map, plot, fonts that matplotlib keeps open: nothing of it makes kernels begin at the beginning."""
    name = "mapping_representations"
    plan = make_plan(root / "source" / name, root / "release" / "nbgrader" / name)
    with Engine(plan, threads=1) as engine:
        blank = Submission("s", name, plan.release / f"{name}.ipynb", "x")
        results = [engine.run(blank).result for _ in range(2)]
    assert [(result.status, result.score) for result in results] == [("graded", 0), ("graded", 0)]
    assert not wholes
