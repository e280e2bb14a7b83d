"""`HashedCrossing`: a combination of features as one category."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..._core.errors import DataError, ShapeError
from ..._core.specs import family
from .. import checks
from ..prepared import Prepared
from ..symbolic import SymbolicTensor, leaves
from .buckets import cross
from .data_layer import DataLayer
from .values import as_bytes, as_integers, as_values, host_array, shown, who


@family("layer").register("HashedCrossing")
class HashedCrossing(DataLayer):
    """Puts each combination of two or more features' values into one of `num_bins` bins.

    Args:
        num_bins: how many bins there are.
        output_mode: ``"int"``, the bin's number, or ``"one_hot"``, a row for each sample.
        sparse: must be False: arrays are dense.

    Called on a list of features, text or whole numbers, each of shape ``(batch,)`` or ``(batch,
    1)``. The bins are the same in every run, on every machine, and in Keras. Features of 32-bit
    numbers are crossed on the device, inside the compiled program; text on the host before it.

    Raises:
        ShapeError: fewer than two features, or features of other shapes.
        DataError: features that are neither text nor whole numbers.

    >>> layer = HashedCrossing(num_bins=5)
    >>> layer((["A", "B", "A"], [101, 101, 102])).tolist()
    [1, 4, 3]
    """

    traits = frozenset({"looks_up"})
    batch_safe = True

    whole_numbers_in_graph = "int64"

    not_in_files = frozenset({"dtype"})  # Keras wants a whole number's there

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(name=name, dtype=dtype, **kwargs)
        self.num_bins = num_bins
        self.output_mode = output_mode
        self.sparse = sparse
        checks.positive_integer(self, "num_bins", num_bins, 100)
        self.check_mode("int", "one_hot")
        self.check_dense("sparse")

    def read(self, value: Any) -> Any:
        if isinstance(value, Prepared) or not isinstance(value, (list, tuple)):
            return as_values(value)
        return [as_values(item) for item in value]

    def needs_host(self, *args: Any, **kwargs: Any) -> bool:
        wide = ("string", "int64", "uint64", "uint32")
        return any(getattr(leaf, "dtype", None) in wide for leaf in leaves(args))

    def host_shapes(self, inputs: Any) -> Prepared:
        self._check(inputs)
        return Prepared([SymbolicTensor(inputs[0].shape, "int32")])

    def on_host(self, inputs: Any) -> Prepared:
        arrays = [host_array(self, value) for value in inputs]
        self._check(arrays)
        columns: list[Any] = [
            as_integers(self, array).ravel() if array.dtype.kind in "biu" else as_bytes(self, array)
            for array in arrays
        ]
        return Prepared([cross(columns, self.num_bins).reshape(arrays[0].shape)])

    def call(self, inputs: Any) -> Any:
        if isinstance(inputs, Prepared):
            (ids,) = inputs
        elif any(isinstance(value, jax.core.Tracer) for value in leaves(inputs)):
            self._check(inputs)
            ids = cross([jax.numpy.asarray(value) for value in inputs], self.num_bins)
        else:
            self._check(inputs)
            (ids,) = self.on_host(inputs)
        return self.encoded(ids, self.num_bins)

    def _check(self, inputs: Any) -> None:
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            raise ShapeError(
                f"{who(self)} crosses two or more features.",
                got="a single array" if hasattr(inputs, "shape") else f"{len(inputs)} feature",
                expected="a list of features",
                fix="layer([colour, size]).",
            )
        shapes = [tuple(value.shape) for value in inputs]
        for shape in shapes:
            if len(shape) > 2 or (len(shape) == 2 and shape[1] != 1) or shape != shapes[0]:
                raise ShapeError(
                    f"{who(self)} takes features of one value for each sample.",
                    got=f"shapes {', '.join(map(str, shapes))}",
                    expected="all of shape (batch,) or all of shape (batch, 1)",
                    fix="cross one column of each feature at a time: x[:, 0].",
                )
        for value in inputs:
            kind = np.dtype(value.dtype).kind if value.dtype != "string" else "U"
            if kind not in "biuSUOT":
                raise DataError(
                    f"{who(self)} takes whole numbers or text.",
                    got=shown(value) if isinstance(value, np.ndarray) else f"{value.dtype} values",
                    fix="put Discretization before it where the feature is a measurement.",
                )
