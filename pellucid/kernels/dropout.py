"""Random bits at the price of a few multiplications: a hash of (key, index of the element).

Dropout spends its time on the random generator. JAX's is built for far stronger claims than a
dropout mask makes; here every element's bits are an integer hash of its position and the key. As
the bits depend on the position alone, rows appended to a batch leave the others' masks as they are.

The hash is Wellons's `lowbias32` (nullprogram.com/blog/2018/07/31), found by search for the least
avalanche bias of its form, with the key's second half mixed in before a second half round.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp


def random_bits(key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """Uniform uint32 numbers of the given shape; the one at an index depends on key and index.

    Args:
        key: a JAX random key.
        shape: up to 2**32 elements before positions repeat.

    >>> random_bits(jax.random.key(0), (2, 3)).dtype.name
    'uint32'
    """
    words = jax.random.key_data(key).reshape(-1).astype(jnp.uint32)
    first, second = words[0], words[-1]
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    position = jnp.zeros(shape, jnp.uint32)
    for axis, stride in enumerate(strides):
        along = jax.lax.broadcasted_iota(jnp.uint32, shape, axis)
        position = position + along * jnp.uint32(stride % 2**32)
    # An odd multiple of the position, shifted by the key, so that keys that differ by one do not
    # give the same numbers one place further.
    bits = _mix(position * jnp.uint32(0x9E3779B9) + _mix(first))
    return _mix(bits ^ second)


def _mix(x: jax.Array) -> jax.Array:
    x = x ^ (x >> 16)
    x = x * jnp.uint32(0x7FEB352D)
    x = x ^ (x >> 15)
    x = x * jnp.uint32(0x846CA68B)
    return x ^ (x >> 16)


def keep_mask(key: jax.Array, rate: float, shape: tuple[int, ...]) -> jax.Array:
    """True with probability ``1 - rate``, independently for each element; `rate` below 1."""
    threshold = min(round((1.0 - rate) * 2**32), 2**32 - 1)
    return random_bits(key, shape) < jnp.uint32(threshold)


def random_normal(key: jax.Array, shape: tuple[int, ...], dtype: Any = jnp.float32) -> jax.Array:
    """Standard normal numbers from `random_bits`, by the inverse of the distribution function."""
    # 24 bits and a half step: never 0 or 1, where the inverse is infinite.
    uniform = ((random_bits(key, shape) >> 8).astype(jnp.float32) + 0.5) * 2.0**-24
    return (math.sqrt(2) * jax.lax.erf_inv(2 * uniform - 1)).astype(dtype)


def dropout_plain(key: jax.Array, x: jax.Array, rate: float) -> jax.Array:
    """The definition, on JAX's own generator: the tests' oracle for the statistics."""
    keep = jax.random.bernoulli(key, 1.0 - rate, x.shape)
    return jnp.where(keep, x / (1.0 - rate), 0).astype(x.dtype)


def dropout(
    key: jax.Array, x: jax.Array, rate: float, noise_shape: tuple[int, ...] | None = None
) -> jax.Array:
    """`x` with a share `rate` of its elements set to zero and the others scaled to make up for it.

    Args:
        key: a JAX random key.
        x: array of any shape.
        rate: from 0 to 1.
        noise_shape: shape of the mask, which broadcasts against `x`; that of `x` when missing.

    >>> dropout(jax.random.key(0), jnp.ones(4), 1.0).tolist()
    [0.0, 0.0, 0.0, 0.0]

    Srivastava et al., "Dropout", JMLR 2014.
    """
    if rate >= 1:
        return jnp.zeros_like(x)
    if rate <= 0:
        return x
    keep = keep_mask(key, rate, x.shape if noise_shape is None else noise_shape)
    return jnp.where(keep, x * jnp.asarray(1.0 / (1.0 - rate), x.dtype), jnp.zeros((), x.dtype))
