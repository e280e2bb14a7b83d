"""`treat`: try what the doctor suggests on copies of a network, side by side with the original."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jax
import numpy as np

from .._core.errors import ConfigError, PellucidError
from .._core.rng import own_seeds
from ..doctor import Change, Diagnosis, Finding
from ..training import preparation
from .apply import CORRECTIONS, apply_change
from .attempt import Attempt, train
from .build import output_shapes
from .candidates import Candidate, candidates, corrections
from .recipe import Recipe, recipe_of
from .result import CLEARLY, Treatment
from .samples import Samples, read_samples
from .usual import usual_settings

AS_IT_IS = "as it is"
MOST_TIMES = 8  # a treatment trains at most so many times the epochs of the original


def treat(
    model: Any,
    data: Any,
    validation_data: Any = None,
    epochs: int | None = None,
    findings: Any = None,
    batch_size: int | None = None,
    class_weight: dict[int, float] | None = None,
    shuffle: bool | None = None,
    trainings: int = 8,
) -> Treatment:
    """Try the doctor's changes on copies of a network, and say whether they helped.

    The original is copied and trained from its initial weights. What the doctor then suggests is
    tried on further copies, each from the same seed, on the same samples: the likely causes
    together and one by one; then, on the best of these, what the doctor still finds; at last the
    usual settings of everything. All are scored on the same held-out samples. Your model, its
    weights and its settings stay as they are.

    Args:
        model: compiled; trained or not.
        data: ``(x, y)`` or ``(x, y, sample_weight)``, arrays ``(samples, ...)`` or data frames.
        validation_data: ``(x, y)`` to score by; by default a fifth of the data is held out.
        epochs: of each training; by default those of the model's latest run, else 10.
        findings: a `Diagnosis` or findings to answer; by default those of the first training.
        batch_size, class_weight, shuffle: of `fit`; likewise.
        trainings: at most so many in all, the original's included.

    Returns:
        A `Treatment`: scores, curves and findings before and after, and the best network.

    Raises:
        StateError: not compiled. ConfigError: a network that cannot be copied.
        DataError: data that are no arrays, or too few.

    >>> import numpy as np
    >>> from pellucid import Sequential, layers, optimizers, utils
    >>> utils.set_random_seed(0)
    >>> x = np.random.default_rng(0).normal(size=(200, 4)).astype("float32")
    >>> y = (x[:, :1] > 0).astype("float32")
    >>> model = Sequential([layers.Input((4,)), layers.Dense(1, activation="softmax")])
    >>> model.compile(optimizers.Adam(0.05), "binary_crossentropy")
    >>> treatment = treat(model, (x, y), epochs=5, trainings=2)
    >>> treatment.helped, [str(change) for change in treatment.changes]
    (True, ['set_output("dense", activation="sigmoid")'])
    """
    model.must_be_compiled("treat")
    preparation_checks(trainings, epochs, batch_size)
    asked = _diagnosis(findings)
    with own_seeds():
        samples = read_samples(model, data, validation_data, model.root_seed)
        recipe = recipe_of(
            model,
            output_names(model, samples.x),
            epochs=epochs,
            batch_size=batch_size,
            class_weight=class_weight,
            shuffle=shuffle,
        )
        search = _Search(model, recipe, samples, trainings)
        search.run(asked)
        return search.result()


def preparation_checks(trainings: int, epochs: Any, batch_size: Any) -> None:
    """Refuse counts that make no sense."""
    from ..training.arguments import check_counts

    check_counts(trainings=trainings, batch_size=batch_size)
    if epochs is not None and (not isinstance(epochs, (int, np.integer)) or epochs < 1):
        raise ConfigError("epochs must be a whole number of at least 1.", got=repr(epochs),
                          fix="pass epochs=10, say.")  # fmt: skip


def output_names(model: Any, x: Any) -> list[str]:
    """Names of a model's outputs, as in its logs. The model is built if it was not."""
    return preparation.name_outputs(model, output_shapes(model, x))


def _diagnosis(findings: Any) -> Diagnosis | None:
    if findings is None or isinstance(findings, Diagnosis):
        return findings
    findings = [findings] if isinstance(findings, Finding) else findings
    if not isinstance(findings, Iterable) or not all(isinstance(f, Finding) for f in findings):
        raise ConfigError(
            "findings must be a Diagnosis, or findings of the doctor.",
            got=type(findings).__name__,
            fix="pass findings=model.diagnose().",
        )
    return Diagnosis(findings)


