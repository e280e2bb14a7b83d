"""What goes wrong while a network trains. Each says that it does; the causes are other rules'."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import RunRecord
from ..change import Change
from ..finding import Evidence, Finding, Where
from ..remedies import other_rate
from ..rule import rule
from ..symptoms import Course, course, series, vitals
from ..symptoms.verdict import (
    ACCURACY_SWING,
    DIVERGED,
    NOTHING,
    SLOW_SKILL,
    STILL,
    SWING,
    jump,
    prior_only,
    starved,
    swing,
    too_long,
    training_symptom,
)


def _now(record: RunRecord, name: str) -> Course | None:
    how = course(record)
    return how if training_symptom(record, how) == name else None


def _level(how: Course) -> tuple[Evidence, ...]:
    """Loss and accuracy at the end, against the trivial answer's."""
    found = []
    if np.isfinite(how.baseline) and len(how.train):
        found.append(Evidence("training loss", float(how.train[-1]), how.baseline))
    elif len(how.train):
        found.append(Evidence("training loss", float(how.train[-1]), how.start))
    if len(how.accuracy):
        found.append(Evidence("training accuracy", float(how.accuracy[-1]), how.usual))
    return tuple(found)


@rule("loss-not-finite", "training", needs=("trained",), symptom=True)
def loss_not_finite(record: RunRecord) -> Iterator[Finding]:
    """The loss or a gradient became NaN or infinite: at which step, and in which layer first."""
    if _now(record, "loss-not-finite") is None:
        return
    step = record.bad_step
    if step < 0:
        step = record.first_step + int(np.argmin(np.isfinite(record.losses)))
    origin = {
        "inputs": "the inputs of that batch were not finite",
        "weights": "the weights were not finite any more",
        "forward": "the layer itself gave them",
        "loss": "only the loss gave them: its arguments were finite",
    }.get(record.bad_cause or "", "")
    place = f" first in {record.bad_place!r}" if record.bad_place else ""
    before = series.clean(record.losses[: max(0, step - record.first_step)])
    evidence = [Evidence("first bad step", int(step))]
    if len(before):
        evidence += [
            Evidence("first loss", float(before[0])),
            Evidence("last finite loss", float(before[-1])),
        ]
    yield Finding(
        "loss-not-finite",
        f"The loss or a gradient is not a finite number from step {step} on,{place or ' somewhere'}"
        f"{'; ' + origin if origin else ''}.",
        "problem",
        where=Where(layer=record.bad_place, step=int(step)),
        evidence=tuple(evidence),
        why="From that step on every weight is NaN: the rest of the run changes nothing.",
        fix="Where no cause is named, clip the gradients and lower the rate:\n\n"
        "    optimizer = Adam(learning_rate=1e-4, clipnorm=1.0)",
        changes=(
            Change("clip_gradients", arguments={"norm": 1.0}),
            *other_rate(vitals.rate(record), 0.1),
        ),
    )


@rule("diverging", "training", needs=("losses",), symptom=True)
def diverging(record: RunRecord) -> Iterator[Finding]:
    """The training loss ends far above where it was."""
    how = _now(record, "diverging")
    if how is None:
        return
    best = min(how.train.min(initial=np.inf), how.steps.min(initial=np.inf))
    end = float(how.train[-1]) if len(how.train) else float(how.steps[-1])
    yield Finding(
        "diverging",
        f"The training loss went up: it was {best:.4g} at best and is {end:.4g} at the end.",
        "problem",
        evidence=(
            Evidence("rise of the loss over the trivial answer's", (end - best) / how.units,
                     DIVERGED),
            Evidence("loss at the start", how.start),
            *_level(how),
        ),
        why="The updates make the network worse: it is further from an answer than it was before.",
        fix="Lower the learning rate by ten, and scale the inputs:\n\n"
        f"    optimizer = {record.plan.optimizer or 'Adam'}"
        f"(learning_rate={vitals.rate(record) / 10:.1g})",
        changes=other_rate(vitals.rate(record), 0.1),
    )  # fmt: skip


