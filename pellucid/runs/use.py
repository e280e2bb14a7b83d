"""Using a finished run: its own held-out samples, other data in its terms, and its answers."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .._core.errors import DataError, ShapeError
from ..tasks.samples import Pair, Samples, read_samples
from ..tasks.split import make_parts
from .folder import Run


def own_test_part(run: Run, data_dir: str | None = None) -> Pair:
    """The samples that the run held out, made again from its data; `(x, y)`, y encoded.

    Raises:
        DataError: the run held nothing out, or its data is gone or has changed.
    """
    data, split = run.settings["data"], run.settings["split"]
    if not split["test"]:
        raise DataError(
            "This run held no samples out.",
            got="test_split=0",
            fix=f"name the data: pellucid evaluate {run.folder} data.npz.",
        )
    source = data["source"]
    if data["path"] is not None and not Path(source).is_file():
        source = data["path"]
    if data["path"] is not None and not Path(source).is_file():
        raise DataError(
            "The data of this run is no longer where it was.",
            got=f"no file {source}",
            expected="the file that the run was trained on",
            fix=f"put it back, or name it: pellucid evaluate {run.folder} data.npz.",
        )
    # columns=(): the table as it was read in training
    samples = read_samples(source, target=data["target"], data_dir=data_dir or _data_dir(run))
    parts = make_parts(
        samples, run.targets, split["test_split"], split["validation_split"], split["seed"]
    )
    if parts.test is None or parts.description["test_sha256"] != split["test_sha256"]:
        raise DataError(
            "The data has changed since the run, so its held-out part cannot be made again.",
            got=f"{source}: other samples under the same split",
            expected="the very samples that the run was trained on",
            fix=f"bring the old file back, or name the data: pellucid evaluate {run.folder} "
            f"{data['source']} measures on all of it.",
        )
    return parts.test


def _data_dir(run: Run) -> str | None:
    return run.settings["arguments"].get("data_dir")


def samples_for(
    run: Run,
    source: str,
    target: str | None = None,
    data_dir: str | None = None,
    needs_targets: bool = True,
    keep: tuple[str, ...] = (),
) -> Samples:
    """Other data in the form that the run's network takes; its test part where it has one.

    Columns of a table that the network does not know are left aside, and named in the samples'
    `ignored`; those that `keep` names are in `kept`.

    Raises:
        DataError, ShapeError: columns or shapes that the network was not trained on.
    """
    data = run.settings["data"]
    samples = read_samples(
        source,
        target=target or data["target"],
        data_dir=data_dir or _data_dir(run),
        columns=tuple(data["feature_names"]),
        needs_targets=needs_targets,
        keep=keep,
    ).test_part
    return replace(samples, x=_shaped(samples.x, tuple(data["sample_shape"]), source))


def _shaped(x: np.ndarray, shape: tuple[int, ...], source: str) -> np.ndarray:
    if x.shape[1:] == shape:
        return x
    if math.prod(x.shape[1:]) == math.prod(shape):  # a picture as one row of numbers, say
        return x.reshape(len(x), *shape)
    raise ShapeError(
        f"The samples in {source} are not like those that the network was trained on.",
        got=f"{_size(x.shape[1:])} per sample",
        expected=f"{_size(shape)} per sample",
        fix="bring them into the shape of the training data, column by column.",
    )


def _size(shape: tuple[int, ...]) -> str:
    count = math.prod(shape)
    text = f"{count:,} number" + ("s" if count != 1 else "")
    return text if len(shape) == 1 else f"{text} ({' x '.join(map(str, shape))})"


def answers(run: Run, x: np.ndarray, verbose: Any = 0) -> tuple[Any, np.ndarray]:
    """The network's answers: `(class numbers, probabilities)`, or twice a regression's values.

    Args:
        run: the run.
        x: raw samples, `(n, ...)`.
        verbose: of `predict`.
    """
    outputs = run.model.predict(x, batch_size=1024, verbose=verbose)  # (n, outputs)
    if run.task == "classification":
        return outputs.argmax(axis=-1), outputs
    return outputs, outputs
