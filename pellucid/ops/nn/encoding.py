"""Category numbers as zeros and ones, and attention.

>>> from pellucid import ops
>>> ops.one_hot([1, 0], 2).tolist(), ops.multi_hot([0, 2, 2], 3).tolist()
([[0.0, 1.0], [1.0, 0.0]], [1.0, 0.0, 1.0])
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from pellucid._core.dtypes import floatx
from pellucid._core.errors import ConfigError
from pellucid.kernels.attention import attention

from ..op import Tensor, number_format, op

__all__ = [
    "dot_product_attention",
    "multi_hot",
    "one_hot",
    "polar",
]


def _dense(name, sparse):
    if sparse:
        raise ConfigError(
            f"ops.{name} makes dense arrays only.", got="sparse=True", fix="leave it out."
        )


@op
def one_hot(x: Tensor, num_classes, axis=-1, dtype=None, sparse=False):
    """A 1 at the place of each number, zeros elsewhere; zeros only for numbers out of range.

    Args:
        x: whole numbers.
        num_classes: how many places.
        axis: where the axis of the places goes.
        dtype: None for floats.
        sparse: not supported; leave it False.
    """
    _dense("one_hot", sparse)
    return jax.nn.one_hot(x, num_classes, axis=axis, dtype=number_format(dtype, floatx()))


@op
def multi_hot(inputs: Tensor, num_classes=None, axis=-1, dtype=None, sparse=False, **kwargs):
    """Ones at the places of all of a sample's numbers, zeros elsewhere.

    Args:
        inputs: whole numbers, ``(n,)`` or ``(batch, n, ...)``.
        num_classes: how many places.
        axis: where the axis of the places goes.
        dtype: None for floats.
        sparse: not supported; leave it False.
        kwargs: ``num_tokens``, an old name of `num_classes`.
    """
    _dense("multi_hot", sparse)
    num_classes = kwargs.get("num_tokens") if num_classes is None else num_classes
    if num_classes is None:
        raise ConfigError(
            "ops.multi_hot must know how many classes there are.",
            got="num_classes=None",
            fix="ops.multi_hot(x, num_classes=10), say.",
        )
    places = jax.nn.one_hot(
        inputs.astype(jnp.int32), num_classes, axis=axis, dtype=number_format(dtype, floatx())
    )
    return jnp.max(places, axis=1 if inputs.ndim > 1 else 0)


@op
def dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: Tensor = None,
    mask: Tensor = None,
    scale=None,
    is_causal=False,
    flash_attention=None,
    attn_logits_soft_cap=None,
):
    """Each query's average of the values, by the softmax of its products with the keys.

    Args:
        query: ``(batch, time, heads, width)``.
        key: ``(batch, source, key_heads, width)``; `heads` is a multiple of `key_heads`.
        value: ``(batch, source, key_heads, width)``.
        bias: added to the products; broadcasts to ``(batch, heads, time, source)``.
        mask: true where a query may see a key; broadcasts like `bias`. A query that may see none
            gets zeros.
        scale: factor of the products; ``1 / sqrt(width)`` by default.
        is_causal: whether no query sees a later key.
        flash_attention: whether to use the fused kernel of a graphics card; None where it applies.
        attn_logits_soft_cap: not supported, as on Keras's JAX backend outside of TPUs.
    """
    if attn_logits_soft_cap is not None:
        raise ConfigError(
            "ops.dot_product_attention has no soft cap of the products.",
            got=f"attn_logits_soft_cap={attn_logits_soft_cap!r}",
            fix="leave it out.",
        )
    if not query.ndim == key.ndim == value.ndim == 4:
        raise ValueError("query, key and value have four axes: (batch, time, heads, width).")
    dtype = jnp.result_type(query, key, value)
    query, key, value = (x.astype(dtype) for x in (query, key, value))
    if bias is None:
        return attention(
            query, key, value, mask, causal=is_causal, scale=scale, fused=flash_attention
        )
    return jax.nn.dot_product_attention(
        query, key, value, bias.astype(dtype), mask, scale=scale, is_causal=is_causal
    )


@op
def polar(abs_: Tensor, angle: Tensor):
    """Complex numbers of a size and an angle."""
    return jax.lax.complex(abs_ * jnp.cos(angle), abs_ * jnp.sin(angle))
