"""Write `source/NAME/` for a network and its data: what `autograder new` does."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import nbformat
import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.errors import SourceError
from autograder.new.data import TrainingData, fit_to, read_data
from autograder.new.facts import MapFacts, facts_of, tell
from autograder.new.network import (
    Network,
    Roles,
    class_scores_of,
    propose_roles,
    read_network,
    table_of_layers,
)
from autograder.reuse.map_process import compute_quickly

__all__ = ["NewAssignment", "create"]

_TEMPLATES = Path(__file__).parent / "templates"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_LEAST_IMAGES = 100
_CLASSES_ABOVE = 10  # the map, in two rows
_CLASSES_A_COLUMN = 34
_NEW_CELL: dict[str, Callable[..., NotebookNode]] = {"code": new_code_cell, "markdown": new_markdown_cell}
_CELL = re.compile(
    r"^%%% (?P<id>\w+) (?P<kind>given|solution|test|written) (?P<type>code|markdown)(?: (?P<points>\d+))?(?P<bonus> bonus)?\n",
    re.MULTILINE,
)


@dataclass(frozen=True)
class NewAssignment:
    """What a new assignment is made from.

    Attributes:
        name: its folder's name.
        model: the network's file.
        data: the file of its data.
        weights: the weights' file, where the network's has none.
        deep: the layers that count as deep; empty for a proposal.
        middle: the same for middle ones.
        classes: the classes' names; empty for those of the data.
        images: rows in each map; None for as many as there may be, up to 1000.
        title: what people read; "" for one made of the name.
        licence: a line about whose the data is.
    """

    name: str
    model: Path
    data: Path
    weights: Path | None = None
    deep: tuple[str, ...] = ()
    middle: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    images: int | None = None
    title: str = ""
    licence: str = ""


def create(root: Path, new: NewAssignment, say: Callable[[str], None]) -> Path:
    """Write the source folder of a new assignment, whole or not at all; return it.

    Args:
        root: the repository.
        new: what it is made from.
        say: takes lines of progress.

    Raises:
        SourceError: something doesn't fit; nothing is written then.
    """
    folder = root / "source" / new.name
    if not _NAME.fullmatch(new.name):
        raise SourceError(f"{new.name!r} can't be an assignment's name: letters, digits, _ and -, a letter first.")
    if folder.exists():
        raise SourceError(f"{folder} is there already.", "Take another name, or move the folder away.")
    network = read_network(new.model, new.weights)
    data = fit_to(read_data(new.data, new.classes), network.model)
    say(f"the network is right for {data.accuracy:.1%} of the test rows, with values divided by {data.scale:g}")
    roles = _roles(network, new)
    for line in table_of_layers(network, roles):
        say(f"  {line}")
    if roles.note:
        say(roles.note)
    data = data.cut()
    images = _images(new, data)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=_made(root / "source")) as made:
        stage = Path(made) / new.name
        stage.mkdir()
        _write(stage, new, network, data, roles, images)
        shutil.move(stage, folder)
    return folder


def _made(folder: Path) -> Path:
    """Return a folder that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _roles(network: Network, new: NewAssignment) -> Roles:
    """Return the roles as asked for, or as the graph says.

    Raises:
        SourceError: a layer isn't there, or can't have its role.
    """
    order = [layer.name for layer in network.layers]
    if unknown := [name for name in (*new.deep, *new.middle) if name not in order]:
        raise SourceError(f"The network has no layer {unknown[0]!r}; it has {', '.join(order)}.")
    if not new.deep:
        roles = propose_roles(network)
    else:
        scores = class_scores_of(network)
        first = min(order.index(name) for name in new.deep)
        below = (layer for layer in network.layers[:first] if not layer.prepares and layer.name not in scores)
        roles = Roles(new.deep, tuple(layer.name for layer in below), scores)
    if new.middle:
        roles = dataclasses.replace(roles, middle=new.middle)
    _check_roles(network, roles)
    return roles


