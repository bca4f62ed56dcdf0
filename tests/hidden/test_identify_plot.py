"""A plot is compared with the embedding that was handed in, each point with its image's label."""

import numpy as np
import pytest

from autograder.checks.read_plot import PlotData
from autograder.hidden.identify_plot import identify_plot, in_numbers, orders_of

RANDOM = np.random.default_rng(0)
MAP = RANDOM.normal(size=(60, 2)) * [30, 10]
LABELS = RANDOM.integers(0, 10, 60)


def _plot(rows, labels, points=MAP):
    return PlotData(points[rows], tuple(str(label) for label in labels))


def _kind(drawn, embedding=MAP, least=30):
    return identify_plot(drawn, embedding, LABELS, least).kind


FIRST = np.arange(40)


@pytest.mark.parametrize("change", [lambda p: p, lambda p: p / 7 + 3, lambda p: p * [-1, 2], lambda p: p[:, ::-1], lambda p: p @ [[0.6, 0.8], [-0.8, 0.6]], lambda p: p.astype("f4")])  # fmt: skip
def test_a_plot_may_be_moved_scaled_mirrored_turned(change):
    """What plotting does to positions is nobody's mistake."""
    assert _kind(PlotData(change(MAP)[FIRST], tuple(map(str, LABELS[FIRST])))) == "plot"


@pytest.mark.parametrize("rows", [np.arange(60), np.arange(20, 60), np.arange(0, 60, 2), RANDOM.permutation(60)[:45]])
def test_any_rows_in_any_order_may_be_shown(rows):
    """So long as each has its own label."""
    unit = (MAP[rows] - MAP[rows].min(0)) / np.ptp(MAP[rows], axis=0)
    assert _kind(PlotData(unit, tuple(map(str, LABELS[rows])))) == "plot"
    assert _kind(PlotData(unit, tuple(map(str, np.roll(LABELS[rows], 1))))) == "labels_misaligned"


def test_one_wrong_label_is_seen():
    """Honest plots have none."""
    labels = LABELS[FIRST].copy()
    labels[5] = (labels[5] + 1) % 10
    found = identify_plot(_plot(FIRST, labels), MAP, LABELS, 30)
    assert (found.kind, found.note) == ("labels_misaligned", "1 of 40 points have another image's label")


def test_names_of_classes_will_do():
    """One name for each class: but digits have to be the right ones."""
    names = np.array("zero one two three four five six seven eight nine".split())  # noqa: SIM905
    assert _kind(_plot(FIRST, names[LABELS[FIRST]])) == "plot"
    assert _kind(_plot(FIRST, names[np.roll(LABELS, 1)[FIRST]])) == "labels_misaligned"
    assert _kind(_plot(FIRST, LABELS[FIRST] + 1.0)) == "labels_misaligned"
    assert _kind(_plot(FIRST, LABELS[FIRST].astype(float))) == "plot"


CLOTHES = (*"top trousers pullover dress coat sandal shirt sneaker bag".split(), "ankle boot")  # noqa: SIM905


def _with(classes, labels, numbers=LABELS):
    """Return the findings about a plot with these labels, each way of reading them."""
    drawn = PlotData(MAP[FIRST], tuple(map(str, labels)))
    return [identify_plot(each, MAP, numbers, 40).kind for each in in_numbers(drawn, classes)]


def test_names_that_the_settings_know_have_to_be_the_right_ones():
    """One that is shortened will do."""
    names = np.array(CLOTHES, object)
    assert _with(CLOTHES, names[LABELS[FIRST]]) == ["plot"]
    assert _with(CLOTHES, LABELS[FIRST]) == ["plot"]
    assert _with(CLOTHES, np.roll(names, 1)[LABELS[FIRST]]) == ["labels_misaligned"]
    names[9] = "boot"
    assert _with(CLOTHES, names[LABELS[FIRST]]) == ["plot"]


