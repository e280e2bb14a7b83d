"""`StringLookup`: text as numbers in a vocabulary, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._core.errors import DataError
from ..._core.specs import family
from ..prepared import Prepared
from ..symbolic import SymbolicTensor
from .buckets import text_buckets
from .index_lookup import IndexLookup
from .values import as_bytes, as_integers, host_array, who


@family("layer").register("StringLookup")
class StringLookup(IndexLookup):
    """The number of each text in a vocabulary, which is given or learned with `adapt(data)`.

    Args:
        max_tokens: most numbers there may be, special ones included; the rarest words fall out.
        num_oov_indices: numbers for texts that are not in the vocabulary: 1 for all, or several
            that a hash picks from; 0 to refuse such texts.
        mask_token: text that stands for "nothing here"; number 0 in ``"int"``, else left out.
        oov_token: what `invert` gives for a number outside the vocabulary.
        vocabulary: list of texts, or path of a file with one per line; else call `adapt`.
        idf_weights: for ``"tf_idf"``, the inverse document frequency of each text.
        invert: go from numbers to texts.
        output_mode: ``"int"``; ``"one_hot"``, ``"multi_hot"`` or ``"count"`` as in
            `CategoryEncoding`; ``"tf_idf"``, counts times inverse document frequencies.
        pad_to_max_tokens: make encoded rows `max_tokens` long.
        sparse: must be False: arrays are dense.
        encoding: of texts that come as bytes.
        salt: one or two numbers that change the hash of texts outside the vocabulary.

    Text of any shape, numbers of the same shape in ``"int"``. The layer works on the host: as the
    first layer of a model it is applied to the data on the way to the device.

    Raises:
        StateError: called without a vocabulary. DataError: data that is not text.

    >>> lookup = StringLookup(vocabulary=["red", "green"])
    >>> lookup([["green", "blue"]]).tolist()
    [[2, 0]]
    """

    traits = frozenset({"looks_up"})
    batch_safe = True
    takes_text = True
    placeholder = "string"
    oov_method = "farmhash"
    _not_tracked = frozenset({"owner"})

    answers_in_kind = True

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str | None = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        self.max_tokens = max_tokens
        self.num_oov_indices = num_oov_indices
        self.mask_token = mask_token
        self.oov_token = oov_token
        self.vocabulary = vocabulary
        self.idf_weights = idf_weights
        self.invert = invert
        self.output_mode = output_mode
        self.pad_to_max_tokens = pad_to_max_tokens
        self.sparse = sparse
        self.encoding = encoding
        self.salt = salt
        self.set_up()

    def index(self, tokens: list[str]) -> None:
        self._numbers = {t.encode(): i for i, t in enumerate(tokens, self._first_token)}
        if self.mask_token is not None:
            self._numbers[self.mask_token.encode()] = self._mask_number

    def documents(self, batch: np.ndarray) -> Any:
        if batch.dtype == object and isinstance(batch.ravel()[0], np.ndarray):
            return [as_bytes(self, row, self.encoding) for row in batch]
        flat = as_bytes(self, batch, self.encoding)
        width = max(1, len(flat) // max(1, len(batch))) if batch.ndim else 1
        return [flat[i : i + width] for i in range(0, len(flat), width)]

    def as_key(self, token: str) -> bytes:
        return token.encode()

    def as_token(self, key: bytes) -> str:
        return key.decode("utf-8", "replace")

    def numbers_of(self, keys: list[bytes]) -> np.ndarray:
        """The numbers of texts, int32."""
        missing = len(self._numbers) + self._first_token  # no text has it
        get = self._numbers.get
        ids = np.fromiter((get(key, missing) for key in keys), np.int32, len(keys))
        unknown = np.flatnonzero(ids == missing)
        if unknown.size and self.num_oov_indices == 0:
            first = keys[unknown[0]].decode("utf-8", "replace")
            raise DataError(
                f"{who(self)} was given a text that is not in its vocabulary.",
                got=f"{first!r}, and {unknown.size - 1} more",
                expected="texts of the vocabulary only, since num_oov_indices=0",
                fix="num_oov_indices=1 gives unknown texts a number of their own.",
            )
        if self.num_oov_indices == 1:
            ids[unknown] = self._first_oov
        elif unknown.size:
            texts = [keys[place] for place in unknown]
            buckets = text_buckets(texts, self.num_oov_indices, self.salt_key())
            ids[unknown] = self._first_oov + buckets
        return ids

    def needs_host(self, *args: Any, **kwargs: Any) -> bool:
        return not isinstance(args[0], Prepared)

    def host_shapes(self, inputs: Any) -> Any:
        if self.invert:
            return SymbolicTensor(inputs.shape, "string")
        if inputs.dtype != "string":
            as_bytes(self, np.zeros(0, inputs.dtype))  # raises
        return Prepared([SymbolicTensor(inputs.shape, "int32")])

    def on_host(self, inputs: Any) -> Prepared:
        self.must_know()
        array = host_array(self, inputs)
        ids = self.numbers_of(as_bytes(self, array, self.encoding))
        return Prepared([ids.reshape(array.shape)])

    def call(self, inputs: Any) -> Any:
        if self.invert:
            return self._texts(inputs)
        return self._from_prepared(inputs if isinstance(inputs, Prepared) else self.on_host(inputs))

    def _texts(self, inputs: Any) -> np.ndarray:
        self.must_know()
        ids = as_integers(self, host_array(self, inputs))
        special = [self.mask_token] * self._first_oov + [self.oov_token] * self.num_oov_indices
        texts = np.array([*special, *(self._tokens or []), self.oov_token], dtype=object)
        known = (ids >= 0) & (ids < len(texts))
        return np.asarray(texts[np.where(known, ids, len(texts) - 1)]).astype(str)
