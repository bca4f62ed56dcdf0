"""Readings of maps, right and wrong, as people's eyes and people's programs make them."""

from .notebook import STEPS
from .spec import Spec

__all__ = ["EX2_READINGS", "EX3_READINGS", "RIGHT_READINGS", "WRONG_READINGS"]

EX2_READINGS = ("ex2_strays", "ex2_borders", "ex2_survives")
EX3_READINGS = ("ex3_moved",)

_MAP = "\n".join(STEPS[step] for step in ("deep_layer", "deep_reps", "deep_emb"))
_SOLVED = "\n".join(STEPS[step] for step in ("deep_strays", "deep_borders", "deep_emb_again", "deep_borders_again"))
_TOOLS = """
from scipy.spatial import Delaunay
shown, digits = deep_emb[:num_plot], y_train[:num_plot].astype(int)
def shares(emb, count, rows=num_plot):
    near = NearestNeighbors(n_neighbors=count).fit(emb[:rows]).kneighbors(return_distance=False)
    return (y_train[:rows][near] == y_train[:rows, None]).mean(axis=1)
def middles(emb, labels=digits):
    return np.array([np.median(emb[:len(labels)][labels == c], axis=0) for c in range(10)])
def by_distance(emb):
    apart = cdist(middles(emb), middles(emb))
    return sorted(((a, b) for a in range(10) for b in range(a + 1, 10)), key=lambda pair: apart[pair])
def by_mixing(emb):
    near = digits[NearestNeighbors(n_neighbors=10).fit(emb[:num_plot]).kneighbors(return_distance=False)]
    count = {(a, b): (near[digits == a] == b).sum() + (near[digits == b] == a).sum() for a in range(10) for b in range(a + 1, 10)}
    return sorted(count, key=count.get, reverse=True)
def by_edges(emb):
    edges = {tuple(sorted((a, b))) for one in Delaunay(emb[:num_plot]).simplices for a in one for b in one if a != b}
    short = sorted(edges, key=lambda e: np.linalg.norm(emb[e[0]] - emb[e[1]]))[: 2 * len(edges) // 3]
    pairs = [tuple(sorted((int(digits[a]), int(digits[b])))) for a, b in short if digits[a] != digits[b]]
    return sorted(set(pairs), key=lambda pair: -pairs.count(pair))
def apart(emb):
    return [pair for pair in by_distance(emb) if pair not in by_mixing(emb)[:12]]
inner = [int(i) for i in np.flatnonzero((shares(deep_emb, 20) == 1) & (shares(deep_emb, 5) == 1))]
clear = [int(i) for i in np.argsort(shares(deep_emb, 10))[:3]]
def in_second():
    return [tuple(sorted(map(int, pair))) for pair in deep_borders if tuple(sorted(map(int, pair))) in closest_pairs(deep_emb_again, 5)]
"""
_PIXELS = 'maps = {"Raw pixels": emb, "Deep layer": deep_emb}\n' + STEPS["moved"]


def _read(name: str, change: str = "", *, before: str = "", ex3: bool = False, **fails: str | tuple[str, ...]) -> Spec:
    """Return a specimen: the instructor's map and readings, and what is done otherwise."""
    code = "\n".join([_MAP, before, _SOLVED, _PIXELS if ex3 else "", _TOOLS, change])
    exercise, checks = ("ex3", EX3_READINGS) if ex3 else ("ex2", EX2_READINGS)
    said = {f"{exercise}_{check}": (one,) if isinstance(one, str) else one for check, one in fails.items()}
    return Spec(f"reading: {name}", code, checks, said)


def _layer(name: str) -> str:
    """Return code that maps another layer."""
    return (
        f"deep_layer = '{name}'\n"
        "deep_reps = keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(X_train[:num_emb], verbose=0)\n"
        "deep_reps = deep_reps.reshape(num_emb, -1)\n"
        "deep_emb = TSNE(n_components=2, perplexity=30, init='pca', max_iter=1000, random_state=0).fit_transform(deep_reps)"
    )


_AGAIN = "deep_emb_again = TSNE({}).fit_transform(deep_reps)\ndeep_borders_again = in_second()"

