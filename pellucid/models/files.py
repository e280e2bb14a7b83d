"""Whole models in one file: they come with a later version, and these say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from .._core.errors import NotOfferedError


def _later(what: str) -> NotOfferedError:
    return NotOfferedError(
        f"{what}: whole models in one file come with a later version.",
        fix="write the weights by model.save_weights('model.weights.safetensors') and the "
        "architecture by model.to_json(); model_from_json and load_weights read them back.",
    )


def save_model(
    model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None
) -> NoReturn:
    """Not here yet: raises `NotOfferedError`, which names what to use until then.

    Args:
        model, filepath, overwrite, zipped: Keras's.
    """
    raise _later("save_model")


def load_model(
    filepath: Any,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> NoReturn:
    """Not here yet: raises `NotOfferedError`, which names what to use until then.

    Args:
        filepath, custom_objects, compile, safe_mode: Keras's.
    """
    raise _later("load_model")
