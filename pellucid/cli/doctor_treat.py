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
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Folder for the better network, as a run; must not exist, or be empty.",
            show_default="RUN-treated",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> int:
    """Try on copies of a run's network what the doctor suggests, and say whether it helped.

    The run is trained anew from its seed, on its own training samples, and beside it what the
    doctor would change. All are scored on the run's validation samples; its test samples stay
    unseen. The run folder stays as it is; a better network is kept as a run of its own, for
    evaluate, predict and report.

    Exit status: 0 it helped or the run was sound, 1 it did not help, 2 something cannot be read.
    """
    from ..doctor import treat as try_changes
    from ..runs import load_run, treated
    from ..runs.rerun import done_epochs, prepared
    from ..runs.saving import check_free
    from . import messages, options

    if save_weights is not None and not save_weights.endswith(".safetensors"):
        raise ConfigError(
            "The weights go into a .safetensors file.",
            got=f"--save-weights {save_weights}",
            fix=f"--save-weights {Path(save_weights).stem or 'best'}.safetensors",
        )
    if out is not None:
        check_free(out)
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
    if treated.can_keep(found):
        place = treated.free_folder(run) if out is None else out
        command = options.command_line()
        kept = treated.keep(load_run(run), found, model, training[0], place, command, data_dir)
        if not as_json:
            messages.say()
            messages.say(f"The treated network is a run: {options.shown(kept)}", "bold")
            for word in ("evaluate", "report"):
                messages.say(f"  pellucid {word} {options.shown(kept)}", "green")
    elif found.helped and not as_json:
        messages.say("It is not kept as a run: it was trained on changed samples.")
    return 0 if found.helped or found.before.sound else 1
