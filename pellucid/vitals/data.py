"""The data of a run in numbers: scales, labels, baselines, and samples that occur twice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..data.targets import kind_of
from ..record.schema import (
    ArrayRecord,
    DataRecord,
    LayerRecord,
    OutputRecord,
    RunRecord,
    TargetRecord,
)
from . import rows
from .arrays import NUMBERS, describe_array, some_rows
from .baseline import best_constant_loss
from .neighbours import neighbours_alike

_HASHED = 2**24  # bytes of training data whose rows are compared
_LINKED_ROWS, _LINKED_TARGETS = 1000, 256

Arrays = dict[str, np.ndarray]


def describe_data(
    record: RunRecord,
    inputs: Arrays,
    targets: Arrays,
    validation_inputs: Arrays | None = None,
    validation_targets: Arrays | None = None,
    *,
    weights: np.ndarray | None = None,
    columns: dict[str, tuple[str, ...]] | None = None,
    losses: dict[str, Any] | None = None,
) -> DataRecord:
    """What there is to know of a run's data, over at most 20,000 of its rows.

    Args:
        record: of the run, for its layers and outputs.
        inputs, targets: by name, ``(samples, ...)`` each.
        validation_inputs, validation_targets: held-out data, likewise.
        weights: (samples,) of the training samples in the loss.
        columns: names of the columns, by input name.
        losses: the loss objects by output name, for baselines without a formula.

    >>> x, y = np.array([[0.0], [1.0], [1.0]]), np.array([0, 1, 1])
    >>> data = describe_data(RunRecord(), {"x": x}, {"y": y})
    >>> data.targets["y"].kind, data.repeated_rows, data.conflicting_rows
    ('binary', 1, 0)
    """
    found = DataRecord()
    outputs = {output.name: output for output in record.outputs}
    for name, array in inputs.items():
        found.inputs[name] = _input(record, name, array, (columns or {}).get(name))
        links = [_links(array, target) for target in targets.values()]
        known = [link for link in links if link is not None]
        if known and len(known) == len(links):
            found.inputs[name].column_link = np.max(known, axis=0)
    for name, array in targets.items():
        loss = (losses or {}).get(name)
        found.targets[name] = _target(name, array, outputs.get(name), inputs, weights, loss)
    for name, array in (validation_inputs or {}).items():
        found.validation_inputs[name] = _input(record, name, array, None, NUMBERS // 4)
    for name, array in (validation_targets or {}).items():
        found.validation_targets[name] = _target(name, array, outputs.get(name), {}, None, None)
    _compare(found, inputs, targets, validation_inputs)
    return found


def _input(
    record: RunRecord,
    name: str,
    array: np.ndarray,
    columns: tuple[str, ...] | None,
    numbers: int = NUMBERS,
) -> ArrayRecord:
    found = describe_array(array, name, columns, numbers)
    readers = _first_readers(record, f"input:{name}")
    if readers:
        found.embedded = any(layer.has("looks_up") for layer in readers)
        found.normalized = all(layer.has("normalizes", "scales") for layer in readers)
    elif found.integers:  # how the layers are wired is not known
        found.embedded = any(layer.has("looks_up") for layer in record.layers)
    return found


def _first_readers(record: RunRecord, source: str) -> list[LayerRecord]:
    """The first layers behind an input that do something to its numbers."""
    found: list[LayerRecord] = []
    waiting = [source]
    for path in waiting:
        for layer in record.layers:
            if path not in layer.inputs:
                continue
            if not layer.has("keeps_values"):
                found.append(layer)
            elif layer.path not in waiting:
                waiting.append(layer.path)
    return found


def _target(
    name: str,
    array: np.ndarray,
    output: OutputRecord | None,
    inputs: Arrays,
    weights: np.ndarray | None,
    loss: Any,
) -> TargetRecord:
    found = TargetRecord(describe_array(array, name))
    part = some_rows(array)
    if part.dtype.kind not in "fiub":
        return found
    loss_name = output.loss if output is not None else None
    found.kind = _kind(part, output)
    found.neighbours_alike = neighbours_alike(part, found.kind)
    if found.kind == "labels":
        # Labels are small: all of them are counted where they are one a sample.
        labels = (array if array.size <= NUMBERS else part).reshape(-1).astype(np.int64)
        found.class_counts = np.bincount(labels)
    elif found.kind == "one_hot":
        found.class_counts = part.reshape(-1, part.shape[-1]).sum(axis=0).astype(np.int64)
    elif found.kind == "binary" and math.prod(array.shape[1:]) == 1:
        ones = int(np.count_nonzero(array > 0))  # -1 is no, to a hinge loss
        found.class_counts = np.array([len(array) - ones, ones])
    if found.class_counts is not None and found.class_counts.sum():
        found.baseline_accuracy = float(found.class_counts.max() / found.class_counts.sum())
    elif found.kind == "binary":
        yes = (part.reshape(len(part), -1) > 0).mean(axis=0)
        found.baseline_accuracy = float(np.maximum(yes, 1 - yes).mean())
    if output is not None and loss_name is not None:
        share = None if weights is None else some_rows(np.asarray(weights), len(part), len(part))
        if share is None or len(share) == len(part):
            alike = output.shape is None or len(output.shape) == part.ndim
            found.baseline_loss = best_constant_loss(
                loss_name, output.loss_config, part, share, loss if alike else None
            )
    found.same_as_input = any(
        other.shape == array.shape and np.array_equal(some_rows(other), part)
        for other in inputs.values()
    )
    return found


def _kind(part: np.ndarray, output: OutputRecord | None) -> str:
    if output is None:
        return kind_of(part)
    width = output.shape[-1] if output.shape and len(output.shape) > 1 else None
    return kind_of(part, output.loss_traits, width, output.metrics)


def _links(inputs: np.ndarray, targets: np.ndarray) -> np.ndarray | None:
    """(columns,) how well each column alone gives the target away, by straight lines or means."""
    if inputs.ndim != 2 or inputs.shape[1] > 4096 or inputs.dtype.kind not in "fiub":
        return None
    wide = math.prod(targets.shape[1:])
    if targets.dtype.kind not in "fiub" or not 0 < wide <= _LINKED_TARGETS or len(inputs) < 3:
        return None
    x = some_rows(inputs, _LINKED_ROWS).astype(np.float32)
    y = some_rows(targets, len(x), 2**62).reshape(-1, wide)
    if len(y) != len(x):
        return None
    # About a row of its own, so that large numbers keep their digits.
    x = x - x[:1]
    with np.errstate(all="ignore"):
        x -= x.mean(axis=0)
        variance = np.einsum("ij,ij->j", x, x)
        link = _between_classes(x, y) if wide == 1 else None
        if link is None:
            y = y.astype(np.float32)
            y = y - y.mean(axis=0)
            scale = np.einsum("ij,ij->j", y, y)
            link = (np.square(x.T @ y) / np.maximum(scale, 1e-30)).max(axis=1)
        link = np.where(variance > 0, link / np.maximum(variance, 1e-30), 0)
    return np.clip(np.nan_to_num(link, nan=0.0), 0, 1)


def _between_classes(x: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """The sum of squares between the classes of each centred column; None for many values."""
    classes, number = np.unique(y[:, 0], return_inverse=True)
    if len(classes) > 64 or len(classes) * 4 > len(x):
        return None
    member = np.zeros((len(classes), len(x)), np.float32)
    member[number, np.arange(len(x))] = 1
    count = member.sum(axis=1)
    means = (member @ x) / count[:, None]
    return count @ np.square(means)


def _compare(found: DataRecord, inputs: Arrays, targets: Arrays, validation: Arrays | None) -> None:
    """Count the samples that occur twice."""
    if not inputs or any(array.dtype.hasobject for array in inputs.values()):
        return
    n = len(next(iter(inputs.values())))
    step = _spacing(inputs, _HASHED)
    compared = [[array[::step] for array in inputs.values()]]
    alike = validation and all(
        name in validation
        and validation[name].shape[1:] == array.shape[1:]
        and validation[name].dtype == array.dtype
        for name, array in inputs.items()
    )
    if validation and alike:
        other = _spacing(validation, _HASHED // 2)
        compared.append([validation[name][::other] for name in inputs])
    keys, *others = rows.telling_keys(*compared)
    ordered = np.sort(keys)
    found.looked_at = len(keys)
    found.repeated_rows = found.conflicting_rows = 0
    if (ordered[1:] == ordered[:-1]).any():
        answers = None
        if targets and all(len(array) == n for array in targets.values()):
            answers = rows.row_keys([array[::step] for array in targets.values()])
        found.repeated_rows, found.conflicting_rows = rows.repeats(keys, answers)
    if others:
        found.shared_rows = rows.shared(ordered, others[0])


def _spacing(arrays: Arrays, most: int) -> int:
    """Every how many rows one is looked at, to stay below `most` bytes."""
    return max(1, -(-sum(array.nbytes for array in arrays.values()) // most))
