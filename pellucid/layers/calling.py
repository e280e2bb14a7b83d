"""What happens around a layer's `call`: arguments, building, casting, masks, penalties, errors."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from .._core import user_code
from .._core.arraylike import ArrayLike
from .._core.errors import (
    ConfigError,
    DataError,
    LayerArgumentError,
    PellucidError,
    ShapeError,
    UnknownNameError,
)
from .._core.ownership import is_ours
from .._core.registry import did_you_mean
from .._core.specs import argument_names, resolve
from . import masks
from .building import check_held, parameters, shape_of
from .input_spec import check_input
from .prepared import Prepared
from .symbolic import leaves, tree_map

if TYPE_CHECKING:
    from .base import Layer
    from .context import Context


class Given:
    """What a constructor was called with, kept where no layer is looked for."""

    __slots__ = ("arguments",)

    def __init__(self, arguments: dict[str, Any]):
        self.arguments = arguments


def check_arguments(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Given:
    """The constructor's arguments by name; raises before `__init__` runs where it takes others."""
    init = cls.__init__  # type: ignore[misc]
    try:
        bound = inspect.signature(init).bind(None, *args, **kwargs)
    except TypeError as error:
        known = argument_names(cls)
        for name in kwargs:
            if name not in known:
                raise UnknownNameError(
                    f"{cls.__name__} has no argument called {name!r}.",
                    got=f"{name}={kwargs[name]!r}",
                    expected=", ".join(known),
                    fix=did_you_mean(name, known),
                ) from None
        raise LayerArgumentError(
            f"{cls.__name__} cannot be made with these arguments: {error}.",
            expected=f"{cls.__name__}({', '.join(known)})",
            fix=f"see help(pellucid.layers.{cls.__name__}).",
        ) from None
    bound.apply_defaults()
    free = [p.name for p in bound.signature.parameters.values() if p.kind is p.VAR_KEYWORD]
    arguments = dict(list(bound.arguments.items())[1:])
    for name in free:
        arguments |= arguments.pop(name)
    return Given(arguments)


def unknown_argument(layer: Layer, given: dict[str, Any]) -> UnknownNameError:
    """The error for keywords that reached `Layer` itself: no class between takes them."""
    known = argument_names(type(layer))
    name, value = next(iter(given.items()))
    return UnknownNameError(
        f"{type(layer).__name__} has no argument called {name!r}.",
        got=f"{name}={value!r}",
        expected=", ".join(known),
        fix=did_you_mean(name, known),
    )


def _first_by_place(
    takes: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The first argument at its place, where it was given by name: masks and checks look there."""
    name = next(iter(takes), None)
    by_place = inspect.Parameter.POSITIONAL_OR_KEYWORD
    if args or name not in kwargs or takes[name].kind is not by_place:
        return args, kwargs
    return (kwargs[name],), {key: value for key, value in kwargs.items() if key != name}


def run(layer: Layer, context: Context, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """One call of `layer` on numbers or tracers, under `context`."""
    takes = parameters(type(layer).call)
    args, kwargs = _first_by_place(takes, args, kwargs)
    # Before the conversion: a mask travels with the array as it was handed over.
    own_masks = tree_map(context.mask_of, args[0]) if args else None
    further = masks.further(context, takes, args, kwargs)
    given = args, kwargs
    args, kwargs = tree_map(lambda leaf: _convert(layer, leaf), given)
    check_input(layer, args)  # what the constructor asks for, then what `build` fixed
    if not layer.built:
        layer.ensure_built(args, kwargs)
        context.note_built(layer)
    check_input(layer, args)

    outer_training = context.training
    asked = kwargs.pop("training", None)
    context.training = asked if asked is not None else outer_training
    if "training" in takes:
        # Where nobody says, augmentation layers work, as in Keras: their default is True.
        default = takes["training"].default is True
        kwargs["training"] = default if context.training is None else bool(context.training)
    in_mask = masks.incoming(layer, own_masks, takes, args, kwargs)
    kwargs.update(further)
    if in_mask is None:
        masks.warn_where_forgotten(layer, context, takes, given[0][:1], kwargs)
    context.note_known(leaves((args, kwargs)))

    context.callers.append(layer)
    try:
        outputs = layer.call(*args, **kwargs)
    except PellucidError:
        raise
    except (TypeError, ValueError, ZeroDivisionError, IndexError, AttributeError) as error:
        if user_code.needs_numbers(error):
            raise user_code.explained(error) from None
        if isinstance(error, (IndexError, AttributeError)):
            raise
        # Of a layer that a user wrote, the line that failed is worth seeing; of ours it is not.
        raise _explain(layer, args, error) from (None if is_ours(layer) else error)
    finally:
        context.callers.pop()
        context.training = outer_training

    count = context.calls.get(layer, 0)
    context.calls[layer] = count + 1
    if context.notes_shapes and args and not isinstance(args[0], Prepared):
        layer.__dict__["_called_on"] = shape_of(args[0])
        layer.__dict__["_gave"] = shape_of(outputs)
    if context.tap is not None:
        outputs = context.tap(layer, count, outputs)
    context.note_known(leaves(outputs))
    if layer.activity_regularizer is not None:
        _activity_penalty(layer, context, outputs)
    masks.outgoing(layer, context, args, in_mask, outputs)
    if context.built and not context.callers:
        built, context.built = context.built, []
        check_held(layer, built)
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
    elif isinstance(leaf, ArrayLike):
        leaf = leaf.value
    elif not isinstance(leaf, jax.Array) and hasattr(leaf, "__jax_array__"):
        leaf = leaf.__jax_array__()  # a variable of another library
    if (
        layer.autocast
        and layer.casts_inputs
        and isinstance(leaf, jax.Array)
        and jnp.issubdtype(leaf.dtype, jnp.floating)
        and leaf.dtype != layer.compute_dtype
    ):
        leaf = leaf.astype(layer.compute_dtype)
    return leaf


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


def _activity_penalty(layer: Layer, context: Context, outputs: Any) -> None:
    """Keras's rule: the regulariser of the whole output, divided by the batch size."""
    penalty = resolve("regularizer", layer.activity_regularizer)
    for output in leaves(outputs):
        value = penalty(output)
        # A batch without rows weighs nothing.
        context.add_loss(layer, value / max(output.shape[0], 1) if output.ndim else value)


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
