"""`clone_model`: the same architecture on new layers, or on layers of your own choosing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import jax

from .._core.errors import ConfigError, PellucidError
from .._core.live import staying_here
from .._core.specs import deserialize, serialize
from ..layers.base import Layer
from ..layers.core.input import Input, InputLayer
from ..layers.symbolic import SymbolicTensor, leaves, tree_map
from .model import Model
from .sequential import Sequential

Cloner = Callable[[Layer], Layer]


def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: Cloner | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Any:
    """A new model of the same architecture, with fresh weights, compiled where `model` is.

    Args:
        model: a `Sequential`, a functional model, or a subclass with `get_config`.
        input_tensors: placeholders to build on, in the form of ``model.input``; new ones by
            default.
        clone_function: a layer -> the layer that takes its place; by default a new one from its
            configuration. Inputs are always made anew.
        call_function: ``f(layer, *args, **kwargs)`` in place of ``layer(*args, **kwargs)``, in
            functional models; may insert layers.
        recursive: whether `clone_function` is also used inside models within the model.

    Raises:
        ConfigError: an argument that this kind of model cannot follow, inputs of another form.

    >>> from pellucid import Sequential, layers
    >>> model = Sequential([layers.Input(shape=(3,)), layers.Dense(2)])
    >>> twin = clone_model(model)
    >>> twin.output_shape, twin.layers[0] is model.layers[0]
    ((None, 2), False)
    """
    if not isinstance(model, Model):
        raise ConfigError(
            "clone_model takes a model.",
            got=type(model).__name__,
            fix="a layer is cloned by type(layer).from_config(layer.get_config()).",
        )
    for name, function in (("clone_function", clone_function), ("call_function", call_function)):
        if function is not None and not callable(function):
            raise ConfigError(f"{name} is a function.", got=repr(function), fix=f"{name}=None.")
    cloning = _Cloning(clone_function or _anew, call_function, recursive)
    with staying_here():
        twin = cloning.clone(model, input_tensors)
        if model.compiled and not twin.compiled and not twin.overrides("compile"):
            _compile_like(twin, model)
    return twin


def _compile_like(twin: Any, model: Any) -> None:
    """Compile `twin` with a new optimiser, losses and metrics of the same settings."""
    told = {**model.compile_settings, "optimizer": model.optimizer}
    with contextlib.suppress(PellucidError):  # of Optax no second can be made: it stays uncompiled
        twin.compile(**{name: deserialize(serialize(value)) for name, value in told.items()})


def _anew(layer: Layer) -> Layer:
    return type(layer).from_config(layer.get_config())


class _Cloning:
    """One call of `clone_model`: layers used twice are cloned once."""

    def __init__(self, clone: Cloner, call: Callable[..., Any] | None, recursive: bool):
        self.clone_function = clone
        self.call_function = call
        self.recursive = recursive
        self.made: dict[Layer, Layer] = {}

    def clone(self, model: Any, inputs: Any = None) -> Any:
        if isinstance(model, Sequential):
            return self._sequential(model, inputs)
        if model.graph is not None and type(model) is Model:
            return self._functional(model, inputs)
        for name, value in (
            ("clone_function", None if self.clone_function is _anew else self.clone_function),
            ("call_function", self.call_function),
            ("input_tensors", inputs),
        ):
            if value is not None:
                raise ConfigError(
                    f"{name} works for Sequential and functional models.",
                    got=f"a model of the class {type(model).__name__}",
                    fix=f"leave {name} out, or write a from_config that does it.",
                )
        return _anew(model)

    def layer(self, layer: Layer) -> Layer:
        if layer not in self.made:
            deeper = self.recursive and isinstance(layer, Model)
            self.made[layer] = self.clone(layer) if deeper else self.clone_function(layer)
        return self.made[layer]

    def _sequential(self, model: Sequential, inputs: Any) -> Sequential:
        if self.call_function is not None and not self.recursive:
            raise ConfigError(
                "call_function works for functional models: a stack has no calls to replace.",
                got=f"the Sequential model {model.name!r}",
                fix="use clone_function to replace layers.",
            )
        layers: list[Any] = [self.layer(layer) for layer in model.layers]
        start = model._start
        if inputs is not None:
            given = leaves(inputs)
            if len(given) != 1 or not isinstance(given[0], SymbolicTensor):
                raise ConfigError(
                    "A Sequential model is built on one placeholder.",
                    got=repr(inputs),
                    fix="input_tensors=Input(shape=...).",
                )
            start = given[0]
        if start is not None:
            name = start.node.layer.name if start.node is not None else None
            layers = [Input(batch_shape=start.shape, dtype=start.dtype, name=name), *layers]
        twin = Sequential(layers, name=model.name, remat=model.remat)
        if not model.trainable:
            twin.trainable = False
        return twin

    def _functional(self, model: Any, inputs: Any) -> Model:
        graph = model.graph
        if inputs is None:
            inputs = tree_map(
                lambda t: Input(batch_shape=t.shape, dtype=t.dtype, name=t.node.layer.name),
                graph.inputs,
            )
        given = leaves(inputs)
        forms = {str(jax.tree.structure(tree_map(lambda _: 0, t))) for t in (inputs, graph.inputs)}
        if len(forms) > 1 or not all(isinstance(t, SymbolicTensor) for t in given):
            raise ConfigError(
                "input_tensors must have the form of the model's inputs.",
                got=repr(inputs),
                expected=repr(graph.inputs),
                fix="pass one Input(shape=...) for each input of the model.",
            )
        new: dict[int, Any] = {
            id(old): tensor for old, tensor in zip(graph.input_leaves, given, strict=True)
        }

        def moved(leaf: Any) -> Any:
            return new[id(leaf)] if isinstance(leaf, SymbolicTensor) else leaf

        for node in graph.nodes:
            if isinstance(node.layer, InputLayer) or all(
                id(leaf) in new for leaf in leaves(node.outputs)
            ):
                continue
            layer = self.layer(node.layer)
            args, kwargs = tree_map(moved, node.args), tree_map(moved, node.kwargs)
            if self.call_function is None:
                outputs = layer(*args, **kwargs)
            else:
                outputs = self.call_function(layer, *args, **kwargs)
            for old, tensor in zip(leaves(node.outputs), leaves(outputs), strict=True):
                new[id(old)] = tensor
        twin = Model(inputs, tree_map(moved, graph.outputs), name=model.name)
        if not model.trainable:
            twin.trainable = False
        return twin
