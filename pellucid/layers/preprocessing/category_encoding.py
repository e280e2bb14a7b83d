"""`CategoryEncoding`: category numbers as rows of zeros and ones, or of counts."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..._core.errors import ConfigError, DataError, ShapeError
from ..._core.specs import family
from .. import checks
from .data_layer import DataLayer, numbers
from .values import who


@family("layer").register("CategoryEncoding")
class CategoryEncoding(DataLayer):
    """Numbers of categories as one-hot or multi-hot rows, or counts.

    Args:
        num_tokens: how many categories there are; they are numbered from 0.
        output_mode: ``"one_hot"``, a row for each number (a last axis of size 1 is dropped);
            ``"multi_hot"``, a row for each sample, 1 where a number occurs in it; ``"count"``, how
            often it occurs.
        sparse: must be False: arrays are dense.

    Input ``(batch, numbers)``, output ``(batch, num_tokens)``, or for ``"one_hot"`` ``(batch,
    numbers, num_tokens)``. An input of one axis is one sample, except for ``"one_hot"``. The call
    takes `count_weights`, what each number adds to the count in place of 1.

    Raises:
        ConfigError: `num_tokens` missing, or another mode.
        DataError: numbers that are not whole or outside the range. Inside a compiled step they
            cannot be seen; there they count nowhere.

    >>> import numpy as np
    >>> CategoryEncoding(num_tokens=4)([[0, 1], [3, 3]]).tolist()
    [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    """

    traits = frozenset({"looks_up"})
    batch_safe = True
    takes_integers = True

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.num_tokens = num_tokens
        self.output_mode = output_mode
        self.sparse = sparse
        if num_tokens is None:
            raise ConfigError(
                f"{who(self)} needs num_tokens, the number of categories.",
                got="num_tokens=None",
                fix="num_tokens=x.max() + 1, or IntegerLookup where it is not known.",
            )
        checks.positive_integer(self, "num_tokens", num_tokens, 10)
        self.output_mode = self.check_mode("multi_hot", "one_hot", "count")
        self.check_dense("sparse")

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        if count_weights is not None and self.output_mode != "count":
            raise ConfigError(
                f"{who(self)} was given count_weights, and counts nothing.",
                got=f"output_mode={self.output_mode!r}",
                fix="output_mode='count', or leave count_weights out.",
            )
        if not isinstance(inputs, jax.core.Tracer):
            self.check_data(np.asarray(inputs))
        ids = numbers(self, inputs, "whole numbers")
        if count_weights is not None:
            count_weights = numbers(self, count_weights)
            if count_weights.shape != ids.shape:
                raise ShapeError(
                    f"The count_weights of {who(self)} must be shaped like the input.",
                    got=f"{count_weights.shape} for an input of shape {ids.shape}",
                    fix="pass one weight for each number.",
                )
        return self.encoded(ids, int(self.num_tokens or 0), count_weights)

    def check_data(self, values: np.ndarray) -> None:
        """Refuse numbers that are not whole or outside the range."""
        numbers(self, values, "whole numbers")
        if values.size == 0:
            return
        whole = values.dtype.kind != "f" or bool(np.all(values == np.floor(values)))
        wrong = (values < 0) | (values >= self.num_tokens) if whole else values != np.floor(values)
        if np.any(wrong):
            raise DataError(
                f"{who(self)} was given a number that is no category.",
                got=f"{values[wrong].flat[0]!s}, with num_tokens={self.num_tokens}",
                expected=f"whole numbers from 0 to {int(self.num_tokens or 0) - 1}",
                fix=f"num_tokens={int(values.max()) + 1}, or IntegerLookup for numbers that are "
                "not counted from 0."
                if whole and values.min() >= 0
                else "number the categories from 0, with IntegerLookup for example.",
            )
