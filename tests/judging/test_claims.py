"""What is taken out is plain data, and what is read back is bounded and validated."""

import dataclasses
import json
import os
import sys

import numpy as np
import pytest

from autograder.checks import read_plot
from autograder.judging.claims import Opaque, parse_claims
from autograder.sandbox.inside.claims import Bounds, write_claims
from autograder.sandbox.limits import Limits
from autograder.sandbox.sealed_files import SealedFile, read_claims

LIMITS = Limits(answer=10_000, answers=20_000)
BOUNDS = Bounds(one=10_000, all=20_000, entries=1000, text=100)


@pytest.fixture
def carry(tmp_path):
    """Take values out and read them back."""

    def run(limits=LIMITS, **values):
        bounds = dataclasses.replace(BOUNDS, one=limits.answer, all=limits.answers)
        write_claims(values, tuple(values), str(tmp_path / "claims"), bounds)
        folder = os.open(tmp_path, os.O_PATH | os.O_DIRECTORY)
        try:
            return parse_claims(read_claims(folder, "claims", limits.answers), tuple(values), limits)
        finally:
            os.close(folder)

    return run


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -(2**70),
        0.1,
        float("inf"),
        "text",
        [1, 2.5, "x"],
        (1, (2, None)),
        {"a": [1], 2: "b"},
        [],
        [[1, 2], [3, 4]],
        list(range(1100)),
    ],
)
def test_plain_values_arrive_as_they_are(carry, value):
    """Numbers, texts and containers of them keep value and type."""
    assert carry(x=value)["x"] == value
    assert type(carry(x=value)["x"]) is type(value)


@pytest.mark.parametrize("dtype", ["<f4", "<f8", ">f4", "<f2", "|b1", "|u1", "<i8", "<c8"])
def test_arrays_arrive_as_base_class_arrays(carry, dtype):
    """Values, shape and dtype are kept, whatever the memory's order; a subclass is left behind."""

    class Mine(np.ndarray):
        pass

    array = np.arange(24).reshape(2, 3, 4).astype(dtype).transpose(2, 0, 1).view(Mine)
    read = carry(x=array)["x"]
    assert type(read) is np.ndarray
    assert read.dtype == np.dtype(dtype)
    assert np.array_equal(read, np.asarray(array))
    assert read.flags.writeable


def test_two_names_for_one_memory_travel_once(carry, tmp_path):
    """A reshaped view costs no second copy on the way."""
    array = np.zeros((10, 100), "f4")
    write_claims({"a": array, "b": array.reshape(-1)}, ("a", "b"), str(tmp_path / "both"), BOUNDS)
    assert (tmp_path / "both").stat().st_size < 2 * array.nbytes
    assert carry(a=array, b=array.reshape(-1))["b"].shape == (1000,)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (object(), "object"),
        (len, "builtin_function_or_method"),
        (np.array([object()]), "ndarray of object"),
        (np.array(["a"]), "ndarray of str32"),
    ],
)
def test_what_is_no_plain_data_is_told_by_its_type(carry, value, name):
    """An object arrives as the name of its type, and nothing else."""
    assert carry(x=value)["x"] == Opaque(name)


def test_what_is_too_large_stays(carry):
    """An array over its bound arrives as its shape; nothing of it is copied."""
    huge = np.broadcast_to(np.float64(0), (50, 25, 100_000, 100))
    assert carry(x=huge)["x"] == Opaque("ndarray", (50, 25, 100_000, 100))


def test_tensors_are_asked_for_their_values(carry):
    """Anything with a `numpy()` method is taken as the array that it gives."""

    class Tensor:
        def numpy(self):
            return np.ones((2, 2), "f4")

    assert carry(x=Tensor())["x"].shape == (2, 2)