def _key(recipe: Recipe, changes: tuple[Change, ...]) -> str:
    """The same text for the same training: by recipe, and by what was done to the samples."""
    return repr((recipe, [str(change) for change in changes if change.kind in CORRECTIONS]))


class _Search:
    """The attempts so far, and which of them is the best.

    Args:
        model: the user's, only read.
        recipe, samples: as it is.
        trainings: at most so many.
    """

    def __init__(self, model: Any, recipe: Recipe, samples: Samples, trainings: int):
        self.original, self.left = model, trainings
        self.losses = [recipe.loss_name(name) for name in recipe.names]
        self.most_epochs = MOST_TIMES * recipe.epochs
        self.attempts: list[Attempt] = []
        self.notes: dict[str, None] = {}
        self.seen: set[str] = set()
        self.corrected: tuple[str, ...] = ()
        self.before = self.best = self._train(AS_IT_IS, recipe, samples, ())

    def run(self, asked: Diagnosis | None) -> None:
        """Spend the trainings."""
        diagnosis = asked or self.before.diagnosis
        correction = corrections(diagnosis)
        if correction is not None:
            found = self._try(self.best, correction)
            if found is not None and (found.error is None or self.before.error is not None):
                self.best, diagnosis = found, found.diagnosis
                self.corrected = correction.rules if found.error is None else ()
        if asked is not None:
            self._round(diagnosis, 0)
            return
        self._rounds(diagnosis, reserve=1 if self.left > 2 else 0)
        self._last_resort()
        self._rounds(self.best.diagnosis, reserve=0)

    def _rounds(self, diagnosis: Diagnosis, reserve: int) -> None:
        """Round after round on what came out best, until a round gains nothing."""
        while self.left > reserve:
            base = self.best
            self._round(diagnosis, reserve)
            if self.best is base:
                return
            diagnosis = self.best.diagnosis

    def _round(self, diagnosis: Diagnosis, reserve: int) -> None:
        """Try each candidate on the same base, until one leaves the doctor nothing to say."""
        base = self.best
        for candidate in candidates(diagnosis):
            if self.left <= reserve:
                return
            found = self._try(base, candidate)
            if found is not None:
                self._compare(found)
            if self.best is not base and self.best.sound:
                return

    def _last_resort(self) -> None:
        """The usual settings of everything, and on from there while that gains."""
        base = self.best
        if base.record is None:
            return
        found = self._try(base, usual_settings(base.record))
        if found is not None:
            self._compare(found)

    def _compare(self, found: Attempt) -> None:
        if found.error is not None:
            return
        best = self.best
        better = best.error is not None or not np.isfinite(best.score)
        if better or found.score > best.score + CLEARLY / 2:
            self.best = found

    def _try(self, base: Attempt, candidate: Candidate) -> Attempt | None:
        """Train one candidate on top of an attempt; None where nothing is left to change."""
        if self.left < 1:
            return None
        recipe, samples = base.recipe, base.samples
        done: list[Change] = []
        for change in candidate.changes:
            try:
                recipe, samples = apply_change(change, recipe, samples)
                done.append(change)
            except (PellucidError, KeyError, StopIteration, ValueError) as error:
                self.notes.setdefault(f"{change}: {str(error).splitlines()[0]}")
        recipe = recipe.but(epochs=min(recipe.epochs, self.most_epochs))
        changes = (*base.changes, *done)
        if not done or _key(recipe, changes) in self.seen:
            return None
        label = candidate.label if base is self.before else f"{base.label} + {candidate.label}"
        return self._train(label, recipe, samples, changes)

    def _train(
        self, label: str, recipe: Recipe, samples: Samples, changes: tuple[Change, ...]
    ) -> Attempt:
        self.seen.add(_key(recipe, changes))
        self.left -= 1
        found = train(label, recipe, samples, self.original, self.losses, changes)
        self.attempts.append(found)
        return found

    def result(self) -> Treatment:
        """What came of it."""
        from .score import Scorer, outputs_of

        samples = self.best.samples
        scorer = Scorer(
            self.best.recipe.names, samples.y_val, self.losses, outputs_of(self.original)
        )
        return Treatment(
            self.before,
            self.best,
            self.attempts,
            scorer.name,
            len(jax.tree.leaves(samples.x_val)[0]),
            samples.split,
            self.corrected,
            list(self.notes),
            self.original.name,
        )
