"""Steps that are too long or too short: the learning rate, and what cuts gradients down."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import RunRecord
from ..change import Change
from ..finding import Evidence, Finding
from ..rule import rule
from ..symptoms import course, series, vitals
from ..symptoms.series import between, together_sure
from ..symptoms.verdict import STILL

ANY = (
    "not-learning", "diverging", "loss-not-finite", "unstable", "slow", "underfitting",
    "class-prior-only",
)  # fmt: skip


def _other_rate(record: RunRecord, factor: float) -> tuple[float, tuple[Change, ...], str]:
    now = vitals.rate(record)
    wanted = float(f"{now * factor:.1g}")
    name = record.plan.optimizer or "Adam"
    code = f"    optimizer = {name}(learning_rate={wanted:g})"
    return wanted, (Change("set_learning_rate", arguments={"learning_rate": wanted}),), code


@rule(
    "learning-rate-too-high",
    "training",
    needs=("losses",),
    alone=False,
    explains={
        "not-learning": 1.0, "diverging": 1.0, "loss-not-finite": 1.0, "unstable": 1.0,
        "underfitting": 0.8, "generalising-badly": 0.5, "class-prior-only": 0.7,
    },
)  # fmt: skip
def learning_rate_too_high(record: RunRecord) -> Iterator[Finding]:
    """Steps so long that they throw the weights about: the loss surges, weights change whole."""
    surge = loss_surge(record)
    pace = vitals.pace(record)
    known = pace[np.isfinite(pace)]
    jump = float(known.max()) if len(known) else float("nan")
    unusual = vitals.unusual_rate(record)
    hints = [
        0.55 * between(surge, 1.5, 20.0),
        0.75 * between(jump, 0.1, 1.0) if np.isfinite(jump) else 0.0,
        0.7 * between(unusual, 3.0, 100.0) if np.isfinite(unusual) else 0.0,
    ]
    confidence = together_sure(*hints)
    moved = vitals.moved(record)
    if np.isfinite(moved) and moved < 0.02 and not course(record).ended_badly:
        return
    if np.isfinite(unusual) and unusual <= 1.0:  # a usual rate: something else makes steps long
        confidence *= 0.6
    if confidence < 0.25:
        return
    by = 0.1 if not unusual > 30 else max(1.0 / unusual, 1e-3)
    wanted, changes, code = _other_rate(record, by)
    evidence = [Evidence("learning rate", vitals.rate(record))]
    if np.isfinite(unusual):
        evidence.append(Evidence("times the usual rate of this optimiser", unusual, 3.0))
    if np.isfinite(jump):
        evidence.append(Evidence("largest change of the weights in one step", jump, 0.1))
    evidence.append(Evidence("rise of the loss in the first steps, times", surge, 1.5))
    yield Finding(
        "learning-rate-too-high",
        f"The learning rate {vitals.rate(record):g} is too high: the steps throw the weights "
        "about instead of improving them.",
        "warning",
        evidence=tuple(evidence),
        why="A step longer than the valley is wide lands higher than it started; units die or "
        "saturate on the way and do not come back.",
        fix=f"Lower it to {wanted:g}:\n\n{code}",
        confidence=min(confidence, 0.97),
        changes=changes,
    )


def loss_surge(record: RunRecord) -> float:
    """How many times higher the loss climbed in the first steps than it began."""
    losses = np.asarray(record.losses, np.float64)[:200]
    if not len(losses) or not np.isfinite(losses[0]):
        return 1.0
    finite = losses[np.isfinite(losses)]
    begun = abs(float(np.median(finite[:1]))) + 1e-12
    top = float(finite.max()) if len(finite) < 6 else float(np.sort(finite)[-2])
    return top / begun


@rule(
    "learning-rate-too-low",
    "training",
    needs=("losses", "checkups"),
    alone=False,
    explains={
        "not-learning": 1.0, "slow": 1.0, "underfitting": 0.6, "class-prior-only": 0.7,
    },
)  # fmt: skip
def learning_rate_too_low(record: RunRecord) -> Iterator[Finding]:
    """Steps so short that the weights have hardly moved, though there are gradients to follow."""
    moved = vitals.moved(record)
    if not moved < STILL:
        return
    unusual = vitals.unusual_rate(record)
    steps = max(len(record.losses), 1)
    norms = series.clean(record.gradient_norms)
    if len(norms) and float(np.median(norms)) < 1e-6:
        return  # nothing to follow: gradients vanished, or all weights are alike
    still = 0.6 * (1.0 - between(moved, 0.01, STILL))
    hints = [still, 0.8 * between(1.0 / unusual, 3.0, 100.0) if unusual > 0 else 0.0]
    epsilon = record.plan.optimizer_config.get("epsilon")
    if isinstance(epsilon, (int, float)) and epsilon >= 1e-3:
        hints.append(0.8 * between(float(epsilon), 1e-3, 1.0))
    falling = series.direction(course(record).steps) < -0.5
    confidence = together_sure(*hints, 0.3 if falling else 0.0)
    if unusual >= 1.0:
        confidence *= 0.7
    if confidence < 0.2:
        return
    factor = min(max(1.0 / unusual, 10.0), 1000.0) if unusual > 0 else 10.0
    wanted, changes, code = _other_rate(record, factor)
    evidence = [
        Evidence("learning rate", vitals.rate(record)),
        Evidence("largest change of a weight matrix since the start", moved, STILL),
        Evidence("steps", steps),
    ]
    if np.isfinite(unusual):
        evidence.append(Evidence("times the usual rate of this optimiser", unusual, 1 / 3))
    yield Finding(
        "learning-rate-too-low",
        f"The learning rate {vitals.rate(record):g} is too low: after {steps:,} steps no weight "
        f"matrix has changed by more than {moved:.2%}.",
        "warning",
        evidence=tuple(evidence),
        why="The network goes the right way, in steps so short that it does not arrive.",
        fix=f"Raise it to {wanted:g}:\n\n{code}",
        confidence=min(confidence, 0.97),
        changes=changes,
    )


@rule(
    "gradients-clipped-away",
    "training",
    needs=("losses",),
    alone=False,
    explains=dict.fromkeys(("not-learning", "slow", "class-prior-only", "underfitting"), 1.0),
)
def gradients_clipped_away(record: RunRecord) -> Iterator[Finding]:
    """Clipping cuts (nearly) every gradient down to (nearly) nothing."""
    config = record.plan.optimizer_config
    norms = series.clean(record.gradient_norms)
    if not len(norms):
        return
    typical = float(np.median(norms))
    weights = sum(weight.size for weight in record.weights if weight.trainable) or 1
    for name in ("global_clipnorm", "clipnorm", "clipvalue"):
        limit = config.get(name)
        if not isinstance(limit, (int, float)) or limit <= 0:
            continue
        reach = float(limit) * (weights**0.5 if name == "clipvalue" else 1.0)
        left = reach / max(typical, 1e-30)
        if left > 0.1:
            continue
        moved = vitals.moved(record)
        if np.isfinite(moved) and moved > 0.3:
            continue
        yield Finding(
            "gradients-clipped-away",
            f"Clipping ({name}={limit:g}) leaves about {left:.2%} of a typical gradient of norm "
            f"{typical:.3g}.",
            "warning",
            evidence=(Evidence("share of the gradient that is left", left, 0.1),),
            why="Clipping should catch the few steps that are far too long, not shorten all.",
            fix="Set it above the usual gradient norm, or take it away:\n\n"
            f"    {record.plan.optimizer or 'Adam'}(global_clipnorm={max(1.0, 3 * typical):.2g})",
            confidence=0.95 * between(1 / left, 5.0, 50.0),
            changes=(
                Change("clip_gradients", arguments={"norm": float(f"{max(1.0, 3 * typical):.2g}")}),
            ),
        )
