"""The functions of other libraries that are replaced: one table, and `replace` takes nothing else.

Where a name is gone in another version, the library's own behaviour stays, and one line is logged.
Where a notebook has replaced or subclassed something that a row's `around` names, the library's own
function is called: code that follows a computation, or changes it, runs as it does in Jupyter.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

__all__ = ["REPLACED", "Replaced", "keep_libraries_as_they_are", "replace", "replaced", "stand_in"]

Makes = Mapping[str, Callable[[Any], Any]]
"""For each name in a module, what makes ours of the library's own."""

_LOG = logging.getLogger("autograder.patches")


@dataclass(frozen=True)
class Replaced:
    """One function, class or module of another library that is replaced in processes of ours.

    Attributes:
        library: the distribution that has it.
        name: the module, and behind a colon the name in it; a module alone is replaced whole.
        why: what it is replaced for.
        guard: when the library's own works all the same.
        test: the test that holds that nothing else changes.
        issue: where the library's own project speaks of it; "" where nobody has.
        around: what the library's own goes through, and ours does not: a module, everything below
            it ("keras.src.ops.*"), or behind a colon a class or a function in it.
    """

    library: str
    name: str
    why: str
    guard: str
    test: str
    issue: str = ""
    around: tuple[str, ...] = ()


_T_SNE = "sklearn.manifold._t_sne"
_TRAINER = "keras.src.backend.tensorflow.trainer"
_SLOW_TSNE = "https://github.com/scikit-learn/scikit-learn/issues/10044"
_PREDICTS_ALL = "https://github.com/keras-team/keras/issues/21642"
_FORKS = "https://github.com/tensorflow/tensorflow/issues/51832"
_DRAWS_TWICE = "https://github.com/matplotlib/matplotlib/issues/12913"
_TEST_MAPS = "tests/reuse/test_service.py::test_it_is_what_scikit_learn_computes"
_TEST_DESCENT = "tests/tsne/test_descent.py::test_steps_are_scikit_learns"
_TEST_PREDICT = "tests/execute/test_shared_start.py::test_predict_needs_no_threads"
_TEST_JOIN = "tests/reuse/test_predictions.py::test_batches_are_joined_as_keras_joins_them"
_TEST_PICTURES = (
    "tests/sandbox/inside/patches/test_matplotlib.py::test_pictures_are_the_same_and_each_image_in_them_is_made_once"
)

_TSNE_AROUND = (
    _T_SNE,
    f"{_T_SNE}:TSNE",
    "sklearn.manifold._utils",
    "sklearn.manifold._barnes_hut_tsne",
    "sklearn.decomposition._base:_BasePCA",
    "sklearn.decomposition._pca:PCA",
    "sklearn.metrics.pairwise",
    "sklearn.neighbors._base:KNeighborsMixin",
    "sklearn.neighbors._base:NeighborsBase",
    "sklearn.neighbors._unsupervised:NearestNeighbors",
)
_PREDICT_AROUND = (
    *(f"keras.src.{part}.*" for part in ("activations", "layers", "models", "ops", "trainers", "tree")),
    "keras.src.backend.common.*",
    "keras.src.backend.tensorflow.*",
    "tensorflow._api.v2.nn",
)
_BATCHES_AROUND = (f"{_TRAINER}.*", "keras.src.trainers.*")
_FORMULAS_AROUND = (
    "matplotlib.markers:MarkerStyle",
    "matplotlib.textpath:TextPath",
    "matplotlib.textpath:TextToPath",
    "matplotlib.mathtext:MathTextParser",
)
_IDLE_AROUND = (
    "matplotlib._pylab_helpers:Gcf",
    "matplotlib.backend_bases:FigureCanvasBase",
    "matplotlib.backend_bases:FigureManagerBase",
    "matplotlib.backends.backend_agg:FigureCanvasAgg",
    "matplotlib.figure:Figure",
)
_IMAGE_AROUND = tuple(f"matplotlib.image:{name}" for name in ("_ImageBase", "AxesImage", "BboxImage"))
_POINTS_AROUND = tuple(f"matplotlib.collections:{name}" for name in ("Collection", "PathCollection"))
_THUMBNAILS_AROUND = (
    *(f"matplotlib.offsetbox:{name}" for name in ("AnnotationBbox", "OffsetBox", "OffsetImage")),
    *_IMAGE_AROUND,
)

