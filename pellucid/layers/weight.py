"""One trainable or state array of a layer: its shape, how it starts, and its current value."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .._core import rng as _rng
from .._core.arraylike import ArrayLike
from .._core.errors import ConfigError, ShapeError
from .._core.scope import path_here
from . import tree
from .context import current
from .variable_arguments import (
    AGGREGATIONS,
    SYNCHRONIZATIONS,
    checked_function,
    checked_name,
    checked_switch,
    checked_word,
    started,
)


class Variable(ArrayLike):
    """A named array that training, or a layer's own code, changes.

    A layer makes its own with `add_weight`; one made by itself and assigned to an attribute of a
    layer or model is trained and saved with it. It behaves as the array it holds: operators,
    indexing, NumPy, JAX and `pellucid.ops` take it.

    The value is made on first use, from a seed and the variable's path in the network, so that
    adding a layer never shifts the numbers of another. Inside a bound call `value` is the step's
    tracer.

    Args:
        initializer: the value, array-like; or the name of an initialiser, an initialiser or a
            function ``(shape, dtype)``, which need `shape`.
        shape: of the array, where the value does not tell it.
        dtype: number format; the value's by default, float32 for an initialiser.
        trainable: whether training changes it.
        autocast: whether the `call` of a layer sees it in the compute format.
        aggregation, synchronization, layout: taken as Keras takes them; there is one copy.
        name: without slashes.
        regularizer: penalty on the value, added to the loss while the variable is trainable.
        constraint: projection applied after each update.
        overwrite_with_gradient: whether optimisers put the gradient in the place of the value.

    Raises:
        ConfigError: an initialiser without a shape, an unknown word, a name with a slash.
        ShapeError: a shape with unknown sizes.

    >>> counter = Variable([1.0, 2.0])
    >>> counter.assign_add([1.0, 1.0]).tolist(), float(counter[0]), (counter * 2).tolist()
    ([2.0, 3.0], 2.0, [4.0, 6.0])
    """

    __slots__ = (
        "__weakref__",
        "_constraint",
        "_escaped",
        "_overwrites",
        "_regularizer",
        "_value",
        "aggregation",
        "autocast",
        "dtype",
        "initializer",
        "layout",
        "made_trainable",
        "name",
        "path",
        "seed",
        "shape",
        "stream",
        "synchronization",
        "trainable",
        "transient",
    )

    def __init__(
        self,
        initializer: Any,
        shape: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str | None = "none",
        synchronization: str | None = "auto",
        name: str | None = None,
        layout: Any = None,
        *,
        regularizer: Any = None,
        constraint: Any = None,
        overwrite_with_gradient: bool = False,
    ):
        self.name = self.stream = checked_name(name or "variable")
        self.path = path_here(self.name)
        self.initializer, self.shape, self.dtype = started(initializer, shape, dtype, self.name)
        self.trainable = self.made_trainable = trainable
        self.regularizer = regularizer
        self.constraint = constraint
        self.autocast = autocast
        self.aggregation = checked_word("aggregation", aggregation, AGGREGATIONS)
        self.synchronization = checked_word("synchronization", synchronization, SYNCHRONIZATIONS)
        self.layout = layout
        self.overwrite_with_gradient = overwrite_with_gradient
        # What a layer remembers of the last batch: carried by training, but no part of the network.
        self.transient = False
        self.seed: int | None = None
        self._value: Any = None
        self._escaped = False

    @property
    def regularizer(self) -> Any:
        """The penalty on the value; None for none."""
        return self._regularizer

    @regularizer.setter
    def regularizer(self, value: Any) -> None:
        self._regularizer = checked_function("regularizer", value)

    @property
    def constraint(self) -> Any:
        """The projection after each update; None for none."""
        return self._constraint

    @constraint.setter
    def constraint(self, value: Any) -> None:
        self._constraint = checked_function("constraint", value)

    @property
    def overwrite_with_gradient(self) -> bool:
        """Whether optimisers put the gradient in the place of the value."""
        return self._overwrites

    @overwrite_with_gradient.setter
    def overwrite_with_gradient(self, value: bool) -> None:
        self._overwrites = checked_switch("overwrite_with_gradient", value)

    @property
    def value(self) -> jax.Array:
        """The array: the step's own inside a bound call, else the layer's."""
        context = current()
        if context is not None:
            bound = context.lookup(self)
            if bound is not None:
                return bound
        # Whoever reads the array may keep it, so the next training step must not donate it.
        self._escaped = True
        return self.stored()

    def stored(self) -> jax.Array:
        """The layer's own array, made from the initialiser on first use."""
        if not isinstance(self._value, jax.Array):
            with jax.ensure_compile_time_eval():
                self._value = jax.device_put(self.host_value())
        return self._value

    def host_value(self) -> np.ndarray:
        """The layer's own array, as NumPy and possibly not copied: read only."""
        if self._value is None:
            self._value = self._initial()
        return np.asarray(self._value)

    def _initial(self) -> np.ndarray:
        context = current()
        if self.seed is None and context is not None and context.root is not None:
            tree.index(context.root)  # gives every weight of the network its path and seed
        if self.seed is None:
            self.seed = _rng.next_seed()
        generator = _rng.host_generator(self.seed, self.stream)
        dtype = jnp.dtype(self.dtype)
        from ..initializers import takes_rng

        with jax.ensure_compile_time_eval():
            if takes_rng(self.initializer):
                value = self.initializer(self.shape, dtype, rng=generator)
            else:
                value = self.initializer(self.shape, dtype)
            value = np.asarray(value)
        if value.shape != self.shape:
            raise ShapeError(
                f"The initialiser of weight {self.path!r} returned an array of the wrong shape.",
                got=value.shape,
                expected=self.shape,
                fix="return an array of the shape that the initialiser is called with.",
            )
        return value.astype(dtype, copy=False)

    def take(self, array: jax.Array) -> None:
        """Adopt the array that a finished training step left: no copy, no check."""
        self._value = array
        self._escaped = False

    def donatable(self) -> Any:
        """The array as a training step may consume it: a copy if anyone else holds it."""
        if isinstance(self._value, jax.Array) and self._escaped:
            return np.array(self._value)
        return self._value if isinstance(self._value, jax.Array) else self.host_value()

    def assign(self, value: Any) -> Any:
        """Replace the value, and give it back; inside a bound call the change is recorded as a
        state update."""
        value = value.value if isinstance(value, ArrayLike) else value
        if not hasattr(value, "shape"):
            value = np.asarray(value, jnp.dtype(self.dtype))
        shape = tuple(np.shape(value))
        if shape != self.shape:
            raise ShapeError(
                f"Weight {self.path!r} was given a value of another shape.",
                got=shape,
                expected=self.shape,
                fix=f"pass an array of shape {self.shape}.",
            )
        context = current()
        if context is not None:
            value = jnp.asarray(value, self.dtype)
            context.record(self, value)
            return value
        if isinstance(value, jax.core.Tracer):
            raise ConfigError(
                f"Weight {self.path!r} was assigned a traced value outside a bound call.",
                fix="use `layer.apply(variables, x)`, which returns the updates, under jax.jit.",
            )
        self._value = np.array(value, dtype=jnp.dtype(self.dtype))
        self._escaped = False
        return value

    def numpy(self) -> np.ndarray:
        """A copy as NumPy."""
        return np.array(self.host_value() if current() is None else self.value)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}>"


Weight = Variable
"""The same, as layers call what they own."""


def _flat(variable: Any) -> tuple[tuple[Any], None]:
    return (variable.value,), None


# So that compiled functions, gradients and `vmap` take a variable: as the array it holds.
jax.tree_util.register_pytree_node(Variable, _flat, lambda _, values: values[0])
