"""`Attention` and `AdditiveAttention`: one attention, without projections."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..._core.errors import ShapeError
from ..._core.specs import family
from ...kernels.attention import may_see
from ...kernels.dropout import dropout
from .. import checks
from ..base import Layer
from ..regularization.streams import check_seed, key_of


@family("layer").register("Attention")
class Attention(Layer):
    """Each step of the query takes an average of the value's steps, weighed by likeness to the key.

    Args:
        use_scale: whether the scores are multiplied by a learned number.
        score_mode: ``"dot"``, the product of query and key, or ``"concat"``, the sum of
            ``tanh(query + key)``, times a learned number.
        dropout: share of the weights that training drops.
        seed: for a stream of random numbers of this layer's own.

    Called on a list ``[query, value]`` or ``[query, value, key]`` of ``(batch, steps, features)``;
    the key is the value when missing. Between batch and steps further axes may stand, as of heads
    that attend each for itself. Further arguments of the call:

    - `mask`: a list of one mask ``(batch, steps)`` for the query and one for the value, or None;
      it holds for every head, unless it has the heads' axis too. Those that travel with the
      inputs come by themselves.
    - `use_causal_mask`: no query looks at a later step.
    - `return_attention_scores`: also give the weights, ``(batch, query steps, value steps)``.

    Raises:
        ShapeError: not a list of two or three inputs of one width.

    >>> import numpy as np
    >>> query, value = np.zeros((1, 1, 2)), np.array([[[1.0, 0.0], [3.0, 2.0]]])
    >>> Attention()([query, value]).tolist()
    [[[2.0, 1.0]]]

    Luong et al., arXiv:1508.04025.
    """

    traits = frozenset()
    batch_safe = True
    supports_masking = True

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.use_scale = use_scale
        self.score_mode = score_mode
        self.dropout = dropout
        self.seed = seed
        checks.one_of(self, "score_mode", score_mode, ("dot", "concat"))
        checks.number(self, "dropout", dropout, 0, 1)
        check_seed(self, seed)

    def numbers_inside(self, sample: tuple[int, ...]) -> int:
        """Scores and weights."""
        return 2 * math.prod(sample[:-1]) ** 2

    def build(self, input_shape: Any) -> None:
        self._check_list(input_shape)
        self.scale: Any = None
        self.concat_score_weight: Any = None
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(), initializer="ones")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(
                name="concat_score_weight", shape=(), initializer="ones"
            )

    def scores(self, query: Any, key: Any) -> Any:
        """How well each query fits each key: (batch, ..., query steps, key steps)."""
        if self.score_mode == "dot":
            products = jnp.einsum("...tf,...sf->...ts", query, key)
            return products if self.scale is None else products * self.scale
        sums = pairs(query, key)  # (batch, ..., query steps, key steps, features)
        sums = sums if self.scale is None else sums * self.scale
        return jnp.sum(jnp.tanh(sums), axis=-1) * self.concat_score_weight

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        query, value, key = self._checked(inputs)
        query_mask, value_mask = self._masks(mask)
        scores = self.scores(query, key)
        allowed = None
        if value_mask is not None:
            if value_mask.ndim == scores.ndim:  # one value per pair, as Keras takes it, too
                allowed = self._fitting("value", value_mask, scores.shape)
            else:
                wide = self._wide_mask("value", value_mask, value.shape[:-1])
                allowed = wide[..., None, :]  # (batch, ..., 1, value steps)
        if use_causal_mask:
            causal = may_see(*scores.shape[-2:], causal=True)
            allowed = causal if allowed is None else allowed & causal
        if allowed is not None:
            # Keras's number: where nothing may be seen, the scores go on among themselves.
            large = 65504.0 if scores.dtype == jnp.float16 else 1e9
            scores = jnp.where(allowed, scores, scores - jnp.asarray(large, scores.dtype))
        weights = jax.nn.softmax(scores, axis=-1)
        if training and self.dropout > 0:
            weights = dropout(key_of(self), weights, self.dropout)
        y = jnp.einsum("...ts,...sf->...tf", weights, value)
        if query_mask is not None:
            y = jnp.where(self._wide_mask("query", query_mask, query.shape[:-1])[..., None], y, 0)
        return (y, weights) if return_attention_scores else y

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The query's mask."""
        return None if mask is None else self._masks(mask)[0]

    def _masks(self, mask: Any) -> tuple[Any, Any]:
        """The masks of query and value from a list of two or three."""
        if mask is None:
            return None, None
        if not isinstance(mask, (list, tuple)) or len(mask) not in (2, 3):
            raise ShapeError(
                f"{type(self).__name__} {self.name!r} takes a list of masks.",
                got=f"{len(mask)} masks" if isinstance(mask, (list, tuple)) else "one mask",
                expected="[query_mask, value_mask], None for an input without one",
                fix="pass mask=[None, value_mask], say.",
            )
        given = [None if m is None else jnp.asarray(m).astype(bool) for m in mask[:2]]
        return given[0], given[1]

    def _wide_mask(self, which: str, mask: Any, sizes: tuple[int, ...]) -> Any:
        """A mask (batch, steps) or (batch, ..., steps), with an axis for each of `sizes`."""
        if mask.ndim == 2:
            mask = mask.reshape(mask.shape[0], *(1,) * (len(sizes) - 2), mask.shape[1])
        return self._fitting(which, mask, sizes)

    def _fitting(self, which: str, mask: Any, sizes: tuple[int, ...]) -> Any:
        """`mask`, if it broadcasts to `sizes`."""
        if mask.ndim != len(sizes) or any(
            a not in (1, b) for a, b in zip(mask.shape, sizes, strict=True)
        ):
            raise ShapeError(
                f"The {which} mask of {type(self).__name__} {self.name!r} does not fit.",
                got=f"a mask of shape {mask.shape}",
                expected=f"(batch, steps), here {(sizes[0], sizes[-1])}: one value per step",
                fix="pass mask=[query_mask, value_mask], each with its own input's steps.",
            )
        return mask

    def _check_list(self, inputs: Any) -> None:
        """Refuse anything but a list of two or three tensors, or of their shapes."""
        several = isinstance(inputs, (list, tuple)) and all(hasattr(i, "__len__") for i in inputs)
        count = len(inputs) if several else -1
        if count not in (2, 3):
            raise ShapeError(
                f"{type(self).__name__} {self.name!r} is called on a list of two or three inputs.",
                got=f"{count} inputs" if several else "one",
                expected="[query, value] or [query, value, key]",
                fix=f"{type(self).__name__}()([x, x]) for self-attention.",
            )

    def _checked(self, inputs: Any) -> tuple[Any, Any, Any]:
        """Query, value and key of the list of inputs."""
        self._check_list(inputs)
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) == 3 else value
        shapes = [np.shape(array) for array in (query, value, key)]
        fits = (
            len(shapes[0]) >= 3
            and len({len(shape) for shape in shapes}) == 1
            and all(
                len(set(sizes) - {1}) <= 1 for sizes in zip(*(s[:-2] for s in shapes), strict=True)
            )
            and query.shape[-1] == key.shape[-1]
            and key.shape[-2] == value.shape[-2]
        )
        if not fits:
            raise ShapeError(
                f"The inputs of {type(self).__name__} {self.name!r} do not fit together.",
                got=f"query {shapes[0]}, value {shapes[1]}, key {shapes[2]}",
                expected="(batch, steps, features), or more axes between batch and steps; query "
                "and key of one width, and as many steps of key as of value",
                fix="bring query and key to one width with Dense, before this layer.",
            )
        # One query (or value) for all rows of the batch, as of learned queries.
        rows = max(shape[0] for shape in shapes)
        query, value, key = (
            array if len(array) == rows else jnp.broadcast_to(array, (rows, *array.shape[1:]))
            for array in (query, value, key)
        )
        return query, value, key


