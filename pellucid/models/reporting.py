"""`model.report()`: the report of the latest run, or of the network as it stands."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Reporting:
    """What `Model` can say of itself as a page."""

    def report(
        self,
        path: str | os.PathLike[str] = "run.html",
        x: Any = None,
        y: Any = None,
        class_names: Sequence[str] | None = None,
    ) -> Path:
        """Write the report of the latest run, or of the network as it stands: one HTML page.

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
        >>> from pellucid import Input, Model, layers
        >>> x = Input(shape=(4,))
        >>> model = Model(x, layers.Dense(3, activation="softmax")(x))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.report(f"{folder}/net.html").name
        'net.html'
        """
        return report(self, path, x, y, class_names)


def report(
    model: Any,
    path: str | os.PathLike[str],
    x: Any = None,
    y: Any = None,
    class_names: Sequence[str] | None = None,
) -> Path:
    """Write the page: of the latest call of `fit`, if there was one.

    Args:
        model: built or not, compiled or not, trained or not.
        path: the HTML file.
        x, y: samples to answer; before training, the data that is looked at.
        class_names: of the classes, where they have names.
    """
    from ..vitals.network import record_of
    from .diagnosis import record_before_training, trained_record
    from .run_report import write_report

    record = trained_record(model)
    if record is not None:
        kept = getattr(model.history, "samples", None)
        return write_report(record, path, model, data=(x, y), kept=kept, class_names=class_names)
    if x is not None and getattr(model, "compiled", False):
        record = record_before_training(model, x, y)
        return write_report(record, path, class_names=class_names)
    return write_report(record_of(model), path, class_names=class_names)
