"""Weights that are made on first use, and the layers that all networks share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

Start = Callable[[Any, tuple[int, ...]], Any]


def glorot(key: Any, shape: tuple[int, ...]) -> Any:
    return jax.nn.initializers.glorot_uniform()(key, shape, jnp.float32)


def he(key: Any, shape: tuple[int, ...]) -> Any:
    return jax.nn.initializers.he_normal()(key, shape, jnp.float32)


def orthogonal(key: Any, shape: tuple[int, ...]) -> Any:
    return jax.nn.initializers.orthogonal()(key, shape, jnp.float32)


def small(key: Any, shape: tuple[int, ...]) -> Any:
    return jax.random.uniform(key, shape, minval=-0.05, maxval=0.05)


def zeros(key: Any, shape: tuple[int, ...]) -> Any:
    return jnp.zeros(shape)


def ones(key: Any, shape: tuple[int, ...]) -> Any:
    return jnp.ones(shape)


def within(limit: float) -> Start:
    return lambda key, shape: jax.random.uniform(key, shape, minval=-limit, maxval=limit)


class Weights:
    """The arrays of one network, in the order in which it asks for them.

    Args:
        trained, running: made by an earlier call; None to make them now from `key`.
    """

    def __init__(self, trained: Any = None, running: Any = None, key: Any = None):
        self.trained, self.running = trained or [], running or []
        self.key = key
        self.penalty: Any = 0.0
        self.new_running: list[Any] = []
        self._next = 0

    def __call__(self, start: Start, shape: tuple[int, ...]) -> Any:
        """The next trained array."""
        if self.key is not None:
            self.key, key = jax.random.split(self.key)
            self.trained.append(start(key, shape))
        self._next += 1
        return self.trained[self._next - 1]

    def moving(self, new: Any, start: float, momentum: float = 0.99) -> None:
        """Follow `new` by a moving average that is not trained."""
        if self.key is not None:
            self.running.append(jnp.full(new.shape, start))
        old = self.running[len(self.new_running)]
        self.new_running.append(momentum * old + (1 - momentum) * jax.lax.stop_gradient(new))


def dense(w: Weights, x: Any, units: int, bias: bool = True, start: Start = glorot) -> Any:
    y = x @ w(start, (x.shape[-1], units)).astype(x.dtype)  # (..., units)
    return y + w(zeros, (units,)).astype(x.dtype) if bias else y


def batch_norm(w: Weights, x: Any) -> Any:
    axes = tuple(range(x.ndim - 1))
    mean, variance = x.mean(axes), x.var(axes)  # (channels,)
    w.moving(mean, 0.0)
    w.moving(variance, 1.0)
    scale, offset = w(ones, mean.shape), w(zeros, mean.shape)
    return (x - mean) * (jax.lax.rsqrt(variance + 1e-3) * scale) + offset


def layer_norm(w: Weights, x: Any, epsilon: float) -> Any:
    wide = x.astype(jnp.float32)
    mean, variance = wide.mean(-1, keepdims=True), wide.var(-1, keepdims=True)
    scale, offset = w(ones, x.shape[-1:]), w(zeros, x.shape[-1:])
    return ((wide - mean) * jax.lax.rsqrt(variance + epsilon) * scale + offset).astype(x.dtype)


def dropout(x: Any, rate: float, key: Any) -> Any:
    kept = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jnp.where(kept, x / (1 - rate), 0).astype(x.dtype)
