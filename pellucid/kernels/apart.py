"""A computation that XLA keeps apart from what follows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from jax import lax


def apart(function: Callable[..., Any], *arrays: jax.Array) -> Any:
    """``function(*arrays)``, computed once, however many use it; not for differentiation.

    XLA computes again, inside of each user, what takes only sums and single elements; on the CPU
    an optimization barrier does not hold it back. A branch does, whose two sides are the same and
    which only the data chooses.

    Args:
        function: of the arrays.
        arrays: the first number of the last one chooses. Where that is one of several, under
            `jax.vmap`, both sides are computed.

    >>> import jax.numpy as jnp
    >>> apart(lambda x: x + 1.0, jnp.zeros(2)).tolist()
    [1.0, 1.0]
    """
    last = arrays[-1]
    if not last.size:
        return function(*arrays)
    return lax.cond(last[(0,) * last.ndim] > 0, function, lambda *a: function(*a), *arrays)
