"""The report of a run that is still in memory: its record, its answers, the machine."""

from __future__ import annotations

import os
import platform
import warnings
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import jax

from .._core.errors import PellucidWarning
from ..record.schema import RunRecord
from ..vitals.answers import batch_of, examples_of


class ReportWarning(PellucidWarning):
    """Something that the report would have shown is missing from it."""


def write_report(
    record: RunRecord,
    path: str | os.PathLike[str],
    model: Any = None,
    *,
    data: tuple[Any, Any] | None = None,
    kept: tuple[str, Any] | None = None,
    class_names: Sequence[str] | None = None,
) -> Path:
    """Fill in what the network answers, then write the page.

    Args:
        record: of the run; its `examples` are filled where that can be done.
        path: the HTML file.
        model: whose run it was, its weights as the run left them; None leaves answers out.
        data: (x, y) to answer.
        kept: what samples the run kept, ``"validation"`` or ``"training"``, and these samples.
        class_names: of the classes, where they have names.

    Raises:
        DataError, ShapeError: `data` that `evaluate` would refuse, or a path without a folder.
    """
    from ..report import write

    targets = record.data.targets
    if model is not None and data is not None and data[0] is not None:
        record.examples = examples_of(model, batch_of(model, *data), "given", targets)
    elif model is not None and kept is not None and not record.examples:
        try:
            record.examples = examples_of(model, kept[1], kept[0], targets)
        except Exception as error:  # a page without answers is better than none
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            warnings.warn(f"The report has no answers: {first}", ReportWarning, stacklevel=3)
    return write(record, path, class_names=class_names, facts=machine())


def machine() -> dict[str, str]:
    """Versions and device, for the report's last fold-out."""
    from .. import __version__

    devices = jax.devices()
    kind = devices[0].device_kind
    return {
        "reported": f"{datetime.now():%Y-%m-%d %H:%M}",
        "Pellucid": __version__,
        "JAX": jax.__version__,
        "Python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "device": f"{len(devices)} × {kind}" if len(devices) > 1 else kind,
        "processor cores": str(os.cpu_count()),
    }
