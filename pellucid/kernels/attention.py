"""Scaled dot-product attention over (batch, time, heads, width), grouped queries included.

Every query takes the average of the values, weighed by the softmax of its products with the keys it
may see. `attention_plain` says that in a few lines and also gives the weights; `attention` is the
form for the machine: with a gradient written by hand on CPU, XLA's or cuDNN's own elsewhere.

A query that may see no key gets zeros, and gives no gradient.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core.errors import ShapeError
from pellucid._core.traces import infers_shapes

from .attention_cpu import attend
from .dropout import keep_mask
from .platform import on_cpu


def may_see(
    queries: int, keys: int, *, causal: bool = False, window: int | None = None, start: Any = 0
) -> jax.Array:
    """Which keys the queries of a sequence may see.

    Args:
        queries: how many.
        keys: how many.
        causal: none after the query itself.
        window: only those nearer than this many steps.
        start: position of the first query among the keys.

    Returns:
        (queries, keys) bool

    >>> may_see(3, 3, causal=True, window=2).astype(int).tolist()
    [[1, 0, 0], [1, 1, 0], [0, 1, 1]]
    """
    ahead = (start + jnp.arange(queries))[:, None] - jnp.arange(keys)  # (queries, keys)
    allowed = ahead >= 0 if causal else jnp.ones((queries, keys), bool)
    return allowed if window is None else allowed & (jnp.abs(ahead) < window)


def attention_plain(
    query: Any,
    key: Any,
    value: Any,
    mask: Any = None,
    *,
    causal: bool = False,
    window: int | None = None,
    scale: float | None = None,
    dropout: float = 0.0,
    rng: Any = None,
) -> tuple[jax.Array, jax.Array]:
    """What `attention` computes, and the weights before dropout, (batch, heads, time, source)."""
    batch, time, heads, width = query.shape
    source, groups = key.shape[1], heads // key.shape[2]
    key, value = (jnp.repeat(a, groups, axis=2) for a in (key, value))
    wide = jnp.promote_types(query.dtype, jnp.float32)
    scores = jnp.einsum("btnh,bsnh->bnts", query, key, preferred_element_type=wide)
    scores = scores * (1 / math.sqrt(width) if scale is None else scale)
    allowed = may_see(time, source, causal=causal, window=window)
    allowed = allowed if mask is None else allowed & mask  # (batch, heads, time, source)
    scores = jnp.where(allowed, scores, -0.7 * jnp.finfo(wide).max)
    weights = jnp.where(allowed, jax.nn.softmax(scores, axis=-1), 0).astype(query.dtype)
    kept = weights
    if dropout > 0:
        keep = keep_mask(rng, min(dropout, 1.0), (batch, heads, time, source))
        kept = jnp.where(keep, weights / (1 - dropout), 0) if dropout < 1 else 0 * weights
    return jnp.einsum("bnts,bsnh->btnh", kept, value), weights


def attention(
    query: Any,
    key: Any,
    value: Any,
    mask: Any = None,
    *,
    causal: bool = False,
    window: int | None = None,
    scale: float | None = None,
    dropout: float = 0.0,
    rng: Any = None,
    fused: bool | None = None,
) -> jax.Array:
    """Each query's average of the values, by the softmax of its products with the keys.

    Args:
        query: (batch, time, heads, width)
        key: (batch, source, key_heads, width); `heads` is a multiple of `key_heads`, and query
            heads that follow each other share one of keys.
        value: (batch, source, key_heads, value_width)
        mask: bool, True where a query may see a key; broadcasts to (batch, heads, time, source).
        causal: no query sees a key of a later position.
        window: queries see only keys nearer than this many steps, before and behind.
        scale: factor of the products; ``1 / sqrt(width)`` when missing.
        dropout: share of the weights that is set to zero.
        rng: JAX key; needed with dropout. The numbers of a row do not depend on later rows.
        fused: whether to use cuDNN's fused kernel on a graphics card; None where it applies.

    Returns:
        (batch, time, heads, value_width)

    >>> x = jnp.array([[1.0, 0.0], [0.0, 1.0]]).reshape(1, 2, 1, 2)
    >>> attention(x, x, x, causal=True)[0, 0, 0].tolist()
    [1.0, 0.0]

    Vaswani et al., "Attention is all you need", arXiv:1706.03762; grouped queries: Ainslie et al.,
    arXiv:2305.13245.
    """
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    if mask is not None:
        mask = jnp.asarray(mask, bool)
        mask = mask.reshape((1,) * (4 - mask.ndim) + mask.shape)
    if not infers_shapes():
        _check_shapes(query, key, value, mask)
    limits: dict[str, Any] = {"causal": causal, "window": window, "scale": scale}
    if on_cpu():
        return attend(query, key, value, mask, dropout=dropout, rng=rng, **limits)
    if dropout > 0 or key.shape[-1] != value.shape[-1]:
        return attention_plain(query, key, value, mask, dropout=dropout, rng=rng, **limits)[0]
    return _library(query, key, value, mask, fused=fused, **limits)


def _check_shapes(query: Any, key: Any, value: Any, mask: Any) -> None:
    """Refuse sizes that a kernel which goes by blocks of keys would not notice."""
    batch, time, heads, width = query.shape
    source, groups = key.shape[1:3]
    fits = key.shape == (batch, source, groups, width) and value.shape[:3] == key.shape[:3]
    if not fits or not groups or heads % groups:
        raise ShapeError(
            "Queries, keys and values do not fit each other.",
            got=f"query {query.shape}, key {key.shape}, value {value.shape}",
            expected="(batch, time, heads, width), (batch, source, key_heads, width) and (batch, "
            "source, key_heads, value_width); heads a multiple of key_heads",
        )
    full = (batch, heads, time, source)
    if mask is not None and any(a not in (1, b) for a, b in zip(mask.shape, full, strict=False)):
        raise ShapeError(
            "The attention mask does not fit queries and keys.",
            got=f"mask {mask.shape}",
            expected=f"what broadcasts to (batch, heads, time, source), here {full}",
        )


def _library(
    query: Any,
    key: Any,
    value: Any,
    mask: Any,
    *,
    causal: bool,
    window: int | None,
    scale: float,
    fused: bool | None,
) -> jax.Array:
    """JAX's own attention, which compiles to cuDNN's kernel where asked."""
    time, source = query.shape[1], key.shape[1]
    sees = None
    if mask is not None or window is not None:
        allowed = may_see(time, source, causal=causal, window=window)[None, None]
        allowed = allowed if mask is None else allowed & mask  # (batch, heads, time, source)
        sees = jnp.swapaxes(jnp.any(allowed, axis=-1), 1, 2)[..., None]  # (batch, time, heads, 1)
    if fused is None:
        fused = _fuses(query, key, mask, causal, window)
    if fused and mask is not None:
        # cuDNN takes a mask for one head or all, but wants every query and key in it.
        mask = jnp.broadcast_to(mask, (*mask.shape[:2], time, source))
    y = jax.nn.dot_product_attention(
        query,
        key,
        value,
        mask=mask,
        scale=scale,
        is_causal=causal,
        local_window_size=None if window is None else (window - 1, window - 1),
        implementation="cudnn" if fused else "xla",
    )
    return y if sees is None else jnp.where(sees, y, 0)


def _fuses(query: Any, key: Any, mask: Any, causal: bool, window: int | None) -> bool:
    """Whether cuDNN surely takes these: half precision, small widths, even lengths, no mask."""
    narrow = query.dtype in (jnp.bfloat16, jnp.float16)
    fits = query.shape[-1] % 8 == 0 and query.shape[-1] <= 128
    even = query.shape[1] % 2 == 0 and key.shape[1] % 2 == 0
    same = query.shape[1] == key.shape[1] or not causal
    known = mask is None and window is None and jax.default_backend() == "gpu"
    return known and narrow and fits and even and same
