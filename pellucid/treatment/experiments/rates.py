"""Which learning rate? Sixteen of them, trained side by side from the same weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..._core.errors import ConfigError
from ..._core.rng import own_seeds
from ...doctor.symptoms.vitals import USUAL_RATE
from ...training import preparation
from ...training.feed import make_feed, steps_of
from ..plan_edits import set_learning_rate
from ..text import curve, smooth
from .copies import begin, copy_of
from .many_rates import program_for, side_by_side, train_all
from .outcome import Outcome

COUNT = 16
REACH = 1e-3, 1e3  # from the usual rate of the optimiser
NOTHING = 0.02  # share of the loss: a smaller fall is none
GOOD = 0.9  # of the largest fall
JUMP = 0.25  # of the loss at the start: a loss that ends higher by so much has jumped


@dataclass(repr=False)
class RateTest(Outcome):
    """What each learning rate did in a few steps.

    Attributes:
        rates: ``(rates,)`` rising.
        losses: ``(rates, steps)`` of each step, before its update.
        start: the loss before the first step.
        ends: ``(rates,)`` mean loss of the last fifth of the steps; NaN where any was not finite.
        current: the model's own rate, None for a schedule.
        suggested: the middle of the rates that are (nearly) best; None where none lowers the loss.
    """

    rates: np.ndarray
    losses: np.ndarray
    start: float
    ends: np.ndarray
    current: float | None = None
    suggested: float | None = None
    good: list[bool] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether any rate lowers the loss."""
        return self.suggested is not None

    @property
    def verdict(self) -> str:
        steps = self.losses.shape[1]
        if self.suggested is None:
            return (
                f"No rate from {self.rates[0]:.2g} to {self.rates[-1]:.2g} lowers the loss in "
                f"{steps} steps: the rate is not what is wrong. Ask model.diagnose(x, y)."
            )
        best = self.rates[np.asarray(self.good)]
        where = f"from {best[0]:.2g} to {best[-1]:.2g}" if len(best) > 1 else f"at {best[0]:.2g}"
        text = f"Take a learning rate of {self.suggested:.1g}: the loss falls best {where}"
        if self.current is not None:
            sound = best[0] / 2 <= self.current <= best[-1] * 2
            text += f"; yours, {self.current:.3g}, is {'' if sound else 'not '}among them"
        return text + f" ({steps} steps each)."

    def table(self) -> list[tuple[str, ...]]:
        finite = self.losses[np.isfinite(self.losses)]
        low = float(finite.min(initial=self.start))
        high = max(self.start, low) + 1e-12
        rows: list[tuple[str, ...]] = [("rate", "loss at the end", "loss by step", "")]
        for rate, end, losses, good in zip(
            self.rates, self.ends, self.losses, self.good, strict=True
        ):
            shown = smooth(np.nan_to_num(losses, nan=high, posinf=high))
            wild = not np.isfinite(end) or end > self.start + JUMP * abs(self.start)
            fell = self.start - end > NOTHING * abs(self.start)
            note = "good" if good else "jumps" if wild else "" if fell else "no fall"
            rows.append((f"{rate:.2g}", f"{end:.4g}", curve(shown, low, high), note))
        return rows


def learning_rate_range_test(
    model: Any,
    x: Any,
    y: Any,
    rates: Any = None,
    steps: int = 100,
    batch_size: int | None = None,
) -> RateTest:
    """Train copies at sixteen learning rates at once, in one compiled program, and compare.

    All begin with the same weights and see the same batches in the same order; only the rate
    differs, and stays as it is all along. The numbers are those of a call of `fit` for each.

    Args:
        model: compiled; it stays as it is.
        x, y: samples, as for `fit`.
        rates: learning rates; by default 16, from a thousandth to a thousand times the usual one
            of the optimiser.
        steps: updates at each rate.
        batch_size: by default that of the model's latest run, else 32.

    Returns:
        `RateTest`: the suggested rate, and the loss of each step at each rate.

    Raises:
        StateError: not compiled.
        ConfigError: rates that are no positive numbers, an optimiser without a learning rate, or
            a model that cannot be copied.

    >>> import numpy as np
    >>> from pellucid import Sequential, layers, utils
    >>> utils.set_random_seed(0)
    >>> x = np.random.default_rng(0).normal(size=(200, 4)).astype("float32")
    >>> y = x.sum(axis=1, keepdims=True)
    >>> model = Sequential([layers.Input((4,)), layers.Dense(1)])
    >>> model.compile("sgd", "mean_squared_error")
    >>> test = learning_rate_range_test(model, x, y, rates=[1e-4, 0.1, 10.0], steps=30)
    >>> print(test.suggested, test.losses.shape)
    0.1 (3, 30)
    """
    recipe, samples = begin(
        model, x, y, "learning_rate_range_test", steps=steps, batch_size=batch_size
    )
    recipe = recipe.but(batch_size=batch_size or recipe.batch_size)
    current = None if model.optimizer.schedule is not None else float(model.optimizer.learning_rate)
    tried = _rates(rates, model)
    recipe = recipe.but(optimizer=set_learning_rate(recipe, float(tried[0])))
    with own_seeds():
        copy = copy_of(recipe, model, samples)
        losses = _losses(copy, recipe, samples, tried, steps)
    return judge(tried, losses, current)