def test_names_may_be_numbers_themselves():
    """Of other classes too: the class's number and its name are both right."""
    classes = tuple(str(number) for number in range(1, 11))
    assert _with(classes, LABELS[FIRST]) == ["plot", "labels_misaligned"]
    assert _with(classes, LABELS[FIRST] + 1) == ["labels_misaligned", "plot"]
    assert set(_with(classes, np.roll(LABELS, 1)[FIRST])) == {"labels_misaligned"}


def test_other_points_are_wrong_points():
    """Another map, a line, one spot."""
    assert _kind(_plot(FIRST, LABELS[FIRST], RANDOM.normal(size=(60, 2)))) == "wrong_points"
    assert _kind(_plot(FIRST, LABELS[FIRST], MAP * [1, 0])) == "wrong_points"
    assert _kind(PlotData(np.zeros((40, 2)), ("1",) * 40)) == "wrong_points"
    assert _kind(_plot(FIRST, LABELS[FIRST]), embedding=np.zeros((60, 2))) == "wrong_points"
    assert _kind(_plot(FIRST, LABELS[FIRST]), embedding=np.zeros(60)) == "wrong_points"


def test_the_same_points_again_are_too_few():
    """Rows count once."""
    rows = np.tile(np.arange(20), 2)
    assert _kind(_plot(rows, LABELS[rows])) == "too_few_points"


def test_an_embedding_of_a_wrong_shape_can_still_be_plotted():
    """Its shape is the other check's business."""
    assert _kind(_plot(FIRST, LABELS[FIRST]), embedding=MAP.T) == "plot"
    assert _kind(_plot(FIRST, LABELS[FIRST]), embedding=np.column_stack([np.arange(60) ** 2, MAP])) == "plot"


def test_rows_that_no_image_belongs_to_are_not_looked_at():
    """An embedding may have millions of rows; those behind the last image have no label that a plot could show."""
    beyond = np.concatenate([MAP, RANDOM.normal(200, 1, size=(60, 2))])
    assert _kind(_plot(FIRST, LABELS[FIRST]), embedding=beyond) == "plot"
    assert _kind(_plot(60 + FIRST, LABELS[FIRST], beyond), embedding=beyond) == "wrong_points"


def test_a_point_counts_for_one_row_of_its_label():
    """In a map of one point, each label may be drawn as often as images have it."""
    zeros = np.zeros((60, 2))
    assert _kind(PlotData(zeros, tuple(map(str, LABELS))), zeros) == "plot"
    found = identify_plot(PlotData(zeros[:40], ("3",) * 40), zeros, LABELS, 30)
    assert (found.kind, found.note) == (
        "labels_misaligned",
        f"{40 - np.sum(LABELS == 3)} of 40 points have another image's label",
    )


def test_of_several_axes_the_nearest_counts():
    """A grid may show another map first."""
    other = _plot(np.arange(60), LABELS, RANDOM.normal(size=(60, 2)))
    wrong, right = _plot(FIRST, np.roll(LABELS, 1)[FIRST]), _plot(FIRST, LABELS[FIRST])
    assert _kind(PlotData(other.points, other.labels, (wrong, right))) == "plot"
    assert _kind(PlotData(other.points, other.labels, (wrong,))) == "labels_misaligned"
    few = _plot(FIRST[:3], LABELS[:3])
    assert _kind(PlotData(other.points, other.labels, (few,))) == "wrong_points"


def test_orders_of_a_plot_are_those_with_its_labels():
    """As they stand, or label by label."""
    by_label = FIRST[np.argsort(LABELS[FIRST], kind="stable")]
    assert [order.tolist() for order in orders_of(_plot(by_label, LABELS[by_label]), LABELS, 60)] == [by_label.tolist()]
    assert [order.tolist() for order in orders_of(_plot(FIRST, LABELS[FIRST]), LABELS, 60)] == [FIRST.tolist()]
    assert not list(orders_of(_plot(FIRST, LABELS[FIRST][::-1]), LABELS, 60))
