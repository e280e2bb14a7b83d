"""Inputs times weights plus bias, over the last axis of inputs of any rank.

The gradient is written by hand for two reasons, both measured inside the training loop on CPU:
inputs of rank 3 and more are flattened, or XLA fuses whole residual chains into transposing
copies; and the weight gradient turns one operand by hand (`product_over_rows`).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .platform import on_cpu


def dense_plain(x: Any, kernel: Any, bias: Any = None) -> jax.Array:
    """What `dense` computes, as one would write it.

    Args:
        x: (..., inputs)
        kernel: (inputs, units)
        bias: (units,) or None.

    Returns:
        (..., units)
    """
    y = jnp.matmul(x, kernel)
    return y if bias is None else y + bias


def column_sums(x: jax.Array, weights: jax.Array | None = None) -> jax.Array:
    """The sum over rows of a matrix, each row times its weight, accumulated in float32 or wider.

    Args:
        x: (rows, columns)
        weights: (rows,), ones when missing.

    >>> column_sums(jnp.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [4.0, 6.0]
    """
    # A product with a row of ones would round more, and lose to the sum where `x` is itself
    # computed: XLA then adds up what it computes, and stores none of it.
    x = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    return jnp.sum(x if weights is None else x * weights[:, None], axis=0)


def product_over_rows(a: jax.Array, b: jax.Array) -> jax.Array:
    """``a.T @ b``, which is the form of every weight gradient.

    On CPU XLA gives a product that sums over the rows of both operands to a routine that often
    works on one core, and slowly where `b` is narrow. One operand is therefore turned first,
    whichever moves fewer numbers, behind a barrier, or XLA would undo it.

    Args:
        a: (rows, inputs)
        b: (rows, units)

    Returns:
        (inputs, units)

    >>> product_over_rows(jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([[1.0], [2.0]])).tolist()
    [[7.0], [10.0]]
    """
    if not on_cpu():
        return lax.dot_general(a, b, (((0,), (0,)), ((), ())))
    if a.size <= b.size + a.shape[1] * b.shape[1]:
        return jnp.matmul(lax.optimization_barrier(a.T), b)
    turned = jnp.matmul(lax.optimization_barrier(b.T), a)  # (units, inputs)
    return lax.optimization_barrier(turned).T


@jax.custom_vjp
def _dense(x: jax.Array, kernel: jax.Array, bias: jax.Array | None) -> jax.Array:
    flat = x.reshape(-1, x.shape[-1])  # (rows, inputs)
    y = lax.dot_general(flat, kernel, (((1,), (0,)), ((), ())))  # (rows, units)
    if bias is not None:
        y = y + bias
    return y.reshape(*x.shape[:-1], kernel.shape[1])


def _forward(x: jax.Array, kernel: jax.Array, bias: jax.Array | None) -> Any:
    return _dense(x, kernel, bias), (x, kernel, bias)


def _backward(saved: Any, dy: jax.Array) -> Any:
    x, kernel, bias = saved
    flat_x = x.reshape(-1, x.shape[-1])  # (rows, inputs)
    flat_dy = dy.reshape(-1, dy.shape[-1])  # (rows, units)
    dx = lax.dot_general(flat_dy, kernel, (((1,), (1,)), ((), ())))  # (rows, inputs)
    dkernel = product_over_rows(flat_x, flat_dy)  # (inputs, units)
    dbias = None if bias is None else column_sums(flat_dy).astype(bias.dtype)
    return dx.reshape(x.shape), dkernel, dbias


_dense.defvjp(_forward, _backward)


def dense(x: Any, kernel: Any, bias: Any = None) -> jax.Array:
    """`dense_plain` with a gradient that runs well inside a device loop.

    >>> dense(jnp.ones((2, 3)), jnp.ones((3, 1)), jnp.zeros(1)).tolist()
    [[3.0], [3.0]]
    """
    x, kernel = jnp.asarray(x), jnp.asarray(kernel)
    dtype = jnp.promote_types(x.dtype, kernel.dtype)
    if bias is not None:
        bias = jnp.asarray(bias, dtype)
    return _dense(x.astype(dtype), kernel.astype(dtype), bias)
