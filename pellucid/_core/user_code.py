"""Code that cannot be compiled, told in one sentence with its place in the user's own file."""

from __future__ import annotations

import functools
import linecache
import os
import sysconfig
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

import jax
import numpy

from .errors import PellucidError, TracedCodeError

NEEDS_NUMBERS = (
    jax.errors.ConcretizationTypeError,  # the truth of an array, float(x), x.item()
    jax.errors.TracerIntegerConversionError,
    jax.errors.NonConcreteBooleanIndexError,
    jax.errors.TracerArrayConversionError,
    jax.errors.UnexpectedTracerError,
)
"""What JAX raises where code asks for the numbers of an array that is only being traced."""

_INNER = tuple(
    os.path.join(os.path.dirname(os.path.abspath(str(path))), "")
    for path in (os.path.dirname(__file__), jax.__file__, numpy.__file__)
)
_INSTALLED = tuple(
    os.path.join(os.path.abspath(sysconfig.get_path(name)), "")
    for name in ("purelib", "platlib", "stdlib")
)


def needs_numbers(error: BaseException) -> bool:
    """Whether `error` says that traced code asked for numbers, or for a method of NumPy's."""
    if isinstance(error, AttributeError):
        return isinstance(getattr(error, "obj", None), jax.core.Tracer)
    return isinstance(error, NEEDS_NUMBERS)


def explained(error: BaseException) -> PellucidError:
    """The error to raise in place of one that `needs_numbers`."""
    where, line = _place(error.__traceback__)
    if isinstance(error, jax.errors.UnexpectedTracerError):
        return TracedCodeError(
            f"{where} uses an array of an earlier call, of which there are no numbers: it was "
            "kept while the network was compiled.",
            got=line or "an array kept from another trace",
            fix="return it from `call`, or keep it in a weight: self.add_weight(..., "
            "trainable=False), and assign to that. A layer handed to jax.lax.cond, scan or "
            "while_loop stands in a function of its own: lambda x: layer(x).",
        )
    if isinstance(error, AttributeError):
        return TracedCodeError(
            f"{where} asks an array for {error.name!r}, which arrays do not have while a network "
            "is compiled.",
            got=line or str(error),
            expected="what jax.numpy arrays have: shape, dtype, astype, sum, ...",
            fix="compute with pellucid.ops or jax.numpy; the numbers are there in a callback.",
        )
    return TracedCodeError(
        f"{where} needs the numbers of an array, and while a network is compiled there are none.",
        got=line or str(error).splitlines()[0],
        expected="code that works for any numbers: pellucid.ops or jax.numpy",
        fix=_fix(error),
    )


def _fix(error: BaseException) -> str:
    if isinstance(error, jax.errors.TracerBoolConversionError):
        return (
            "choose with ops.where(condition, a, b) in place of `if`, `and`, `or` and `while`, or "
            "with ops.cond."
        )
    if isinstance(error, jax.errors.NonConcreteBooleanIndexError):
        return (
            "keep every row: ops.where(condition, x, 0.0), or rows that do not count by "
            "sample_weight; how many rows a condition picks is not known before."
        )
    if isinstance(error, jax.errors.TracerArrayConversionError):
        return (
            "write it with pellucid.ops in place of NumPy (ops.mean for np.mean); what only NumPy, "
            "pandas or scikit-learn can do belongs into a callback, on what model.predict returns."
        )
    return (
        "leave out float(x), int(x), x.item() and range(x): arrays of one number compute like "
        "numbers; sizes come from x.shape."
    )


def _place(trace: TracebackType | None) -> tuple[str, str]:
    """The deepest function of the user's own, with file and line, and the line's text."""
    frames = [(frame, number) for frame, number in traceback.walk_tb(trace)]
    outer = [f for f in frames if not f[0].f_code.co_filename.startswith(_INNER)]
    own = [f for f in outer if not f[0].f_code.co_filename.startswith(_INSTALLED)]
    if not (own or outer):
        return "The network", ""
    frame, number = (own or outer)[-1]
    code = frame.f_code
    name = code.co_qualname.replace("<locals>.", "").rpartition("<lambda>")
    shown = "a lambda" if name[1] else code.co_qualname.split("<locals>.")[-1]
    holder = frame.f_locals.get("self")
    if holder is not None and not name[1] and code.co_name in dir(type(holder)):
        shown = f"{type(holder).__name__}.{code.co_name}"
    path = code.co_filename
    return (
        f"{shown} ({os.path.basename(path)}, line {number})",
        linecache.getline(path, number, frame.f_globals).strip(),
    )


def explains_user_code(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: what cannot be compiled inside is told by `explained`."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (*NEEDS_NUMBERS, AttributeError) as error:
            if not needs_numbers(error):
                raise
            raise explained(error) from None

    return wrapper
