"""How the run is to be trained: learning rate, batches, the optimiser's settings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import Plan, RunRecord
from ..change import Change
from ..explaining import explains
from ..finding import Evidence, Finding
from ..rule import rule

# optimiser -> learning rates: so low that nothing moves, usual, seldom good, hardly ever good
RATES: dict[str, tuple[float, float, float, float]] = {
    "Adam": (1e-7, 1e-3, 0.03, 0.3),
    "AdamW": (1e-7, 1e-3, 0.03, 0.3),
    "Adamax": (1e-7, 1e-3, 0.05, 0.5),
    "Nadam": (1e-7, 1e-3, 0.03, 0.3),
    "RMSprop": (1e-7, 1e-3, 0.03, 0.3),
    "Lamb": (1e-7, 1e-3, 0.05, 0.5),
    "Lion": (1e-8, 1e-4, 0.005, 0.05),
    "ScheduleFreeAdamW": (1e-7, 1e-3, 0.05, 0.5),
    "Adagrad": (1e-5, 1e-2, 0.5, 5.0),
    "Adadelta": (0.005, 1.0, 5.0, 50.0),
    "SGD": (1e-6, 1e-2, 1.0, 10.0),
}
BEYOND = 10.0  # times the rate that is hardly ever good: never
SEVERAL = 2  # epochs after which a changing rate is known
SMALL_BATCH = 4
HIGH_MOMENTUM = 0.98


def _rate(record: RunRecord) -> float | None:
    """The highest rate of the run, as far as it is known."""
    rates = [float(rate) for rate in np.atleast_1d(record.learning_rates) if np.isfinite(rate)]
    if record.plan.learning_rate is not None:
        rates.append(record.plan.learning_rate)
    return max(rates) if rates else None


def _momentum(plan: Plan) -> float:
    value = plan.optimizer_config.get("momentum", 0.0)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _is_scheduled(record: RunRecord) -> bool:
    """Whether the rate changes from step to step, so that its start says little."""
    given = record.plan.optimizer_config.get("learning_rate")
    return isinstance(given, dict) or "LearningRateScheduler" in record.plan.callbacks


@rule("unusual-learning-rate", "static", explains=explains(0.85, 0.85, 0.95, 0.9),
      same_as=("learning-rate-too-high", "learning-rate-too-low"))  # fmt: skip
def unusual_learning_rate(record: RunRecord) -> Iterator[Finding]:
    """A learning rate far from what this optimiser works with."""
    plan, rate = record.plan, _rate(record)
    if plan.optimizer not in RATES or rate is None or rate <= 0:
        return
    low, usual, high, absurd = RATES[plan.optimizer]
    if plan.optimizer == "SGD" and _momentum(plan) > 0:
        # Momentum m moves 1 / (1 - m) times as far in the end.
        gain = min(1 / max(1 - _momentum(plan), 1e-3), 10.0)
        high, absurd = high / gain**0.5, absurd / gain**0.5
    if low <= rate <= high:
        return
    too_high = rate > high
    if not too_high and _is_scheduled(record) and len(record.epochs) < SEVERAL:
        return  # it may begin near zero on purpose
    # A single product is a smooth bowl, in which large steps are often the right ones.
    deep = sum(layer.has("product") for layer in record.layers) > 1
    if too_high:
        certainty = 0.6 + 0.35 * min(1.0, np.log(rate / high) / np.log(absurd / high))
    else:
        certainty = 0.6 + 0.3 * min(1.0, np.log10(low / rate) / 2)
    yield Finding(
        "unusual-learning-rate",
        f"The learning rate {rate:g} is {'high' if too_high else 'low'} for {plan.optimizer}, "
        f"which mostly works with about {usual:g}.",
        "problem" if rate >= BEYOND * absurd and deep else "warning",
        evidence=(
            Evidence("learning rate", rate, high if too_high else low),
            Evidence(f"usual for {plan.optimizer}", usual),
        ),
        why="Every step overshoots: the loss jumps, grows, or freezes with saturated or dead units."
        if too_high
        else "The weights stay where they began, however long it trains.",
        fix=f"    model.compile(optimizers.{plan.optimizer}({usual:g}), ...)",
        confidence=float(certainty),
        changes=(Change("set_learning_rate", arguments={"learning_rate": usual}),),
    )


@rule("learning-rate-not-positive", "static", risk=False, explains=explains(1.0, 1.0, 1.0, 1.0))
def learning_rate_not_positive(record: RunRecord) -> Iterator[Finding]:
    """A learning rate of zero or less."""
    rate = _rate(record)
    if rate is None or rate > 0:
        return
    if _is_scheduled(record) and len(record.epochs) < SEVERAL:
        return  # it may begin at zero on purpose
    usual = RATES.get(record.plan.optimizer or "", (0.0, 1e-3, 0.0, 0.0))[1]
    yield Finding(
        "learning-rate-not-positive",
        f"The learning rate is {rate:g}.",
        "problem",
        evidence=(Evidence("learning rate", rate, 0),),
        why="Every step is multiplied by it: no weight ever changes."
        if rate == 0
        else "A negative learning rate climbs instead of descending: the loss grows at every step.",
        fix=f"    model.compile(optimizers.{record.plan.optimizer or 'Adam'}({usual:g}), ...)",
        changes=(Change("set_learning_rate", arguments={"learning_rate": usual}),),
    )


@rule("batch-larger-than-data", "static", explains=explains(0.4, 0.6))
def batch_larger_than_data(record: RunRecord) -> Iterator[Finding]:
    """Batches larger than the data: one update an epoch."""
    size, samples = record.plan.batch_size, record.plan.samples
    if not size or not samples or size <= samples or size <= 64:
        return  # 32 is what nobody chose
    yield Finding(
        "batch-larger-than-data",
        f"The batch size is {size:,}, but there are only {samples:,} samples.",
        "remark",
        evidence=(Evidence("batch size", size, samples),),
        why="Every epoch is one single update; a few epochs are a few updates.",
        fix="    model.fit(x, y, batch_size=32)",
        confidence=0.6,
        changes=(Change("set_batch_size", arguments={"batch_size": 32}),),
    )


@rule("small-batches", "static", alone=False, explains=explains(unstable=0.6, diverge=0.3))
def small_batches(record: RunRecord) -> Iterator[Finding]:
    """Gradients of very few samples are mostly noise."""
    size, samples = record.plan.batch_size, record.plan.samples
    if not size or size > SMALL_BATCH or not samples or samples < 20 * size:
        return
    yield Finding(
        "small-batches",
        f"Every update follows {size} of {samples:,} samples.",
        "remark",
        evidence=(Evidence("batch size", size, SMALL_BATCH),),
        why="The fewer samples, the more a step follows their chance rather than the data.",
        fix="    model.fit(x, y, batch_size=32)",
        confidence=0.9 if size == 1 else 0.6,
        changes=(Change("set_batch_size", arguments={"batch_size": 32}),),
    )


@rule("high-momentum", "static", explains=explains(0.5, diverge=0.7, unstable=0.8))
def high_momentum(record: RunRecord) -> Iterator[Finding]:
    """Momentum that hardly ever forgets a step."""
    momentum = _momentum(record.plan)
    if momentum <= HIGH_MOMENTUM:
        return
    yield Finding(
        "high-momentum",
        f"The momentum is {momentum:g}.",
        "problem" if momentum >= 1 else "warning" if momentum >= 0.995 else "remark",
        evidence=(Evidence("momentum", momentum, HIGH_MOMENTUM),),
        why="A step goes on forever and every later one is added: the weights run away."
        if momentum >= 1
        else f"A step goes on for {1 / (1 - momentum):,.0f} more; the weights overshoot and swing.",
        fix="    model.compile(optimizers.SGD(0.01, momentum=0.9), ...)",
        confidence=0.97 if momentum >= 1 else 0.7,
        changes=(Change("set_optimizer", arguments={"optimizer": "Adam", "learning_rate": 1e-3}),),
    )


@rule("plain-sgd", "static", alone=False, explains=explains(0.5, 0.75))
def plain_sgd(record: RunRecord) -> Iterator[Finding]:
    """Plain SGD at a low rate needs many times the steps of Adam."""
    rate = _rate(record)
    if record.plan.optimizer != "SGD" or _momentum(record.plan) >= 0.5:
        return
    if rate is None or not 0 < rate <= 0.02:
        return
    yield Finding(
        "plain-sgd",
        f"The optimiser is plain SGD with a learning rate of {rate:g}.",
        "remark",
        evidence=(
            Evidence("learning rate", rate, 0.02),
            Evidence("momentum", _momentum(record.plan), 0.5),
        ),
        why="Without momentum or a scale of its own for each weight it creeps along flat "
        "directions.",
        fix="    model.compile(optimizers.Adam(0.001), ...)",
        confidence=0.85,
        changes=(Change("set_optimizer", arguments={"optimizer": "Adam", "learning_rate": 1e-3}),),
    )


@rule("unusual-epsilon", "static", alone=False,
      explains=explains(0.3, 0.4, diverge=0.4, unstable=0.6))  # fmt: skip
def unusual_epsilon(record: RunRecord) -> Iterator[Finding]:
    """The small number under the fraction of Adam and its kin is not small, or next to nothing."""
    epsilon, name = record.plan.optimizer_config.get("epsilon"), record.plan.optimizer or ""
    if not isinstance(epsilon, (int, float)) or not (
        "Adam" in name or name in ("Nadam", "RMSprop")
    ):
        return
    if 1e-11 <= epsilon <= 0.5:
        return
    yield Finding(
        "unusual-epsilon",
        f"The epsilon of {name} is {epsilon:g}.",
        "remark",
        evidence=(Evidence("epsilon", float(epsilon), 1e-11 if epsilon < 1 else 0.5),),
        why="Where gradients are tiny, so is what they are divided by: noise becomes full steps."
        if epsilon < 1e-11
        else "It outweighs the gradients it is added to, so that steps are far smaller than the "
        "learning rate says.",
        fix=f"    model.compile(optimizers.{name}(epsilon=1e-7), ...)",
        confidence=0.8,
        changes=(Change("set_optimizer", arguments={"optimizer": name}),),
    )
