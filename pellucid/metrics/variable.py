"""The numbers that a metric written in Keras's way keeps between batches."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from pellucid import initializers
from pellucid._core.errors import ShapeError

from . import accumulate

if TYPE_CHECKING:
    from .base import Metric


class MetricVariable:
    """A named array of a metric's state; `Metric.add_variable` makes it.

    It holds no array of its own but reads and writes its metric's state, which the compiled loop
    replaces by the loop's own for the time of a step.

    Args:
        owner: the metric.
        name: the key in its state.
        start: the value before the first batch; a running total of `accumulate`, which holds its
            rounding beside it, reads as the one number that it stands for.
    """

    def __init__(self, owner: Metric, name: str, start: np.ndarray):
        self.owner = owner
        self.name = name
        self.start = start[0] if isinstance(start, accumulate.Total) else start
        self._is_total = isinstance(start, accumulate.Total)

    @property
    def value(self) -> Any:
        """The array as it is now."""
        held = self.owner.current_state()[self.name]
        return accumulate.read(jnp.asarray(held)) if self._is_total else held

    def assign(self, value: Any) -> None:
        """Replace the array by one of the same shape; it keeps its number format."""
        if isinstance(value, MetricVariable):
            value = value.value
        if np.shape(value) != self.shape:
            raise ShapeError(
                f"The variable {self.name!r} of metric {self.owner.name!r} was assigned a value "
                "of another shape.",
                got=np.shape(value),
                expected=self.shape,
                fix=f"reduce it first, or make the variable with shape={np.shape(value)}.",
            )
        value = jnp.asarray(value).astype(self.dtype)
        if not self.owner.keeps(value):
            return
        if self._is_total:
            value = jnp.stack([value, jnp.zeros_like(value)])
        self.owner._state = {**self.owner.current_state(), self.name: value}

    def assign_add(self, value: Any) -> None:
        """Add to the array."""
        self.assign(self.value + _array(value))

    def assign_sub(self, value: Any) -> None:
        """Subtract from the array."""
        self.assign(self.value - _array(value))

    def numpy(self) -> np.ndarray:
        """A copy as NumPy."""
        return np.array(self.value)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.start.shape

    @property
    def dtype(self) -> np.dtype:
        return self.start.dtype

    @property
    def ndim(self) -> int:
        return self.start.ndim

    def __jax_array__(self) -> jax.Array:
        return jnp.asarray(self.value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def __float__(self) -> float:
        return float(self.value)

    def __getitem__(self, index: Any) -> jax.Array:
        return jnp.asarray(self.value)[index]

    def __neg__(self) -> jax.Array:
        return -jnp.asarray(self.value)

    def __repr__(self) -> str:
        return f"<MetricVariable {self.name} {self.shape} {self.dtype}>"


# So that compiled functions take it, as the array it holds.
jax.tree_util.register_pytree_node(
    MetricVariable, lambda variable: ((variable.value,), None), lambda _, values: values[0]
)


def _array(value: Any) -> Any:
    return jnp.asarray(value.value if isinstance(value, MetricVariable) else value)


def _binary(function: Callable[[Any, Any], Any], swapped: bool) -> Callable[..., Any]:
    def method(self: MetricVariable, other: Any) -> Any:
        a, b = jnp.asarray(self.value), _array(other)
        return function(b, a) if swapped else function(a, b)

    return method


for _name in ("add", "sub", "mul", "truediv", "pow", "matmul", "floordiv", "mod"):
    _function = getattr(operator, _name)
    setattr(MetricVariable, f"__{_name}__", _binary(_function, swapped=False))
    setattr(MetricVariable, f"__r{_name}__", _binary(_function, swapped=True))
for _name in ("lt", "le", "gt", "ge"):
    setattr(MetricVariable, f"__{_name}__", _binary(getattr(operator, _name), swapped=False))


def starting_value(shape: Any, initializer: Any, dtype: Any) -> np.ndarray:
    """What a variable holds before the first batch; zeros unless told otherwise.

    >>> starting_value((2,), "ones", None)
    array([1., 1.], dtype=float32)
    """
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    kind = np.dtype(jax.dtypes.canonicalize_dtype(_numpy_name(dtype)))
    draw: Any = initializers.get("zeros" if initializer is None else initializer)
    with jax.ensure_compile_time_eval():
        return np.asarray(draw(shape, kind)).astype(kind)


def _numpy_name(dtype: Any) -> Any:
    names = {None: "float32", "int": "int32", "float": "float32"}  # Keras's short names
    return names.get(dtype, dtype) if dtype is None or isinstance(dtype, str) else dtype
