"""Draw what feedback shows of a map.

That is the layer it shows, how true it is, and the grader's own map of the same layer.
"""

from __future__ import annotations

import base64
import hashlib
import io
import warnings
from typing import Any

import numpy as np
from PIL import Image
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import cKDTree

from autograder.checks.meanings import NEIGHBOURS
from autograder.checks.values import Array
from autograder.hidden.activations.from_right_images import exact
from autograder.hidden.embeddings.representation import Representation, components_of, make_representation, neighbours
from autograder.hidden.findings import make_candidate
from autograder.hidden.reference import Reference
from autograder.model import AskedMap, MapImages, StudentMap

__all__ = ["MapComparison", "digest"]

_MAP_STEPS = 500  # in balance by then (docs/calibration.md), at half the cost of scikit-learn's default
_SEED = 0
_LARGEST_VALUE = 1e15
_RGB = 3
_IMAGE_AXES = 4  # image, row, column, channel


class MapComparison:
    """Draws the maps of one assignment, and each layer's own map once.

    Args:
        reference: the instructor's network and images.
    """

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._own: dict[str, Array] = {}

    def images(self) -> MapImages:
        """Return the images whose maps the assignment asks for, with their labels."""
        settings = self._reference.settings
        names: dict[Any, str] = dict(enumerate(settings.classes))
        names |= {each: str(each) for each in np.unique(self._reference.every_label).tolist() if each not in names}
        labels = self._reference.labels[: settings.images].tolist()
        pictures = tuple(map(_data_address, _pictures(self._reference.first_images)))
        return MapImages(tuple(names[label] for label in labels), pictures, tuple(names.values()))

    def compare(self, requested: AskedMap, claims: dict[str, Any]) -> StudentMap | None:
        """Return a student's map; None where no map of the right shape was handed in.

        Args:
            requested: which answers belong to it.
            claims: answers by name, as base-class arrays and plain values.
        """
        count = self._reference.settings.images
        points = _as_points(claims.get(requested.embedding), count)
        if points is None:
            return None
        rows = _as_rows(claims.get(requested.representation), count)
        layer = None if rows is None else self._layer(rows, claims.get(requested.layer))
        representation = None if rows is None else self._representation(rows, layer)
        reference = () if layer is None or representation is None else self._reference_map(representation, points)
        arrays = {name: claims[name] for name in (requested.representation, requested.embedding) if name in claims}
        return StudentMap(
            check=requested.check,
            title=requested.title,
            layer=layer,
            fidelity=None if representation is None else _fidelity(representation, points),
            points=_plain(_in_square(points)),
            reference=reference,
            digests={name: digest(value) for name, value in arrays.items() if isinstance(value, np.ndarray)},
        )

    def _layer(self, rows: Array, named: object) -> str | None:
        """Return the layer whose activations the rows are.

        Of equal layers it is the one that the student names.
        """
        prefer = (named,) if isinstance(named, str) else ()
        finding = exact(make_candidate(rows, self._reference, prefer))
        return None if finding is None else finding.layer

    def _representation(self, rows: Array, layer: str | None) -> Representation | None:
        """Return the neighbourhoods of what was embedded; None where it has none."""
        if layer is not None:
            return self._reference.layers[layer].representation
        return make_representation("the values handed in", rows) if np.ptp(rows) > 0 else None

    def _reference_map(self, representation: Representation, points: Array) -> tuple[tuple[float, float], ...]:
        """Return the grader's own map, turned and mirrored so as to lie like the student's."""
        if representation.name not in self._own:
            self._own[representation.name] = _embed(representation)
        own, student = _centre(self._own[representation.name]), _centre(points)
        turn, _ = orthogonal_procrustes(own, student)
        return _plain(_in_square(own @ turn))


def _pictures(images: Array) -> Array:
    """Return images (n, h, w, channels) as what can be shown: uint8 (n, h, w) grey, or (n, h, w, 3) in colour.

    Any other number of channels is shown by their mean. Of rows of numbers there are none.
    """
    if images.ndim != _IMAGE_AXES:
        return images[:0]
    shown = images if images.shape[-1] == _RGB else images.mean(axis=-1)
    low, high = min(float(shown.min()), 0.0), float(shown.max())
    return np.asarray(np.clip((shown - low) * 255 / max(high - low, 1e-9), 0, 255).astype(np.uint8))


def digest(value: Array) -> str:
    """Return a digest of an array's type, shape and bytes."""
    sha256 = hashlib.sha256(f"{value.dtype.str}{value.shape}".encode())
    sha256.update(np.ascontiguousarray(value).reshape(-1).view(np.uint8).data)
    return sha256.hexdigest()[:32]


def _as_points(value: object, count: int) -> Array | None:
    """Return an embedding as (count, 2) finite floats; None where it isn't one, or has no extent."""
    points = _as_rows(value, count)
    fits = points is not None and points.shape == (count, 2) and bool(np.all(np.ptp(points, axis=0) > 0))
    return points if fits else None


def _as_rows(value: object, count: int) -> Array | None:
    """Return an array as (count, d) finite floats; None where it can't be that."""
    if not isinstance(value, np.ndarray) or value.ndim < 2 or len(value) != count or value.dtype.kind not in "fiu":
        return None
    with np.errstate(over="ignore"):
        rows = value.reshape(count, -1).astype(np.float32, copy=False)
    # What isn't a number is neither above nor below anything.
    return rows if rows.size and float(rows.min()) > -_LARGEST_VALUE and float(rows.max()) < _LARGEST_VALUE else None


def _fidelity(representation: Representation, points: Array) -> float | None:
    """Return the mean share of 15 nearest neighbours that a map keeps, as the check counts them."""
    nearest = neighbours(representation)
    if nearest is None:
        return None
    reach = min(NEIGHBOURS, len(points) - 1)
    _, near = cKDTree(points).query(points, reach + 1)
    # A point is mostly among its own nearest, and never among those that are kept.
    shared = np.take_along_axis(nearest, near, axis=1).sum(axis=1)
    return round(float(np.minimum(shared, reach).mean() / reach), 4)


def _embed(representation: Representation) -> Array:
    """Return a t-SNE map of a source's first 200 principal components.

    Neighbours are the same, with less to compute.
    """
    variances, directions = components_of(representation)
    rows = (directions * np.sqrt(variances)).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sklearn.manifold import TSNE  # a second to import, with SciPy's statistics and pandas behind it

        embedded: Array = TSNE(init="pca", max_iter=_MAP_STEPS, random_state=_SEED, n_jobs=1).fit_transform(rows)
    return embedded


def _centre(points: Array) -> Array:
    """Return points around 0, in float64."""
    wide = points.astype(np.float64)
    return np.asarray(wide - wide.mean(axis=0))


def _in_square(points: Array) -> Array:
    """Return points moved and evenly scaled so that they lie in [0, 1], the wider side filling it."""
    low, high = points.min(axis=0), points.max(axis=0)
    size = float((high - low).max())
    return np.asarray((points - (low + high) / 2) / size + 0.5)


def _plain(points: Array) -> tuple[tuple[float, float], ...]:
    """Return points as numbers of four digits: a thousandth of the map is less than a dot."""
    return tuple((x, y) for x, y in np.round(points.astype(np.float64), 4).tolist())


def _data_address(picture: Array) -> str:
    """Return an image, (h, w) or (h, w, 3) uint8, as a `data:` address with a PNG."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
