"""`Sequential`: a stack of layers, each feeding the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .._core.custom import knowing
from .._core.errors import ConfigError, ShapeError
from .._core.specs import argument_names, family, serialize
from ..layers import tree
from ..layers.base import Layer
from ..layers.context import current
from ..layers.prepared import Prepared
from ..layers.recompute import recomputed
from ..layers.symbolic import SymbolicTensor
from .graph import Graph, name_layers
from .model import Model

if TYPE_CHECKING:
    from ..network.writer import Write


@family("layer").register("Sequential")
class Sequential(Model):
    """A plain stack of layers.

    Args:
        layers: list of layers, the first of which may be an `Input`; more with `add`.
        trainable: False freezes every layer.
        name: shown by `summary`.
        dtype: number format or policy.
        remat: less memory for more time ("gradient checkpointing"). True: the stack's inside is
            computed again in the backward pass, and only what goes into the stack is kept. A whole
            number: the same for every so many layers. The numbers stay the same.

    Raises:
        ConfigError: something that is no layer, two layers of one name, a `remat` below 1.

    The weights are made at once when the input's shape is known (from `Input`, or `input_shape=`
    on the first layer), else on first use.

    >>> from pellucid import Sequential, layers
    >>> model = Sequential([layers.Input(shape=(4,)), layers.Dense(3)])
    >>> model.output_shape
    (None, 3)
    """

    traits = frozenset({"opaque"})

    batch_safe = True
    name_in_paths = True
    _layers_first = True
    _not_tracked = Model._not_tracked | {"_start"}

    def __init__(
        self,
        layers: Any = None,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
        remat: bool | int = False,
    ):
        super().__init__(name=name, trainable=trainable, dtype=dtype)
        if not isinstance(remat, (bool, int)) or remat < 0 or (remat == 0 and remat is not False):
            raise ConfigError(
                f"{self.name!r}: remat is True, False or a number of layers.",
                got=f"remat={remat!r}",
                fix="remat=True computes the whole stack again, remat=4 every four layers.",
            )
        self.remat = remat
        self._stack: list[Layer] = []
        self._start: SymbolicTensor | None = None
        self._sizes_seen = False  # the start's sizes are those of the first data, nobody's wish
        if layers is not None and not isinstance(layers, (list, tuple)):
            layers = [layers]
        for layer in layers or ():
            self._append(layer)
        self._rebuild()

    @property
    def layers(self) -> list[Layer]:
        return list(self._stack)

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer on top of the stack.

        Args:
            layer: to put there.
            rebuild: False waits with the weights until the stack is used or changed again.
        """
        self._append(layer)
        if rebuild:
            self._rebuild()

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the top layer off, and return it; `rebuild` as for `add`."""
        if not self._stack:
            raise ConfigError(f"{self.name!r} has no layers to take off.", fix="add a layer first.")
        layer = self._stack.pop()
        if rebuild:
            self._rebuild()
        return layer

    def _append(self, layer: Any) -> None:
        from ..layers.core.input import InputLayer

        if isinstance(layer, SymbolicTensor) and layer.node is not None:
            layer = layer.node.layer
        if isinstance(layer, InputLayer):
            if self._stack or self._start is not None:
                raise ConfigError(
                    f"The input of {self.name!r} must come first and only once.",
                    got=f"{layer.name!r} after {len(self._stack)} layers",
                    fix="put Input(shape=...) at the start of the list.",
                )
            self._start = layer.output
            return
        if not isinstance(layer, Layer):
            raise ConfigError(
                f"{self.name!r} takes layers.",
                got=f"{layer!r} of type {type(layer).__name__}",
                expected="a layer such as Dense(10)",
                fix="wrap a function: Lambda(lambda x: ...)."
                if callable(layer) and not isinstance(layer, type)
                else f"write {layer.__name__}(...) with its arguments."
                if isinstance(layer, type)
                else "pass layer objects.",
            )
        if layer in self._stack:
            raise ConfigError(
                f"Layer {layer.name!r} is already in {self.name!r}.",
                fix="make a second layer, or share weights with the functional style.",
            )
        name_layers([*self._stack, layer], self.name)
        self._stack.append(layer)
        if len(self._stack) == 1 and self._start is None and layer._input_shape_arg is not None:
            from ..layers.core.input import Input

            self._start = Input(shape=tuple(layer._input_shape_arg), dtype=_input_dtype(layer))
        elif len(self._stack) == 1 and self._start is None and _has_one_input(layer):
            from ..layers.core.input import Input

            self._start = Input(batch_shape=layer.inputs[0].shape, dtype=layer.inputs[0].dtype)

    def _rebuild(self) -> None:
        self.graph = None
        if self._start is None or not self._stack:
            return
        x: Any = self._start
        for layer in self._stack:
            try:
                x = layer(x)
            except ShapeError:
                self._stack.remove(layer)
                raise
        self.graph = Graph(self._start, x)
        self.built = True
        tree.index(self)

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of the given shape, batch included."""
        if not self._stack:
            raise ConfigError(f"{self.name!r} has no layers.", fix="add one: model.add(Dense(10)).")
        if self._start is not None and input_shape is not None and not self._sizes_seen:
            _same_start(self.name, self._start.shape, input_shape)
        if input_shape is None or self._start is not None:
            return
        self._begin(input_shape, _input_dtype(self._stack[0]))

    def _begin(self, batch_shape: Any, dtype: str) -> None:
        from ..layers.core.input import Input

        self._start = Input(batch_shape=tuple(batch_shape), dtype=dtype)
        self._rebuild()

    def ensure_built(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.graph is None:
            if not self._stack:
                raise ConfigError(
                    f"{self.name!r} has no layers.", fix="add one: model.add(Dense(10))."
                )
            if getattr(args[0], "shape", None) is not None:
                self.start_on(args[0])

    @property
    def takes_raw(self) -> bool:  # type: ignore[override]
        if self.graph is None:
            return bool(self._stack) and self._stack[0].takes_raw
        return super().takes_raw

    def start_on(self, array: Any) -> None:
        if self.graph is None and self._start is None and self._stack:
            dtype = _data_format(self._stack[0], array.dtype)
            self._sizes_seen = True
            self._begin((self._batch_of(array), *array.shape[1:]), dtype)

    def _batch_of(self, inputs: Any) -> int | None:
        """The batch's size where a layer keeps a state for each of its rows, else None."""
        context = current()
        guessed = context is not None and context.guesses_batch
        remembers = any(getattr(layer, "stateful", False) for layer in self._stack)
        return inputs.shape[0] if remembers and not guessed else None

    @property
    def is_stack(self) -> bool:  # type: ignore[override]
        return type(self).call is Sequential.call

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        if isinstance(inputs, Prepared):
            return super().call(inputs)
        # A stack needs no walk through a graph, and takes whatever its first layer takes.
        x = self.arrange_inputs(inputs)[0] if self.graph is not None else inputs
        for piece in self._pieces():
            x = recomputed(piece, x) if self.remat else piece(x)
        return x

    def fit_input(self, array: Any, tensor: SymbolicTensor) -> Any:
        if self._sizes_seen and len(np.shape(array)) == len(tensor.shape):
            # Other sizes than the first data had: the layers say whether they can take them.
            sizes = (tensor.shape[0], *np.shape(array)[1:])
            tensor = SymbolicTensor(sizes, tensor.dtype, node=tensor.node)
        return super().fit_input(array, tensor)

    def _pieces(self) -> list[Callable[[Any], Any]]:
        """The stack as functions to be called one after the other."""
        size = len(self._stack) if isinstance(self.remat, bool) else self.remat
        starts = range(0, len(self._stack), max(1, size))
        return [partial(_through, self._stack[start : start + size]) for start in starts]

    def get_config(self) -> dict[str, Any]:
        """The layers' configurations, in order."""
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": self.dtype_policy.name,
            "remat": self.remat,
            "layers": [serialize(layer) for layer in self._stack],
        }
        if self._start is not None:
            config["input_shape"] = list(self._start.shape[1:])
            config["input_dtype"] = self._start.dtype
            if self._start.shape[0] is not None:
                config["batch_size"] = self._start.shape[0]
            if self._start.node is not None:
                config["input_name"] = self._start.node.layer.name
            if self._sizes_seen:
                config["sizes_seen"] = True
        return config

    def file_entry(self, write: Write) -> dict[str, Any] | None:
        """The entry in a file: as in Keras, the input is the first of the layers."""
        from ..network.writer import entry_of

        if "layers" not in argument_names(type(self)) or type(self).get_config is not (
            Sequential.get_config
        ):
            return None
        start = self._start
        stack = [*([start.node.layer] if start is not None and start.node else []), *self._stack]
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": write(self.dtype_policy),
            "layers": [write(layer) for layer in stack],
        }
        if start is not None:
            config["build_input_shape"] = list(start.shape)
        if self.remat is not False:
            config["remat"] = self.remat
        if self._sizes_seen:
            config["sizes_seen"] = True
        entry = entry_of(self, config)
        return {**entry, "module": "keras"} if type(self) is Sequential else entry

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        """A new model, with fresh weights, from what `get_config` returned, here or in Keras."""
        from ..layers.core.input import Input
        from ..network.reader import read

        if "layers" not in config:
            return super().from_config(config, custom_objects)
        model = cls(
            name=config.get("name"),
            trainable=config.get("trainable", True),
            dtype=config.get("dtype"),
            remat=config.get("remat", False),
        )
        if config.get("input_shape") is not None:
            model._start = Input(
                shape=tuple(config["input_shape"]),
                dtype=config.get("input_dtype"),
                batch_size=config.get("batch_size"),
                name=config.get("input_name"),
            )
        model._sizes_seen = config.get("sizes_seen", False)
        with knowing(custom_objects):
            for layer in config["layers"]:
                model._append(read(layer))
        model._rebuild()
        if model._start is None and config.get("build_input_shape") is not None:
            model.build(tuple(config["build_input_shape"]))
        return model


