"""Recurrent networks: the inputs' product before the loop, the state's in a scan."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.jax_nets.base import Weights, dense, glorot, orthogonal, small, zeros


def lstm(
    w: Weights, x: Any, key: Any, steps: int = 50, features: int = 32, units: int = 128
) -> Any:
    kernel, recurrent = w(glorot, (x.shape[-1], 4 * units)), w(orthogonal, (units, 4 * units))
    bias = w(lambda key, shape: jnp.zeros(shape).at[units : 2 * units].set(1), (4 * units,))
    projected = (x @ kernel + bias).swapaxes(0, 1)  # (steps, batch, 4 units)

    def step(carry: Any, z: Any) -> Any:
        h, c = carry
        i, f, g, o = jnp.split(z + h @ recurrent, 4, -1)  # (batch, units) each
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    start = jnp.zeros((len(x), units))
    (h, _), _ = jax.lax.scan(step, (start, start), projected)
    return dense(w, h, 10)  # (batch, 10)


def masked_gru(w: Weights, x: Any, key: Any, words: int = 5000, length: int = 60, width: int = 64,
               units: int = 64) -> Any:  # fmt: skip
    embedded = w(small, (words, width))[x]  # (batch, length, width)
    kernel, recurrent = w(glorot, (width, 3 * units)), w(orthogonal, (units, 3 * units))
    bias, recurrent_bias = w(zeros, (3 * units,)), w(zeros, (3 * units,))
    projected = (embedded @ kernel + bias).swapaxes(0, 1)  # (length, batch, 3 units)
    real = (x != 0).T[..., None]  # (length, batch, 1)

    def step(h: Any, now: Any) -> Any:
        inputs, here = now
        zi, ri, ni = jnp.split(inputs, 3, -1)
        zh, rh, nh = jnp.split(h @ recurrent + recurrent_bias, 3, -1)
        z = jax.nn.sigmoid(zi + zh)
        n = jnp.tanh(ni + jax.nn.sigmoid(ri + rh) * nh)
        return jnp.where(here, z * h + (1 - z) * n, h), None

    h, _ = jax.lax.scan(step, jnp.zeros((len(x), units)), (projected, real))
    return dense(w, h, 1)  # (batch, 1)