RIGHT_READINGS: tuple[Spec, ...] = (
    _read("as the instructor reads"),
    *(_read(f"of the map of {layer}", before=_layer(layer)) for layer in ("dense", "dense_dropout")),
    _read("another seed", before="deep_emb = TSNE(init='random', random_state=5).fit_transform(deep_reps)"),
    _read("perplexity 10", before="deep_emb = TSNE(perplexity=10, random_state=5).fit_transform(deep_reps)"),
    _read("perplexity 60", before="deep_emb = TSNE(perplexity=60, random_state=5).fit_transform(deep_reps)"),
    _read("strays by five neighbours", "deep_strays = np.flatnonzero(shares(deep_emb, 5) < 0.5)"),
    _read(
        "strays by twenty neighbours",
        "deep_strays = set(np.flatnonzero(shares(deep_emb, 20) < 0.5).tolist()) | set(clear)",
    ),
    _read(
        "strays by the neighbours of all points",
        "deep_strays = [i for i in np.flatnonzero(shares(deep_emb, 10, num_emb) <= 0.4) if i < num_plot] + clear",
    ),
    _read("three strays, by eye", "deep_strays = tuple(clear)"),
    _read("strays as text of an array", "deep_strays = np.array(clear, dtype='float64')"),
    _read(
        "strays among the neighbours in the layer",
        "deep_strays = clear + np.flatnonzero(shares(deep_reps, 10) <= 0.4).tolist()",
    ),
    _read("a stray twice", "deep_strays = [*clear, clear[0]]"),
    _read(
        "borders by the groups' middles", "deep_borders = by_distance(deep_emb)[:2]\ndeep_borders_again = in_second()"
    ),
    _read("borders by mixed neighbours", "deep_borders = by_mixing(deep_emb)[:2]\ndeep_borders_again = in_second()"),
    _read(
        "borders by short edges between neighbours",
        "deep_borders = by_edges(deep_emb)[:2]\ndeep_borders_again = in_second()",
    ),
    _read("borders as sets", "deep_borders = [set(pair) for pair in deep_borders]\ndeep_borders_again = in_second()"),
    _read(
        "borders as an array, the larger digit first",
        "deep_borders = np.array(deep_borders)[:, ::-1]\ndeep_borders_again = np.array(deep_borders_again).reshape(-1, 2)",
    ),
    _read(
        "borders as texts",
        "deep_borders = [[str(a), str(b)] for a, b in deep_borders]\ndeep_borders_again = in_second()",
    ),
    *(
        _read(f"second map with {settings}", _AGAIN.format(settings))
        for settings in (
            "init='random', random_state=2",
            "init='random', random_state=99, perplexity=50",
            "init='pca', random_state=1, perplexity=20",
            "init='random', random_state=3, metric='cosine'",
        )
    ),
    _read(
        "nothing is said to survive that need not",
        "deep_borders_again = [p for p in in_second() if p in by_mixing(deep_emb_again)[:6]]",
    ),
    _read(
        "of a wrong layer's map",
        before=_layer("pool"),
        change="deep_borders_again = [p for p in deep_borders if p in by_mixing(deep_emb_again)[:15]]",
    ),
    _read(
        "of a map with shuffled rows",
        "deep_borders = by_mixing(deep_emb)[:2]",
        before="deep_emb = deep_emb[np.random.default_rng(0).permutation(1000)]",
    ),
    _read("what moved, as the instructor reads", ex3=True),
    _read(
        "what moved, by five neighbours",
        "moved = np.flatnonzero((shares(emb, 5) < .3) & (shares(deep_emb, 5) > .9))",
        ex3=True,
    ),
    _read(
        "what moved, among all images",
        "moved = np.flatnonzero((shares(emb, 15, num_emb) < .3) & (shares(deep_emb, 15, num_emb) > .9))",
        ex3=True,
    ),
    _read("three that moved", "moved = set(moved[:3])", ex3=True),
)