def test_plots_arrive_as_points_and_labels(carry, monkeypatch):
    """Each Axes of a figure, of a list or of a mosaic."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    monkeypatch.setitem(sys.modules, "released_checks.read_plot", read_plot)
    figure, axes = plt.subplot_mosaic("ab")
    axes["a"].text(1, 2, "3")
    axes["b"].scatter([1, 2], [3, 4], label="7")
    for value in (figure, axes, [axes["a"], axes["b"]]):
        plot = carry(x=value)["x"]
        assert (plot.labels, plot.points.tolist()) == (("7", "7"), [[1, 3], [2, 4]])
        assert [(other.labels, other.points.tolist()) for other in plot.others] == [(("3",), [[1, 2]])]
    plt.close(figure)


def test_plots_of_too_many_points_stay_behind(carry, monkeypatch):
    """Comparing millions of points would take minutes; what is said of them is that they were too many."""
    monkeypatch.setitem(sys.modules, "released_checks.read_plot", read_plot)
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    axes.scatter(range(1001), range(1001))
    assert carry(x=axes, y=3) == {"x": Opaque("plot too long to be handed over"), "y": 3}


def test_forged_plots_of_too_many_points_are_no_claims():
    """All plots of a question count together."""
    limits = dataclasses.replace(LIMITS, entries=2)
    file = SealedFile.from_bytes(bytes(forged({"x": {**PLOT, "others": [PLOT]}, "y": PLOT}, b"x" * 16)))
    assert parse_claims(file, ("x", "y"), limits).keys() == {"x"}


def test_missing_names_are_missing(carry):
    """Only what is there is claimed."""
    assert carry() == {}


def forged(header, body=b""):
    """Return the bytes of a claim with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return bytearray(len(text).to_bytes(8, "little") + text + body)


ARRAY = {"kind": "array", "dtype": "<f8", "shape": [2], "place": 0}
PLOT = {"kind": "plot", "points": {**ARRAY, "shape": [1, 2]}, "labels": ["1"], "others": []}


@pytest.mark.parametrize(
    "raw",
    [
        bytearray(),
        bytearray(b"\xff" * 8),
        bytearray(b"\xff" * 100),
        forged(b"{"),
        forged(b"[" * 10_000),
        forged([]),
        forged({"x": None}),
        forged({"x": {"kind": "array"}}),
        forged({"x": {**ARRAY, "dtype": "O"}}, b"x" * 16),
        forged({"x": {**ARRAY, "dtype": "V8"}}, b"x" * 16),
        forged({"x": {**ARRAY, "dtype": "(,f4"}}, b"x" * 16),
        forged({"x": {**ARRAY, "dtype": [["a", "<f8"]]}}, b"x" * 16),
        forged({"x": {**ARRAY, "shape": [-1]}}, b"x" * 16),
        forged({"x": {**ARRAY, "shape": [2**60, 2**60]}}, b"x" * 16),
        forged({"x": {**ARRAY, "shape": [3]}}, b"x" * 16),
        forged({"x": {**ARRAY, "place": -8}}, b"x" * 16),
        forged({"x": {**ARRAY, "place": 8}}, b"x" * 16),
        forged({"x": {**ARRAY, "place": 0.5}}, b"x" * 16),
        forged({"x": {"kind": "plain", "value": {"a": 1}}}),
        forged({"x": {"kind": "dict", "items": [{"kind": "list", "items": []}, {"kind": "plain", "value": 1}]}}),
        forged({"x": {**PLOT, "labels": ["1", "2"]}}, b"x" * 16),
        forged({"x": {**PLOT, "others": [PLOT] * 21}}, b"x" * 16),
        forged({"x": {**PLOT, "others": {}}}, b"x" * 16),
        forged({"x": {**PLOT, "others": [{"points": 3}]}}, b"x" * 16),
        forged({"x": {"kind": "pickle", "value": "gASV"}}),
        forged({"x": {"kind": "list", "items": [{**ARRAY, "shape": [1000]}] * 10}}, b"x" * 8000),
        forged({"x": {"kind": "list", "dtype": "|u1", "shape": [8000], "place": 0}}, b"x" * 8000),
        forged({"x": {"kind": "large", "shape": [2**47, 2**47]}}),
        forged({"x": {"kind": "large", "shape": [0, 2**47, 2**47]}}),
    ],
)
def test_malformed_claims_are_no_claims(raw):
    """Whatever a hostile kernel writes, the worst is that an answer is missing."""
    assert parse_claims(SealedFile.from_bytes(bytes(raw)), ("x",), LIMITS) == {}


