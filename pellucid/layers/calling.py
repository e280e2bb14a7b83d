"""What happens around a layer's `call`: arguments, building, casting, masks, penalties, errors."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from .._core.errors import (
    ConfigError,
    DataError,
    MaskLostWarning,
    PellucidError,
    ShapeError,
    UnknownNameError,
)
from .._core.registry import did_you_mean
from .._core.specs import argument_names, resolve
from .prepared import Prepared
from .symbolic import SymbolicTensor, leaves, tree_map
from .weight import Weight

if TYPE_CHECKING:
    from .base import Layer
    from .context import Context


@dataclass(frozen=True)
class InputSpec:
    """What a built layer accepts: a rank, a least rank, and fixed sizes of some axes.

    `fix` says what to do about another rank.
    """

    ndim: int | None = None
    min_ndim: int | None = None
    axes: dict[int, int] = field(default_factory=dict)
    fix: str = "reshape the data, or put a Reshape or Flatten layer before it."


@functools.cache
def parameters(function: Any) -> dict[str, inspect.Parameter]:
    """Parameters of a method, without `self`."""
    return dict(list(inspect.signature(function).parameters.items())[1:])


def check_arguments(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Refuse constructor arguments that no class in the hierarchy takes, before `__init__` runs."""
    init = cls.__init__  # type: ignore[misc]
    known = argument_names(cls)
    for name in kwargs:
        if name not in known and not _takes_anything(cls):
            raise UnknownNameError(
                f"{cls.__name__} has no argument called {name!r}.",
                got=f"{name}={kwargs[name]!r}",
                expected=", ".join(known),
                fix=did_you_mean(name, known),
            )
    try:
        inspect.signature(init).bind(None, *args, **kwargs)
    except TypeError as error:
        raise ConfigError(
            f"{cls.__name__} cannot be made with these arguments: {error}.",
            expected=f"{cls.__name__}({', '.join(known)})",
            fix=f"see help(pellucid.layers.{cls.__name__}).",
        ) from None


def _takes_anything(cls: type) -> bool:
    """Whether every constructor up to `Layer` passes keywords on to one that takes anything."""
    return getattr(cls, "_free_arguments", False)


def marks_built(build: Callable[..., None]) -> Callable[..., None]:
    """Wrap a class's `build` so that the layer counts as built when it returns."""

    @functools.wraps(build)
    def wrapper(self: Layer, *args: Any, **kwargs: Any) -> None:
        build(self, *args, **kwargs)
        self.built = True

    return wrapper


def shape_of(value: Any) -> Any:
    """Shapes of the tensors in `value`, with None for the batch."""
    return tree_map(
        lambda t: (None, *t.shape[1:]) if getattr(t, "ndim", 0) else tuple(np.shape(t)), value
    )


def placeholders(shape: Any, dtype: str) -> Any:
    """A shape, or nested lists of shapes, -> symbolic tensors."""
    if isinstance(shape, dict):
        return {name: placeholders(item, dtype) for name, item in shape.items()}
    if shape and not all(size is None or isinstance(size, (int, np.integer)) for size in shape):
        return [placeholders(item, dtype) for item in shape]
    return SymbolicTensor(tuple(shape), dtype)


