"""`GroupQueryAttention`: attention whose query heads share heads of keys and values in groups."""

from __future__ import annotations

from typing import Any

from ..._core.errors import ConfigError
from ..._core.specs import family
from .. import checks
from ..input_spec import InputSpec
from .headed import HeadedAttention


@family("layer").register("GroupQueryAttention", "GroupedQueryAttention")
class GroupQueryAttention(HeadedAttention):
    """Multi-head attention with fewer heads of keys and values than of queries.

    Less memory and time at little cost: a head of keys and values serves
    ``num_query_heads / num_key_value_heads`` heads of queries. One for all is multi-query
    attention; as many as of queries, `MultiHeadAttention`.

    Args:
        head_dim: width of each head.
        num_query_heads: heads of queries; a multiple of `num_key_value_heads`.
        num_key_value_heads: heads of keys and values.
        dropout: share of the attention weights that training drops.
        use_bias: whether the projections have biases.
        sliding_window: if given, a query sees only the keys nearer than this many steps.
        flash_attention: True insists on the fused kernel of graphics cards; None uses it where it
            surely applies (half precision, no mask), False never.
        kernel_initializer, bias_initializer: how the projections' weights start.
        kernel_regularizer, bias_regularizer: penalties on them, added to the loss.
        activity_regularizer: penalty on what the projections give.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        use_gate: multiply what the heads gather by a sigmoid of another projection of the query.
        seed: for a stream of random numbers of this layer's own.

    Called like `MultiHeadAttention`, on inputs ``(batch, steps, features)``.

    Raises:
        ConfigError: sizes that are not positive, or heads that do not divide.
        ShapeError: inputs or masks that do not fit together.

    >>> import numpy as np
    >>> x = np.ones((2, 5, 8))
    >>> layer = GroupQueryAttention(head_dim=4, num_query_heads=4, num_key_value_heads=2)
    >>> layer(x, x).shape, layer.key_dense.kernel.shape
    ((2, 5, 8), (8, 2, 4))

    Ainslie et al., arXiv:2305.13245.
    """

    _takes = InputSpec(ndim=3)

    saved_class_name = "GroupedQueryAttention"
    saved_as = {
        f"{part}_dense": f"_{part}_dense" for part in ("query", "key", "value", "gate", "output")
    }

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.head_dim = head_dim
        self.num_query_heads = num_query_heads
        self.num_key_value_heads = num_key_value_heads
        self.dropout = dropout
        self.use_bias = use_bias
        self.sliding_window = sliding_window
        self.flash_attention = flash_attention
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.use_gate = use_gate
        self.seed = seed
        for argument in ("head_dim", "num_query_heads", "num_key_value_heads"):
            checks.positive_integer(self, argument, getattr(self, argument), 8)
        if num_query_heads % num_key_value_heads:
            raise ConfigError(
                f"The query heads of GroupQueryAttention {self.name!r} cannot share the others "
                "evenly.",
                got=f"num_query_heads={num_query_heads}, num_key_value_heads={num_key_value_heads}",
                expected="a multiple",
                fix=f"num_query_heads={num_key_value_heads * 2}, say.",
            )
        self.check_common()

    def build(  # type: ignore[override]
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> None:
        key_shape = value_shape if key_shape is None else key_shape
        self.build_projections(
            (query_shape, value_shape, key_shape),
            (self.num_query_heads, self.num_key_value_heads),
            (self.head_dim, self.head_dim),
            (query_shape[-1],),
        )
