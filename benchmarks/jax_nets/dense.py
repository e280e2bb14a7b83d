"""Multilayer perceptrons and the autoencoder."""

from __future__ import annotations

from typing import Any

import jax

from benchmarks.jax_nets.base import Weights, batch_norm, dense, dropout, glorot, zeros


def mnist_mlp(w: Weights, x: Any, key: Any) -> Any:
    first, second = jax.random.split(key)
    x = dropout(jax.nn.relu(dense(w, x, 512)), 0.2, first)
    kernel = w(glorot, (512, 512))
    w.penalty = 0.001 * (kernel * kernel).sum()
    x = x @ kernel + w(zeros, (512,))
    x = dropout(jax.nn.relu(batch_norm(w, x)), 0.2, second)
    return dense(w, x, 10)  # (batch, 10)


def stack(w: Weights, x: Any, units: tuple[int, ...]) -> Any:
    """Dense layers with a ReLU between each two."""
    for count in units[:-1]:
        x = jax.nn.relu(dense(w, x, count))
    return dense(w, x, units[-1])


def table_mlp(w: Weights, x: Any, key: Any) -> Any:
    return stack(w, x, (64, 32, 2))


def autoencoder(
    w: Weights, x: Any, key: Any, units: tuple[int, ...] = (128, 64, 32, 64, 128)
) -> Any:
    return stack(w, x, (*units, x.shape[-1]))
