"""Whether code is known: Pellucid's own, or that of the library underneath."""

from __future__ import annotations

from types import BuiltinFunctionType
from typing import Any

import jax
import numpy

_HERE = __name__.partition(".")[0]
_KNOWN = (_HERE, jax.__name__, "jaxlib", numpy.__name__)


def is_ours(thing: Any) -> bool:
    """Whether the class of `thing` comes with Pellucid.

    >>> is_ours("text")
    False
    """
    return is_our_class(type(thing))


def is_our_class(cls: type) -> bool:
    """Whether a class comes with Pellucid."""
    return cls.__module__.partition(".")[0] == _HERE


def is_known_code(function: Any) -> bool:
    """Whether a function, or an object that is called like one, is nobody's own code.

    >>> is_known_code(jax.numpy.tanh), is_known_code(print)
    (True, False)
    """
    named = getattr(function, "__module__", None)
    held = named is None or isinstance(function, BuiltinFunctionType)
    module = type(function).__module__ if held else str(named)
    return module.partition(".")[0] in _KNOWN
