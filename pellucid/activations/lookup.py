"""Activations by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from pellucid._core import specs
from pellucid._core.custom import knowing

from .registering import register

Activation = Callable[..., jax.Array]


@register("linear")
def linear(x):
    """The identity, ``x``.

    >>> linear(3.0)
    3.0
    """
    return x


def get(identifier: Any) -> Activation:
    """The activation called `identifier`; callables and None (`linear`) are accepted too.

    Raises:
        UnknownNameError: no activation has that name; the message suggests the nearest ones.

    >>> get("tanh").__name__, get(None).__name__
    ('tanh', 'linear')
    """
    return linear if identifier is None else specs.resolve("activation", identifier)


def serialize(activation: Activation) -> Any:
    """The name of `activation`, as written into a layer's configuration.

    >>> serialize(get("swish"))
    'silu'
    """
    return specs.serialize(activation)


def deserialize(config: Any, custom_objects: Any = None) -> Activation:
    """The inverse of `serialize`.

    Args:
        config: a name or a configuration.
        custom_objects: name -> function of your own that it may name.

    >>> deserialize("gelu").__name__
    'gelu'
    """
    with knowing(custom_objects):
        return get(config)
