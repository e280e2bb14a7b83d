"""`Embedding`: whole numbers to vectors."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..._core.errors import DataError
from ..._core.specs import family
from ...kernels.lookup import lookup
from .. import checks
from ..base import Layer


@family("layer").register("Embedding")
class Embedding(Layer):
    """A table with one vector per word (or category); each whole number becomes its row.

    Args:
        input_dim: rows of the table: the largest number in the data, plus one.
        output_dim: length of the vectors.
        embeddings_initializer: how the table, ``(input_dim, output_dim)``, starts.
        embeddings_regularizer: penalty on the table, added to the loss.
        embeddings_constraint: projection of the table after each update.
        mask_zero: whether 0 means "nothing here": the steps that hold it are masked.
        weights: the table to start from, for example published word vectors.
        input_length: length of the sequences, where it is fixed; not needed.

    Input ``(batch, ...)`` of whole numbers, output ``(batch, ..., output_dim)``.

    Raises:
        DataError: numbers that are not whole, or outside the table. Inside a compiled step they
            cannot be seen: there a number outside the table gives NaN, as Keras on JAX does.

    >>> import numpy as np
    >>> Embedding(10, 4)(np.array([[1, 2, 3]])).shape
    (1, 3, 4)
    """

    traits = frozenset({"looks_up", "per_step"})
    batch_safe = True
    takes_integers = True
    casts_inputs = False  # bfloat16 has no whole numbers above 256
    _unsaved = frozenset({"weights"})
    input_dim: Any

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        input_length: int | None = None,
        **kwargs: Any,
    ):
        if input_length is not None:
            kwargs.setdefault("input_shape", (input_length,))
        super().__init__(**kwargs)
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.embeddings_initializer = embeddings_initializer
        self.embeddings_regularizer = embeddings_regularizer
        self.embeddings_constraint = embeddings_constraint
        self.mask_zero = mask_zero
        self.input_length = input_length
        self.supports_masking = bool(mask_zero)
        checks.positive_integer(self, "input_dim", input_dim, 10000)
        checks.positive_integer(self, "output_dim", output_dim, 16)
        checks.names(
            self,
            ("initializer", "embeddings_initializer"),
            ("regularizer", "embeddings_regularizer"),
            ("constraint", "embeddings_constraint"),
        )
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, (list, tuple)) else [weights])

    def build(self, input_shape: Any = None) -> None:
        if self.built:
            return
        self.embeddings = self.add_weight(
            name="embeddings",
            shape=(self.input_dim, self.output_dim),
            initializer=self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, jax.core.Tracer):
            self.check_data(np.asarray(inputs))
        if not jnp.issubdtype(inputs.dtype, jnp.integer):
            inputs = inputs.astype("int32")
        return lookup(self.embeddings, inputs).astype(self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """False where the number is 0, if `mask_zero`."""
        return jnp.not_equal(inputs, 0) if self.mask_zero else None

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments; the table itself is a weight, not part of them."""
        return {"input_dim": int(self.input_dim), **super().get_config()}

    def check_data(self, numbers: np.ndarray) -> None:
        """Refuse numbers that are not whole or lie outside the table."""
        if numbers.size == 0:
            return
        if not np.issubdtype(numbers.dtype, np.integer) and np.any(numbers != np.floor(numbers)):
            raise DataError(
                f"Embedding {self.name!r} takes whole numbers.",
                got=f"{numbers[numbers != np.floor(numbers)].flat[0]!s} ({numbers.dtype})",
                expected=f"whole numbers from 0 to {self.input_dim - 1}",
                fix="number the words or categories, or use Dense for measurements.",
            )
        outside = (numbers < -self.input_dim) | (numbers >= self.input_dim)
        if np.any(outside):
            first = int(numbers[outside].flat[0])
            raise DataError(
                f"Embedding {self.name!r} was given a number outside its table.",
                got=f"{first}, with input_dim={self.input_dim} rows",
                expected=f"numbers from 0 to {self.input_dim - 1}",
                fix=f"input_dim={int(numbers.max()) + 1}: the largest number in the data plus one."
                if first >= 0
                else "number the words or categories from 0.",
            )
