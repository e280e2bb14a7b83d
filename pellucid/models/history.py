"""What `fit` returns: the logs of every epoch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..record.schema import RunRecord
from ..training.callbacks.base import Callback


class History(Callback):
    """The record of a training run; `fit` makes one and returns it.

    Attributes:
        history: log name -> one value an epoch.
        epoch: the epochs' numbers.
        interrupted: whether Ctrl-C ended the run; the work until then is kept.
        vitals: what the run measured about itself, a `pellucid.vitals.RunRecord`.
        diagnosis: what the doctor last found in it; None where no doctor was asked.
        samples: ``"validation"`` or ``"training"``, and the samples that checkups looked at; the
            report shows what the network answers on them.

    >>> from pellucid import Sequential, layers
    >>> model = Sequential([layers.Dense(1)])
    >>> model.compile(optimizer="sgd", loss="mse")
    >>> run = model.fit([[0.0], [1.0]], [[0.0], [1.0]], epochs=3, verbose=0)
    >>> len(run.history["loss"]), run.epoch
    (3, [0, 1, 2])
    """

    remembers = (
        "history",
        "epoch",
    )

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []
        self.interrupted = False
        self._vitals: Any = None
        self.diagnosis: Any = None
        self.samples: tuple[str, Any] | None = None

    @property
    def vitals(self) -> Any:
        """The run's record; that of a brief run is made when it is first asked for."""
        if callable(self._vitals):
            self._vitals = self._vitals()
        return self._vitals

    @vitals.setter
    def vitals(self, record: Any) -> None:
        self._vitals = record

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_vitals": self.vitals}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.history, self.epoch = {}, []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def report(
        self,
        path: str | os.PathLike[str] = "run.html",
        x: Any = None,
        y: Any = None,
        class_names: Sequence[str] | None = None,
    ) -> Path:
        """Write the report of this run: one HTML page that needs no network.

        Args:
            path: the file; an earlier one is replaced.
            x, y: samples whose answers are shown; by default the part of the validation data that
                the checkups looked at, else of the training data.
            class_names: of the classes, where they have names.

        Returns:
            The file's path.

        Raises:
            DataError, ShapeError: data that `evaluate` would refuse, or a path without a folder.

        >>> import tempfile
        >>> from pellucid import Sequential, layers
        >>> model = Sequential([layers.Dense(1)])
        >>> model.compile(optimizer="sgd", loss="mse")
        >>> run = model.fit([[0.0], [1.0]], [[0.0], [1.0]], epochs=3, verbose=0, doctor=None)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run.report(f"{folder}/run.html").name
        'run.html'
        """
        from .run_report import write_report

        model: Any = self.model
        # After another run the weights are no longer this one's: what it would answer is lost.
        mine = getattr(model, "history", None) is self
        record = RunRecord() if self.vitals is None else self.vitals
        return write_report(
            record,
            path,
            model if mine else None,
            data=(x, y),
            kept=self.samples,
            class_names=class_names,
        )

    def __repr__(self) -> str:
        last = ", ".join(f"{name}={values[-1]:.4g}" for name, values in self.history.items())
        return f"<History {len(self.epoch)} epochs, last: {last}>"
