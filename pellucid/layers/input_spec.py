"""`InputSpec`: what a layer takes, held against what reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import jax.numpy as jnp

from .._core import foreign
from .._core.errors import ArgumentTypeError, ConfigError, ShapeError
from .symbolic import leaves

if TYPE_CHECKING:
    from .base import Layer

_RANK_FIX = "reshape the data, or put a Reshape or Flatten layer before it."


def _name(dtype: Any) -> str:
    dtype = foreign.format_name(dtype)
    return "string" if dtype == "string" else jnp.dtype(dtype).name


class InputSpec:
    """What a layer accepts: set as `input_spec`, it is checked at every call.

    Args:
        dtype: number format.
        shape: sizes, the batch included; None for one that may vary.
        ndim: rank; that of `shape` where one is given.
        max_ndim: largest rank.
        min_ndim: smallest rank.
        axes: axis -> its size.
        allow_last_axis_squeeze: with `shape`, whether a last axis of 1 may be missing or too many.
        name: key of this input where they come in a dictionary.
        optional: whether None may come in its place.
        fix: what a message says about another rank.

    A layer with several inputs has a list, or a dictionary, of them.

    Raises:
        ArgumentTypeError: `axes` that are no dictionary by whole numbers.
        ConfigError: an axis beyond the rank.

    >>> import numpy as np
    >>> from pellucid import layers
    >>> class Pair(layers.Layer):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.input_spec = InputSpec(shape=(None, 2))
    ...     def call(self, inputs):
    ...         return inputs[:, 0] + inputs[:, 1]
    >>> Pair()(np.array([[1.0, 2.0]])).tolist()
    [3.0]
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
        fix: str = _RANK_FIX,
    ):
        self.dtype = None if dtype is None else _name(dtype)
        self.shape = None if shape is None else tuple(shape)
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.name = name
        self.optional = optional
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.fix = fix
        try:
            self.axes = {int(axis): size for axis, size in dict(axes or {}).items()}
        except (TypeError, ValueError):
            raise ArgumentTypeError(
                "InputSpec: axes is a dictionary from axes to their sizes.",
                got=repr(axes),
                fix="axes={-1: 64}.",
            ) from None
        rank = self.max_ndim if self.ndim is None else self.ndim
        if self.axes and rank is not None and max(self.axes) >= rank:
            raise ConfigError(
                "InputSpec: axes names an axis that the input does not have.",
                got=f"axis {max(self.axes)} of {rank}",
                expected=f"at most {rank - 1}",
                fix="axes are counted from 0, the batch; -1 is the last one.",
            )

    def __repr__(self) -> str:
        given = {**self.get_config(), "optional": self.optional or None}
        return f"InputSpec({', '.join(f'{k}={v}' for k, v in given.items() if v)})"

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments that say what is accepted."""
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes", "optional")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """An object from what `get_config` returned."""
        return cls(**config)


def check_input(layer: Layer, args: tuple[Any, ...]) -> None:
    """Hold the first argument against the layer's `input_spec`."""
    spec = layer.input_spec
    if spec is None or not args:
        return
    first = args[0]
    if isinstance(spec, InputSpec):
        if hasattr(first, "shape"):
            _check_one(layer, spec, first)
        return
    specs = leaves(spec)
    for one, tensor in zip(specs, _in_order(layer, specs, first), strict=True):
        if tensor is not None or not one.optional:
            _check_one(layer, one, tensor)


def _in_order(layer: Layer, specs: list[InputSpec], inputs: Any) -> list[Any]:
    """The tensors of a call, in the order of the specs."""
    names = [spec.name for spec in specs]
    if isinstance(inputs, dict) and all(names):
        missing = [name for name in names if name not in inputs]
        if missing:
            raise ShapeError(
                f"Layer {layer.name!r} is missing an input.",
                got=f"keys {list(inputs)}",
                expected=f"keys {names}",
                fix=f"add {missing[0]!r} to the dictionary.",
            )
        return [inputs[name] for name in names]
    flat = list(inputs) if isinstance(inputs, (list, tuple)) else leaves(inputs)
    if any(isinstance(part, (list, tuple, dict)) for part in flat):
        flat = leaves(inputs)
    if len(flat) != len(specs):
        raise ShapeError(
            f"Layer {layer.name!r} takes {len(specs)} inputs.",
            got=f"{len(flat)}",
            expected=f"a dictionary of {names}" if all(names) else f"a list of {len(specs)}",
            fix="see the layer's input_spec.",
        )
    return flat


def _check_one(layer: Layer, spec: InputSpec, tensor: Any) -> None:
    shape = tuple(tensor.shape)
    shown = "(" + ", ".join(["batch", *map(str, shape[1:])]) + ")"
    rank = len(shape)
    if spec.ndim is not None and rank != spec.ndim and not spec.allow_last_axis_squeeze:
        raise _other_rank(layer, spec, shown, rank, str(spec.ndim))
    if spec.max_ndim is not None and rank > spec.max_ndim:
        raise _other_rank(layer, spec, shown, rank, f"{spec.max_ndim} or less")
    if spec.min_ndim is not None and rank < spec.min_ndim:
        raise ShapeError(
            f"Layer {layer.name!r} takes inputs of rank {spec.min_ndim} or more, batch included.",
            got=f"rank {rank}, shape {shape}",
            expected=f"rank {spec.min_ndim} or more",
            fix="give every sample at least one value: x.reshape(len(x), -1).",
        )
    if spec.dtype is not None and _name(tensor.dtype) != spec.dtype:
        raise ShapeError(
            f"Layer {layer.name!r} takes inputs of the format {spec.dtype}.",
            got=_name(tensor.dtype),
            expected=spec.dtype,
            fix=f"cast them before: ops.cast(x, {spec.dtype!r}).",
        )
    for axis, size in spec.axes.items():
        found = shape[axis]
        if size is not None and found is not None and found != size:
            raise ShapeError(
                f"Layer {layer.name!r} was built for inputs of width {size} on axis {axis}, but "
                f"got {found}.",
                got=f"shape {shown}",
                expected=f"{size} on axis {axis}",
                fix=f"pass data whose axis {axis} has {size} values, or make a new layer "
                "(a layer's weights fit one width only).",
            )
    if spec.shape is not None and not _fits(spec, shape):
        raise ShapeError(
            f"Layer {layer.name!r} takes inputs of another shape.",
            got=f"shape {shape}",
            expected=f"shape {spec.shape}, None for any size",
            fix="reshape or pad the data to it.",
        )


def _fits(spec: InputSpec, shape: tuple[Any, ...]) -> bool:
    wanted: tuple[Any, ...] = spec.shape or ()
    if spec.allow_last_axis_squeeze:
        shape = shape[:-1] if shape[-1:] == (1,) else shape
        wanted = wanted[:-1] if wanted[-1:] == (1,) else wanted
    if len(shape) != len(wanted):
        return False
    return all(a is None or b is None or a == b for a, b in zip(wanted, shape, strict=True))


def _other_rank(layer: Layer, spec: InputSpec, shown: str, rank: int, wanted: str) -> ShapeError:
    return ShapeError(
        f"Layer {layer.name!r} takes inputs of rank {wanted}, batch included.",
        got=f"rank {rank}, shape {shown}",
        expected=f"rank {wanted}",
        fix=spec.fix,
    )
