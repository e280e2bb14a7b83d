"""One training of one recipe, from the user's initial weights: its curves, score and diagnosis."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from .. import losses as _losses
from .._core.errors import PellucidError
from ..doctor import Change, Diagnosis, examine
from ..record.schema import RunRecord
from ..training.callbacks import Callback, EarlyStopping
from ..training.per_output import by_output
from ..vitals.data import describe_data
from ..vitals.data_of_fit import named_inputs
from ..vitals.network import record_of
from .build import build, in_original_units
from .recipe import Recipe
from .samples import Samples
from .score import Scorer, outputs_of

CURVE_ROWS = 1000  # held-out samples behind the score of each epoch


@dataclass
class Attempt:
    """One training.

    Attributes:
        label: what was changed, in a few words: ``"as it is"``, or the rules it answers.
        changes: what was changed, from the original on.
        score: on the held-out samples at the end; NaN where there is none.
        scores: the same after each epoch, on at most 1,000 of them.
        loss, val_loss: after each epoch.
        epochs: done.
        diagnosis: the doctor's findings afterwards.
        error: why it could not be trained, else None.
        seconds: that it took.
        model: the trained network, in the data's own units; None where there was an error.
    """

    label: str
    changes: tuple[Change, ...] = ()
    score: float = float("nan")
    scores: list[float] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    epochs: int = 0
    diagnosis: Diagnosis = field(default_factory=Diagnosis)
    error: str | None = None
    seconds: float = 0.0
    model: Any = field(default=None, repr=False)
    recipe: Any = field(default=None, repr=False)
    samples: Any = field(default=None, repr=False)
    record: RunRecord | None = field(default=None, repr=False)

    @property
    def sound(self) -> bool:
        """Trained, clearly learned, and the doctor has no problem or warning left."""
        said = self.diagnosis.problems or self.diagnosis.warnings
        return self.error is None and not said and self.diagnosis.learned is True

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "label": self.label,
            "changes": [change.to_dict() for change in self.changes],
            "score": _number(self.score),
            "scores": [_number(value) for value in self.scores],
            "loss": [_number(value) for value in self.loss],
            "val_loss": [_number(value) for value in self.val_loss],
            "epochs": self.epochs,
            "error": self.error,
            "seconds": round(self.seconds, 3),
            "diagnosis": self.diagnosis.to_dict(),
        }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


class _Scores(Callback):
    """The score after each epoch."""

    def __init__(self, score: Any):
        super().__init__()
        self.score, self.found = score, list[float]()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.found.append(self.score(self.model))


def train(
    label: str,
    recipe: Recipe,
    samples: Samples,
    original: Any,
    losses: list[str | None],
    changes: tuple[Change, ...] = (),
    ask: bool = True,
) -> Attempt:
    """Build by a recipe, train, score and examine. A refusal becomes the attempt's `error`.

    Args:
        label, changes: for the record.
        recipe, samples: what to train, and on what.
        original: the user's model, only read.
        losses: names of the original's losses by output: they say what kind of targets there are.
        ask: let the doctor examine it.
    """
    attempt = Attempt(label, changes, recipe=recipe, samples=samples)
    start = time.perf_counter()
    try:
        model = build(recipe, original, samples.x)
        _fit(attempt, model, Scorer(recipe.names, samples.y_val, losses, outputs_of(original)))
        attempt.model = in_original_units(recipe, model, original, samples.x)
        attempt.record = model.history.vitals
        if ask:
            attempt.diagnosis = model.diagnose()
    except PellucidError as error:
        attempt.error = str(error)
        attempt.diagnosis = _without_training(attempt, original, error)
    attempt.seconds = time.perf_counter() - start
    return attempt


def _fit(attempt: Attempt, model: Any, scorer: Scorer) -> None:
    recipe, samples = attempt.recipe, attempt.samples
    some = min(CURVE_ROWS, len(jax.tree.leaves(samples.x_val)[0]))
    x_some = jax.tree.map(lambda array: array[:some], samples.x_val)
    by_epoch = Scorer(
        scorer.names, jax.tree.map(lambda a: a[:some], scorer.y), scorer.losses, scorer.outputs
    )
    watch = _Scores(lambda model: by_epoch(answers_of(recipe, model, x_some), bounds_of(recipe)))
    callbacks: list[Any] = [watch]
    if recipe.patience is not None:
        callbacks.append(
            EarlyStopping("val_loss", patience=recipe.patience, restore_best_weights=True)
        )
    history = model.fit(
        samples.x,
        scaled(recipe, samples.y),
        sample_weight=samples.weight,
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        shuffle=recipe.shuffle,
        class_weight=recipe.class_weight,
        validation_data=(samples.x_val, scaled(recipe, samples.y_val)),
        callbacks=callbacks,
        verbose=0,
        doctor=None,
    )
    attempt.scores = watch.found
    attempt.loss = [float(value) for value in history.history.get("loss", ())]
    attempt.val_loss = [float(value) for value in history.history.get("val_loss", ())]
    attempt.epochs = len(history.epoch)
    attempt.score = scorer(answers_of(recipe, model, samples.x_val), bounds_of(recipe))


def answers_of(recipe: Recipe, model: Any, x: Any) -> Any:
    """The model's answers, with scaled ones turned back."""
    answers = model.predict(x, batch_size=256, verbose=0)
    for name, (mean, deviation) in recipe.target_scale.items():
        leaves, structure = jax.tree.flatten(answers)
        number = recipe.position(name)
        leaves[number] = np.asarray(leaves[number], np.float64) * deviation + mean
        answers = jax.tree.unflatten(structure, leaves)
    return answers


