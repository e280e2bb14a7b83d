"""`ReversibleEmbedding`: whole numbers to vectors, and vectors back to scores of the numbers."""

from __future__ import annotations

import warnings
from typing import Any

import jax.numpy as jnp

from ..._core.errors import ConfigError, MaskLostWarning, ShapeError
from ..._core.specs import family
from ...kernels.dense import dense
from .. import checks
from ..context import current
from .embedding import Embedding


@family("layer").register("ReversibleEmbedding")
class ReversibleEmbedding(Embedding):
    """An `Embedding` that can also be called in reverse, as the last layer of a language model.

    Args:
        input_dim: rows of the table: the largest number in the data, plus one.
        output_dim: length of the vectors.
        tie_weights: whether the reverse uses the same table; a second one otherwise.
        embeddings_initializer: how the tables start.
        embeddings_regularizer: penalty on the table, added to the loss.
        embeddings_constraint: projection of the table after each update.
        mask_zero: whether 0 means "nothing here": the steps that hold it are masked, and the
            reverse hands on the mask that reaches it.
        reverse_dtype: number format of the reverse: ``"float32"`` for exact scores.
        logit_soft_cap: scores are squeezed to between minus this and this, with tanh.

    Input ``(batch, ...)`` of whole numbers, output ``(batch, ..., output_dim)``; with
    ``reverse=True``, input ``(batch, ..., output_dim)``, output ``(batch, ..., input_dim)``.

    Raises:
        DataError: numbers that are not whole, or outside the table.
        ShapeError: vectors of another length in reverse.

    >>> import numpy as np
    >>> layer = ReversibleEmbedding(10, 4)
    >>> vectors = layer(np.array([[1, 2, 3]]))
    >>> layer(vectors, reverse=True).shape
    (1, 3, 10)
    """

    traits = frozenset({"looks_up"})

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: Any = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ):
        # Before the base class builds the tables, as it does for weights given to it.
        self.tie_weights = tie_weights
        self.reverse_dtype = reverse_dtype
        self.logit_soft_cap = logit_soft_cap
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer,
            embeddings_regularizer,
            embeddings_constraint,
            mask_zero,
            **kwargs,
        )
        if logit_soft_cap is not None:
            checks.number(self, "logit_soft_cap", logit_soft_cap)
            if logit_soft_cap <= 0:
                raise ConfigError(
                    f"The argument 'logit_soft_cap' of ReversibleEmbedding {self.name!r} must be "
                    "above 0.",
                    got=repr(logit_soft_cap),
                    fix="logit_soft_cap=30, say, or None.",
                )
        try:
            jnp.dtype(reverse_dtype or "float32")
        except TypeError:
            raise ConfigError(
                f"The reverse_dtype of ReversibleEmbedding {self.name!r} is no number format.",
                got=repr(reverse_dtype),
                fix='reverse_dtype="float32", say.',
            ) from None

    def build(self, input_shape: Any = None) -> None:
        if self.built:
            return
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                name="reverse_embeddings",
                shape=(self.output_dim, self.input_dim),
                initializer=self.embeddings_initializer,
            )

    def call(self, inputs: Any, reverse: bool = False, mask: Any = None) -> Any:
        y = self._scores(inputs) if reverse else super().call(inputs)  # (batch, ..., features)
        if not reverse:
            mask = super().compute_mask(inputs)
        elif mask is not None and not self.mask_zero:
            warnings.warn(
                f"ReversibleEmbedding {self.name!r} drops the mask that reaches it in reverse: "
                "padded steps count like real ones from here on.\n  fix: mask_zero=True.",
                MaskLostWarning,
                stacklevel=2,
            )
            mask = None
        context = current()
        if context is not None:
            context.set_mask(y, mask)
        return y

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: `call` knows the direction, and gives the mask itself."""
        return None

    def _scores(self, vectors: Any) -> Any:
        if vectors.ndim < 2 or vectors.shape[-1] != self.output_dim:
            raise ShapeError(
                f"ReversibleEmbedding {self.name!r} takes vectors of its own length in reverse.",
                got=f"input {vectors.shape}",
                expected=f"(batch, ..., {self.output_dim})",
                fix=f"bring them to that width with Dense({self.output_dim}) first.",
            )
        table = self.embeddings.T if self.tie_weights else self.reverse_embeddings
        dtype = jnp.dtype(self.reverse_dtype or self.compute_dtype)
        scores = dense(vectors.astype(dtype), table.astype(dtype))  # (batch, ..., input_dim)
        if self.logit_soft_cap is None:
            return scores
        return jnp.tanh(scores / self.logit_soft_cap) * self.logit_soft_cap
