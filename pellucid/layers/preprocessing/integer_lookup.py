"""`IntegerLookup`: whole numbers as their places in a vocabulary, and back."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..._core.errors import ConfigError, DataError
from ..._core.specs import family
from .. import checks
from ..prepared import Prepared
from ..symbolic import SymbolicTensor
from .buckets import bucket_of
from .data_layer import numbers
from .index_lookup import IndexLookup
from .values import as_integers, host_array, who

_NARROW = np.iinfo(np.int32)


@family("layer").register("IntegerLookup")
class IntegerLookup(IndexLookup):
    """The place of each whole number in a vocabulary, which is given or learned with `adapt(data)`.

    Args:
        max_tokens: most places there may be, special ones included; the rarest numbers fall out.
        num_oov_indices: places for numbers that are not in the vocabulary: 1 for all, or several
            among which `oov_method` chooses; 0 to refuse such numbers.
        mask_token: number that stands for "nothing here"; place 0 in ``"int"``, else left out.
        oov_token: what `invert` gives for a place outside the vocabulary.
        vocabulary: list of numbers, or path of a file with one per line; else call `adapt`.
        vocabulary_dtype: ``"int64"``, nothing else.
        idf_weights: for ``"tf_idf"``, the inverse document frequency of each number.
        invert: go from places to numbers.
        output_mode: ``"int"``; ``"one_hot"``, ``"multi_hot"`` or ``"count"`` as in
            `CategoryEncoding`; ``"tf_idf"``, counts times inverse document frequencies.
        sparse: must be False: arrays are dense.
        pad_to_max_tokens: make encoded rows `max_tokens` long.
        oov_method: ``"floormod"``, the remainder of the number, or ``"farmhash"``, its hash.
        salt: one or two numbers that change the hash.

    Whole numbers of any shape, places of the same shape in ``"int"``. Numbers of 32 bits are looked
    up on the device, inside the compiled program; numbers of 64 bits on the host, before it.

    Raises:
        StateError: called without a vocabulary. DataError: data that is not whole numbers.

    >>> lookup = IntegerLookup(vocabulary=[12, 36, 1138])
    >>> lookup([[36, 1138, 7]]).tolist()
    [[2, 3, 0]]
    """

    traits = frozenset({"looks_up"})
    batch_safe = True
    takes_integers = True
    takes_text = False

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int | None = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        self.max_tokens = max_tokens
        self.num_oov_indices = num_oov_indices
        self.mask_token = mask_token
        self.oov_token = oov_token
        self.vocabulary = vocabulary
        self.vocabulary_dtype = vocabulary_dtype
        self.idf_weights = idf_weights
        self.invert = invert
        self.output_mode = output_mode
        self.sparse = sparse
        self.pad_to_max_tokens = pad_to_max_tokens
        self.oov_method = oov_method
        self.salt = salt
        checks.one_of(self, "vocabulary_dtype", vocabulary_dtype, ("int64",))
        checks.one_of(self, "oov_method", oov_method, ("floormod", "farmhash"))
        for argument in ("mask_token", "oov_token"):
            if getattr(self, argument) is not None:
                checks.whole_number(self, argument, getattr(self, argument))
        self.set_up()
        if salt is not None and oov_method != "farmhash":
            raise ConfigError(
                f"{who(self)} salts only hashes.",
                got=f"salt={salt!r}, oov_method={oov_method!r}",
                fix="oov_method='farmhash', or leave salt out.",
            )

    def index(self, tokens: list[int]) -> None:
        keys = np.array(tokens, np.int64)
        places = np.arange(len(tokens)) + self._first_token
        if self.mask_token is not None:
            keys, places = np.append(keys, self.mask_token), np.append(places, self._mask_number)
        order = np.argsort(keys, kind="stable")
        self._keys, self._places = keys[order], places[order].astype(np.int32)

    def documents(self, batch: np.ndarray) -> Any:
        if batch.dtype == object and isinstance(batch.ravel()[0], np.ndarray):
            return [as_integers(self, row).ravel().tolist() for row in batch]
        whole = as_integers(self, batch)
        return whole.reshape(len(whole) if whole.ndim else 1, -1).tolist()

    def needs_host(self, *args: Any, **kwargs: Any) -> bool:
        return getattr(args[0], "dtype", None) in ("int64", "uint64", "uint32")

    def host_shapes(self, inputs: Any) -> Prepared:
        return Prepared([SymbolicTensor(inputs.shape, "int32")])

    def on_host(self, inputs: Any) -> Prepared:
        self.must_know()
        values = as_integers(self, host_array(self, inputs))
        self._refuse_unknown(values)
        return Prepared([np.asarray(self._find(np, values, self._keys, self._places), np.int32)])

    def call(self, inputs: Any) -> Any:
        if self.invert:
            return self._tokens_of(numbers(self, inputs, "whole numbers"))
        if isinstance(inputs, Prepared):
            return self._from_prepared(inputs)
        if not isinstance(inputs, jax.core.Tracer):
            return self._from_prepared(self.on_host(inputs))
        self.must_know()
        if self._tokens is None:  # while a graph is drawn
            return jnp.zeros(inputs.shape, jnp.int32)
        # No number of 32 bits equals a key that needs more.
        narrow = (self._keys >= _NARROW.min) & (self._keys <= _NARROW.max)
        keys = jnp.asarray(self._keys[narrow].astype(np.int32))
        ids = self._find(jnp, inputs.astype(jnp.int32), keys, jnp.asarray(self._places[narrow]))
        return self.on_device(ids)

    def _find(self, xp: Any, values: Any, keys: Any, places: Any) -> Any:
        """The places of `values` in the sorted `keys`, by NumPy or on the device."""
        unknown = self._unknown(values)
        if not len(keys):
            return xp.broadcast_to(unknown, values.shape)
        at = xp.minimum(xp.searchsorted(keys, values), len(keys) - 1)
        return xp.where(keys[at] == values, places[at], unknown)

    def _unknown(self, values: Any) -> Any:
        """Where a number goes that is not in the vocabulary."""
        if self.num_oov_indices == 0:
            return _NARROW.max  # past every table: refused where the numbers can be seen
        if self.num_oov_indices == 1:
            return self._first_oov
        if self.oov_method == "floormod":
            return values % self.num_oov_indices + self._first_oov
        return bucket_of(values, self.num_oov_indices, self.salt_key()) + self._first_oov

    def check_data(self, values: np.ndarray) -> None:
        """Refuse data that is not whole numbers, or unknown numbers that have no place."""
        whole = as_integers(self, values)
        if self._tokens is not None and not self.invert:
            self._refuse_unknown(whole)

    def _refuse_unknown(self, values: np.ndarray) -> None:
        if self.num_oov_indices:
            return
        unknown = values[~np.isin(values, self._keys)]
        if unknown.size:
            raise DataError(
                f"{who(self)} was given a number that is not in its vocabulary.",
                got=f"{unknown.flat[0]}, and {unknown.size - 1} more",
                expected="numbers of the vocabulary only, since num_oov_indices=0",
                fix="num_oov_indices=1 gives unknown numbers a place of their own.",
            )

    def _tokens_of(self, places: Any) -> Any:
        self.must_know()
        oov = 0 if self.oov_token is None else self.oov_token
        tokens = np.array([*(oov if t is None else t for t in self.get_vocabulary()), oov])
        if tokens.size and (tokens.min() < _NARROW.min or tokens.max() > _NARROW.max):
            raise ConfigError(
                f"{who(self)} holds numbers that the device cannot: they need 64 bits.",
                got=f"{tokens[np.abs(tokens).argmax()]}",
                fix="look them up yourself: np.array(layer.get_vocabulary())[places].",
            )
        last = len(tokens) - 1
        places = places.astype(jnp.int32)
        inside = jnp.where((places >= 0) & (places < last), places, last)
        return jnp.asarray(tokens.astype(np.int32))[inside]