def _check_roles(network: Network, roles: Roles) -> None:
    """Refuse layers that can't have their role.

    Raises:
        SourceError: one holds the class scores, or nothing that was learnt; a deep one isn't flat, or a middle one not lower.
    """
    layers = {layer.name: layer for layer in network.layers}
    order = list(layers)
    highest = min(roles.deep, key=order.index)
    for name in (*roles.deep, *roles.middle):
        if name in roles.class_scores:
            raise SourceError(f"The layer {name!r} holds the class scores: it can't count as a hidden one.")
        if layers[name].prepares:
            raise SourceError(f"The layer {name!r} gives the data in another form: nothing has learnt up to there.")
        if name in roles.deep and not layers[name].flat:
            raise SourceError(
                f"The layer {name!r} gives {layers[name].shape} for one row; a deep one gives a flat row."
            )
        if name in roles.middle and order.index(name) >= order.index(highest):
            raise SourceError(f"The middle layer {name!r} doesn't lie below the deep layer {highest!r}.")


def _images(new: NewAssignment, data: TrainingData) -> int:
    """Return how many rows each map has.

    Raises:
        SourceError: the data has fewer.
    """
    most = len(data.x_train)
    images = min(1000, most) if new.images is None else new.images
    if not _LEAST_IMAGES <= images <= most:
        raise SourceError(
            f"Each map would have {images} rows; from {_LEAST_IMAGES} to the {most} training rows of the data can be mapped."
        )
    return images


def _write(stage: Path, new: NewAssignment, network: Network, data: TrainingData, roles: Roles, images: int) -> None:
    """Write all files of the source folder."""
    (stage / "network.json").write_text(network.model.to_json(indent=1), encoding="utf-8")
    network.model.save_weights(stage / "network.weights.h5")
    (stage / "data.npz").write_bytes(data.as_npz())
    words = _words(new, network, data, roles, images)
    nbformat.write(_notebook(words), stage / f"{new.name}.ipynb")
    (stage / "assignment.toml").write_text(_render("assignment.toml.jinja", words), encoding="utf-8")
    (stage / "STUDENT.md").write_text(_render("student.md.jinja", words), encoding="utf-8")


def _words(new: NewAssignment, network: Network, data: TrainingData, roles: Roles, images: int) -> dict[str, Any]:
    """Return what the templates are filled with."""
    layers = {layer.name: layer for layer in network.layers}
    middle = next((name for name in reversed(roles.middle) if not layers[name].flat), (roles.middle or ("",))[-1])
    deep = roles.deep[min(1, len(roles.deep) - 1)]
    pictures, thing = data.images, "image" if data.images else "example"
    return {
        "name": new.name,
        "title": new.title or new.name.replace("_", " ").replace("-", " ").capitalize(),
        "thing": thing,
        "things": f"{thing}s",
        "raw": "raw pixels" if pictures else "raw values",
        "images": pictures,
        "needed": ["network.json", "network.weights.h5", "data.npz"],
        "sample": "data.npz",
        "structure": "network.json",
        "weights": "network.weights.h5",
        "train_count": len(data.x_train),
        "test_count": len(data.x_test),
        "shape_words": _shape_in_words(data),
        "width": int(np.prod(data.shape)),
        "classes": list(data.classes),
        "named_classes": data.named,
        "class_list": ", ".join(f"{n} is {name}" for n, name in enumerate(data.classes)),
        "scale": data.scale,
        "scale_text": f"{data.scale:g}",
        "divided": "" if data.scale == 1 else f" / {data.scale:g}",
        "axis": "[..., np.newaxis]" if data.x_train.ndim == 3 else "",
        "licence": new.licence,
        "count": images,
        "points": min(500, images),
        "zoom": round(18 / max(data.shape[:2]), 2),
        "channels": _channels_shown(data.shape),
        "legend": _legend(len(data.classes)),
        "deep": deep,
        "middle": middle,
        "example": next(layer.name for layer in network.layers if not layer.prepares),
        "spatial": not all(layers[name].flat for name in roles.middle),
        "roles": roles,
        "facts": _facts(network, data, images, deep, middle),
    }


