"""`pellucid doctor experiment RUN`: a quick question about a run's network, answered on a copy."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from .options import Data, DataDir, RunFolder


class Question(StrEnum):
    """What can be asked."""

    overfit = "overfit"
    rates = "rates"
    labels = "labels"


def experiment(
    run: RunFolder,
    question: Annotated[
        Question,
        typer.Argument(
            help="overfit: can it learn 16 samples by heart? rates: which learning rate? "
            "labels: do the inputs tell the targets?",
            show_default=False,
        ),
    ],
    data: Data = None,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> int:
    """Ask one question about a run's network, on its own training samples.

    Exit status: 0 yes, 1 no, 2 something cannot be read.
    """
    from .. import doctor
    from ..runs.rerun import prepared

    model, (x, y), validation, settings = prepared(run, data, data_dir)
    found: Any
    if question is Question.overfit:
        found = doctor.overfit_one_batch(model, x, y)
    elif question is Question.rates:
        found = doctor.learning_rate_range_test(model, x, y, batch_size=settings.batch_size)
    else:
        found = doctor.shuffled_labels(model, x, y, settings.epochs, validation)
    if as_json:
        sys.stdout.write(found.to_json() + "\n")
    else:
        typer.echo(str(found))
    return 0 if found.passed else 1
