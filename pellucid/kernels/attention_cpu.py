"""Attention as it runs best inside a training loop on CPU.

Three things: the softmax's weights are kept for a gradient written by hand, heads come before time,
so that each product is over contiguous rows, and causal attention works in two blocks of queries,
each against the keys it may see. More blocks gave no more, nor did one product for the projections
of query, key and value, nor parts of the batch that run side by side.

What is as large as the scores is touched as seldom as can be: the scale multiplies the queries, and
the division by the softmax's sums waits for the gathered values (Dao et al., "FlashAttention",
arXiv:2205.14135), so that what is kept are the `powers`, ``exp(score - largest score)``.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from .dropout import keep_mask

LEAST_FOR_BLOCKS = 64
"""From this many steps on, causal attention works in two blocks."""


class _Block(NamedTuple):
    """Queries `start` to `end`, and how many keys they see."""

    start: int
    end: int
    keys: int


class _Rule(NamedTuple):
    """What is fixed while the program is compiled."""

    blocks: tuple[_Block, ...]
    groups: int  # query heads that share a head of keys
    causal: bool
    window: int | None
    scale: float
    kept: float  # share of weights that dropout keeps


def attend(
    query: Any,
    key: Any,
    value: Any,
    mask: Any = None,
    *,
    causal: bool = False,
    window: int | None = None,
    scale: float,
    dropout: float = 0.0,
    rng: Any = None,
) -> jax.Array:
    """`attention.attention` on CPU; `mask` is None or has four axes."""
    batch, time, heads, _ = query.shape
    source, key_heads = key.shape[1:3]
    blocks = _blocks(time, source, causal)
    groups = heads // key_heads
    rule = _Rule(blocks, groups, causal, window, float(scale), 1.0 - min(dropout, 1.0))
    keep = None
    if dropout > 0:
        keep = tuple(
            keep_mask(jax.random.fold_in(rng, number), min(dropout, 1.0), shape)
            for number, shape in enumerate(
                (batch, key_heads, groups * (end - start), keys) for start, end, keys in blocks
            )
        )
    query, key, value = (jnp.swapaxes(a, 1, 2) for a in (query, key, value))
    return jnp.swapaxes(_attend(rule, query, key, value, mask, keep), 1, 2)


def _blocks(time: int, source: int, causal: bool) -> tuple[_Block, ...]:
    if not causal or time != source or time < LEAST_FOR_BLOCKS:
        return (_Block(0, time, source),)
    half = time // 2
    return _Block(0, half, half), _Block(half, time, time)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def _attend(rule: _Rule, query: Any, key: Any, value: Any, mask: Any, keep: Any) -> Any:
    """On (batch, heads, time, width), as the products want it."""
    return _forward(rule, query, key, value, mask, keep)[0]


def _forward(rule: _Rule, query: Any, key: Any, value: Any, mask: Any, keep: Any) -> Any:
    scaled = query * jnp.asarray(rule.scale, query.dtype)
    outputs, saved = [], []
    for number, block in enumerate(rule.blocks):
        powers, inverse = _powers(rule, block, scaled, key, mask)
        saved.append((powers, inverse))
        dropped = _drop(rule, powers, keep, number)
        y = _product(dropped, value[:, :, : block.keys], 3, 2)  # (batch, key_heads, rows, width)
        outputs.append(_ungrouped(rule, (y * inverse).astype(value.dtype)))
    output = outputs[0] if len(outputs) == 1 else jnp.concatenate(outputs, axis=2)
    return output, (scaled, key, value, output, keep, tuple(saved))


def _powers(rule: _Rule, block: _Block, query: Any, key: Any, mask: Any) -> Any:
    """The softmax's powers, (batch, key_heads, rows, source), and one over their sum for a row."""
    start, end, keys = block
    wide = jnp.promote_types(query.dtype, jnp.float32)
    rows = _grouped(rule, query[:, :, start:end])  # (batch, key_heads, rows, width)
    scores = _product(rows, key[:, :, :keys], 3, 3, wide)
    allowed: Any = None if mask is None else _part(mask, block)
    if rule.causal or rule.window is not None:
        ahead = jnp.arange(start, end)[:, None] - jnp.arange(keys)  # (time, source)
        near = ahead >= 0 if rule.causal else jnp.ones_like(ahead, bool)
        near = near if rule.window is None else near & (jnp.abs(ahead) < rule.window)
        allowed = near[None, None] if allowed is None else allowed & near
    if allowed is not None:
        allowed = _mask_of_rows(rule, allowed, end - start)
        scores = jnp.where(allowed, scores, -0.7 * jnp.finfo(wide).max)
    powers = jnp.exp(scores - jnp.max(scores, axis=-1, keepdims=True))
    inverse = 1 / jnp.sum(powers, axis=-1, keepdims=True)
    if mask is not None or rule.window is not None:
        powers = jnp.where(allowed, powers, 0)  # only where a query sees no key is it not 0 yet
    return powers.astype(query.dtype), inverse


