"""Whether JAX traces a function at the moment, and which."""

from __future__ import annotations

from typing import Any


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