REPLACED = (
    Replaced(
        "scikit-learn",
        f"{_T_SNE}:TSNE._fit",
        "a class asks for the same maps: each is computed once, by the grader's side",
        "no service, no integer seed, `verbose`, settings that are no plain values, an answer that doesn't come",
        _TEST_MAPS,
        around=_TSNE_AROUND,
    ),
    Replaced(
        "scikit-learn",
        f"{_T_SNE}:TSNE._tsne",
        "puts the next three in place while a map is computed",
        "maps of fewer than 500 steps",
        "tests/tsne/test_descent.py::test_maps_of_few_steps_are_left_to_scikit_learn",
        _SLOW_TSNE,
    ),
    Replaced(
        "scikit-learn",
        f"{_T_SNE}:_gradient_descent",
        "fifty steps are one compiled call",
        "`verbose`, another objective than the next two",
        _TEST_DESCENT,
        _SLOW_TSNE,
    ),
    Replaced(
        "scikit-learn",
        f"{_T_SNE}:_kl_divergence",
        "all pairs in one vectorised loop",
        "other than two dimensions, points that are held, more than 4000 points",
        "tests/tsne/test_gradient.py::test_divergence_and_gradient_are_scikit_learns",
        _SLOW_TSNE,
    ),
    Replaced(
        "scikit-learn",
        f"{_T_SNE}:_kl_divergence_bh",
        "the same; exact is quicker than a tree for a thousand points",
        "the same",
        "tests/tsne/test_gradient.py::test_barnes_hut_without_its_approximation_is_scikit_learns",
        _SLOW_TSNE,
    ),
    Replaced(
        "scikit-learn",
        f"{_T_SNE}:NearestNeighbors",
        "distances of wide rows by one product in single precision",
        "1000 columns or fewer, more than 4000 rows, another metric, values too large for single precision",
        "tests/tsne/test_distances.py::test_neighbours_are_scikit_learns",
        "https://github.com/scikit-learn/scikit-learn/issues/9354",
    ),
    Replaced(
        "scikit-learn",
        f"{_T_SNE}:pairwise_distances",
        "the same, for exact t-SNE",
        "the same",
        "tests/tsne/test_distances.py::test_pairs_are_scikit_learns",
        "https://github.com/scikit-learn/scikit-learn/issues/9354",
    ),
    Replaced(
        "scikit-learn",
        "sklearn.manifold._utils:_binary_search_perplexity",
        "affinities of all pairs, every row at once",
        "nearest neighbours only, `verbose`, more than 4000 rows, distances that aren't finite",
        "tests/tsne/test_perplexity.py::test_affinities_are_scikit_learns",
        _SLOW_TSNE,
    ),
    Replaced(
        "keras",
        f"{_TRAINER}:TensorFlowTrainer.predict",
        "a class asks for the same layers: each is computed once, for the reference",
        "no service, a model, images or options of the student's own, an answer that doesn't come",
        "tests/reuse/test_predictions.py::test_a_remembered_prediction_is_the_computed_one",
        around=_PREDICT_AROUND,
    ),
    Replaced(
        "keras",
        f"{_TRAINER}:potentially_ragged_concat",
        "joins batches in place: Keras holds all of them three times",
        "batches that are no plain arrays, or of several shapes",
        _TEST_JOIN,
        _PREDICTS_ALL,
    ),
    Replaced(
        "keras",
        f"{_TRAINER}:convert_to_np_if_not_ragged",
        "takes the joined array as it is",
        "what is no array",
        _TEST_JOIN,
        _PREDICTS_ALL,
    ),
    Replaced(
        "keras",
        f"{_TRAINER}:TFEpochIterator",
        "`predict` cuts arrays by NumPy, in kernels that lack TensorFlow's threads",
        "targets, anything that is no array",
        _TEST_PREDICT,
        _FORKS,
        around=_BATCHES_AROUND,
    ),
    Replaced(
        "keras",
        f"{_TRAINER}:TensorFlowTrainer.make_predict_function",
        "`predict` runs operation by operation in these kernels",
        "a `predict_step` of the student's own, several steps an execution",
        _TEST_PREDICT,
        _FORKS,
        around=_BATCHES_AROUND,
    ),
    Replaced(
        "tensorflow",
        "tensorflow.python.eager.polymorphic_function.polymorphic_function:Function.__call__",
        "a graph would wait for ever in these kernels: they end, and the notebook runs again in one that lacks nothing",
        "kernels that have all threads",
        "tests/execute/test_shared_start.py::test_what_needs_threads_runs_where_there_are_some",
        _FORKS,
    ),
    Replaced(
        "matplotlib",
        "matplotlib.markers:MarkerStyle._set_mathtext_path",
        "remembers the outlines of formulas that stand for points: ten digits in each figure",
        "a formula, or settings of fonts, that weren't seen before",
        _TEST_PICTURES,
        "https://github.com/matplotlib/matplotlib/issues/20821",
        around=_FORMULAS_AROUND,
    ),
    Replaced(
        "matplotlib",
        "matplotlib.pyplot:_draw_all_if_interactive",
        "draws no figure after each cell, which nobody sees",
        "never: figures are drawn when they are shown",
        _TEST_PICTURES,
        around=_IDLE_AROUND,
    ),
    Replaced(
        "matplotlib",
        "matplotlib.image:_ImageBase.draw",
        "prepares no image in the drawing that only finds places",
        "renderers that draw, arrows",
        _TEST_PICTURES,
        _DRAWS_TWICE,
        around=_IMAGE_AROUND,
    ),
    Replaced(
        "matplotlib",
        "matplotlib.collections:Collection.draw",
        "the same, for points",
        "the same",
        _TEST_PICTURES,
        _DRAWS_TWICE,
        around=_POINTS_AROUND,
    ),
    Replaced(
        "matplotlib",
        "matplotlib.offsetbox:AnnotationBbox.draw",
        "the same, for thumbnails",
        "the same",
        _TEST_PICTURES,
        _DRAWS_TWICE,
        around=_THUMBNAILS_AROUND,
    ),
    Replaced(
        "matplotlib",
        "matplotlib.backends.backend_agg:FigureCanvasAgg._print_pil",
        "compresses PNG pictures quickly",
        "other formats, a level that was asked for",
        _TEST_PICTURES,
        "https://github.com/matplotlib/matplotlib/issues/5397",
    ),
    Replaced(
        "ipykernel",
        "ipykernel.debugger",
        "nobody debugs in a kernel of ours, and its import takes a third of a second",
        "never",
        "tests/sandbox/inside/patches/test_ipykernel.py::test_the_debugger_is_left_out",
        "https://github.com/ipython/ipykernel/pull/1543",
    ),
    Replaced(
        "ipykernel",
        "ipykernel.ipkernel:sys",
        "a new kernel lists no modules for its debugger: each would be a page of memory to copy",
        "everything but `sys.modules`, and everything once the kernel is made",
        "tests/sandbox/inside/patches/test_ipykernel.py::test_a_new_kernel_lists_no_modules",
    ),
    Replaced(
        "ipykernel",
        "ipykernel.zmqshell:ZMQInteractiveShell.enable_gui",
        "`%matplotlib inline` asks a kernel that isn't there yet, while given cells run once for a class",
        "kernels; windows are refused",
        "tests/sandbox/inside/patches/test_ipykernel.py::test_given_cells_open_no_windows",
    ),
    Replaced(
        "rfc3987-syntax",
        "rfc3987_syntax",
        "its grammar takes a second and a half, to check addresses that notebooks have none of",
        "`--plain`",
        "tests/sandbox/inside/patches/test_grader.py::test_no_grammar_is_built",
        "https://github.com/python-jsonschema/jsonschema/pull/1521",
    ),
    Replaced(
        "sqlalchemy",
        "sqlalchemy.orm.scoping:scoped_session.commit",
        "one submission is one step in the gradebook: nbgrader's functions commit after each of theirs",
        "every commit but those of nbgrader's functions",
        "tests/sandbox/inside/patches/test_grader.py::test_a_submission_is_one_step",
    ),
)
"""Every row, by library."""