def _same_start(name: str, own: Any, wanted: Any) -> None:
    """Refuse to build a stack that has its input for inputs of another shape."""
    alike = len(own) == len(wanted) and all(
        a == b or a is None or b is None for a, b in zip(own, wanted, strict=True)
    )
    if not alike:
        raise ShapeError(
            f"{name!r} has already been configured for inputs of another shape.",
            got=repr(tuple(wanted)),
            expected=repr(tuple(own)),
            fix="leave the shape out, or make another network for other inputs.",
        )


def _through(layers: list[Layer], x: Any) -> Any:
    for layer in layers:
        x = layer(x)
    return x


def _has_one_input(layer: Any) -> bool:
    return isinstance(layer, Model) and layer.graph is not None and len(layer.inputs) == 1


def _data_format(layer: Layer, dtype: Any) -> str:
    """The format of an `Input` for data of the given format."""
    if isinstance(dtype, str):  # of a symbolic tensor
        return dtype
    kind = getattr(dtype, "kind", "f")
    if kind in "OSUT":
        return "string"
    return str(dtype) if kind in "iu" and layer.takes_raw else _input_dtype(layer)


def _input_dtype(layer: Layer) -> str:
    """The format an implied `Input` has: whole numbers where the first layer looks them up."""
    if layer.placeholder is not None:
        return layer.placeholder
    if layer.takes_integers:
        return "int32"
    return layer.compute_dtype if layer.casts_inputs else layer.dtype
