"""Checks of constructor arguments that several layers share; each names the layer and the fix."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .._core.errors import ConfigError, LayerArgumentError, ShapeError
from .._core.settings import image_data_format
from .._core.specs import FAMILIES
from .base import Layer
from .looked_up import hold, hold_sizes


def _what(layer: Layer, argument: str) -> str:
    return f"The argument {argument!r} of {type(layer).__name__} {layer.name!r}"


def positive_integer(layer: Layer, argument: str, value: Any, example: int = 1) -> None:
    """Refuse anything but a whole number of one or more."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value <= 0:
        whole = isinstance(value, (int, np.integer))
        raise (ConfigError if whole else LayerArgumentError)(
            f"{_what(layer, argument)} must be a positive whole number.",
            got=f"{value!r} ({type(value).__name__})",
            expected="1 or more",
            fix=f"{argument}={example}, say.",
        )


def number(
    layer: Layer, argument: str, value: Any, least: float = -math.inf, most: float = math.inf
) -> None:
    """Refuse anything but a finite number from `least` to `most`."""
    fits = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not fits or not math.isfinite(value) or not least <= value <= most:
        if most < math.inf:
            expected = f"a number from {least:g} to {most:g}"
        elif least > -math.inf:
            expected = f"a number, {least:g} or more"
        else:
            expected = "a number"
        raise ConfigError(
            f"{_what(layer, argument)} has a value that cannot work.",
            got=repr(value),
            expected=expected,
            fix=_number_hint(argument, value, least, most),
        )


def _number_hint(argument: str, value: Any, least: float, most: float) -> str:
    if most == 1 and isinstance(value, (int, float)) and 1 < value <= 100:
        return f"write a share, not a percentage: {argument}={value / 100:g}."
    return f"{argument}={max(least, min(most, 0.5)):g}, say."


def one_of(layer: Layer, argument: str, value: Any, allowed: tuple[Any, ...]) -> None:
    """Refuse a value that is not among a few."""
    if value not in allowed:
        shown = ", ".join(map(repr, allowed))
        raise ConfigError(
            f"{_what(layer, argument)} has an unknown value.",
            got=repr(value),
            expected=f"one of {shown}",
            fix=f"{argument}={allowed[0]!r}, or leave it out.",
        )


def names(layer: Layer, *pairs: tuple[str, str]) -> None:
    """Replace the arguments of (family, argument) pairs by what they name, as `layer` holds them.

    A wrong name thus fails where it was written; the configuration tells what was given.
    """
    for kind, argument in pairs:
        hold(layer, kind, argument, getattr(layer, argument))


def still_true(thing: Any, claim: str) -> bool:
    """Whether `claim`, an attribute that says something about `call`, is about the `call` in use.

    A subclass that writes its own `call` has to make the claim anew.
    """
    order = type(thing).__mro__
    call = next(i for i, cls in enumerate(order) if "call" in vars(cls))
    made = next((i for i, cls in enumerate(order) if claim in vars(cls)), len(order))
    return made <= call


def treats_rows_alone(layer: Layer) -> bool:
    """Whether a layer, apart from those inside it, is known never to mix the rows of a batch."""
    safe = layer.activity_regularizer is None and bool(layer.batch_safe)
    return safe and still_true(layer, "batch_safe")


def row_wise(activation: Any) -> bool:
    """Whether an activation is known to treat every row by itself: one with a registered name."""
    if activation is None or isinstance(activation, (str, dict, Layer)):
        return True
    return FAMILIES["activation"].name_of(activation) is not None


def whole_number(layer: Layer, argument: str, value: Any) -> None:
    """Refuse anything but a whole number."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise LayerArgumentError(
            f"{_what(layer, argument)} must be a whole number.",
            got=f"{value!r} ({type(value).__name__})",
            fix=f"{argument}=-1, say: the last axis.",
        )


def axes_of(axis: Any) -> tuple[int, ...]:
    """One axis or several -> several."""
    return tuple(axis) if isinstance(axis, (list, tuple)) else (axis,)


def axes_within(layer: Layer, argument: str, axes: tuple[int, ...], rank: int) -> None:
    """Refuse axes that an input of the given rank does not have."""
    for axis in axes:
        if not -rank <= axis < rank:
            raise ShapeError(
                f"{_what(layer, argument)} names an axis that the input does not have.",
                got=f"axis {axis} of an input of rank {rank}, batch included",
                expected=f"from {-rank} to {rank - 1}",
                fix=f"{argument}=-1 is the last axis.",
            )


def per_axis(
    layer: Layer, argument: str, value: Any, count: int, least: int = 1
) -> tuple[int, ...]:
    """One whole number for all axes, or one for each -> one for each."""
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * count
    fits = len(values) == count and all(
        isinstance(size, (int, np.integer)) and not isinstance(size, bool) and size >= least
        for size in values
    )
    if not fits:
        several = "" if count == 1 else f", or a tuple of {count} of them"
        example = least + 1 if count == 1 else (least + 1,) * count
        raise LayerArgumentError(
            f"{_what(layer, argument)} must say how many along each axis.",
            got=repr(value),
            expected=f"a whole number, {least} or more{several}",
            fix=f"{argument}={example}, say.",
        )
    return tuple(int(size) for size in values)


def hold_per_axis(layer: Layer, argument: str, count: int, least: int = 1) -> tuple[int, ...]:
    """Check the argument with `per_axis`; from then on `layer` holds it with a number per axis."""
    sizes = per_axis(layer, argument, getattr(layer, argument), count, least)
    hold_sizes(layer, argument, sizes)
    return sizes


def data_format(layer: Layer) -> None:
    """Refuse a `data_format` that is neither of the two; None is the one that is set, if any is.

    A layer keeps what `pellucid.config.set_image_data_format` said when it was made.
    """
    one_of(layer, "data_format", layer.data_format, ("channels_last", "channels_first", None))
    if layer.data_format is None and image_data_format() == "channels_first":
        layer.data_format = "channels_first"


def first_space_axis(layer: Layer) -> int:
    """Where the axes of space (or time) begin, batch included, by the layer's `data_format`."""
    return 2 if layer.data_format == "channels_first" else 1