WRONG_READINGS: tuple[Spec, ...] = (
    _read("strays: the first three images", "deep_strays = inner[:3]", strays="not_a_stray"),
    _read("strays: one of them lies among its own", "deep_strays = [*clear, inner[40]]", strays="not_a_stray"),
    _read("strays: the neighbours of the strays", "deep_strays = [i for i in inner[50:60]]", strays="not_a_stray"),
    _read("strays: images that are not plotted", "deep_strays = [*clear, 700]", strays="wrong_type"),
    _read("strays: one where there are more", "deep_strays = clear[:1]", strays="too_few_readings"),
    _read("strays: none where there are some", "deep_strays = []", strays="too_few_readings"),
    _read("strays: labels, and no indices", "deep_strays = ['an eight among the fives']", strays="wrong_type"),
    _read("strays: a sentence", "deep_strays = 'a 9 among the 8s'", strays="wrong_type"),
    _read("strays: an index beyond all images", "deep_strays = [*clear, 5000]", strays="wrong_type"),
    _read("strays: points, and no indices", "deep_strays = deep_emb[clear]", strays="wrong_type"),
    _read("strays: all plotted images", "deep_strays = list(range(num_plot))", strays="not_a_stray"),
    _read("strays: not assigned", "deep_strays = None", strays="missing"),
    _read(
        "borders: the two groups that lie farthest apart",
        "deep_borders = [*deep_borders, apart(deep_emb)[-1]]",
        borders="not_bordering",
    ),
    _read(
        "borders: pairs from the far end",
        "deep_borders = apart(deep_emb)[-3:]\ndeep_borders_again = []",
        borders="not_bordering",
        survives="skipped:missing",
    ),
    _read("borders: all pairs", "deep_borders = by_distance(deep_emb)", borders="not_bordering"),
    _read(
        "borders: a single pair",
        "deep_borders = deep_borders[:1]\ndeep_borders_again = in_second()",
        borders="too_few_readings",
    ),
    _read(
        "borders: a digit with itself",
        "deep_borders = [*deep_borders, (3, 3)]",
        borders="wrong_type",
        survives="skipped:missing",
    ),
    _read(
        "borders: digits, and no pairs", "deep_borders = [4, 9, 5]", borders="wrong_type", survives="skipped:missing"
    ),
    _read(
        "borders: digits that there are not",
        "deep_borders = [(4, 12), (3, 5)]",
        borders="wrong_type",
        survives="skipped:missing",
    ),
    _read("borders: not assigned", "deep_borders = None", borders="missing", survives="skipped:missing"),
    _read("again: the same map", "deep_emb_again = deep_emb.copy()", survives="missing"),
    _read("again: a map of the pixels", "deep_emb_again = emb", survives=("embedding_of_pixels",)),
    _read(
        "again: principal components",
        "from sklearn.decomposition import PCA\ndeep_emb_again = PCA(2).fit_transform(deep_reps)",
        survives="not_tsne",
    ),
    _read("again: no second map", "deep_emb_again = None", survives="missing"),
    _read(
        "again: a pair that lies far apart there",
        "deep_borders_again = [apart(deep_emb_again)[-1]]",
        survives="does_not_survive",
    ),
    _read("again: not assigned", "deep_borders_again = None", survives="missing"),
    _read(
        "again: leaves out what holds in both",
        before=_layer("pool"),
        change="deep_borders = by_mixing(deep_emb)[:3]\ndeep_borders_again = []",
        survives="survives",
    ),
    _read(
        "moved: lay among their own before",
        "moved = [i for i in inner if shares(emb, 20)[i] == 1][:3]",
        ex3=True,
        moved="not_moved",
    ),
    _read("moved: the strays of the deep map", "moved = [*moved, *clear]", ex3=True, moved="not_moved"),
    _read("moved: two where there are more", "moved = moved[:2]", ex3=True, moved="too_few_readings"),
    _read("moved: none where there are some", "moved = []", ex3=True, moved="too_few_readings"),
    _read("moved: all images", "moved = list(range(num_emb))", ex3=True, moved="not_moved"),
    _read("moved: not assigned", "moved = None", ex3=True, moved="missing"),
    _read(
        "moved: the name of the pixels' map given away",
        'maps["Raw pixels"] = deep_emb\nmoved = []',
        ex3=True,
        moved="missing",
    ),
)
