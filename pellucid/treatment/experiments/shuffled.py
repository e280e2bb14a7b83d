"""Do the inputs tell the targets at all? The same training, once with targets in another order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import jax
import numpy as np

from ..._core.rng import own_seeds
from ..attempt import Attempt, train
from ..samples import read_samples
from ..score import Scorer, outputs_of
from ..text import curve
from .copies import begin, some
from .outcome import Outcome

CLEARLY = 0.05  # of the score; more where few samples are held out, and chance plays


@dataclass(repr=False)
class LabelControl(Outcome):
    """A training beside the same training with shuffled targets.

    Attributes:
        score: on held-out samples, trained on the targets as they are.
        shuffled: trained on shuffled targets, judged by the true ones.
        scores, shuffled_scores: the same after each epoch.
        score_name: ``"accuracy"``, ``"balanced accuracy"``, ``"R2"`` or ``"score"``.
        held_out: number of samples behind the scores.
    """

    score: float
    shuffled: float
    score_name: str
    held_out: int
    scores: list[float] = field(default_factory=list)
    shuffled_scores: list[float] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether the true targets teach clearly more than shuffled ones."""
        return bool(self.score > self.shuffled + max(CLEARLY, self.held_out**-0.5))

    def _show(self, score: float) -> str:
        return f"{score:.3f}" if self.score_name == "R2" else f"{100 * score:.1f} %"

    @property
    def verdict(self) -> str:
        text = (
            f"{self.score_name} on {self.held_out:,} held-out samples: {self._show(self.score)} "
            f"with the targets as they are, {self._show(self.shuffled)} with shuffled ones"
        )
        if self.passed:
            return f"Yes, the inputs tell something about the targets. {text}."
        return (
            f"No, the true targets teach no more than shuffled ones. {text}. Either inputs and "
            "targets do not belong together (shuffled, shifted, from another file), or the inputs "
            "say nothing about them, or this network does not learn: overfit_one_batch tells."
        )

    def table(self) -> list[tuple[str, ...]]:
        known = [*self.scores, *self.shuffled_scores]
        low, high = (max(min(known), -1.0), max(known)) if known else (0.0, 1.0)
        rows: list[tuple[str, ...]] = [("targets", self.score_name, "by epoch")]
        for name, score, by_epoch in (
            ("as they are", self.score, self.scores),
            ("shuffled", self.shuffled, self.shuffled_scores),
        ):
            rows.append((name, self._show(score), curve(by_epoch, low, high)))
        return rows


def shuffled_labels(
    model: Any, x: Any, y: Any, epochs: int | None = None, validation_data: Any = None
) -> LabelControl:
    """Train two copies from the same seed: with the targets as they are, and with shuffled ones.

    Both are judged by the true targets of held-out samples. What shuffled targets reach is chance;
    a network that does not beat it has learned nothing that holds for new samples, however high
    its score looks.

    Args:
        model: compiled; it stays as it is.
        x, y: samples, as for `fit`.
        epochs: of both; by default those of the latest run, else 10.
        validation_data: ``(x, y)`` to judge by; by default a fifth is held out.

    Returns:
        `LabelControl`: verdict, scores and curves.

    Raises:
        StateError: not compiled. DataError: data that cannot be trained on.

    >>> import numpy as np
    >>> from pellucid import Sequential, layers, optimizers, utils
    >>> utils.set_random_seed(0)
    >>> x = np.random.default_rng(0).normal(size=(200, 4))
    >>> y = (x[:, 0] > 0).astype(int)
    >>> model = Sequential([layers.Input((4,)), layers.Dense(2, "softmax")])
    >>> model.compile(optimizers.Adam(0.05), "sparse_categorical_crossentropy")
    >>> shuffled_labels(model, x, y, epochs=5).passed
    True
    """
    from ..._core.errors import DataError

    recipe, _ = begin(model, x, y, "shuffled_labels", least=10, epochs=epochs)
    recipe = recipe.but(epochs=int(epochs or recipe.epochs))
    losses = [recipe.loss_name(name) for name in recipe.names]
    with own_seeds():
        samples = read_samples(model, (x, y), validation_data, model.root_seed)
        order = np.random.default_rng([model.root_seed, 1]).permutation(samples.size)
        mixed = replace(samples, y=some(samples.y, order))
        found: list[Attempt] = []
        for label, given in (("as they are", samples), ("shuffled", mixed)):
            found.append(train(label, recipe, given, model, losses, ask=False))
            if found[-1].error is not None:
                raise DataError(found[-1].error)
    name = Scorer(recipe.names, samples.y_val, losses, outputs_of(model)).name
    return LabelControl(
        found[0].score,
        found[1].score,
        name,
        len(jax.tree.leaves(samples.x_val)[0]),
        found[0].scores,
        found[1].scores,
    )