def _backward(rule: _Rule, saved: Any, doutput: Any) -> Any:
    scaled, key, value, output, keep, all_powers = saved
    wide = jnp.promote_types(scaled.dtype, jnp.float32)
    # What every row's scores have in common, sum(weight * dweight), is this sum over the width.
    inner = jnp.sum(doutput.astype(wide) * output, axis=-1, keepdims=True)
    dquery: list[Any] = []
    dkey = dvalue = None
    for number in reversed(range(len(rule.blocks))):  # the block that sees every key comes first
        powers, inverse = all_powers[number]  # (batch, key_heads, rows, source), (..., 1)
        start, end, keys = rule.blocks[number]
        dy = _grouped(rule, doutput[:, :, start:end]) * inverse
        common = _grouped(rule, inner[:, :, start:end]) * inverse
        dy = dy.astype(value.dtype)
        rows = _grouped(rule, scaled[:, :, start:end])
        dvalue = _add(dvalue, _product_over_rows(_drop(rule, powers, keep, number), dy))
        dpowers = _drop(rule, _product(dy, value[:, :, :keys], 3, 3, wide), keep, number)
        dscores = (powers * (dpowers - common)).astype(scaled.dtype)
        dscaled = _product(dscores, key[:, :, :keys], 3, 2)
        dquery.insert(0, _ungrouped(rule, dscaled * jnp.asarray(rule.scale, scaled.dtype)))
        dkey = _add(dkey, _product_over_rows(dscores, rows))
    joined = dquery[0] if len(dquery) == 1 else jnp.concatenate(dquery, axis=2)
    return joined, dkey, dvalue, None, None


_attend.defvjp(_forward, _backward)


def _product(a: Any, b: Any, over_a: int, over_b: int, dtype: Any = None) -> Any:
    """A product for each sample and head, summed over one axis of each."""
    dimensions = (((over_a,), (over_b,)), ((0, 1), (0, 1)))
    return lax.dot_general(a, b, dimensions, preferred_element_type=dtype)


def _product_over_rows(a: Any, b: Any) -> Any:
    """``a.T @ b`` for each sample and head, where `b` has the fewer columns; see `dense`."""
    turned = lax.optimization_barrier(jnp.swapaxes(b, 2, 3))
    return jnp.swapaxes(lax.optimization_barrier(_product(turned, a, 3, 2)), 2, 3)


def _grouped(rule: _Rule, x: Any) -> Any:
    """(batch, heads, time, width) -> (batch, key_heads, rows, width): groups as more queries."""
    if rule.groups == 1:
        return x
    batch, heads, time, width = x.shape
    return x.reshape(batch, heads // rule.groups, rule.groups * time, width)


def _ungrouped(rule: _Rule, x: Any) -> Any:
    if rule.groups == 1:
        return x
    batch, key_heads, rows, width = x.shape
    return x.reshape(batch, key_heads * rule.groups, rows // rule.groups, width)


def _mask_of_rows(rule: _Rule, mask: Any, time: int) -> Any:
    """A mask of (batch, heads, time, source), with sizes of 1, as one of grouped rows."""
    if rule.groups == 1:
        return mask
    batch, heads, _, source = mask.shape
    key_heads = max(heads // rule.groups, 1)
    mask = mask.reshape(batch, key_heads, heads // key_heads, -1, source)
    mask = jnp.broadcast_to(mask, (batch, key_heads, rule.groups, time, source))
    return mask.reshape(batch, key_heads, rule.groups * time, source)


def _drop(rule: _Rule, weights: Any, keep: Any, number: int) -> Any:
    if keep is None:
        return weights
    factor = jnp.asarray(1 / rule.kept if rule.kept > 0 else 0.0, weights.dtype)
    return jnp.where(keep[number], weights * factor, jnp.zeros((), weights.dtype))


def _part(mask: Any, block: _Block) -> Any:
    """The block's queries and keys of a mask, whose axes may have size 1."""
    start, end, keys = block
    mask = mask if mask.shape[2] == 1 else mask[:, :, start:end]
    return mask if mask.shape[3] == 1 else mask[..., :keys]


def _add(total: Any, part: Any) -> Any:
    """`part` added to the first keys of `total`."""
    if total is None:
        return part
    keys = part.shape[2]
    return jnp.concatenate([total[:, :, :keys] + part, total[:, :, keys:]], axis=2)
