"""What went wrong in an operation, in one sentence that names it."""

from __future__ import annotations

import inspect
from typing import Any

import jax
import numpy as np

from pellucid._core.errors import (
    ArgumentTypeError,
    ConfigError,
    OperandError,
    PellucidError,
    ShapeError,
    StateError,
    UnknownArgumentError,
)
from pellucid._core.registry import did_you_mean

from .op import Signature

_NEEDS_NUMBERS = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.NonConcreteBooleanIndexError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerBoolConversionError,
)
_AXES = ("axis", "axes", "axis1", "axis2", "source", "destination", "axisa", "axisb", "axisc")


def bound_arguments(
    signature: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """The arguments by name, as they were given.

    Raises:
        UnknownArgumentError: an argument that the operation does not have.
        ArgumentTypeError: too many arguments, or too few.
    """
    takes = [n for n, p in signature.parameters.items() if p.kind is not p.VAR_KEYWORD]
    anything = len(takes) < len(signature.parameters)
    for name, value in kwargs.items():
        if name not in takes and not anything:
            raise UnknownArgumentError(
                f"ops.{signature.name} has no argument called {name!r}.",
                got=f"{name}={_short(value)}",
                expected=", ".join(takes),
                fix=did_you_mean(name, takes),
            )
    parameters = list(signature.parameters.values())
    try:
        return dict(inspect.Signature(parameters).bind(*args, **kwargs).arguments)
    except TypeError as error:
        raise ArgumentTypeError(
            f"ops.{signature.name} cannot be called like this: {error}.",
            expected=f"ops.{signature.name}({', '.join(takes)})",
            fix=f"see help(pellucid.ops.{signature.name}).",
        ) from None


def explained(
    signature: Signature, args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception
) -> PellucidError:
    """The error to raise in place of `error`."""
    if isinstance(error, PellucidError):
        return error
    try:
        given = bound_arguments(signature, args, kwargs)
    except PellucidError as wrong_call:
        return wrong_call
    name = f"ops.{signature.name}"
    if isinstance(error, _NEEDS_NUMBERS) or _traced_setting(signature, given):
        return StateError(
            f"{name} needs the numbers themselves, which compiled code does not have: the shape "
            "of its result, or one of its settings, depends on them.",
            fix="give it fixed settings (size=..., num_segments=...), or call it outside of jit, "
            "fit and Layer.call.",
        )
    shapes = {
        argument: _shapes(given[argument]) for argument in signature.operands if argument in given
    }
    wrong_axis = _wrong_axis(given, next(iter(shapes.values()), None))
    if wrong_axis is not None:
        argument, shape = wrong_axis
        return ShapeError(
            f"{name} was given an axis that the array does not have.",
            got=f"{argument}={given[argument]!r} for an array of shape {shape}",
            expected=f"from {-len(shape)} to {len(shape) - 1}",
            fix=f"{argument}=-1 is the last axis.",
        )
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    if "accept dtype" in first or "not inexact" in first:
        formats = [str(getattr(given.get(n), "dtype", "a list")) for n in shapes]
        return ConfigError(
            f"{name} cannot take numbers of this format: {first}",
            got=", ".join(formats),
            fix='convert them before: ops.cast(x, "float32").',
        )
    shown = ", ".join(f"{argument} {shape}" for argument, shape in shapes.items())
    settings = ", ".join(
        f"{argument}={_short(value)}"
        for argument, value in given.items()
        if argument not in signature.operands
    )
    kind = OperandError if isinstance(error, TypeError) else ShapeError
    return kind(
        f"{name} cannot work on these arguments: {first}",
        got="; ".join(filter(None, (shown, settings))) or "no arrays",
        fix=f"compare the shapes with help(pellucid.ops.{signature.name}).",
    )


def _traced_setting(signature: Signature, given: dict[str, Any]) -> bool:
    """Whether an argument that must be known is a number that compiled code computes."""
    settings = [value for name, value in given.items() if name not in signature.operands]
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(settings))


def _shapes(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and any(hasattr(item, "shape") for item in value):
        return [_shapes(item) for item in value]
    try:
        return tuple(np.shape(value)) if not hasattr(value, "shape") else tuple(value.shape)
    except ValueError:  # rows of different lengths
        return "a list of unequal rows"


def _wrong_axis(given: dict[str, Any], shape: Any) -> tuple[str, tuple[int, ...]] | None:
    if isinstance(shape, list):
        shape = shape[0] if shape else None
    if not isinstance(shape, tuple):
        return None
    for argument in _AXES:
        value = given.get(argument)
        for axis in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(axis, bool) or not isinstance(axis, (int, np.integer)):
                continue
            if not -len(shape) <= axis < len(shape):
                return argument, shape
    return None


def _short(value: Any) -> str:
    return f"array {_shapes(value)}" if hasattr(value, "shape") else repr(value)