def _shape_in_words(data: TrainingData) -> str:
    """Return what one row of the data is."""
    shape = data.shape
    if not data.images:
        return f"a row of {shape[0]} numbers"
    colour = "" if len(shape) == 2 or shape[2] != 3 else ", in colour"
    return f"{shape[0]} by {shape[1]} pixels{colour}"


def _channels_shown(shape: tuple[int, ...]) -> str:
    """Return what takes from an image, with its channels last, what can be drawn: colours, or shades of grey."""
    channels = shape[2] if len(shape) > 2 else 1
    return {1: "[..., 0]", 3: ""}.get(channels, ".mean(axis=-1)")


def _legend(classes: int) -> str:
    """Return where the legend stands: of many classes it would hide the map."""
    if classes <= _CLASSES_ABOVE:
        return 'loc="upper center", ncols=5'
    return f'loc="upper left", bbox_to_anchor=(1, 1), ncols={-(-classes // _CLASSES_A_COLUMN)}'


def _facts(network: Network, data: TrainingData, images: int, deep: str, middle: str) -> dict[str, str]:
    """Draw the reference maps, and return what a marker needs of them."""
    import keras
    from sklearn.manifold import TSNE

    compute_quickly()
    rows = data.as_input(data.x_train[:images])
    labels = data.y_train[:images]
    names = [name for name in (deep, middle) if name]
    outputs = keras.Model(network.model.inputs, [network.model.get_layer(name).output for name in names]).predict(
        rows, verbose=0
    )
    values = dict(zip(names, outputs if isinstance(outputs, list) else [outputs], strict=True))

    def facts(flat: Any) -> MapFacts:
        """Return what the map of some values shows."""
        flat = np.asarray(flat).reshape(images, -1)
        perplexity = min(30, (images - 1) / 3)
        points = TSNE(init="pca", perplexity=perplexity, max_iter=1000, random_state=0).fit_transform(flat)
        return facts_of(points, labels, data.classes)

    raw, pictures = facts(rows), data.x_train if data.images else None
    told = {"raw": tell(raw, "the input", None, pictures), "middle": ""}
    for role, name in (("deep", deep), ("middle", middle)):
        if name:
            told[role] = tell(facts(values[name]), f"`{name}`", raw, pictures)
    return told


def _render(template: str, words: dict[str, Any]) -> str:
    """Return a template with its places filled."""
    places = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), undefined=jinja2.StrictUndefined, keep_trailing_newline=True,
        trim_blocks=True, autoescape=False,  # noqa: S701 (Markdown and Python, of the instructor's own words)
    )  # fmt: skip
    places.filters["toml"] = lambda value: json.dumps(value, ensure_ascii=False)
    return places.get_template(template).render(words)


def _notebook(words: dict[str, Any]) -> NotebookNode:
    """Return the source notebook."""
    text = _render("notebook.jinja", words)
    starts = list(_CELL.finditer(text))
    cells = []
    for match, end in zip(starts, [*(one.start() for one in starts[1:]), len(text)], strict=True):
        source = text[match.end() : end].strip("\n")
        cell = _NEW_CELL[match["type"]](source, id=match["id"].replace("_", "-"), metadata={"nbgrader": _marks(match)})
        if match["bonus"]:
            cell.metadata["tags"] = ["bonus"]
        cells.append(cell)
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook: NotebookNode = new_notebook(
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    return notebook


def _marks(match: re.Match[str]) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell."""
    kind = match["kind"]
    marks: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": match["id"],
        "grade": kind in ("test", "written"),
        "solution": kind in ("solution", "written"),
        "locked": kind in ("given", "test"),
        "task": False,
    }
    return marks | ({"points": float(match["points"]), "cell_type": match["type"]} if match["points"] else {})
