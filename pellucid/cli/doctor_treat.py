"""`pellucid doctor treat RUN`: train a run again, with what the doctor would change."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .._core.errors import ConfigError
from .options import Data, DataDir, RunFolder


def treat(
    run: RunFolder,
    data: Data = None,
    epochs: Annotated[
        int | None,
        typer.Option(help="Of each training.", show_default="as many as the run did"),
    ] = None,
    trainings: Annotated[
        int, typer.Option(help="At most so many, the one of the run as it is included.")
    ] = 8,
    data_dir: DataDir = None,
    save_weights: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.safetensors",
            help="Write the weights of the best network.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> int:
    """Try on copies of a run's network what the doctor suggests, and say whether it helped.

    The run is trained anew from its seed, on its own training samples, and beside it what the
    doctor would change. All are scored on the run's validation samples; its test samples stay
    unseen. The run folder stays as it is.

    Exit status: 0 it helped or the run was sound, 1 it did not help, 2 something cannot be read.
    """
    from ..doctor import treat as try_changes
    from ..runs.again import done_epochs, prepared

    if save_weights is not None and not save_weights.endswith(".safetensors"):
        raise ConfigError(
            "The weights go into a .safetensors file.",
            got=f"--save-weights {save_weights}",
            fix=f"--save-weights {Path(save_weights).stem or 'best'}.safetensors",
        )
    model, training, validation, settings = prepared(run, data, data_dir)
    found = try_changes(
        model,
        training,
        validation,
        epochs=epochs or done_epochs(run) or settings.epochs,
        batch_size=settings.batch_size,
        trainings=trainings,
    )
    if save_weights is not None and found.model is not None:
        found.model.save_weights(save_weights)
    if as_json:
        sys.stdout.write(found.to_json() + "\n")
    else:
        typer.echo(str(found))
    return 0 if found.helped or found.before.sound else 1