def test_arrays_lie_in_the_file_and_belong_to_one_name_each(carry):
    """What a check does to one answer happens to no other, though both are the same memory; large and small ones."""
    limits = Limits()
    for size in (3, 50_000):
        numbers = np.arange(float(size))
        answers = carry(limits, x=numbers, odd=np.uint8([1]), y=numbers, z=numbers[1:])
        assert [answers[name].flags.writeable for name in "xyz"] == [True] * 3
        assert [answers[name].flags.aligned for name in "xyz"] == [True] * 3
        answers["x"] += 1
        assert np.array_equal(answers["x"] - 1, answers["y"])
        assert np.array_equal(answers["y"][1:], answers["z"])


def test_a_claim_that_was_copied_stays_as_it_is(tmp_path):
    """A kernel that goes on writing into its file, or cuts it off, changes nothing."""
    (tmp_path / "claims").write_bytes(b"x" * 100_000)
    folder = os.open(tmp_path, os.O_PATH | os.O_DIRECTORY)
    with (tmp_path / "claims").open("r+b") as kernels:
        file = read_claims(folder, "claims", Limits().answers)
        array = file.numbers(0, (100_000,), np.dtype("u1"))
        kernels.write(b"y")
        kernels.truncate(0)
    os.close(folder)
    assert array.sum() == 100_000 * ord("x")
    with pytest.raises(PermissionError):
        os.pwrite(file.file, b"y", 0)
    assert not list(tmp_path.iterdir())


def test_a_types_name_can_be_a_types_name():
    """A name that no type can have would end the judging process, which makes a type of it."""
    raw = forged({"x": {"kind": "opaque", "type": "a\0b"}})
    name = parse_claims(SealedFile.from_bytes(raw), ("x",), LIMITS)["x"].type_name
    assert type(name, (), {}).__name__ == "ab"


def test_links_and_pipes_are_not_read(tmp_path):
    """A file that is a link, a pipe or too large is not opened as a claim."""
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (tmp_path / "link").symlink_to("secret")
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(2**30)
    folder = os.open(tmp_path, os.O_PATH | os.O_DIRECTORY)
    try:
        assert [read_claims(folder, name, LIMITS.answers) for name in ("link", "pipe", "large", "none")] == [None] * 4
    finally:
        os.close(folder)


def test_a_shape_that_has_no_end_is_no_list():
    """Nothing times nothing is nothing, and a list of 2**47 empty lists isn't: a claim like it is malformed."""
    text = json.dumps(
        {"x": {"kind": "list", "dtype": "<f4", "shape": [2**47, 0], "place": 0}, "y": {"kind": "plain", "value": 1}}
    )
    file = SealedFile.from_bytes(len(text).to_bytes(8, "little") + text.encode())
    assert parse_claims(file, ("x", "y"), LIMITS) == {"y": 1}


@pytest.mark.parametrize("kind", ["dict", "set"])
def test_keys_that_all_collide_are_no_claim(kind):
    """Each would be compared with all before it, where it is read and wherever a test looks one up."""
    keys = [{"kind": "plain", "value": number * (2**61 - 1)} for number in range(60_000)]
    raw = forged({"x": {"kind": kind, "items": keys}, "y": {"kind": "plain", "value": 1}})
    assert parse_claims(SealedFile.from_bytes(raw), ("x", "y"), LIMITS) == {"y": 1}


def test_honest_keys_may_have_the_same_hash(carry):
    """Powers of two have 61 hashes, and -1 has that of -2."""
    powers = {2.0**n: n for n in range(-40, 90)} | {-1: 0, -2: 0}
    assert carry(x=powers)["x"] == powers


def test_small_numbers_count_as_large_ones(carry):
    """Checks make at least four bytes of each: an array of truth values would take four times its own."""
    limits = dataclasses.replace(LIMITS, answer=4000)
    assert carry(limits, x=np.ones(1000, bool))["x"].sum() == 1000
    assert carry(limits, x=np.ones(1001, bool))["x"] == Opaque("ndarray", (1001,))
    raw = forged({"x": {"kind": "array", "dtype": "|b1", "shape": [1001], "place": 0}}, bytes(1001))
    assert parse_claims(SealedFile.from_bytes(raw), ("x",), limits) == {}
