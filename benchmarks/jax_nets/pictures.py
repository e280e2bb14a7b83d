"""Convolutional networks: the usual first one, ResNet-20 and a U-Net."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from benchmarks.jax_nets.base import Start, Weights, batch_norm, dense, glorot, he, zeros

LAYOUT = ("NHWC", "HWIO", "NHWC")


def conv(w: Weights, x: Any, filters: int, size: int = 3, stride: int = 1,
         padding: str = "SAME", start: Start = glorot) -> Any:  # fmt: skip
    kernel = w(start, (size, size, x.shape[-1], filters))
    y = lax.conv_general_dilated(x, kernel, (stride, stride), padding, dimension_numbers=LAYOUT)
    return y + w(zeros, (filters,))  # (batch, rows, columns, filters)


def pool(x: Any) -> Any:
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def cnn(w: Weights, x: Any, key: Any, filters: tuple[int, ...] = (32, 64), units: int = 128) -> Any:
    for count in filters:
        x = pool(jax.nn.relu(conv(w, x, count, padding="VALID")))
    x = x.reshape(len(x), -1)  # (batch, rows * columns * filters)
    return dense(w, jax.nn.relu(dense(w, x, units)), 10)


def resnet(w: Weights, x: Any, key: Any, size: int = 32, filters: int = 16, stages: int = 3,
           blocks: int = 3) -> Any:  # fmt: skip
    x = jax.nn.relu(batch_norm(w, conv(w, x, filters, start=he)))
    for stage in range(stages):
        for number in range(blocks):
            stride = 2 if stage > 0 and number == 0 else 1
            count = filters * 2**stage
            y = jax.nn.relu(batch_norm(w, conv(w, x, count, stride=stride, start=he)))
            y = batch_norm(w, conv(w, y, count, start=he))
            x = conv(w, x, count, 1, stride, start=he) if stride > 1 else x
            x = jax.nn.relu(x + y)
    return dense(w, x.mean((1, 2)), 10)  # (batch, 10)


def unet(w: Weights, x: Any, key: Any, size: int = 96, filters: int = 16, levels: int = 3) -> Any:
    def two(x: Any, count: int) -> Any:
        return jax.nn.relu(conv(w, jax.nn.relu(conv(w, x, count)), count))

    kept = []
    for level in range(levels):
        x = two(x, filters * 2**level)
        kept.append(x)
        x = pool(x)
    x = two(x, filters * 2**levels)
    for level in reversed(range(levels)):
        count = filters * 2**level
        kernel = w(glorot, (2, 2, x.shape[-1], count))
        x = lax.conv_transpose(x, kernel, (2, 2), "VALID", dimension_numbers=LAYOUT)
        x = two(jnp.concatenate([kept[level], x + w(zeros, (count,))], -1), count)
    return conv(w, x, 1, 1)  # (batch, rows, columns, 1)
