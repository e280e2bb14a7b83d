"""Limits that weights are put back into after every update.

>>> import jax.numpy as jnp
>>> NonNeg()(jnp.array([-1.0, 2.0])).tolist()
[0.0, 2.0]
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core import settings, specs
from pellucid._core.custom import knowing
from pellucid._core.specs import Configurable, family

_register = family("constraint").register


class Constraint(Configurable):
    """Base of the constraints. To write one, define ``__call__(self, w)``, weights to weights.

    The base itself gives the weights back.
    """

    def __call__(self, w: Any) -> jax.Array:
        return w


def _norms(w, axis):
    if isinstance(axis, list):  # a configuration read from JSON has lists for tuples
        axis = tuple(axis)
    return jnp.sqrt(jnp.sum(jnp.square(w), axis=axis, keepdims=True))


@_register("MaxNorm", "max_norm")
class MaxNorm(Constraint):
    """Vectors longer than `max_value` are shortened to it.

    Args:
        max_value: the largest length.
        axis: the axis or axes along which lengths are measured: 0 gives the weights that enter
            one unit of a dense layer, ``[0, 1, 2]`` one filter of an image convolution.

    >>> MaxNorm(1.0)(jnp.array([[3.0], [4.0]])).round(3).tolist()
    [[0.6000000238418579], [0.800000011920929]]

    Srivastava et al., "Dropout", JMLR 2014.
    """

    def __init__(self, max_value=2, axis=0):
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w):
        w = jnp.asarray(w)
        norms = _norms(w, self.axis)
        return w * (jnp.clip(norms, 0, self.max_value) / (settings.epsilon() + norms))


@_register("NonNeg", "non_neg")
class NonNeg(Constraint):
    """Negative weights become zero.

    >>> NonNeg()(jnp.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __call__(self, w):
        return jnp.maximum(jnp.asarray(w), 0)


@_register("UnitNorm", "unit_norm")
class UnitNorm(Constraint):
    """Every vector is brought to length 1.

    Args:
        axis: the axis or axes along which lengths are measured; see `MaxNorm`.

    >>> UnitNorm()(jnp.array([[3.0], [4.0]])).round(3).tolist()
    [[0.6000000238418579], [0.800000011920929]]
    """

    def __init__(self, axis=0):
        self.axis = axis

    def __call__(self, w):
        w = jnp.asarray(w)
        return w / (settings.epsilon() + _norms(w, self.axis))


@_register("MinMaxNorm", "min_max_norm")
class MinMaxNorm(Constraint):
    """Lengths are brought between `min_value` and `max_value`.

    Args:
        min_value: the smallest length.
        max_value: the largest length.
        rate: 1 enforces the limits at once; less goes that share of the way at each update.
        axis: the axis or axes along which lengths are measured; see `MaxNorm`.

    >>> MinMaxNorm(max_value=1.0, rate=0.5)(jnp.array([[3.0], [4.0]])).round(3).tolist()
    [[1.8000000715255737], [2.4000000953674316]]
    """

    def __init__(self, min_value=0.0, max_value=1.0, rate=1.0, axis=0):
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w):
        w = jnp.asarray(w)
        norms = _norms(w, self.axis)
        limited = jnp.clip(norms, self.min_value, self.max_value)
        desired = self.rate * limited + (1 - self.rate) * norms
        return w * (desired / (settings.epsilon() + norms))


max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm


def get(identifier: Any) -> Any:
    """A name, configuration, class or callable -> a constraint; None stays None.

    Raises:
        UnknownNameError: no constraint has that name; the message suggests the nearest ones.

    >>> get("non_neg")
    NonNeg()
    """
    return specs.resolve("constraint", identifier)


def serialize(constraint: Any) -> Any:
    """A constraint as plain JSON types: its name, or ``{"class_name", "config"}``.

    Args:
        constraint: the object.
    """
    return specs.serialize(constraint)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """A constraint from what `serialize` gave.

    Args:
        config: a name or a configuration.
        custom_objects: name -> class or function of your own that it may name.

    Raises:
        UnknownNameError: a name that is not known.
    """
    with knowing(custom_objects):
        return get(config)