_NAMES = {row.name: row for row in REPLACED}
# A module that isn't there is only missed where this one, which loads it, is.
_LOADED_BY = {
    "sklearn": "sklearn.manifold",
    "keras": "keras",
    "tensorflow": "tensorflow",
    "matplotlib": "matplotlib.pyplot",
    "ipykernel": "ipykernel.ipkernel",
    "sqlalchemy": "sqlalchemy.orm",
}
_as_they_are = False
_own: dict[Any, dict[str, Any]] = {}
"""The functions of modules and classes, as their library, or `replace`, left them."""


def keep_libraries_as_they_are() -> None:
    """Replace nothing in this process and its forks from now on: `autograder grade --plain`."""
    global _as_they_are  # noqa: PLW0603 (a switch of the process)
    _as_they_are = True


def replace(module: str, makes: Makes) -> Callable[[], None]:
    """Replace names in a loaded module, all or none; return what puts the library's own back.

    Args:
        module: the module.
        makes: for each name in it, what makes ours of the library's own.

    Raises:
        KeyError: a name is no row of the table.
    """
    places = [_find(_NAMES[f"{module}:{name}"], module, name) for name in makes]
    there = [place for place in places if place is not None]
    if len(there) < len(places):
        return lambda: None
    for (owner, name, theirs), (full, make) in zip(there, makes.items(), strict=True):
        around = _NAMES[f"{module}:{full}"].around
        _put(owner, name, _standing_back(make(theirs), theirs, owner, around) if around else make(theirs))

    def put_back() -> None:
        """Put the library's own back."""
        for owner, name, theirs in there:
            _put(owner, name, theirs)

    return put_back