def pairs(query: Any, key: Any) -> Any:
    """Each query plus each key: (batch, ..., query steps, key steps, features)."""
    return query[..., :, None, :] + key[..., None, :, :]


@family("layer").register("AdditiveAttention")
class AdditiveAttention(Attention):
    """`Attention` whose scores are learned sums of ``tanh(query + key)``.

    Args:
        use_scale: whether each feature of the sum has a learned factor.
        dropout: share of the weights that training drops.
        seed: for a stream of random numbers of this layer's own.

    Called like `Attention`.

    >>> import numpy as np
    >>> AdditiveAttention()([np.ones((1, 2, 3)), np.ones((1, 4, 3))]).shape
    (1, 2, 3)

    Bahdanau et al., arXiv:1409.0473.
    """

    _unsaved = frozenset({"score_mode"})

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any):
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def numbers_inside(self, sample: tuple[int, ...]) -> int:
        """Sums of every query with every key."""
        return 2 * math.prod(sample[:-1]) ** 2 * sample[-1]

    def build(self, input_shape: Any) -> None:
        self._check_list(input_shape)
        self.scale = None
        if self.use_scale:
            width = input_shape[0][-1]
            self.scale = self.add_weight(name="scale", shape=(width,), initializer="glorot_uniform")

    def scores(self, query: Any, key: Any) -> Any:
        sums = jnp.tanh(pairs(query, key))  # (batch, ..., steps, key steps, features)
        return jnp.sum(sums if self.scale is None else sums * self.scale, axis=-1)
