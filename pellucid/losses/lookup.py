"""From what a user writes after ``loss=`` to a loss object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pellucid._core import specs
from pellucid._core.custom import knowing
from pellucid._core.specs import family

from .base import Loss, LossFunctionWrapper


def get(identifier: Any) -> Any:
    """A name, configuration, class, object or plain function -> a loss; None stays None.

    Args:
        identifier: for example ``"mse"``, ``MeanSquaredError()``, ``mean_squared_error``, or your
            own function ``(y_true, y_pred) -> one number per sample``.

    Raises:
        UnknownNameError: no loss has that name; the message suggests the nearest ones.

    >>> get("mse"), get(lambda y_true, y_pred: abs(y_true - y_pred)).name
    (MeanSquaredError(), 'lambda')
    """
    found = specs.resolve("loss", identifier)
    if found is None or isinstance(found, Loss):
        return found
    for loss in family("loss").entries().values():
        if getattr(loss, "fn", None) is found:
            return loss()
    return LossFunctionWrapper(found)


def serialize(loss: Any) -> Any:
    """A loss as plain JSON types: its name, or ``{"class_name", "config"}``.

    Args:
        loss: the object.
    """
    return specs.serialize(loss)


def deserialize(name: Any, custom_objects: Any = None) -> Any:
    """A loss from what `serialize` gave.

    Args:
        name: a name or a configuration.
        custom_objects: name -> class or function of your own that it may name.

    Raises:
        UnknownNameError: a name that is not known.
    """
    with knowing(custom_objects):
        return get(name)


def is_binary_or_sparse(
    y_true_shape: Sequence[int | None], y_pred_shape: Sequence[int | None]
) -> tuple[bool, bool]:
    """Keras's rules for "accuracy" and "crossentropy": one output unit? class numbers?"""
    if len(y_pred_shape) < 2:
        return True, False
    units = y_pred_shape[-1]
    fewer_axes = len(y_true_shape) < len(y_pred_shape)
    return units == 1, fewer_axes or (y_true_shape[-1] == 1 and units != 1)


def resolve_for(
    identifier: Any, y_true_shape: Sequence[int | None], y_pred_shape: Sequence[int | None]
) -> Any:
    """`get`, with ``"crossentropy"`` and ``"ce"`` meaning the one that the shapes call for.

    Args:
        identifier: see `get`.
        y_true_shape: the targets' shape, batch included (its size may be None).
        y_pred_shape: the predictions' shape.

    >>> resolve_for("crossentropy", (None,), (None, 10)).name
    'sparse_categorical_crossentropy'
    """
    if not isinstance(identifier, str) or identifier.lower() not in ("crossentropy", "ce"):
        return get(identifier)
    binary, sparse = is_binary_or_sparse(y_true_shape, y_pred_shape)
    name = "binary" if binary else "sparse_categorical" if sparse else "categorical"
    return get(f"{name}_crossentropy")
