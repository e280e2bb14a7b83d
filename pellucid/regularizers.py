"""Penalties on weights, added to the loss: callables from an array to one number.

>>> import jax.numpy as jnp
>>> float(L2(0.5)(jnp.array([1.0, 2.0])))
2.5
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core import settings, specs
from pellucid._core.custom import knowing
from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.specs import Configurable, family

_register = family("regularizer").register


class Regularizer(Configurable):
    """Base of the penalties. To write one, define ``__call__(self, x)``, returning a scalar."""

    def __call__(self, x: Any) -> jax.Array:
        raise NotImplementedError(f"{type(self).__name__} does not define __call__.")


def _check_factor(name: str, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise ConfigError(
            f"The penalty factor {name} must be a finite number, zero or more.",
            got=repr(value),
            fix=f"{name}=0.01",
        )


def _wide(x: Any) -> jax.Array:
    x = jnp.asarray(x)
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


def _penalty(x: Any, l1: float, l2: float) -> jax.Array:
    x = _wide(x)
    total = jnp.zeros((), x.dtype)
    if l1:
        total = total + l1 * jnp.sum(jnp.abs(x))
    if l2:
        total = total + l2 * jnp.sum(jnp.square(x))
    return total


@_register("L1", "l1")
class L1(Regularizer):
    """``l1 * sum(|x|)``: pushes weights to exactly zero.

    Args:
        l1: factor, zero or more; None for 0.01.

    Raises:
        ConfigError: a negative or non-finite factor.

    >>> float(L1(0.5)(jnp.array([-1.0, 2.0])))
    1.5

    Tibshirani, "Regression shrinkage and selection via the lasso", 1996.
    """

    def __init__(self, l1=0.01):
        _check_factor("l1", l1)
        self.l1 = l1

    def __call__(self, x):
        return _penalty(x, 0.01 if self.l1 is None else self.l1, 0.0)


@_register("L2", "l2")
class L2(Regularizer):
    """``l2 * sum(x ** 2)``: keeps weights small. No factor one half, as in Keras.

    Args:
        l2: factor, zero or more; None for 0.01.

    Raises:
        ConfigError: a negative or non-finite factor.

    >>> float(L2(0.5)(jnp.array([-1.0, 2.0])))
    2.5

    Hoerl and Kennard, "Ridge regression", 1970.
    """

    def __init__(self, l2=0.01):
        _check_factor("l2", l2)
        self.l2 = l2

    def __call__(self, x):
        return _penalty(x, 0.0, 0.01 if self.l2 is None else self.l2)


@_register("L1L2", "l1l2", "l1_l2")
class L1L2(Regularizer):
    """``l1 * sum(|x|) + l2 * sum(x ** 2)``, the elastic net.

    Args:
        l1: factor of the absolute values; None for 0.
        l2: factor of the squares; None for 0.

    Raises:
        ConfigError: a negative or non-finite factor.

    >>> float(L1L2(l1=1.0, l2=1.0)(jnp.array([-1.0, 2.0])))
    8.0

    Zou and Hastie, "Regularization and variable selection via the elastic net", 2005.
    """

    def __init__(self, l1=0.0, l2=0.0):
        _check_factor("l1", l1)
        _check_factor("l2", l2)
        self.l1 = l1
        self.l2 = l2

    def __call__(self, x):
        return _penalty(x, self.l1 or 0.0, self.l2 or 0.0)


@_register("OrthogonalRegularizer", "orthogonal_regularizer")
class OrthogonalRegularizer(Regularizer):
    """`factor` times the mean absolute cosine between the rows (or columns) of a matrix.

    Args:
        factor: zero or more.
        mode: ``"rows"`` or ``"columns"``.

    Raises:
        ConfigError: an unknown mode, or a factor that is negative or not finite.
        ShapeError: weights that are not a matrix.

    >>> float(OrthogonalRegularizer(1.0)(jnp.eye(2)))
    0.0
    """

    def __init__(self, factor=0.01, mode="rows"):
        _check_factor("factor", factor)
        if mode not in ("rows", "columns"):
            raise ConfigError(
                "OrthogonalRegularizer compares rows or columns.",
                got=repr(mode),
                expected='"rows" or "columns"',
            )
        self.factor = factor
        self.mode = mode

    def __call__(self, x):
        x = _wide(x)
        if x.ndim != 2:
            raise ShapeError(
                "OrthogonalRegularizer needs a matrix.",
                got=x.shape,
                expected="(rows, columns)",
                fix="leave it off weights that have another number of axes.",
            )
        rows = x if self.mode == "rows" else x.T  # (vectors, features)
        lengths = jnp.sqrt(jnp.sum(jnp.square(rows), axis=1, keepdims=True))
        rows = rows / jnp.maximum(lengths, settings.epsilon())
        cosines = (rows @ rows.T) * (1.0 - jnp.eye(len(rows), dtype=x.dtype))
        pairs = len(rows) * (len(rows) - 1.0) / 2.0
        return self.factor * 0.5 * jnp.sum(jnp.abs(cosines)) / pairs


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer


def get(identifier: Any) -> Any:
    """A name, configuration, class or callable -> a penalty; None stays None.

    Raises:
        UnknownNameError: no penalty has that name; the message suggests the nearest ones.

    >>> get("l2")
    L2()
    """
    return specs.resolve("regularizer", identifier)


def serialize(regularizer: Any) -> Any:
    """A penalty as plain JSON types: its name, or ``{"class_name", "config"}``.

    Args:
        regularizer: the object.
    """
    return specs.serialize(regularizer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """A penalty from what `serialize` gave.

    Args:
        config: a name or a configuration.
        custom_objects: name -> class or function of your own that it may name.

    Raises:
        UnknownNameError: a name that is not known.
    """
    with knowing(custom_objects):
        return get(config)