def build_from_arguments(layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Call `build` with the shapes of the call's tensors, as many as it asks for."""
    wanted = parameters(inspect.unwrap(type(layer).build))
    if len(wanted) == 1:
        first = args[0] if args else next(iter(kwargs.values()))
        layer.build(shape_of(first))
        return
    named = dict(zip(parameters(type(layer).call), args, strict=False)) | kwargs
    shapes = {
        f"{name}_shape": shape_of(value)
        for name, value in named.items()
        if f"{name}_shape" in wanted and value is not None
    }
    layer.build(**shapes)


def run(layer: Layer, context: Context, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """One call of `layer` on numbers or tracers, under `context`."""
    takes = parameters(type(layer).call)
    # Before the conversion: a mask travels with the array as it was handed over.
    masks = tree_map(context.mask_of, args[0]) if args else None
    further = _further_masks(layer, context, takes, args, kwargs)
    args, kwargs = tree_map(lambda leaf: _convert(layer, leaf), (args, kwargs))
    check_input(layer, args)  # what the constructor asks for, then what `build` fixed
    layer.ensure_built(args, kwargs)
    check_input(layer, args)

    outer_training = context.training
    asked = kwargs.pop("training", None)
    context.training = asked if asked is not None else outer_training
    if "training" in takes:
        # Where nobody says, augmentation layers work, as in Keras: their default is True.
        default = takes["training"].default is True
        kwargs["training"] = default if context.training is None else bool(context.training)
    in_mask = _incoming_mask(layer, masks, takes, args, kwargs)
    kwargs.update(further)

    context.depth += 1
    try:
        outputs = layer.call(*args, **kwargs)
    except PellucidError:
        raise
    except (TypeError, ValueError, ZeroDivisionError) as error:
        # Of a layer that a user wrote, the line that failed is worth seeing; of ours it is not.
        ours = type(layer).__module__.split(".")[0] == __name__.split(".")[0]
        raise _explain(layer, args, error) from (None if ours else error)
    finally:
        context.depth -= 1
        context.training = outer_training

    count = context.calls.get(layer, 0)
    context.calls[layer] = count + 1
    if context.notes_shapes and args and not isinstance(args[0], Prepared):
        layer.__dict__["_called_on"] = shape_of(args[0])
        layer.__dict__["_gave"] = shape_of(outputs)
    if context.tap is not None:
        outputs = context.tap(layer, count, outputs)
    if layer.activity_regularizer is not None:
        _activity_penalty(layer, context, outputs)
    if in_mask is not None or _makes_masks(layer):
        out_mask = layer.compute_mask(args[0] if args else None, in_mask)
        if out_mask is not None:
            for array, mask in zip(leaves(outputs), _per_leaf(outputs, out_mask), strict=False):
                context.set_mask(array, mask)
    return outputs


def _convert(layer: Layer, leaf: Any) -> Any:
    """NumPy arrays and weights -> JAX arrays; floats to the layer's compute format."""
    if isinstance(leaf, (np.ndarray, np.generic)):
        if layer.takes_raw:
            return leaf
        if leaf.dtype.kind not in "biufc" and "float" not in leaf.dtype.name:
            raise DataError(
                f"Layer {layer.name!r} cannot take values of type {leaf.dtype}.",
                got=f"dtype {leaf.dtype}",
                expected="numbers",
                fix="encode text or objects as numbers first.",
            )
        wanted = jax.dtypes.canonicalize_dtype(leaf.dtype)
        if leaf.dtype != wanted:
            leaf = leaf.astype(wanted)
        leaf = jnp.asarray(leaf)
    elif isinstance(leaf, Weight):
        leaf = leaf.value
    if (
        layer.autocast
        and layer.casts_inputs
        and isinstance(leaf, jax.Array)
        and jnp.issubdtype(leaf.dtype, jnp.floating)
        and leaf.dtype != layer.compute_dtype
    ):
        leaf = leaf.astype(layer.compute_dtype)
    return leaf


def check_input(layer: Layer, args: tuple[Any, ...]) -> None:
    """Hold the first tensor against the built layer's `input_spec`."""
    spec = layer.input_spec
    if spec is None or not args or not hasattr(args[0], "shape"):
        return
    shape = tuple(args[0].shape)
    shown = "(" + ", ".join(["batch", *map(str, shape[1:])]) + ")"
    if spec.ndim is not None and len(shape) != spec.ndim:
        raise ShapeError(
            f"Layer {layer.name!r} takes inputs of rank {spec.ndim}, batch included.",
            got=f"rank {len(shape)}, shape {shown}",
            expected=f"rank {spec.ndim}",
            fix=spec.fix,
        )
    if spec.min_ndim is not None and len(shape) < spec.min_ndim:
        raise ShapeError(
            f"Layer {layer.name!r} takes inputs of rank {spec.min_ndim} or more, batch included.",
            got=f"rank {len(shape)}, shape {shape}",
            expected=f"rank {spec.min_ndim} or more",
            fix="give every sample at least one value: x.reshape(len(x), -1).",
        )
    for axis, size in spec.axes.items():
        if shape[axis] != size:
            raise ShapeError(
                f"Layer {layer.name!r} was built for inputs of width {size} on axis {axis}, but "
                f"got {shape[axis]}.",
                got=f"shape {shown}",
                expected=f"{size} on axis {axis}",
                fix=f"pass data whose axis {axis} has {size} values, or make a new layer "
                "(a layer's weights fit one width only).",
            )


def check_formats(layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Refuse symbolic text that reaches a layer of numbers."""
    for leaf in leaves((args, kwargs)):
        if getattr(leaf, "dtype", None) == "string":
            raise ConfigError(
                f"Layer {layer.name!r} ({type(layer).__name__}) computes with numbers and cannot "
                "take text.",
                got=repr(leaf),
                fix="put TextVectorization, StringLookup or Hashing before it.",
            )


def _incoming_mask(
    layer: Layer,
    masks: Any,
    takes: dict[str, Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """The mask of the first argument, handed to `call` where it asks for one."""
    if not args:
        return None
    single = not isinstance(args[0], (list, tuple, dict))
    if kwargs.get("mask") is not None:
        return kwargs["mask"]
    if not single and not leaves(masks):
        return None
    if masks is None:
        return None
    own = f"{next(iter(takes))}_mask"
    if "mask" in takes:
        kwargs["mask"] = masks
    elif own in takes:
        if kwargs.get(own) is None:
            kwargs[own] = masks
        return kwargs[own]
    elif not layer.supports_masking and not _makes_masks(layer):
        _warn_of_lost_mask(layer)
    return masks


def _further_masks(
    layer: Layer,
    context: Context,
    takes: dict[str, Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> dict[str, Any]:
    """Masks of the arguments after the first, for a `call` that asks for them as ``X_mask``."""
    named = dict(list(zip(takes, args, strict=False))[1:]) | kwargs
    found: dict[str, Any] = {}
    for name, value in named.items():
        if f"{name}_mask" in takes and named.get(f"{name}_mask") is None:
            mask = tree_map(context.mask_of, value)
            if any(leaf is not None for leaf in leaves(mask)):
                found[f"{name}_mask"] = mask
    return found


def _warn_of_lost_mask(layer: Layer) -> None:
    warnings.warn(
        f"Layer {layer.name!r} cannot use the mask that reaches it: padded steps count like "
        "real ones from here on.\n  fix: put a layer that consumes the mask before it, or set "
        "`supports_masking = True` on a layer that treats every step alike.",
        MaskLostWarning,
        stacklevel=2,
    )


def _makes_masks(layer: Layer) -> bool:
    """Whether a class of the layer, other than `Layer` itself, writes `compute_mask`."""
    owner = next(cls for cls in type(layer).__mro__ if "compute_mask" in vars(cls))
    return owner.__module__ != "pellucid.layers.base"


def _per_leaf(outputs: Any, masks: Any) -> list[Any]:
    """A mask for each output; one alone belongs to the first: scores beside it have other axes."""
    if isinstance(outputs, (list, tuple)) and isinstance(masks, (list, tuple)):
        return list(masks)
    return [masks, *[None] * (len(leaves(outputs)) - 1)]


def _activity_penalty(layer: Layer, context: Context, outputs: Any) -> None:
    """Keras's rule: the regulariser of the whole output, divided by the batch size."""
    penalty = resolve("regularizer", layer.activity_regularizer)
    for output in leaves(outputs):
        value = penalty(output)
        context.losses.append(value / output.shape[0] if output.ndim else value)


def _explain(layer: Layer, args: tuple[Any, ...], error: Exception) -> PellucidError:
    """An error from inside `call` as one that names the layer and the shapes it was given."""
    shapes = [tuple(np.shape(leaf)) for leaf in leaves(args) if hasattr(leaf, "shape")]
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return ShapeError(
        f"Layer {layer.name!r} ({type(layer).__name__}) failed on its input: {first}",
        got=f"input shape {shapes[0] if len(shapes) == 1 else shapes}",
        fix="check the shapes that reach this layer with model.summary(); the original error "
        "is above this one.",
    )
