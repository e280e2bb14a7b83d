"""`Treatment`: what was tried, what came of it, and the network that came out best."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .._core.files import json_text
from ..doctor import Change, Diagnosis
from .attempt import Attempt

CLEARLY = 0.01  # of the score: a smaller gain is not called one


@dataclass
class Treatment:
    """What came of trying the doctor's changes on copies of a network.

    Attributes:
        before: the network as it is, trained anew.
        after: the best of all that was tried; `before` itself where nothing was better.
        attempts: all of them, in the order of trial, `before` first.
        score_name: ``"accuracy"``, ``"balanced accuracy"``, ``"R2"``, or ``"score"`` for several
            outputs of different kinds; always on held-out samples, always higher is better.
        held_out: number of those samples.
        split: whether they were taken from the data, rather than given.
        corrected: rules whose changes were made in any case, because without them the scores
            cannot be believed.
        notes: changes that could not be tried, with the reason.
        name: of the model.
    """

    before: Attempt
    after: Attempt
    attempts: list[Attempt]
    score_name: str
    held_out: int
    split: bool = False
    corrected: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    name: str = "model"

    @property
    def helped(self) -> bool:
        """Whether the best attempt is clearly better, or trains where the original was refused."""
        if self.after is self.before:
            return False
        if self.before.error is not None or self.corrected:
            return self.after.error is None
        # one sample answered otherwise is no gain
        return bool(self.after.score > self.before.score + max(CLEARLY, 1.5 / self.held_out))

    @property
    def model(self) -> Any:
        """The best network, trained; a copy, never the user's own. None where none could train."""
        return self.after.model

    @property
    def changes(self) -> tuple[Change, ...]:
        """What was changed in it."""
        return self.after.changes

    @property
    def findings(self) -> tuple[Diagnosis, Diagnosis]:
        """The doctor's findings before and after."""
        return self.before.diagnosis, self.after.diagnosis

    @property
    def curves(self) -> dict[str, list[float]]:
        """The score after each epoch, by attempt."""
        return {attempt.label: list(attempt.scores) for attempt in self.attempts}

    def show_score(self, score: float) -> str:
        """A score as a reader wants it."""
        if not np.isfinite(score):
            return "-"
        return f"{score:.3f}" if self.score_name == "R2" else f"{100 * score:.1f} %"

    def __str__(self) -> str:
        from .text import plain

        return plain(self)

    def __repr__(self) -> str:
        word = "helped" if self.helped else "did not help"
        before, after = map(self.show_score, (self.before.score, self.after.score))
        return f"<Treatment of {self.name!r} {word}: {self.score_name} {before} -> {after}>"

    def __rich__(self) -> Any:
        from .text import rich_treatment

        return rich_treatment(self)

    def _repr_html_(self) -> str:
        from .html import treatment_html

        return treatment_html(self)

    def show(self) -> None:
        """Print it, in colours on a terminal."""
        from ..doctor.text import console

        console().print(self)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; networks are left out."""
        return {
            "name": self.name,
            "helped": self.helped,
            "score": self.score_name,
            "held_out": self.held_out,
            "split": self.split,
            "corrected": list(self.corrected),
            "before": self.attempts.index(self.before),
            "after": self.attempts.index(self.after),
            "attempts": [attempt.to_dict() for attempt in self.attempts],
            "notes": list(self.notes),
        }

    def to_json(self, path: str | Path | None = None) -> str:
        """The treatment as JSON text; with `path` also written there.

        Args:
            path: a file to write, replaced whole.
        """
        return json_text(self.to_dict(), path)
