"""From what a user writes after ``loss=`` to a loss object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pellucid._core import specs
from pellucid._core.custom import knowing
from pellucid._core.specs import family

from .base import Loss, LossFunctionWrapper


def get(identifier: Any) -> Any:
    """What a name or a configuration stands for; anything else, and None, is given back.

    As in Keras, a function's name (``"mse"``) gives the function, one number per sample, and a
    class or its name (``"MeanSquaredError"``) an object of it, which reduces them to one number.

    Args:
        identifier: for example ``"mse"``, ``"MeanSquaredError"``, or ``{"class_name", "config"}``.

    Raises:
        UnknownNameError: no loss has that name; the message suggests the nearest ones.

    >>> get("mse").__name__, get("MeanSquaredError")
    ('mean_squared_error', MeanSquaredError())
    """
    if callable(identifier) and not isinstance(identifier, type):
        return identifier
    found = specs.resolve("loss", identifier)
    named_function = isinstance(identifier, str) and identifier != type(found).__name__
    return getattr(type(found), "fn", found) if named_function else found


def as_loss(identifier: Any) -> Any:
    """A name, configuration, class, object or plain function -> a loss object; None stays None.

    Args:
        identifier: for example ``"mse"``, ``MeanSquaredError()``, ``mean_squared_error``, or your
            own function ``(y_true, y_pred) -> one number per sample``.

    Raises:
        UnknownNameError: no loss has that name; the message suggests the nearest ones.

    >>> as_loss("mse"), as_loss(lambda y_true, y_pred: abs(y_true - y_pred)).name
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
    """`as_loss`, with ``"crossentropy"`` and ``"ce"`` meaning the one that the shapes call for.

    Args:
        identifier: see `as_loss`.
        y_true_shape: the targets' shape, batch included (its size may be None).
        y_pred_shape: the predictions' shape.

    >>> resolve_for("crossentropy", (None,), (None, 10)).name
    'sparse_categorical_crossentropy'
    """
    if not isinstance(identifier, str) or identifier.lower() not in ("crossentropy", "ce"):
        return as_loss(identifier)
    binary, sparse = is_binary_or_sparse(y_true_shape, y_pred_shape)
    name = "binary" if binary else "sparse_categorical" if sparse else "categorical"
    return as_loss(f"{name}_crossentropy")