def scaled(recipe: Recipe, y: Any) -> Any:
    """Targets as the recipe scales them."""
    for name, (mean, deviation) in recipe.target_scale.items():

        def change(array: Any, mean: Any = mean, deviation: Any = deviation) -> Any:
            return ((np.asarray(array, np.float64) - mean) / deviation).astype(np.float32)

        if len(recipe.names) == 1:
            y = jax.tree.map(change, y)
        elif isinstance(y, dict):
            y = {**y, name: change(y[name])}
        else:
            y = [change(part) if i == recipe.position(name) else part for i, part in enumerate(y)]
    return y


def bounds_of(recipe: Recipe) -> list[float]:
    """From which number on a single unit means yes: 0 for raw scores, else one half."""
    bounds = []
    for name, loss in zip(recipe.names, recipe.loss, strict=True):
        raw = not isinstance(loss, str) and getattr(_losses.as_loss(loss), "from_logits", False)
        bounds.append(0.0 if raw or "hinge" in str(recipe.loss_name(name)) else 0.5)
    return bounds


def _without_training(attempt: Attempt, original: Any, error: PellucidError) -> Diagnosis:
    """What can be said where `fit` refused: the network and the data, as they are."""
    from ..doctor import Evidence, Finding

    refused = Finding(
        "fit-refuses",
        error.what.rstrip(),
        "problem",
        evidence=(Evidence("got", str(error.got), error.expected),) if error.got else (),
        fix=error.fix or "",
    )
    recipe, samples = attempt.recipe, attempt.samples
    try:
        model = build(recipe, original, samples.x)
        record = record_of(model)
        y, y_val = (dict(zip(recipe.names, by_output(part, recipe.names), strict=True))
                    for part in (samples.y, samples.y_val))  # fmt: skip
        record.data = describe_data(
            record,
            named_inputs(model, samples.x),
            {name: np.asarray(part) for name, part in y.items() if part is not None},
            named_inputs(model, samples.x_val),
            {name: np.asarray(part) for name, part in y_val.items() if part is not None},
        )
        record.plan.batch_size, record.plan.epochs = recipe.batch_size, recipe.epochs
        record.plan.samples, record.plan.shuffle = samples.size, recipe.shuffle
        attempt.record = record
        rest = examine(record, ["static", "data"])
    except PellucidError:
        return Diagnosis([refused], name=original.name)
    return Diagnosis([refused, *rest], looked_at=rest.looked_at, rules=rest.rules, name=rest.name)
