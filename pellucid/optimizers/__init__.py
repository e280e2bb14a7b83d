"""Optimisers: Keras's names, arguments and numbers, each a chain of gradient transformations."""

from __future__ import annotations

from typing import Any

from .._core import specs
from .._core.custom import knowing
from .._core.errors import ConfigError
from .._core.specs import family, find_class, with_defaults
from . import schedules
from .adadelta import Adadelta
from .adafactor import Adafactor
from .adagrad import Adagrad
from .adam import Adam, AdamW
from .adamax import Adamax
from .base import Optimizer
from .ftrl import Ftrl
from .lamb import Lamb
from .lion import Lion
from .loss_scale import LossScaleOptimizer, scaled
from .multi import MultiOptimizer, OptimizerMap
from .muon import Muon
from .nadam import Nadam
from .rmsprop import RMSprop
from .schedule_free import ScheduleFreeAdamW
from .sgd import SGD
from .transforms import per_tensor
from .wrapped import OptaxOptimizer, is_optax

__all__ = [
    "Optimizer",
    "SGD",
    "RMSprop",
    "Adam",
    "AdamW",
    "Adagrad",
    "Adadelta",
    "Adamax",
    "Nadam",
    "Lion",
    "Ftrl",
    "Adafactor",
    "Lamb",
    "Muon",
    "ScheduleFreeAdamW",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "OptimizerMap",
    "OptaxOptimizer",
    "schedules",
    "per_tensor",
    "scaled",
    "get",
    "serialize",
    "deserialize",
]


def get(identifier: Any) -> Any:
    """An optimiser from whatever names one.

    Args:
        identifier: a name in any case (`"adam"`), a configuration
            (`{"class_name": "Adam", "config": {...}}`), an optimiser, its class, or any
            `optax.GradientTransformation`. None stays None.

    Raises:
        UnknownNameError: a name that is not known.
        ConfigError: anything else.

    >>> get("RMSProp")
    RMSprop()
    >>> get({"class_name": "sgd", "config": {"momentum": 0.9}})
    SGD(momentum=0.9)
    """
    if identifier is None:
        return None
    if isinstance(identifier, Optimizer):
        return identifier
    if is_optax(identifier):
        return OptaxOptimizer(identifier)
    if isinstance(identifier, type) and issubclass(identifier, Optimizer):
        return with_defaults(identifier)
    if isinstance(identifier, str):
        return with_defaults(family("optimizer").get(_folded(identifier)))
    if isinstance(identifier, dict) and "class_name" in identifier:
        name = _folded(identifier["class_name"])
        optimizer = find_class({**identifier, "class_name": name, "family": "optimizer"})
        return optimizer.from_config(identifier.get("config", {}))
    raise ConfigError(
        f"{identifier!r} cannot be used as an optimizer.",
        got=type(identifier).__name__,
        expected="a name, an optimizer object, or an optax transformation",
        fix="pass optimizer='adam', or optimizers.Adam(learning_rate=0.001).",
    )


def _folded(name: Any) -> str:
    """`name` as it is registered, whatever its case."""
    names = {known.lower(): known for known in family("optimizer").primary_names()}
    return names.get(str(name).lower(), str(name))


def serialize(optimizer: Optimizer) -> Any:
    """An optimiser as plain JSON types: ``{"class_name", "config"}``."""
    return specs.serialize(optimizer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """An optimiser from what `serialize` gave.

    Args:
        config: what it returned.
        custom_objects: name -> class or function of your own that it may name.

    >>> deserialize(serialize(SGD(momentum=0.9)))
    SGD(momentum=0.9)
    """
    with knowing(custom_objects):
        return get(config)
