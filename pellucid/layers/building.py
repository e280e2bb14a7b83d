"""When and on which shapes a layer's `build` is called."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .._core.errors import ConfigError, StateError
from .._core.registry import did_you_mean
from . import tree
from .symbolic import SymbolicTensor, tree_map

if TYPE_CHECKING:
    from .base import Layer


@functools.cache
def parameters(function: Any) -> dict[str, inspect.Parameter]:
    """Parameters of a method, without `self`."""
    return dict(list(inspect.signature(function).parameters.items())[1:])


def marks_built(build: Callable[..., None]) -> Callable[..., None]:
    """Wrap a class's `build` so that the layer counts as built when it returns."""

    @functools.wraps(build)
    def wrapper(self: Layer, *args: Any, **kwargs: Any) -> None:
        outermost = "_builds" not in self.__dict__  # a base class's may be called inside
        self.__dict__["_builds"] = True
        try:
            build(self, *args, **kwargs)
        finally:
            if outermost:
                self.__dict__.pop("_builds", None)
        self.built = True
        if outermost:
            self.__dict__.setdefault("_built_on", args[0] if args else kwargs)

    return wrapper


def shape_of(value: Any) -> Any:
    """Shapes of the tensors in `value`, with None for the batch."""
    return tree_map(
        lambda t: (None, *t.shape[1:]) if getattr(t, "ndim", 0) else tuple(np.shape(t)), value
    )


def is_shape(value: Any) -> bool:
    """Whether `value` is one shape, not a structure of shapes."""
    return isinstance(value, (list, tuple)) and all(
        size is None or isinstance(size, (int, np.integer)) for size in value
    )


def placeholders(shape: Any, dtype: str) -> Any:
    """A shape, or nested lists of shapes, -> symbolic tensors; None stays None."""
    if shape is None:
        return None
    if isinstance(shape, dict):
        return {name: placeholders(item, dtype) for name, item in shape.items()}
    if not is_shape(shape):
        return [placeholders(item, dtype) for item in shape]
    return SymbolicTensor(tuple(shape), dtype)


def arguments_of_shapes(
    layer: Layer, shapes: tuple[Any, ...], named: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Shapes as given to `compute_output_shape` -> placeholders as `call` takes them.

    Args:
        shapes: in the order of `call`'s arguments.
        named: ``X_shape`` for the argument ``X``; ``input_shape`` is the first one.
    """
    takes = list(parameters(type(layer).call))
    dtype = layer.placeholder or ("int32" if layer.takes_integers else layer.compute_dtype)
    args = [placeholders(shape, dtype) for shape in shapes]
    kwargs = {}
    for name, shape in named.items():
        argument = name.removesuffix("_shape")
        if name == "input_shape" and argument not in takes and not args:
            argument = takes[0]
        if argument not in takes or argument == name:
            known = [f"{take}_shape" for take in takes]
            raise ConfigError(
                f"Layer {layer.name!r} has no input that goes with {name!r}.",
                got=f"{name}={shape!r}",
                expected=", ".join(known),
                fix=did_you_mean(name, known),
            )
        kwargs[argument] = placeholders(shape, dtype)
    while takes and takes[0] in kwargs:  # as far as they can go by position, they do
        args.append(kwargs.pop(takes.pop(0)))
    return tuple(args), kwargs


def build_from_arguments(layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Call `build` with the shapes of the call's tensors, as many as it asks for."""
    wanted = parameters(inspect.unwrap(type(layer).build))
    if len(wanted) == 1:
        first = args[0] if args else next(iter(kwargs.values()))
        layer.build(shape_of(first))
        return
    known = {name: f"{name}_shape" for name in parameters(type(layer).call)}
    strange = [
        name
        for name, one in wanted.items()
        if name not in known.values()
        and one.default is one.empty
        and one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)
    ]
    if strange:
        raise ConfigError(
            f"The build of {type(layer).__name__} {layer.name!r} takes shapes that go with no "
            "argument of its call.",
            got=f"build({', '.join(wanted)})",
            expected=f"some of {', '.join(known.values())}",
            fix=f"name the shapes after call's arguments: {', '.join(known)}.",
        )
    named = dict(zip(parameters(type(layer).call), args, strict=False)) | kwargs
    shapes = {
        f"{name}_shape": shape_of(value)
        for name, value in named.items()
        if f"{name}_shape" in wanted and value is not None
    }
    layer.build(**shapes)


def check_held(root: Layer, built: list[Layer]) -> None:
    """Refuse layers that were built in a call of `root` and are no part of it afterwards.

    Such layers get new numbers in every call, and training never reaches them.

    Raises:
        StateError: there is one.
    """
    held = {layer for _, layer in tree.walk(root)}
    for layer in built:
        if layer._own_weights and layer not in held:
            raise StateError(
                f"{type(root).__name__} {root.name!r} uses a layer that is no part of it: "
                f"{layer!r} was made while `call` ran, or lies where no layer holds it, so its "
                "weights would never be trained.",
                got=f"{layer.name!r}, not among the attributes of {root.name!r}",
                fix="make it in __init__ and keep it: "
                f"self.{layer.name} = {type(layer).__name__}(...); lists and dictionaries of "
                "layers are fine, plain objects and functions hide them.",
            )
