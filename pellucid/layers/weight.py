"""One trainable or state array of a layer: its shape, how it starts, and its current value."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .._core import rng as _rng
from .._core.errors import ConfigError, ShapeError
from . import tree
from .context import current


class Weight:
    """A named array that a layer owns.

    The value is made on first use, from a seed and the weight's path in the network, so that adding
    a layer never shifts the numbers of another. Inside a bound call `value` is the step's tracer.
    """

    __slots__ = (
        "__weakref__",
        "_escaped",
        "_value",
        "autocast",
        "constraint",
        "dtype",
        "initializer",
        "name",
        "path",
        "regularizer",
        "seed",
        "shape",
        "stream",
        "trainable",
        "transient",
    )

    def __init__(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: str,
        initializer: Any,
        *,
        trainable: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        autocast: bool = True,
    ):
        self.name = name
        self.path = name
        self.stream = name
        self.shape = shape
        self.dtype = dtype
        self.initializer = initializer
        self.trainable = trainable
        self.regularizer = regularizer
        self.constraint = constraint
        self.autocast = autocast
        # What a layer remembers of the last batch: carried by training, but no part of the network.
        self.transient = False
        self.seed: int | None = None
        self._value: Any = None
        self._escaped = False

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
        from ..initializers import Initializer

        with jax.ensure_compile_time_eval():
            if isinstance(self.initializer, Initializer):
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

    def assign(self, value: Any) -> None:
        """Replace the value; inside a bound call the change is recorded as a state update."""
        value = value.value if isinstance(value, Weight) else value
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
            context.record(self, jnp.asarray(value, self.dtype))
            return
        if isinstance(value, jax.core.Tracer):
            raise ConfigError(
                f"Weight {self.path!r} was assigned a traced value outside a bound call.",
                fix="use `layer.apply(variables, x)`, which returns the updates, under jax.jit.",
            )
        self._value = np.array(value, dtype=jnp.dtype(self.dtype))
        self._escaped = False

    def numpy(self) -> np.ndarray:
        """A copy as NumPy."""
        return np.array(self.host_value() if current() is None else self.value)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    def __jax_array__(self) -> jax.Array:
        return self.value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def __getitem__(self, index: Any) -> jax.Array:
        return self.value[index]

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<Weight {self.path} {self.shape} {self.dtype}>"


def _binary(name: str) -> Any:
    def method(self: Weight, other: Any) -> Any:
        other = other.value if isinstance(other, Weight) else other
        return getattr(self.value, name)(other)

    method.__name__ = name
    return method


for _name in [
    "add",
    "radd",
    "sub",
    "rsub",
    "mul",
    "rmul",
    "truediv",
    "rtruediv",
    "pow",
    "rpow",
    "matmul",
    "rmatmul",
    "lt",
    "le",
    "gt",
    "ge",
]:
    setattr(Weight, f"__{_name}__", _binary(f"__{_name}__"))
setattr(Weight, "__neg__", lambda self: -self.value)  # noqa: B010
