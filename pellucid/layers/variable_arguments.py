"""What a variable is made from: a value or a rule for one, a shape, a format, words."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .._core.dtypes import floatx
from .._core.errors import ArgumentTypeError, ConfigError, ShapeError

AGGREGATIONS = ("none", "mean", "sum", "only_first_replica")
SYNCHRONIZATIONS = ("none", "on_read", "on_write", "auto")


def checked_word(argument: str, word: str | None, known: tuple[str, ...]) -> str:
    """The word, one of some; None is "none"."""
    word = "none" if word is None else word
    if word not in known:
        raise ConfigError(
            f"A variable has no {argument} of this kind.",
            got=f"{argument}={word!r}",
            expected=", ".join(map(repr, known)),
            fix=f"leave {argument} out.",
        )
    return word


def checked_function(argument: str, value: Any) -> Any:
    """A function, or None."""
    if value is not None and not callable(value):
        raise ConfigError(
            f"A variable's {argument} is a function or None.",
            got=f"{argument}={value!r}",
            fix=f"from pellucid import {argument}s; {argument}s.get({value!r})."
            if isinstance(value, str)
            else f"leave {argument} out.",
        )
    return value


def checked_switch(argument: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise ArgumentTypeError(
            f"A variable's {argument} is True or False.", got=repr(value), fix=f"{argument}=True."
        )
    return value


def checked_name(name: Any) -> str:
    """A name that can be part of a path."""
    if not isinstance(name, str) or "/" in name:
        raise ConfigError(
            "A variable's name is text without slashes.",
            got=f"name={name!r}",
            fix="name='kernel', say; the path is made of the layers' names.",
        )
    return name


def checked_shape(shape: Any, name: str) -> tuple[int, ...]:
    """A shape of whole numbers."""
    shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape or ())
    if any(not isinstance(size, (int, np.integer)) or size < 0 for size in shape):
        raise ShapeError(
            f"Variable {name!r} was given a shape of unknown size.",
            got=shape,
            expected="whole numbers",
            fix="give every size: shape=(3, 2), say.",
        )
    return tuple(int(size) for size in shape)


def started(initializer: Any, shape: Any, dtype: Any, name: str) -> tuple[Any, Any, str]:
    """How a variable starts, its shape and the name of its format."""
    from .. import initializers

    if isinstance(initializer, (str, dict)) or callable(initializer):
        if shape is None:
            raise ConfigError(
                f"Variable {name!r} was given an initialiser but no shape.",
                got=f"initializer={initializer!r}",
                fix="add shape=(3, 2), say, or pass the value itself.",
            )
        rule = initializers.get(initializer)
        return rule, checked_shape(shape, name), jnp.dtype(dtype or floatx()).name
    if initializer is None:
        raise ConfigError(
            f"Variable {name!r} was given neither a value nor an initialiser.",
            got="initializer=None",
            fix="Variable(0.0), or Variable('zeros', shape=(3, 2)).",
        )
    value = np.array(initializer)
    if dtype is None and value.dtype.kind == "f" and not hasattr(initializer, "dtype"):
        dtype = floatx()
    dtype = jax.dtypes.canonicalize_dtype(value.dtype if dtype is None else dtype)
    value = value.astype(dtype)
    return (lambda shape, dtype: value), value.shape, dtype.name
