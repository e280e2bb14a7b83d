"""Configurations of objects, names for your own classes, and weights on disk.

`save_model` and `load_model` keep whole models in `.keras` files, which Keras reads and writes too.

>>> from pellucid import layers
>>> deserialize_keras_object(serialize_keras_object(layers.Dense(3))).units
3
"""

from __future__ import annotations

from typing import Any

from ._core.lazy import attach
from .models.files import load_model, save_model
from .utils.names import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)

_lazy = attach(
    __name__,
    {},
    absent={
        "KerasFileEditor": "a .keras file is a zip with HDF5 inside, which zipfile and h5py read "
        "and change"
    },
)
__getattr__ = _lazy.getattr

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]


def save_weights(
    model: Any, filepath: Any, overwrite: bool = True, max_shard_size: Any = None
) -> None:
    """`model.save_weights`: every weight to a file.

    Args:
        model: a built model.
        filepath: ends in ``.weights.h5`` or ``.safetensors``.
        overwrite: False refuses to replace a file.
        max_shard_size: None; the file is never cut.
    """
    model.save_weights(filepath, overwrite=overwrite, max_shard_size=max_shard_size)


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False) -> None:
    """`model.load_weights`: the weights from a file that `save_weights` wrote.

    Args:
        model: of the same architecture.
        filepath: the file.
        skip_mismatch: True leaves the layers alone whose weights the file does not fit.
    """
    model.load_weights(filepath, skip_mismatch=skip_mismatch)
