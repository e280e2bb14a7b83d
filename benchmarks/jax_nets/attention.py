"""Transformers: a GPT over bytes, and an encoder like BERT over padded sentences."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.jax_nets.base import Weights, dense, dropout, layer_norm, small, within


def attention(w: Weights, x: Any, heads: int, mask: Any = None, causal: bool = False) -> Any:
    batch, length, width = x.shape
    size = width // heads
    inner, outer = (6 / (width * (heads + size))) ** 0.5, (6 / (heads * (size + width))) ** 0.5
    parts = dense(w, x, 3 * width, start=within(inner)).reshape(batch, length, 3, heads, size)
    q, k, v = parts[:, :, 0], parts[:, :, 1], parts[:, :, 2]  # (batch, length, heads, size)
    on_gpu = jax.default_backend() == "gpu" and x.dtype == jnp.bfloat16
    y = jax.nn.dot_product_attention(
        q, k, v, mask=mask, is_causal=causal, implementation="cudnn" if on_gpu else None
    )
    return dense(w, y.reshape(batch, length, width), width, start=within(outer))


def token_and_position(w: Weights, x: Any, vocabulary: int, width: int) -> Any:
    return w(small, (vocabulary, width))[x] + w(small, (x.shape[1], width))


def gpt(w: Weights, x: Any, key: Any, vocabulary: int = 256, length: int = 128, width: int = 128,
        heads: int = 4, blocks: int = 4, half: bool = False) -> Any:  # fmt: skip
    x = token_and_position(w, x, vocabulary, width)  # (batch, length, width)
    x = x.astype(jnp.bfloat16) if half else x
    for _ in range(blocks):
        x = x + attention(w, layer_norm(w, x, 1e-5), heads, causal=True)
        y = jax.nn.gelu(dense(w, layer_norm(w, x, 1e-5), 4 * width), approximate=False)
        x = x + dense(w, y, width)
    return dense(w, layer_norm(w, x, 1e-5), vocabulary, bias=False)  # (batch, length, vocabulary)


def bert(w: Weights, x: Any, key: Any, words: int = 5000, length: int = 64, width: int = 128,
         heads: int = 4, blocks: int = 3, rate: float = 0.1) -> Any:  # fmt: skip
    real = x != 0  # (batch, length)
    keys = iter(jax.random.split(key, 2 * blocks + 1))
    x = dropout(layer_norm(w, token_and_position(w, x, words, width), 1e-6), rate, next(keys))
    for _ in range(blocks):
        y = dropout(attention(w, x, heads, mask=real[:, None, None, :]), rate, next(keys))
        x = layer_norm(w, x + y, 1e-6)
        y = jax.nn.gelu(dense(w, x, 4 * width), approximate=False)
        x = layer_norm(w, x + dropout(dense(w, y, width), rate, next(keys)), 1e-6)
    weights = real[..., None].astype(x.dtype)  # (batch, length, 1)
    return dense(w, (x * weights).sum(1) / weights.sum(1), 1)  # (batch, 1)