@rule("not-learning", "training", needs=("losses",), symptom=True)
def not_learning(record: RunRecord) -> Iterator[Finding]:
    """The training samples are answered no better than by one answer for all of them."""
    how = _now(record, "not-learning")
    if how is None:
        return
    answer = "the mean" if not len(how.accuracy) else "the commonest class"
    learned, said = "nothing", f"no better than always answering {answer}"
    if how.success >= NOTHING:
        learned, said = "next to nothing", f"hardly better than always answering {answer}"
    if not np.isfinite(how.success):
        said = "no better than before the first step"
    constant = [
        name
        for name, found in record.checkups.outputs.items()
        if series.last(found.get("spread")) <= 1e-3 * max(1e-30, abs(series.last(found.get("std"))))
        or series.last(found.get("spread")) < 1e-6
    ]
    evidence = [Evidence("skill", how.success, NOTHING), *_level(how)]
    if constant:
        evidence.append(Evidence("every sample gets the same answer", True))
    yield Finding(
        "not-learning",
        f"The network has learned {learned}: on its own training samples it is {said}.",
        "problem",
        evidence=tuple(evidence),
        why="Whatever it answers does not depend on the inputs in a way that helps.",
        fix="Mend the likeliest cause first. Where none fits, train on ten "
        "samples only: a sound network learns them by heart in a few hundred steps.",
        confidence=0.95,
    )


@rule("class-prior-only", "training", needs=("losses",), symptom=True)
def class_prior_only(record: RunRecord) -> Iterator[Finding]:
    """A good accuracy that is only the share of the commonest class."""
    how = _now(record, "class-prior-only")
    found = prior_only(record, how) if how is not None else None
    if how is None or found is None:
        return
    name, share = found
    yield Finding(
        "class-prior-only",
        f"Every sample gets the commonest class as answer: the accuracy of {share:.1%} is only "
        "that class's share.",
        "problem" if (np.isfinite(how.success) and how.success < 0.5) else "warning",
        where=Where(output=name),
        evidence=(Evidence("share of the commonest class", share), *_level(how)),
        why="The network is right as often as a coin that has only one side; no other class is "
        "ever found.",
        fix="Weight the classes by how rare they are, and watch a measure that counts classes "
        "alike:\n\n    model.fit(x, y, class_weight={0: 1.0, 1: 10.0})",
        confidence=0.9,
        changes=(Change("class_weight", name, {"weights": "balanced"}),),
    )


@rule("unstable", "training", needs=("losses",), symptom=True)
def unstable(record: RunRecord) -> Iterator[Finding]:
    """The training loss jumps up and down from epoch to epoch without falling."""
    how = _now(record, "unstable")
    if how is None:
        return
    yield Finding(
        "unstable",
        "The training loss jumps up and down from epoch to epoch and falls no further.",
        "problem",
        evidence=(
            Evidence("typical jump over the trivial answer's loss", swing(how), SWING),
            *(
                [Evidence("typical jump of the accuracy", jump(how.accuracy), ACCURACY_SWING)]
                if len(how.accuracy)
                else []
            ),
            *_level(how),
        ),
        why="The steps are longer than the valley is wide: the network leaps over good places.",
        fix="Lower the learning rate, let it fall during the run, or use larger batches:\n\n"
        f"    optimizer = {record.plan.optimizer or 'Adam'}"
        f"(learning_rate={vitals.rate(record) / 10:.1g})",
        confidence=0.85,
        changes=other_rate(vitals.rate(record), 0.1),
    )


@rule("slow", "training", needs=("losses", "checkups"), symptom=True)
def slow(record: RunRecord) -> Iterator[Finding]:
    """The loss falls steadily, but has got hardly anywhere, and the weights have hardly moved."""
    how = _now(record, "slow")
    if how is None:
        return
    yield Finding(
        "slow",
        f"The network learns far slower than it could: after {len(record.losses):,} steps its loss "
        "still falls as steadily as at the start.",
        "problem",
        evidence=(
            Evidence("skill", how.success, SLOW_SKILL),
            Evidence("largest change of a weight matrix", vitals.moved(record), STILL),
            *_level(how),
        ),
        why="Most of what the data could teach is still ahead; at this pace it would take many "
        "times as long.",
        fix="Raise the learning rate by ten:\n\n"
        f"    optimizer = {record.plan.optimizer or 'Adam'}"
        f"(learning_rate={vitals.rate(record) * 10:.1g})",
        confidence=0.85,
        changes=other_rate(vitals.rate(record), 10.0),
    )


@rule("underfitting", "end", needs=("losses",), symptom=True)
def underfitting(record: RunRecord) -> Iterator[Finding]:
    """Even the training samples are answered badly, and something holds the network back."""
    how = _now(record, "underfitting")
    if how is None:
        return
    yield Finding(
        "underfitting",
        "The network answers even its own training samples badly, and something holds it back.",
        "problem" if how.success < 0.5 and not (too_long(record) or starved(record)) else "warning",
        evidence=(Evidence("skill", how.success, 0.75), *_level(how)),
        why="It learned a part of what there is; what holds it back is named below.",
        fix="Take away what holds it back, one thing at a time.",
        confidence=0.8,
    )
