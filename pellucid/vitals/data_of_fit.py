"""From what `fit` was given to the record's description of the data."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..data import ArraySource
from ..layers.prepared import Prepared
from ..record.schema import DataRecord, RunRecord
from ..training.per_output import by_output
from .data import describe_data


def data_signs(model: Any, record: RunRecord, source: Any, held_out: Any) -> DataRecord:
    """The description of training and validation data; of a stream, of its first batch.

    Args:
        model: with its objective.
        record: of the run, its static part filled in.
        source, held_out: what `fit` trains on, and what it validates on or None.
    """
    part = _arrays(source)
    other = None if held_out is None else _arrays(held_out)
    names = model.objective.names
    inputs = named_inputs(model, part.x)
    weights = part.sample_weight
    weights = np.asarray(weights) if hasattr(weights, "shape") else None
    columns = getattr(part, "columns", None) or {}
    by_input = dict(zip(inputs, columns.values(), strict=False)) if len(inputs) == 1 else {}
    found = describe_data(
        record,
        inputs,
        _named(names, part.y),
        None if other is None else named_inputs(model, other.x),
        None if other is None else _named(names, other.y),
        weights=weights,
        columns=by_input,
        losses=dict(zip(names, model.objective.losses, strict=True)),
    )
    if not isinstance(source, ArraySource):  # one batch of a stream says nothing about repeats
        found.shared_rows = found.repeated_rows = found.conflicting_rows = None
    return found


def _arrays(source: Any) -> Any:
    return source if isinstance(source, ArraySource) else source.peek()


def named_inputs(model: Any, x: Any) -> dict[str, np.ndarray]:
    """The model's inputs by name, as NumPy."""
    if model.graph is not None and not isinstance(x, Prepared):
        return {
            name: np.asarray(array)
            for name, array in zip(model.input_names, model.in_order(x), strict=False)
        }
    leaves = jax.tree.leaves(x)
    if len(leaves) == 1:
        names = model.input_names if model.graph is not None else ["x"]
        return {names[0]: np.asarray(leaves[0])}
    if isinstance(x, dict):
        return {str(name): np.asarray(x[name]) for name in x if hasattr(x[name], "shape")}
    return {f"x[{number}]": np.asarray(leaf) for number, leaf in enumerate(leaves)}


def _named(names: list[str], y: Any) -> dict[str, np.ndarray]:
    parts = by_output(y, names)
    return {
        name: np.asarray(part)
        for name, part in zip(names, parts, strict=False)
        if hasattr(part, "shape")
    }
