"""`CachedMultiHeadAttention`: attention that remembers keys and values from call to call."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax

from ..._core.specs import family
from ...kernels.attention import attention, may_see
from .arrangement import Arrangement
from .headed import joined
from .multi_head import MultiHeadAttention


class KeyValueCache(NamedTuple):
    """The keys and values of the steps so far, in arrays long enough for all that may come.

    Attributes:
        key: (batch, length, heads, width)
        value: (batch, length, heads, width)
        real: (batch, length), False for steps that are masked or not there yet.
    """

    key: Any
    value: Any
    real: Any

    def updated(self, key: Any, value: Any, real: Any, index: Any) -> KeyValueCache:
        """The cache with the steps from `index` on replaced."""
        if real is None:
            real = jnp.ones(key.shape[:2], bool)
        news = key, value, real.astype(bool)
        return KeyValueCache(
            *(
                lax.dynamic_update_slice_in_dim(old, new.astype(old.dtype), index, axis=1)
                for old, new in zip(self, news, strict=True)
            )
        )


@family("layer").register("CachedMultiHeadAttention")
class CachedMultiHeadAttention(MultiHeadAttention):
    """`MultiHeadAttention` that can go on where it stopped, as text is generated word by word.

    The arguments are those of `MultiHeadAttention`; so are weights and numbers. With a `cache` the
    call takes only the new steps, and returns its output and the next cache. Nothing is stored in
    the layer, and every shape stays the same: the call can stand in a compiled loop. Its further
    arguments:

    - `cache`: from `empty_cache`, or the one that the last call returned.
    - `cache_update_index`: position of the first new step. Their keys and values go into the cache
      there; None leaves it as it is, for a source that was read once.
    - `value_mask`: ``(batch, new steps)``, remembered with them.
    - `attention_mask`: ``(batch, new steps, cache length)``.

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(1, 3, 4)).astype("float32")
    >>> layer = CachedMultiHeadAttention(num_heads=2, key_dim=2)
    >>> whole = layer(x, x, use_causal_mask=True)
    >>> cache = layer.empty_cache(batch=1, length=3)
    >>> for step in range(3):
    ...     new = x[:, step : step + 1]
    ...     y, cache = layer(
    ...         new, new, use_causal_mask=True, cache=cache, cache_update_index=step
    ...     )
    >>> bool(np.allclose(y[:, 0], whole[:, 2], atol=1e-6))
    True
    """

    traits = frozenset()
    _assigns_variables = False

    def empty_cache(self, batch: int, length: int) -> KeyValueCache:
        """A cache for `length` steps, none of which is there yet."""
        widths = self.key_dim, self.value_dim or self.key_dim
        key, value = (
            jnp.zeros((batch, length, self.num_heads, width), self.compute_dtype)
            for width in widths
        )
        return KeyValueCache(key, value, jnp.zeros((batch, length), bool))

    def call(
        self,
        query: Any,
        value: Any = None,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
        cache: Any = None,
        cache_update_index: Any = None,
    ) -> Any:
        if cache is None:
            return super().call(
                query,
                value,
                key,
                query_mask,
                value_mask,
                key_mask,
                attention_mask,
                return_attention_scores,
                training,
                use_causal_mask,
            )
        to = Arrangement((1,), 3)
        start = 0
        if cache_update_index is not None:
            self._check_inputs(query, value, value if key is None else key, False)
            start = cache_update_index
            keys, values = self.key_dense(value if key is None else key), self.value_dense(value)
            cache = cache.updated(keys, values, joined(value_mask, key_mask), start)
        heads = self.query_dense(query)  # (batch, steps, heads, width)
        scores = to.score_shape(query, cache.key, self.num_heads)
        order = may_see(
            *scores[2:], causal=use_causal_mask, window=self.sliding_window, start=start
        )
        mask = joined(
            self.of_scores(to, attention_mask, scores),
            self.of_steps(to, query_mask, query, (1, 3)),
            cache.real[:, None, None],
            order[None, None],
        )
        y = attention(heads, cache.key, cache.value, mask, **self.dropping(training))
        return self.gathered(y, query), cache
