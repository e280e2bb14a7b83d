"""`TextVectorization`: sentences as sequences of word numbers, or as counts of words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Self

import numpy as np

from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import FAMILIES, family, resolve
from .. import checks
from ..prepared import Prepared
from ..symbolic import SymbolicTensor
from .data_layer import DataLayer
from .index_lookup import DROPPED
from .string_lookup import StringLookup
from .tokens import CLEANERS, SPLITTERS, joined, tokenized
from .values import as_bytes, batches, host_array, who
from .vocabulary import TokenCounts


@family("layer").register("TextVectorization")
class TextVectorization(DataLayer):
    """Cleans and splits texts, and gives the words' numbers in a vocabulary.

    Args:
        max_tokens: most numbers there may be, those for padding and unknown words included.
        standardize: ``"lower_and_strip_punctuation"``, ``"lower"``, ``"strip_punctuation"``, None,
            or a function from an array of texts to one of the same length.
        split: ``"whitespace"``, ``"character"``, None, or a function from an array of texts to a
            list of words for each.
        ngrams: whether neighbouring words count as words too: 2 for words and pairs, a tuple for
            these widths only.
        output_mode: ``"int"``, the words' numbers in order, filled up with 0; ``"one_hot"``,
            ``"multi_hot"`` or ``"count"`` as in `CategoryEncoding`; ``"tf_idf"``, counts times
            inverse document frequencies.
        output_sequence_length: in ``"int"``, cut or fill up to this many numbers; else the longest
            text decides.
        pad_to_max_tokens: make encoded rows `max_tokens` long.
        vocabulary: list of words, or path of a file with one per line; else call `adapt`.
        idf_weights: for ``"tf_idf"``, the inverse document frequency of each word.
        sparse, ragged: must be False: arrays are dense.
        encoding: of texts that come as bytes.

    Texts ``(batch,)`` or ``(batch, 1)``, numbers ``(batch, words)``: 0 is padding, 1 an unknown
    word. Only ASCII letters and punctuation are changed, as in Keras. The layer works on the host:
    as the first layer of a model it is applied to the data on the way to the device.

    Raises:
        StateError: called without a vocabulary. DataError: data that is not text.

    >>> layer = TextVectorization(output_sequence_length=4)
    >>> layer.adapt(["foo bar", "bar baz", "baz bada boom"])
    >>> layer(["Foo qux, bar!"]).tolist()
    [[4, 1, 3, 0]]
    """

    traits = frozenset({"looks_up"})
    batch_safe = True
    placeholder = "string"
    splits_samples = True
    whole_numbers_in_graph = "int64"
    _not_tracked = frozenset({"_lookup"})

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: Any = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        self.max_tokens = max_tokens
        self.standardize = standardize
        self.split = split
        self.ngrams = ngrams
        self.output_mode = output_mode
        self.output_sequence_length = output_sequence_length
        self.pad_to_max_tokens = pad_to_max_tokens
        self.vocabulary = vocabulary
        self.idf_weights = idf_weights
        self.sparse = sparse
        self.ragged = ragged
        self.encoding = encoding
        self.output_mode = self.check_mode("int", "one_hot", "multi_hot", "count", "tf_idf")
        self.check_dense("sparse", "ragged")
        self._check_arguments()
        self._lookup = StringLookup(
            max_tokens=max_tokens,
            mask_token="",
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            output_mode=self.output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            encoding=encoding,
            name=self.name,
            dtype=self.dtype_policy,
        )
        self._lookup.owner = self

    # --- the vocabulary

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Make a vocabulary of the words in the texts, the most frequent first.

        Args:
            data: array or list of texts, a column of a table, or an iterable of batches of them.
            batch_size: accepted for Keras's programs.
            steps: how many batches to take of an iterable; all by default.

        Raises:
            ConfigError: the layer was made with a vocabulary. DataError: no data, or not text.
        """
        counts = TokenCounts(self.output_mode == "tf_idf")
        for batch in batches(self, data, steps):
            counts.add(self._rows(batch))
        self._lookup.adapt_to(counts)
        self._revision += 1

    def update_state(self, data: Any) -> None:
        """Count the words of one more batch, for `finalize_state` to make a vocabulary of."""
        (batch,) = batches(self, data)
        self._lookup.count(self._rows(batch))

    def finalize_state(self) -> None:
        """Make the vocabulary of what `update_state` has counted; nothing where it has not."""
        self._lookup.finalize_state()
        self._revision += 1

    def reset_state(self) -> None:
        """Forget what `update_state` has counted; a vocabulary that was made of it stays."""
        self._lookup.reset_state()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Replace the vocabulary; `idf_weights` for ``"tf_idf"`` only."""
        self._lookup.set_vocabulary(vocabulary, idf_weights)
        self._revision += 1

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The words, each at the place of its number; without padding and unknown if asked."""
        return self._lookup.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """How many numbers there are, those for padding and unknown words included."""
        return self._lookup.vocabulary_size()

    # --- calling

    def needs_host(self, *args: Any, **kwargs: Any) -> bool:
        return not isinstance(args[0], Prepared)

    def host_shapes(self, inputs: Any) -> Prepared:
        if inputs.dtype != "string":
            as_bytes(self, np.zeros(0, inputs.dtype))  # raises
        shape, width = self._outer(tuple(inputs.shape))
        if self.output_mode == "int" and self.output_sequence_length is not None:
            width = self.output_sequence_length
        return Prepared([SymbolicTensor((*shape, width), "int32")])

    def on_host(self, inputs: Any) -> Prepared:
        self._lookup.must_know()
        array = host_array(self, inputs)
        shape, _ = self._outer(array.shape)
        ids = self._numbers(self._rows(array))
        return Prepared([ids.reshape(*shape, ids.shape[-1])])

    def call(self, inputs: Any) -> Any:
        (ids,) = inputs if isinstance(inputs, Prepared) else self.on_host(inputs)
        return self._lookup.on_device(ids)

    def _outer(self, shape: tuple[Any, ...]) -> tuple[tuple[Any, ...], Any]:
        """The axes in front of the words', and their number where it is known."""
        if self.split is None:
            if len(shape) < 2:
                return shape, 1
            return shape[:-1], shape[-1]
        if len(shape) > 1:
            if shape[-1] not in (1, None):
                raise ShapeError(
                    f"{who(self)} splits one text for each sample.",
                    got=f"shape {shape}",
                    expected="shape (batch,) or (batch, 1)",
                    fix="vectorize one column at a time, or split=None for words that are split "
                    "already.",
                )
            shape = shape[:-1]
        return shape, None

    def _rows(self, array: np.ndarray) -> list[list[bytes]]:
        """The tokens of every sample of an array of texts."""
        _, width = self._outer(array.shape)
        texts = as_bytes(self, array, self.encoding)
        own = None if self.split is None else self._widths
        rows = tokenized(
            texts, self._function("standardize"), self._function("split"), own, who(self)
        )
        if self.split is None:  # the texts are tokens, several to a sample
            flat = list(chain.from_iterable(rows))
            rows = [flat[i : i + width] for i in range(0, len(flat), width)] if width else []
            rows = rows if self._widths is None else [joined(row, self._widths) for row in rows]
        return rows

    @property
    def _widths(self) -> tuple[int, ...] | None:
        if isinstance(self.ngrams, (int, np.integer)):
            return tuple(range(1, int(self.ngrams) + 1))
        return None if self.ngrams is None else tuple(self.ngrams)

    def _numbers(self, rows: list[list[bytes]]) -> np.ndarray:
        """Word numbers of texts, cut and filled up to one length."""
        limit = self.output_sequence_length if self.output_mode == "int" else None
        if limit is not None:
            rows = [row[:limit] for row in rows]
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        width = int(lengths.max(initial=1)) if limit is None else limit
        filler = 0 if self.output_mode == "int" else DROPPED
        ids = np.full((len(rows), width), filler, np.int32)  # (texts, words)
        real = np.arange(width) < lengths[:, None]
        ids[real] = self._lookup.numbers_of(list(chain.from_iterable(rows)))
        return ids

    # --- arguments

    def _function(self, argument: str) -> Any:
        value = getattr(self, argument)
        known: Any = CLEANERS if argument == "standardize" else SPLITTERS
        return value if value in known else resolve("function", value)

    def _check_arguments(self) -> None:
        for argument, known in (("standardize", CLEANERS), ("split", SPLITTERS)):
            value = getattr(self, argument)
            registered = isinstance(value, str) and value in FAMILIES.get("function", ())
            if not callable(value) and not registered:
                checks.one_of(self, argument, value, tuple(known))
        widths = self._widths if not isinstance(self.ngrams, (str, float)) else ("?",)
        if widths is not None and not all(
            isinstance(w, (int, np.integer)) and w > 0 for w in widths
        ):
            raise ConfigError(
                f"The ngrams of {who(self)} must be a whole number or several.",
                got=repr(self.ngrams),
                fix="ngrams=2 for words and pairs, ngrams=(2,) for pairs only.",
            )
        if self.output_sequence_length is not None:
            checks.positive_integer(
                self, "output_sequence_length", self.output_sequence_length, 200
            )
            if self.output_mode != "int":
                raise ConfigError(
                    f"{who(self)} has sequences only in output mode int.",
                    got=f"output_sequence_length={self.output_sequence_length}, "
                    f"output_mode={self.output_mode!r}",
                    fix="leave one of the two out.",
                )

    def saved_attributes(self) -> Iterator[tuple[str, Any]]:
        """Keras's files hold the lookup by itself, too."""
        yield "_lookup_layer", self._lookup

    def save_own_variables(self, store: Any) -> None:
        self._lookup.save_own_variables(store)

    def load_own_variables(self, store: Any) -> None:
        self._lookup.load_own_variables(store)

    def load_assets(self, dir_path: str) -> None:
        """Take the vocabulary that one of Keras's files has of an adapted layer."""
        self._lookup.load_assets(dir_path)
        self._revision += 1

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, with the vocabulary even where it was learned."""
        config, found = super().get_config(), self._lookup.get_config()
        return {**config, **{name: found[name] for name in ("vocabulary", "idf_weights")}}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        """A layer from what `get_config` returned, with its vocabulary."""
        config = {k: v for k, v in config.items() if k != "vocabulary_size"}
        if isinstance(config.get("ngrams"), list):
            config["ngrams"] = tuple(config["ngrams"])
        return super().from_config(config, custom_objects)

    def _argument(self, name: str) -> Any:
        if name in ("vocabulary", "idf_weights"):
            return self._lookup._argument(name)
        return super()._argument(name)
