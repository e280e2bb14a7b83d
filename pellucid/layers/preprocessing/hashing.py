"""`Hashing`: text or whole numbers into a fixed number of bins, without a vocabulary."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..._core.specs import family
from .. import checks
from ..prepared import Prepared
from ..symbolic import SymbolicTensor
from .buckets import bucket_of, salt_pair, text_buckets
from .data_layer import DataLayer
from .values import as_bytes, as_integers, host_array


@family("layer").register("Hashing")
class Hashing(DataLayer):
    """Puts each text or whole number into one of `num_bins` bins, by its hash.

    Args:
        num_bins: how many bins there are, the one for `mask_value` included.
        mask_value: what stands for "nothing here"; it has bin 0 for itself.
        salt: one or two whole numbers; with them another hash (SipHash) is taken, whose bins only
            those can foresee who know the salt.
        output_mode: ``"int"``, the bin's number; ``"one_hot"``, ``"multi_hot"`` or ``"count"``,
            encoded as `CategoryEncoding` does.
        sparse: must be False: arrays are dense.

    The hash is FarmHash64 of the text (of a number: of its decimal text), the same in every run, on
    every machine, and in Keras. Numbers of 32 bits are hashed on the device, inside the compiled
    program; text, and numbers of 64 bits, on the host before it.

    Raises:
        ConfigError: `num_bins` that is not positive, another mode, a salt that is no number.

    >>> Hashing(num_bins=3)([["A"], ["B"], ["E"]]).tolist()
    [[1], [0], [2]]
    >>> Hashing(num_bins=3, salt=133)([0, 1, 2]).shape
    (3,)
    """

    traits = frozenset({"looks_up"})
    batch_safe = True
    placeholder = "string"

    whole_numbers_in_graph = "int64"

    not_in_files = frozenset({"dtype"})  # Keras wants a whole number's there

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.num_bins = num_bins
        self.mask_value = mask_value
        self.salt = salt
        self.output_mode = output_mode
        self.sparse = sparse
        checks.positive_integer(self, "num_bins", num_bins, 100)
        self.check_mode("int", "one_hot", "multi_hot", "count")
        self.check_dense("sparse")
        salt_pair(self, salt)

    @property
    def each_value_alone(self) -> bool:  # type: ignore[override]
        return self.output_mode == "int"

    def needs_host(self, *args: Any, **kwargs: Any) -> bool:
        return getattr(args[0], "dtype", None) in ("string", "int64", "uint64", "uint32")

    def host_shapes(self, inputs: Any) -> Prepared:
        return Prepared([SymbolicTensor(inputs.shape, "int32")])

    def on_host(self, inputs: Any) -> Prepared:
        array = host_array(self, inputs)
        if array.dtype.kind in "biuf":
            return Prepared([self._bins(array, as_integers(self, np.trunc(array)))])
        texts = as_bytes(self, array)
        known = np.array([text.decode("utf-8", "replace") for text in texts], object)
        return Prepared([self._bins(known, texts).reshape(array.shape)])

    def call(self, inputs: Any) -> Any:
        if isinstance(inputs, jax.core.Tracer):
            ids = self._bins(inputs, inputs.astype(jnp.int32))
        else:
            (ids,) = inputs if isinstance(inputs, Prepared) else self.on_host(inputs)
        return self.encoded(ids, self.num_bins)

    def _bins(self, values: Any, keys: Any) -> Any:
        """The bins of `keys`, where `values` are what the mask is compared with."""
        masks = self.mask_value is not None and self.num_bins > 1
        salt, bins = salt_pair(self, self.salt), self.num_bins - masks
        found = (text_buckets if isinstance(keys, list) else bucket_of)(keys, bins, salt)
        if not masks:
            return found
        xp = jnp if isinstance(found, jax.Array) else np
        return xp.where(values == self.mask_value, 0, found + 1).astype(np.int32)
