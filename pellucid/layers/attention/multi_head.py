"""`MultiHeadAttention`: several attentions side by side, each over its own projections."""

from __future__ import annotations

from typing import Any

from ..._core.errors import ConfigError
from ..._core.specs import family
from .. import checks
from .headed import HeadedAttention


@family("layer").register("MultiHeadAttention")
class MultiHeadAttention(HeadedAttention):
    """Each step of the query gathers what it needs from the steps of the value, in several heads.

    Args:
        num_heads: how many attentions run side by side.
        key_dim: width of each head's queries and keys.
        value_dim: width of each head's values; `key_dim` when missing.
        dropout: share of the attention weights that training drops.
        use_bias: whether the projections have biases.
        output_shape: sizes of the output's last axes; the query's width when missing.
        attention_axes: which axes of inputs of rank 4 and more attention runs over; all between
            batch and features when missing.
        sliding_window: if given, a query sees only the keys nearer than this many steps.
        flash_attention: True insists on the fused kernel of graphics cards; None uses it where it
            surely applies (half precision, no mask), False never.
        kernel_initializer, bias_initializer: how the projections' weights start.
        kernel_regularizer, bias_regularizer: penalties on them, added to the loss.
        activity_regularizer: penalty on what the projections give.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        use_gate: multiply what the heads gather by a sigmoid of another projection of the query.
        seed: for a stream of random numbers of this layer's own.

    Called as ``layer(query, value, key=None)`` on ``(batch, steps, features)``, key being the value
    when missing; for self-attention ``layer(x, x)``. Further arguments of the call:

    - `attention_mask`: ``(batch, query steps, key steps)``, True where a query may look.
    - `query_mask`, `value_mask`, `key_mask`: ``(batch, steps)``; those that travel with the inputs
      come by themselves.
    - `use_causal_mask`: no query looks at a later step.
    - `return_attention_scores`: also give the weights, ``(batch, heads, query steps, key steps)``.

    A query that may look at nothing gathers zeros.

    Raises:
        ConfigError: sizes that are not positive, an axis that cannot be attended over.
        ShapeError: inputs or masks that do not fit together.

    >>> import numpy as np
    >>> x = np.ones((2, 5, 8))
    >>> layer = MultiHeadAttention(num_heads=2, key_dim=4)
    >>> layer(x, x).shape
    (2, 5, 8)
    >>> y, scores = layer(x, x, use_causal_mask=True, return_attention_scores=True)
    >>> scores[0, 0, 1].tolist()
    [0.5, 0.5, 0.0, 0.0, 0.0]

    Vaswani et al., "Attention is all you need", arXiv:1706.03762; the gate: Qiu et al.,
    arXiv:2505.06708.
    """

    saved_as = {"gate_dense": "_gate_dense"}

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
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
        self.num_heads = num_heads
        self.key_dim = key_dim
        self.value_dim = value_dim
        self.dropout = dropout
        self.use_bias = use_bias
        self._output_shape = output_shape
        self.attention_axes = attention_axes
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
        checks.positive_integer(self, "num_heads", num_heads, 8)
        checks.positive_integer(self, "key_dim", key_dim, 64)
        if value_dim is not None:
            checks.positive_integer(self, "value_dim", value_dim, 64)
        self._given_shape()
        self.check_common()

    @property
    def output_shape(self) -> Any:
        """The constructor's argument; the shape of the last output once there was one."""
        return super().output_shape if "_gave" in self.__dict__ else self._output_shape

    def _given_shape(self) -> tuple[int, ...] | None:
        """The argument `output_shape` as a tuple."""
        if self._output_shape is None:
            return None
        sizes = self._output_shape
        sizes = tuple(sizes) if isinstance(sizes, (tuple, list)) else (sizes,)
        if not sizes or any(isinstance(s, bool) or not isinstance(s, int) or s < 1 for s in sizes):
            raise ConfigError(
                f"The argument 'output_shape' of MultiHeadAttention {self.name!r} must be sizes.",
                got=repr(self._output_shape),
                expected="a positive whole number, or a tuple of them, without batch and steps",
                fix="output_shape=64, say, or leave it out for the query's width.",
            )
        return sizes

    def build(  # type: ignore[override]
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> None:
        key_shape = value_shape if key_shape is None else key_shape
        widths = self.key_dim, self.value_dim or self.key_dim
        self.build_projections(
            (query_shape, value_shape, key_shape),
            (self.num_heads, self.num_heads),
            widths,
            self._given_shape() or (query_shape[-1],),
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, with sizes and axes as lists, as Keras writes them."""
        shape, axes = self._given_shape(), self.attention_axes
        return {
            **super().get_config(),
            "value_dim": self.value_dim or self.key_dim,
            "output_shape": None if shape is None else list(shape),
            "attention_axes": None if axes is None else list(checks.axes_of(axes)),
        }

    def _argument(self, name: str) -> Any:
        return self._output_shape if name == "output_shape" else super()._argument(name)