def _rates(rates: Any, model: Any) -> np.ndarray:
    if rates is None:
        usual = USUAL_RATE.get(type(model.optimizer).__name__, 1e-3)
        return np.geomspace(REACH[0] * usual, REACH[1] * usual, COUNT).astype(np.float32)
    try:
        found = np.sort(np.asarray(rates, np.float32).reshape(-1))
    except (TypeError, ValueError):
        found = np.zeros(0, np.float32)
    if not len(found) or not np.isfinite(found).all() or found[0] <= 0:
        raise ConfigError(
            "The rates must be positive numbers.",
            got=repr(rates),
            fix="pass rates=[1e-4, 1e-3, 1e-2], or leave them out.",
        )
    return found


def _losses(copy: Any, recipe: Any, samples: Any, rates: np.ndarray, steps: int) -> np.ndarray:
    """(rates, steps) losses, of the batches that `fit` would take."""
    source = preparation.make_source(copy, samples.x, samples.y, samples.weight)
    preparation.ensure_objective(copy, source, "fit")
    feed = make_feed(
        source,
        recipe.batch_size,
        shuffle=recipe.shuffle,
        seed=copy.root_seed,
        exact_tail=not copy.pads_rows(),
    )
    copy.session.start()
    states = side_by_side(copy.session.state, rates)
    programs: dict[int, Any] = {}
    found: list[np.ndarray] = []
    for segment in steps_of(feed, steps):
        if segment.batch_size not in programs:
            programs[segment.batch_size] = program_for(copy, segment)
        count = segment.last - segment.first
        states, part = train_all(
            copy, states, segment, segment.first, count, programs[segment.batch_size]
        )
        found.append(part)
    return np.concatenate(found, axis=1)


def judge(rates: np.ndarray, losses: np.ndarray, current: float | None = None) -> RateTest:
    """Which rates are good, by the loss of each step.

    Args:
        rates: ``(rates,)`` rising.
        losses: ``(rates, steps)``.
        current: the model's own rate.

    >>> falling = np.linspace(1.0, 0.0, 10)
    >>> test = judge(np.array([1e-3, 0.01, 1.0]), np.stack([falling * 0 + 1, falling, 2 - falling]))
    >>> test.good, test.suggested
    ([False, True, False], 0.01)
    """
    tail = max(1, losses.shape[1] // 5)
    finite = np.isfinite(losses).all(axis=1)
    ends = np.where(finite, np.where(np.isfinite(losses), losses, 0.0)[:, -tail:].mean(1), np.nan)
    start = float(losses[0, 0])
    falls = np.where(finite, start - ends, -np.inf)
    largest = float(falls.max())
    good = np.zeros(len(rates), bool)
    if largest > NOTHING * max(abs(start), 1e-12):
        here = int(falls.argmax())
        good[here] = True
        for side in (range(here - 1, -1, -1), range(here + 1, len(rates))):
            for number in side:  # only rates beside the best: a lucky one far off does not count
                if falls[number] < GOOD * largest:
                    break
                good[number] = True
    chosen = None
    if good.any():
        middle = float(np.exp(np.log(np.asarray(rates, np.float64)[good]).mean()))
        chosen = float(f"{middle:.1g}")
    return RateTest(
        np.asarray(rates, np.float64), losses, start, ends, current, chosen, good.tolist()
    )
