"""A plain network for rows of numbers: scaling inside, then dense layers; it takes raw data."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np

from .._core.errors import ConfigError
from .settings import NetworkSettings, default_layers
from .targets import Targets

MOST_PARAMETERS = 500_000_000  # 2 GB of weights, and Adam keeps two more numbers for each


def check_size(settings: NetworkSettings, inputs: int, outputs: int) -> None:
    """Refuse a network that would not fit into memory, before memory is taken for it.

    Raises:
        ConfigError: more than `MOST_PARAMETERS`.
    """
    sizes = [inputs, *(settings.layers or ()), outputs]
    count = sum((a + 1) * b for a, b in itertools.pairwise(sizes))
    if count > MOST_PARAMETERS:
        raise ConfigError(
            "The network would be too large.",
            got=f"{count:,} parameters for layers {' - '.join(map(str, sizes))}",
            expected=f"at most {MOST_PARAMETERS:,}",
            fix="make the layers smaller: layers=(512, 512), say.",
        )


def build_network(
    settings: NetworkSettings,
    x: np.ndarray,
    targets: Targets,
    value_range: tuple[float, float] | None = None,
    original_units: bool = False,
) -> Any:
    """The network for samples like `x`, with fresh weights.

    Args:
        settings: its hidden layers.
        x: training samples `(n, ...)`, for their shape and statistics.
        targets: what it answers.
        value_range: of a picture's pixels.
        original_units: for a regression, answer in the data's units and not in the standardised
            ones that it is trained in. No weights are added.
    """
    from .. import layers, models, regularizers

    inputs = math.prod(x.shape[1:])
    if settings.layers is None:
        settings = replace(settings, layers=default_layers(inputs))
    check_size(settings, inputs, targets.outputs)
    stack = [layers.Input(shape=x.shape[1:]), *_scaling(x, value_range)]
    for number, units in enumerate(settings.layers or (), start=1):
        stack.append(
            layers.Dense(
                units,
                activation=None if settings.batch_norm else settings.activation,
                kernel_regularizer=regularizers.L2(settings.l2) if settings.l2 else None,
                dtype=settings.dtype,
                name=f"hidden_{number}",
            )
        )
        if settings.batch_norm:
            stack.append(layers.BatchNormalization(dtype=settings.dtype, name=f"norm_{number}"))
            stack.append(
                layers.Activation(
                    settings.activation, dtype=settings.dtype, name=f"activation_{number}"
                )
            )
        if settings.dropout:
            stack.append(
                layers.Dropout(settings.dropout, dtype=settings.dtype, name=f"dropout_{number}")
            )
    # The last layer computes in float32: probabilities and measurements need the digits.
    activation = "softmax" if targets.task == "classification" else None
    stack.append(
        layers.Dense(targets.outputs, activation=activation, dtype="float32", name="output")
    )
    if original_units and targets.task == "regression":
        stack.append(
            layers.Normalization(
                mean=np.asarray(targets.mean, np.float32),
                variance=np.asarray(targets.scale, np.float32) ** 2,
                invert=True,
                dtype="float32",
                name="original_units",
            )
        )
    return models.Sequential(stack, name="network")


def _scaling(x: np.ndarray, value_range: tuple[float, float] | None) -> list[Any]:
    """Layers that bring raw inputs to a scale that trains well, and flatten them."""
    from .. import layers

    flat = [layers.Flatten(name="flatten", dtype="float32")] if x.ndim > 2 else []
    if value_range is None and x.dtype == np.uint8 and x.ndim > 2:
        value_range = (0, 255)
    if value_range is not None:
        low, high = value_range
        scale = 1 / (high - low)
        scaling: Any = layers.Rescaling(scale, offset=-low * scale, dtype="float32", name="scale")
        return [scaling, *flat]
    # One mean for all the values of a picture or series, one per column of a table.
    axes = 0 if x.ndim == 2 else None
    mean = np.atleast_1d(x.mean(axis=axes, dtype=np.float64))
    variance = np.atleast_1d(x.var(axis=axes, dtype=np.float64))
    # A column that is constant in training carries nothing; its scale is left alone.
    constant = variance <= (1e-7 * np.abs(mean)) ** 2
    variance = np.where(constant, 1.0, variance)
    if x.ndim == 2:
        return [
            layers.Normalization(
                mean=mean.astype(np.float32),
                variance=variance.astype(np.float32),
                dtype="float32",
                name="scale",
            )
        ]
    # Rescaling rather than Normalization: one number serves every axis.
    scale = float(1 / np.sqrt(variance[0]))
    offset = float(-mean[0] * scale)
    return [layers.Rescaling(scale, offset=offset, dtype="float32", name="scale"), *flat]
