"""Whether JAX traces a function at the moment, and which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_INFERRING: ContextVar[bool] = ContextVar("only shapes are inferred", default=False)


def infers_shapes() -> bool:
    """Whether what runs now runs for its shapes alone: no value of it may be kept."""
    return _INFERRING.get()


@contextmanager
def inferring() -> Iterator[None]:
    """Mark a block as one that runs for its shapes alone."""
    token = _INFERRING.set(True)
    try:
        yield
    finally:
        _INFERRING.reset(token)


def trace_state() -> Any:
    """What is equal for two moments of one trace, and for two moments outside of any."""
    try:  # loads more than an import of this module should need
        from jax.extend.core import get_opaque_trace_state
    except ImportError:  # before jax 0.8
        from jax.core import get_opaque_trace_state
    return get_opaque_trace_state(convention="pellucid")


def tracing() -> bool:
    """Whether what is computed now becomes part of a compiled program, instead of numbers."""
    import jax
    import jax.numpy as jnp

    return isinstance(jnp.zeros(()), jax.core.Tracer)