def _put(owner: Any, name: str, value: Any) -> None:
    """Set a module's or class's name; that was not the notebook."""
    setattr(owner, name, value)
    if name in _own.get(owner, ()):
        _own[owner][name] = vars(owner)[name]


def _standing_back(ours: Any, theirs: Any, owner: Any, around: tuple[str, ...]) -> Callable[..., Any]:
    """Return a function that is ours, and the library's where a notebook changed what ours goes around.

    Args:
        ours: what replaces it.
        theirs: the library's own.
        owner: the module or the class that has it.
        around: as in `Replaced`.
    """
    spaces = tuple(dict.fromkeys(space for name in around for space in _spaces(name)))
    for space in spaces:
        _own.setdefault(space, {name: value for name, value in vars(space).items() if _computes(value)})

    @functools.wraps(theirs)
    def choose(*args: Any, **kwargs: Any) -> Any:
        """Call one of the two."""
        subclassed = isinstance(owner, type) and not _is_librarys(type(args[0]), owner)
        return (theirs if subclassed or not _as_left(spaces) else ours)(*args, **kwargs)

    return choose


def _spaces(name: str) -> Iterator[Any]:
    """Yield the loaded modules and classes that an `around` names."""
    path, _, inside = name.partition(":")
    modules = [path]
    if path.endswith(".*"):
        root = path[:-2]
        modules = [loaded for loaded in [*sys.modules] if loaded == root or loaded.startswith(f"{root}.")]
    for module in (sys.modules[path] for path in modules if path in sys.modules):
        if inside:
            yield from filter(None, [getattr(module, inside, None)])
        else:
            yield module
        if path.endswith(".*"):
            yield from (
                kind for kind in vars(module).values() if isinstance(kind, type) and kind.__module__ == module.__name__
            )


def _computes(value: Any) -> bool:
    """Tell whether a name's value is a function, a class, a property or a module: what a notebook may replace."""
    return callable(value) or hasattr(type(value), "__get__") or isinstance(value, ModuleType)


def _as_left(spaces: tuple[Any, ...]) -> bool:
    """Tell whether each name is what the library, or `replace`, made of it."""
    return all(vars(space).get(name) is value for space in spaces for name, value in _own[space].items())


def _is_librarys(kind: type, owner: type) -> bool:
    """Tell whether an object's class, and those between it and the owner of a method, are the library's own."""
    library = owner.__module__.partition(".")[0]
    between = kind.__mro__[: kind.__mro__.index(owner)]
    return all(each.__module__.partition(".")[0] == library for each in between)


@contextlib.contextmanager
def replaced(module: str, makes: Makes) -> Iterator[None]:
    """Replace names in a module inside; arguments and errors are those of `replace`."""
    put_back = replace(module, makes)
    try:
        yield
    finally:
        put_back()


def stand_in(name: str, module: ModuleType | None) -> None:
    """Let imports find a module in the place of a library's own, before that is loaded.

    Args:
        name: the library's own.
        module: what is found; None lets the import fail.

    Raises:
        KeyError: it is no row of the table.
    """
    row = _NAMES[name]
    if _as_they_are:
        return
    if "." in name and importlib.util.find_spec(name) is None:
        _tell_gone(row)
    sys.modules.setdefault(name, module)  # type: ignore[arg-type]  # None is what makes an import fail


def _find(row: Replaced, module: str, name: str) -> tuple[Any, str, Any] | None:
    """Return a name's owner, its last part, and its value; None where nothing is to be replaced."""
    loaded_by = _LOADED_BY.get(module.partition(".")[0], module)
    if _as_they_are or not {module, loaded_by} & sys.modules.keys():
        return None
    *owners, last = name.split(".")
    try:
        owner = functools.reduce(getattr, owners, sys.modules[module])
        return owner, last, getattr(owner, last)
    except (KeyError, AttributeError):
        _tell_gone(row)
        return None


@functools.cache
def _tell_gone(row: Replaced) -> None:
    """Log, once, that a library has no such name any more."""
    _LOG.warning("%s has no %s here: its own behaviour stays", row.library, row.name)
