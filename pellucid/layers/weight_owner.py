"""What a layer does with its weights: makes them, reads them as arrays, lists and replaces them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import constraints, initializers, regularizers
from .._core.errors import (
    ArgumentTypeError,
    ConfigError,
    NotReadyError,
    ReservedNameError,
    ShapeError,
    StateError,
)
from . import tree
from .context import current
from .saved import Saved
from .seed_generator import SeedGenerator
from .seen_variable import SeenVariable, as_computed
from .weight import Weight

if TYPE_CHECKING:
    from .base import Layer


class WeightOwner(Saved):
    """The weights of a `Layer`, its base class in this respect."""

    if TYPE_CHECKING:
        name: Any
        dtype: Any
        compute_dtype: Any
        autocast: bool
        built: bool
        _own_weights: list[Weight]

    def add_weight(
        self,
        *args: Any,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str | None = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Any:
        """Make a weight; assign the result to an attribute, which `call` then reads as the array.

        Args:
            shape: of the array; `()` by default. May also come first, without its name.
            initializer: name or object; Glorot uniform by default for floats, zeros for others.
            dtype: format; the layer's by default.
            trainable: False for state such as a moving mean.
            autocast: whether `call` sees it in the compute format.
            regularizer: penalty on the value, added to the loss while the weight is trainable.
            constraint: projection applied after each update.
            aggregation: taken as Keras takes it; there is one copy.
            overwrite_with_gradient: whether optimisers put the gradient in the weight's place.
            name: of the weight within the layer; the attribute's name when missing.

        Raises:
            ConfigError: a name in the place of the shape, a wrong argument.
            ShapeError: sizes that are no whole numbers.
        """
        self._refuse_in_call(name)
        shape, initializer, dtype = _in_order(self.name, args, shape, initializer, dtype)
        if isinstance(shape, (int, np.integer)):
            shape = (shape,)
        shape = tuple(shape or ())
        if any(not isinstance(size, (int, np.integer)) or size < 0 for size in shape):
            raise ShapeError(
                f"Layer {self.name!r} asked for a weight of unknown size.",
                got=shape,
                expected="whole numbers",
                fix="give the input's last dimensions: a model cannot size weights from None.",
            )
        dtype = jnp.dtype(dtype).name if dtype is not None else self.dtype
        if initializer is None:
            floats = jnp.issubdtype(jnp.dtype(dtype), jnp.inexact)
            initializer = "glorot_uniform" if floats else "zeros"
        weight = Weight(
            initializers.get(initializer),
            shape,
            dtype,
            trainable,
            autocast and self.autocast,
            aggregation,
            name=name or f"weight_{len(self._own_weights)}",
            regularizer=regularizers.get(regularizer),
            constraint=constraints.get(constraint),
            overwrite_with_gradient=overwrite_with_gradient,
        )
        self._own(weight)
        return weight

    def _refuse_in_call(self, name: str | None) -> None:
        context = current()
        if context is not None and self in context.paths and "_builds" not in self.__dict__:
            raise ConfigError(
                f"call of layer {self.name!r} makes a weight: each call would make another, and "
                "none would be trained.",
                got="add_weight in call",
                fix=f"self.w = self.add_weight(..., name={name or 'w'!r}) in __init__ or build; "
                "call reads self.w.",
            )

    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Any:
        """`add_weight`, by its other name in Keras."""
        return self.add_weight(
            shape=shape,
            initializer=initializer,
            dtype=dtype,
            trainable=trainable,
            autocast=autocast,
            regularizer=regularizer,
            constraint=constraint,
            name=name,
        )

    def _own(self, weight: Weight) -> None:
        """Let a variable be a weight of this layer, which it may be already."""
        before = len(self._own_weights)
        self._hold(weight)
        if len(self._own_weights) > before:
            tree.count_change(self)

    def __setattr__(self, name: str, value: Any) -> None:
        attributes = self.__dict__["_weight_attributes"]
        owner = getattr(type(self), name, None)
        if isinstance(owner, property) and owner.fset is None:
            raise reserved(self, name, value)
        weights = isinstance(value, Weight) or _is_weight_list(value)
        if name in attributes and value is not None and not weights:
            attributes[name].assign(value)
            return
        plain = isinstance(value, _PLAIN) and isinstance(self.__dict__.get(name), _PLAIN)
        if not plain or name in attributes or name in _TELLING:
            tree.count_change(self)
        else:  # compiled calls have it in them
            self.__dict__["_set_count"] = self.__dict__.get("_set_count", 0) + 1
        for weight in _weights_in(value):
            self._own(weight)
        if isinstance(value, Weight):
            attributes[name] = value
            if value.name.startswith("weight_") or value.name == "variable":
                value.name = name
            self.__dict__.pop(name, None)
        elif isinstance(value, SeedGenerator):
            self._hold(value.state)
            object.__setattr__(self, name, value)
        elif _is_weight_list(value):
            attributes[name] = value
            self.__dict__.pop(name, None)
        else:
            attributes.pop(name, None)
            object.__setattr__(self, name, value)

    def _hold(self, weight: Weight) -> None:
        """Count a variable that was made elsewhere among this layer's own."""
        if not any(weight is own for own in self._own_weights):
            # As in Keras: what is trained before what is not, each in the order it was made.
            self._own_weights.append(weight)
            self._own_weights.sort(key=lambda own: not own.made_trainable)

    def __delattr__(self, name: str) -> None:
        tree.count_change(self)
        object.__delattr__(self, name)

    def __getattr__(self, name: str) -> Any:
        # Only called for names that are not ordinary attributes.
        attributes = self.__dict__.get("_weight_attributes", {})
        if name not in attributes:
            if "_name_given" not in self.__dict__ and not name.startswith("__"):
                raise NotReadyError(
                    f"The __init__ of {type(self).__name__!r} has not called super().__init__(), "
                    f"which makes what {name!r} needs.",
                    fix="call super().__init__() as the first line of its __init__.",
                )
            owner = getattr(type(self), name, None)
            if isinstance(owner, property) and owner.fget is not None:
                owner.fget(self)  # raises again what the property raised
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        held = attributes[name]
        if not isinstance(held, Weight):
            return type(held)(self._as_seen_by_call(weight) for weight in held)
        return self._as_seen_by_call(held)

    def _as_seen_by_call(self, weight: Weight) -> Any:
        """Outside of any call the variable itself. Inside, the array; where the code of the layer
        that is at work assigns variables, something that is an array and can be assigned."""
        context = current()
        if context is None:
            return weight
        at_work = context.callers[-1] if context.callers else self  # a step of a model, say
        if at_work._assigns_variables:
            return SeenVariable(weight, self.compute_dtype)
        return as_computed(weight, self.compute_dtype)

    @property
    def weights(self) -> list[Weight]:
        """Every weight, this layer's and its sublayers', in Keras's order."""
        return [weight for weight in tree.index(self).values() if not weight.transient]

    @property
    def variables(self) -> list[Weight]:
        """The weights, and what stateful layers remember of the last batch."""
        return list(tree.index(self).values())

    def trainable_flags(self) -> dict[str, bool]:
        """Path of each weight -> whether training changes it (a frozen parent freezes all)."""
        known = tree.structure(self)
        weights = known.derived("own weights", _every_weight)
        now = [weight.trainable for weight in weights]
        remembered = known.derived("flags", lambda _: {})
        if remembered.get("for") != now:
            remembered.update({"for": now, "flags": _flags_of(known)})
        return dict(remembered["flags"])

    @property
    def trainable_weights(self) -> list[Weight]:
        index = tree.index(self)
        return [index[path] for path, on in self.trainable_flags().items() if on]

    @property
    def non_trainable_weights(self) -> list[Weight]:
        index = tree.index(self)
        flags = self.trainable_flags().items()
        return [index[path] for path, on in flags if not on and not index[path].transient]

    trainable_variables = trainable_weights

    @property
    def non_trainable_variables(self) -> list[Weight]:
        """The non-trainable weights, and the states of seeds and of stateful layers."""
        index = tree.index(self)
        return [index[path] for path, on in self.trainable_flags().items() if not on]

    def sublayers(self) -> list[Layer]:
        """The layers held directly by this one."""
        return tree.children(self)

    def count_params(self) -> int:
        """How many numbers the weights hold, trainable or not."""
        if not self.built and not self._own_weights:
            raise StateError(
                f"Layer {self.name!r} has no weights to count yet: it has not been built.",
                fix="call it on data, or call build(input_shape) first.",
            )
        return sum(weight.size for weight in self.weights)

    def get_weights(self) -> list[np.ndarray]:
        """Copies of every weight, in the order of `weights`."""
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Replace every weight; `weights` is in the order of `get_weights`."""
        own = self.weights
        if len(weights) != len(own):
            raise ShapeError(
                f"{self.name!r} has {len(own)} weights but was given {len(weights)}.",
                got=[tuple(np.shape(w)) for w in weights],
                expected=[w.shape for w in own],
                fix="pass the list that get_weights() of the same network returned.",
            )
        for weight, value in zip(own, weights, strict=True):
            if tuple(np.shape(value)) != weight.shape:
                weight.assign(value)  # raises, naming the weight, before any is changed
        for weight, value in zip(own, weights, strict=True):
            weight.assign(value)

    @property
    def metrics(self) -> list[Any]:
        """The metrics that this layer and those in it keep in their attributes, each once."""
        return tree.metrics_in(self)

    @property
    def losses(self) -> list[Any]:
        """What the last call added (`add_loss`, activities), and the penalties on the weights.

        Inside a call: what that call has added so far.
        """
        layers = [layer for _, layer in tree.walk(self)]
        context = current()
        if context is not None:
            added = context.losses_of(layers)
        else:
            added = [loss for layer in layers for loss in layer.__dict__.get("_call_losses", ())]
        penalised = [w for w in self.trainable_weights if w.regularizer is not None]
        return added + [w.regularizer(w.value) for w in penalised]


def reserved(layer: Any, name: str, value: Any) -> ReservedNameError:
    """The error for a value assigned to a name that tells something of every layer."""
    return ReservedNameError(
        f"The attribute {name!r} of {type(layer).__name__!r} cannot be assigned: the name is "
        "reserved for what it tells of every layer or network.",
        got=f"self.{name} = {str(value)[:60]}",
        fix=f"use another name: self.my_{name} = ...",
    )


def _every_weight(known: tree.Structure) -> list[Weight]:
    return [weight for _, layer in known.layers for weight in layer._own_weights]


def _flags_of(known: tree.Structure) -> dict[str, bool]:
    path_of = {weight: path for path, weight in tree.index(known.root).items()}
    flags: dict[str, bool] = {}
    frozen: list[str] = []
    for path, layer in known.layers:
        if not layer.trainable:
            frozen.append(path)
        off = any(path == f or path.startswith(f + "/") for f in frozen)
        for weight in layer._own_weights:
            on = flags.get(path_of[weight], True)  # a weight may be held by two layers
            flags[path_of[weight]] = on and weight.trainable and not off
    return flags


_PLAIN = (type(None), str, int, float, np.ndarray, jax.Array)
_TELLING = frozenset({"_name", "_trainable", "_revision"})
"""Plain values that change what a network looks like from outside."""


def _in_order(
    layer: str, args: tuple[Any, ...], shape: Any, initializer: Any, dtype: Any
) -> list[Any]:
    """Shape, initialiser and format of `add_weight`, where they came without their names."""
    if args and isinstance(args[0], str):
        raise ConfigError(
            f"add_weight of layer {layer!r} takes the name by keyword.",
            got=f"add_weight({args[0]!r}, ...)",
            fix=f"add_weight(shape=..., name={args[0]!r}).",
        )
    if len(args) > 3:
        raise ArgumentTypeError(
            f"add_weight of layer {layer!r} takes its arguments by keyword.",
            got=f"{len(args)} without names",
            fix="add_weight(shape=(3, 2), initializer='zeros', name='kernel'), say.",
        )
    named = {"shape": shape, "initializer": initializer, "dtype": dtype}
    for (argument, value), given in zip(named.items(), args, strict=False):
        if value is not None:
            raise ConfigError(
                f"add_weight of layer {layer!r} was given {argument!r} twice.",
                got=f"{given!r} by its place and {argument}={value!r}",
                fix=f"add_weight({argument}={value!r}).",
            )
    return [*args, *list(named.values())[len(args) :]]


def _weights_in(value: Any) -> list[Weight]:
    """The variables that an attribute holds: one, or those in a list or dictionary."""
    if isinstance(value, Weight):
        return [value]
    items = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (list, tuple, dict)):
        return []
    return [item for item in items if isinstance(item, Weight)]


def _is_weight_list(value: Any) -> bool:
    if not isinstance(value, (list, tuple)) or not value:
        return False
    return all(isinstance(item, Weight) for item in value)
