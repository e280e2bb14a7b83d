"""`IndexLookup`: tokens and their numbers in a vocabulary; base of the two lookup layers."""

from __future__ import annotations

import os
from typing import Any, ClassVar, Self

import jax.numpy as jnp
import numpy as np

from ..._core.errors import ConfigError, StateError
from .. import checks
from ..context import current
from ..prepared import Prepared
from .buckets import salt_pair
from .data_layer import DataLayer
from .values import batches, who
from .vocabulary import Long, TokenCounts, given_tokens, idf_array, listed, no_data, without_special

DROPPED = -1  # a number that counts nowhere


class IndexLookup(DataLayer):
    """Tokens to numbers and back. A subclass says what its tokens are and how they are found.

    The numbers start with the mask (in ``"int"`` only), then `num_oov_indices` for tokens that are
    not in the vocabulary, then the vocabulary in its order.
    """

    takes_text: ClassVar[bool]
    owner: Any = None
    """The layer that this one is a part of."""

    # Set by the subclasses' constructors, whose signatures are Keras's.
    max_tokens: int | None
    num_oov_indices: int
    mask_token: Any
    oov_token: Any
    vocabulary: Any
    idf_weights: Any
    invert: bool
    pad_to_max_tokens: bool
    sparse: bool
    salt: Any
    oov_method: str

    whole_numbers_in_graph = "int64"

    @property
    def each_value_alone(self) -> bool:  # type: ignore[override]
        return self.output_mode == "int"

    def set_up(self) -> None:
        """Check the constructor's arguments and take over a given vocabulary."""
        self._tokens: list[Any] | None = None
        self._idf: np.ndarray | None = None  # one for each number, special ones included
        self._adapted = False
        self.output_mode = self.check_mode("int", "one_hot", "multi_hot", "count", "tf_idf")
        self.check_dense("sparse")
        self._check_arguments()
        self._counts = self._no_counts()
        if self.vocabulary is not None:
            if self.output_mode == "tf_idf" and self.idf_weights is None:
                raise ConfigError(
                    f"{who(self)} needs idf_weights beside its vocabulary to give tf_idf.",
                    got="idf_weights=None",
                    fix="idf_weights=[...], one for each token, or leave the vocabulary out and "
                    "adapt the layer.",
                )
            self._take(self.vocabulary, self.idf_weights)

    # --- the vocabulary

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Make a vocabulary of what the data holds, the most frequent tokens first.

        Args:
            data: an array or list, each row a document, a column of a table, or an iterable of
                batches of them.
            steps: how many batches to take of an iterable; all by default.

        Raises:
            ConfigError: the layer was made with a vocabulary. DataError: no data, or of a kind
                that is not looked up here.
        """
        self.reset_state()
        for batch in batches(self, data, steps):
            self.update_state(batch)
        if not self._counts.documents:
            raise no_data(self)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count one more batch, for `finalize_state` to make a vocabulary of.

        Args:
            data: array or list, each row a document.

        Raises:
            ConfigError: the layer was made with a vocabulary.
        """
        (batch,) = batches(self, data)
        self.count(self.documents(batch))

    def count(self, documents: Any) -> None:
        """`update_state` for what has been read: lists of keys, one for each document."""
        self._must_learn()
        self._counts.add(documents)

    def finalize_state(self) -> None:
        """Make the vocabulary of what `update_state` has counted; nothing where it has not."""
        counts, self._counts = self._counts, self._no_counts()
        if counts.documents:
            self.adapt_to(counts)

    def reset_state(self) -> None:
        """Forget what `update_state` has counted; a vocabulary that was made of it stays."""
        self._counts = self._no_counts()

    def _no_counts(self) -> TokenCounts:
        return TokenCounts(self.output_mode == "tf_idf")

    def _must_learn(self) -> None:
        if self.vocabulary is not None:
            raise ConfigError(
                f"{who(self)} was made with a vocabulary of its own.",
                got="adapt() of a layer that has nothing to learn",
                fix="leave `vocabulary` out to learn one.",
            )

    def adapt_to(self, counts: TokenCounts) -> None:
        """Take the vocabulary from counted tokens."""
        self._must_learn()
        if not counts.documents:
            raise no_data(self)
        limit = None if self.max_tokens is None else self.max_tokens - self._first_token
        special = [self.as_key(t) for t in (self.mask_token, self.oov_token) if t is not None]
        keys = counts.ranked(special, limit)
        idf = None
        if self.output_mode == "tf_idf" and keys:
            idf = counts.idf(keys)
            idf = np.concatenate([np.full(self._first_token, idf.mean(), np.float32), idf])
        self._store([self.as_token(key) for key in keys], idf)
        self._adapted = True

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Replace the vocabulary.

        Args:
            vocabulary: list or array of tokens, or path of a file with one per line; the special
                tokens may stand in front or be left out.
            idf_weights: inverse document frequencies, one per token, for ``"tf_idf"`` only.
        """
        if (self.output_mode == "tf_idf") != (idf_weights is not None):
            raise ConfigError(
                f"{who(self)} takes idf_weights in output mode tf_idf, and only there.",
                got=f"output_mode={self.output_mode!r}, idf_weights "
                f"{'missing' if idf_weights is None else 'given'}",
                fix="set_vocabulary(tokens, idf_weights)."
                if idf_weights is None
                else "leave idf_weights out.",
            )
        self._take(vocabulary, idf_weights)
        self._adapted = True

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens, each at the place of its number; without special ones if asked."""
        tokens = list(self._tokens or [])
        return [*self._special, *tokens] if include_special_tokens else tokens

    def vocabulary_size(self) -> int:
        """How many numbers there are, those of special tokens included."""
        return len(self._tokens or []) + self._first_token

    def _take(self, vocabulary: Any, idf_weights: Any) -> None:
        given = given_tokens(self, vocabulary, self.takes_text)
        tokens, complete = without_special(self, given, self._special)
        size = len(tokens) + self._first_token
        if self.max_tokens is not None and size > self.max_tokens:
            raise ConfigError(
                f"The vocabulary of {who(self)} is larger than max_tokens allows.",
                got=f"{size} tokens, {self._first_token} special ones included",
                expected=f"at most max_tokens={self.max_tokens}",
                fix=f"max_tokens={size}, or pass fewer tokens.",
            )
        idf = None
        if idf_weights is not None:
            idf = idf_array(self, idf_weights, len(given))
            if not complete:
                idf = np.concatenate([np.full(self._first_token, idf.mean(), np.float32), idf])
        self._store(tokens, idf)

    def _store(self, tokens: list[Any], idf: np.ndarray | None) -> None:
        self._tokens, self._idf = tokens, idf
        self._revision += 1
        self.index(tokens)

    @property
    def _special(self) -> list[Any]:
        mask = [self.mask_token] * self._first_oov
        return [*mask, *[self.oov_token] * self.num_oov_indices]

    @property
    def _first_oov(self) -> int:
        return int(self.mask_token is not None and self.output_mode == "int")

    @property
    def _first_token(self) -> int:
        return self._first_oov + self.num_oov_indices

    @property
    def _mask_number(self) -> int:
        return 0 if self.output_mode == "int" else DROPPED

    @property
    def _depth(self) -> int:
        """The length of encoded rows."""
        if self.pad_to_max_tokens:
            return int(self.max_tokens or 0)
        self.must_know()
        return self.vocabulary_size()

    def must_know(self) -> None:
        """Raise `StateError` where there is no vocabulary, except while a graph is drawn."""
        context = current()
        drawing = context is not None and context.abstract and self.output_mode == "int"
        if self._tokens is None and not drawing:
            raise StateError(
                f"{who(self)} has no vocabulary yet.",
                got="neither vocabulary= nor adapt()",
                fix="call layer.adapt(x_train) first, or give vocabulary=[...].",
            )

    # --- what a subclass provides

    def index(self, tokens: list[Any]) -> None:
        """Prepare to find tokens."""
        raise NotImplementedError

    def documents(self, batch: np.ndarray) -> Any:
        """Lists of keys, one for each row of a batch."""
        raise NotImplementedError

    def as_key(self, token: Any) -> Any:
        """A token as it is counted and found."""
        return token

    def as_token(self, key: Any) -> Any:
        """The inverse of `as_key`."""
        return key

    # --- calling

    def on_device(self, ids: Any) -> Any:
        """Numbers in the layer's output mode."""
        if self.output_mode == "int":
            return jnp.asarray(ids)
        rows = self.encoded(ids, self._depth)
        if self.output_mode != "tf_idf":
            return rows
        idf = np.zeros(self._depth, np.float32)
        known = np.zeros(0) if self._idf is None else self._idf
        idf[: len(known)] = known
        return (rows.astype(jnp.float32) * idf).astype(self.compute_dtype)

    def _from_prepared(self, prepared: Prepared) -> Any:
        (ids,) = prepared
        return self.on_device(ids)

    # --- files, where ours hold the vocabulary in the configuration

    def save_own_variables(self, store: Any) -> None:
        """The frequencies, which Keras looks for here as well."""
        if self.output_mode == "tf_idf" and self._idf is not None:
            store["idf_weights"] = self._idf

    def load_own_variables(self, store: Any) -> None:
        """Note the frequencies of one of Keras's files, for `load_assets`."""
        self.__dict__["_read_idf"] = dict(store).get("idf_weights")

    def load_assets(self, dir_path: str) -> None:
        """Take the vocabulary that one of Keras's files has of an adapted layer."""
        if self.vocabulary is not None:
            return
        with open(os.path.join(dir_path, "vocabulary.txt"), encoding="utf-8") as file:
            lines = file.read().split("\n")
        while lines and not lines[-1]:
            lines.pop()
        tokens = lines if self.takes_text else [int(line) for line in lines]
        if len(tokens) > self._first_token or self._tokens is not None:
            self.set_vocabulary(tokens, self.__dict__.pop("_read_idf", None))

    # --- configuration

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, with the vocabulary even where it was learned."""
        config = super().get_config()
        if self._adapted or isinstance(self.vocabulary, (str, bytes)):
            config["vocabulary"] = self._tokens
            if self._idf is not None:
                config["vocabulary"] = self.get_vocabulary()
                config["idf_weights"] = self._idf.tolist()
        else:
            config["vocabulary"] = listed(self.vocabulary)
            config["idf_weights"] = listed(self.idf_weights)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        """A layer from what `get_config` returned, with its vocabulary."""
        # Keras writes these down too; they follow from the others.
        derived = {"vocabulary_size", "has_input_vocabulary"}
        if cls.takes_text:
            derived |= {"vocabulary_dtype", "oov_method"}
        kept = {k: v for k, v in config.items() if k not in derived}
        return super().from_config(kept, custom_objects)

    def _argument(self, name: str) -> Any:
        value = super()._argument(name)
        if name == "vocabulary" and self._adapted:
            value = self._tokens
        if name in ("vocabulary", "idf_weights") and isinstance(value, (list, tuple)):
            return value if len(value) <= 8 else Long(value)
        return value

    def _check_arguments(self) -> None:
        if self.max_tokens is not None:
            checks.positive_integer(self, "max_tokens", self.max_tokens, 10000)
            least = self._first_token + 1 if isinstance(self.num_oov_indices, int) else 2
            if self.max_tokens < max(2, least):
                raise ConfigError(
                    f"{who(self)} has no room for a vocabulary.",
                    got=f"max_tokens={self.max_tokens}, {self._first_token} of them special",
                    expected=f"max_tokens of {max(2, least)} or more",
                    fix="max_tokens=10000, say, or leave it out.",
                )
        elif self.pad_to_max_tokens:
            raise ConfigError(
                f"{who(self)} cannot pad to max_tokens without max_tokens.",
                got="max_tokens=None, pad_to_max_tokens=True",
                fix="max_tokens=10000, say.",
            )
        checks.whole_number(self, "num_oov_indices", self.num_oov_indices)
        checks.number(self, "num_oov_indices", self.num_oov_indices, 0)
        if self.invert and self.output_mode != "int":
            raise ConfigError(
                f"{who(self)} with invert=True gives tokens, which have no other form.",
                got=f"output_mode={self.output_mode!r}",
                fix="leave output_mode out.",
            )
        if self.idf_weights is not None and self.output_mode != "tf_idf":
            raise ConfigError(
                f"{who(self)} uses idf_weights in output mode tf_idf only.",
                got=f"output_mode={self.output_mode!r}",
                fix="output_mode='tf_idf', or leave idf_weights out.",
            )
        self.salt_key()

    def salt_key(self) -> tuple[int, int] | None:
        """The salt as a key of two numbers."""
        return salt_pair(self, self.salt)
