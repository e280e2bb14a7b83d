"""Can the network learn a handful of samples by heart? If not, something is broken."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import numpy as np

from ..._core.rng import own_seeds
from ..attempt import answers_of, bounds_of
from ..score import Scorer, outputs_of
from ..text import curve, smooth
from .copies import begin, copy_of, some
from .outcome import Outcome

ENOUGH = 0.95  # of the score: learned by heart


@dataclass(repr=False)
class OneBatch(Outcome):
    """Whether a network learned a few samples by heart.

    Attributes:
        samples: how many.
        steps: updates made.
        losses: ``(steps,)`` before each update.
        score: of the answers to those same samples afterwards.
        score_name: ``"accuracy"``, ``"balanced accuracy"``, ``"R2"`` or ``"score"``.
    """

    samples: int
    steps: int
    score: float
    score_name: str
    losses: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @property
    def passed(self) -> bool:
        """Whether it did."""
        return bool(self.score >= ENOUGH)

    @property
    def verdict(self) -> str:
        known = self.losses[np.isfinite(self.losses)]
        course = f"loss {known[0]:.4g} -> {known[-1]:.4g}" if len(known) else "no finite loss"
        shown = f"{self.score:.3f}" if self.score_name == "R2" else f"{100 * self.score:.1f} %"
        text = f"{self.score_name} {shown} on the {self.samples} samples after {self.steps} steps"
        if self.passed:
            return f"Yes, the network learns {self.samples} samples by heart: {text} ({course})."
        if len(known) < len(self.losses):
            why = "The loss became NaN or infinite: look at the learning rate and the data."
        else:
            why = (
                "A sound network can. Look at the output activation and the loss, at the learning "
                "rate, and whether gradients reach every layer: model.diagnose(x, y)."
            )
        cannot = f"No, the network cannot learn {self.samples} samples by heart"
        return f"{cannot}: {text} ({course}). {why}"

    def table(self) -> list[tuple[str, ...]]:
        finite = np.nan_to_num(self.losses, nan=0.0, posinf=0.0)
        high = float(finite.max(initial=0.0))
        return [("loss by step",), (curve(smooth(finite), 0.0, high),)]


def overfit_one_batch(model: Any, x: Any, y: Any, samples: int = 16, steps: int = 500) -> OneBatch:
    """Train a copy on a few samples, over and over: it should answer them perfectly.

    A network that cannot learn sixteen samples by heart will not learn a thousand either: its
    output, its loss, its gradients or the data are not what they should be. Dropout and penalties
    stay as they are.

    Args:
        model: compiled; it stays as it is.
        x, y: samples to draw from, as for `fit`.
        samples: how many to learn, drawn with the model's seed.
        steps: updates.

    Returns:
        `OneBatch`: verdict, score and the loss of each step.

    Raises:
        StateError: not compiled. DataError: too few samples. ConfigError: no copy can be made.

    >>> import numpy as np
    >>> from pellucid import Sequential, layers, utils
    >>> utils.set_random_seed(0)
    >>> x = np.random.default_rng(0).normal(size=(40, 8))
    >>> y = np.arange(40) % 2
    >>> hidden, answer = layers.Dense(32, "relu"), layers.Dense(2, "softmax")
    >>> model = Sequential([layers.Input((8,)), hidden, answer])
    >>> model.compile("adam", "sparse_categorical_crossentropy")
    >>> overfit_one_batch(model, x, y).passed
    True
    """
    recipe, given = begin(model, x, y, "overfit_one_batch", samples=samples, steps=steps)
    rows = np.random.default_rng(model.root_seed).permutation(given.size)[:samples]
    x, y = some(given.x, rows), some(given.y, rows)
    losses = [recipe.loss_name(name) for name in recipe.names]
    with own_seeds():
        copy = copy_of(recipe, model, given)
        history = copy.fit(
            repeat((x, y)), steps_per_epoch=steps, verbose=0, checkup=False, doctor=None
        )  # fmt: skip
        scorer = Scorer(recipe.names, y, losses, outputs_of(model))
        score = scorer(answers_of(recipe, copy, x), bounds_of(recipe))
    steps_taken = np.asarray(history.vitals.losses, np.float64)
    return OneBatch(len(rows), len(steps_taken), score, scorer.name, steps_taken)
