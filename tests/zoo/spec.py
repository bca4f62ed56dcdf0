"""One specimen of the zoo: the code that a student writes, and what each check should say to it."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["EX2", "EX3", "Spec", "ex2", "ex3"]

EX2 = ("ex2_activations", "ex2_embedding", "ex2_plot")
EX3 = ("ex3_activations", "ex3_flatten", "ex3_embedding", "ex3_plot")

TSNE_CALL = 'TSNE(n_components=2, perplexity=30, init="pca", max_iter=1000, random_state=0).fit_transform({of})'
PLOT_CALL = "plot_embedding(X_train[:num_plot], {of}[:num_plot], y_train[:num_plot])"


@dataclass(frozen=True)
class Spec:
    """One specimen.

    Attributes:
        name: what it does, in words.
        code: what stands in the solution cell, with the notebook's names.
        checks: the checks that look at it.
        fails: for each check that should not pass, (diagnosis,) or (diagnosis, detail); "skipped:" before a diagnosis
            where the check should be skipped.
    """

    name: str
    code: str
    checks: tuple[str, ...]
    fails: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """True where every check should pass."""
        return not self.fails


def ex2(name, reps=None, *, emb=None, plot=None, layer='"dense_relu"', before="", **fails) -> Spec:
    """Return a specimen for exercise 2; what isn't given is done as most students do it."""
    lines = [
        before,
        f"deep_layer = {layer}",
        reps
        or "deep_reps = keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(X_train[:num_emb], verbose=0)",
        emb or "deep_emb = " + TSNE_CALL.format(of="deep_reps"),
        plot or "deep_plot = " + PLOT_CALL.format(of="deep_emb"),
    ]
    return Spec(name, "\n".join(lines), EX2, _fails("ex2", fails))


def ex3(name, taken=None, *, reps=None, emb=None, plot=None, layer='"pool"', before="", **fails) -> Spec:
    """Return a specimen for exercise 3; what isn't given is done as most students do it."""
    lines = [
        before,
        f"middle_layer = {layer}",
        taken
        or "middle_activations = keras.Model(model.inputs, model.get_layer(middle_layer).output).predict(X_train[:num_emb], verbose=0)",
        reps or "middle_reps = middle_activations.reshape(num_emb, -1)",
        emb or "middle_emb = " + TSNE_CALL.format(of="middle_reps"),
        plot or "middle_plot = " + PLOT_CALL.format(of="middle_emb"),
    ]
    return Spec(name, "\n".join(lines), EX3, _fails("ex3", fails))


def _fails(exercise, outcomes) -> dict[str, tuple[str, ...]]:
    """Return expected failures by check; `drawn` stands for the plot, whose name is taken by its code."""
    return {
        f"{exercise}_{'plot' if check == 'drawn' else check}": (outcome,)
        if isinstance(outcome, str)
        else tuple(outcome)
        for check, outcome in outcomes.items()
    }
