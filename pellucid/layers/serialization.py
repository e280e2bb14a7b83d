"""Layers as plain configurations, and back."""

from __future__ import annotations

from typing import Any

from .._core import specs
from .._core.custom import knowing
from .._core.errors import ConfigError
from .base import Layer


def serialize(layer: Layer) -> dict[str, Any]:
    """A layer as JSON-ready values: its class, and its constructor's arguments.

    >>> from pellucid.layers import Dense
    >>> serialize(Dense(3))["class_name"]
    'Dense'
    """
    return specs.serialize(layer)


def deserialize(config: dict[str, Any], custom_objects: Any = None) -> Layer:
    """A layer from what `serialize` gave; without weights.

    Args:
        config: what it returned.
        custom_objects: name -> class or function of your own that it may name.

    Raises:
        ConfigError: the configuration is of something else, or of a class not registered here.

    >>> from pellucid.layers import Dense
    >>> deserialize(serialize(Dense(3, activation="relu")))
    Dense(units=3, activation='relu', name='dense')
    """
    with knowing(custom_objects):
        layer = specs.resolve("layer", config)
    if not isinstance(layer, Layer):
        raise ConfigError(
            "This is not the configuration of a layer.",
            got=repr(config)[:80],
            expected="what pellucid.layers.serialize(layer) returns",
            fix="for other objects there are losses.deserialize, optimizers.deserialize, ...",
        )
    return layer
