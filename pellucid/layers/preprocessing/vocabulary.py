"""A vocabulary: which words there are, counted from data or read from a list or a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ..._core.errors import ConfigError, DataError
from ..._core.specs import serialize
from ..base import Layer
from .values import who


class TokenCounts:
    """How often each token occurs, and in how many documents.

    Args:
        spread: whether the documents that hold a token are counted too.

    >>> counts = TokenCounts()
    >>> counts.add([["a", "b", "a"], ["a"]])
    >>> counts.ranked(), counts.documents, [f"{idf:.3f}" for idf in counts.idf(["a", "b"])]
    (['a', 'b'], 2, ['0.511', '0.693'])
    """

    def __init__(self, spread: bool = True) -> None:
        self.tokens: Counter[Any] = Counter()
        self.spread: Counter[Any] | None = Counter() if spread else None
        self.documents = 0

    def add(self, documents: Iterable[Iterable[Any]]) -> None:
        """Count further documents, each a list of tokens."""
        documents = list(documents)
        self.documents += len(documents)
        self.tokens.update(chain.from_iterable(documents))
        if self.spread is not None:
            self.spread.update(chain.from_iterable(map(set, documents)))

    def ranked(self, without: Iterable[Any] = (), limit: int | None = None) -> list[Any]:
        """The most frequent tokens first; of equally frequent ones the greater first."""
        left_out = set(without)
        order = sorted(self.tokens.items(), key=lambda item: (item[1], item[0]), reverse=True)
        return [token for token, _ in order if token not in left_out][:limit]

    def idf(self, tokens: list[Any]) -> np.ndarray:
        """Inverse document frequencies: ``log(1 + documents / (1 + documents with the token))``."""
        holding: Mapping[Any, int] = self.spread or {}
        counts = np.array([holding.get(token, 0) for token in tokens], np.float64)
        return np.log(1 + self.documents / (1 + counts)).astype(np.float32)


def read_file(layer: Layer, path: str) -> list[str]:
    """The lines of a vocabulary file."""
    file = Path(path)
    if not file.is_file():
        raise ConfigError(
            f"{who(layer)} was given a vocabulary file that does not exist.",
            got=str(path),
            expected="a text file with one token per line",
            fix=f"vocabulary=[{str(path)!r}, ...] if this was meant to be a list of tokens.",
        )
    lines = file.read_text(encoding=getattr(layer, "encoding", "utf-8")).split("\n")
    while lines and lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def given_tokens(layer: Layer, vocabulary: Any, text: bool) -> list[Any]:
    """A vocabulary argument as a plain list of str or int."""
    if isinstance(vocabulary, (str, Path)):
        vocabulary = read_file(layer, str(vocabulary))
        if not text:
            vocabulary = [_number(layer, line) for line in vocabulary]
    array = np.asarray(vocabulary)
    listed = array.ravel().tolist()
    if array.ndim != 1 or array.size == 0:
        raise ConfigError(
            f"The vocabulary of {who(layer)} must be a list of tokens.",
            got=f"shape {array.shape}" if array.size else "an empty vocabulary",
            fix="vocabulary=['red', 'green'], or leave it out and adapt the layer."
            if text
            else "vocabulary=[12, 36], or leave it out and adapt the layer.",
        )
    if text:
        encoding = getattr(layer, "encoding", "utf-8")
        listed = [t.decode(encoding) if isinstance(t, bytes) else t for t in listed]
    kind = str if text else int
    wrong = [token for token in listed if not isinstance(token, kind) or isinstance(token, bool)]
    if wrong:
        raise ConfigError(
            f"The vocabulary of {who(layer)} must hold {'text' if text else 'whole numbers'}.",
            got=f"{wrong[0]!r} ({type(wrong[0]).__name__})",
            fix="StringLookup takes text and IntegerLookup whole numbers.",
        )
    return listed


def _number(layer: Layer, line: str) -> int:
    try:
        return int(line)
    except ValueError:
        raise ConfigError(
            f"The vocabulary file of {who(layer)} must hold one whole number per line.",
            got=repr(line),
            fix="use StringLookup for text.",
        ) from None


def without_special(layer: Layer, tokens: list[Any], special: list[Any]) -> tuple[list[Any], bool]:
    """The tokens after the mask and out-of-vocabulary ones, and whether those were there.

    Raises:
        ConfigError: tokens that occur twice, or special ones elsewhere than in front.
    """
    found = bool(special) and tokens[: len(special)] == special
    rest = tokens[len(special) :] if found else tokens
    if len(set(rest)) != len(rest):
        twice = [token for token, count in Counter(rest).items() if count > 1]
        raise ConfigError(
            f"The vocabulary of {who(layer)} holds a token more than once.",
            got=", ".join(map(repr, twice[:5])),
            expected="each token once",
            fix="vocabulary=list(dict.fromkeys(tokens)).",
        )
    reserved = [layer.mask_token, layer.oov_token if layer.invert else None]
    for token in reserved:
        if token is not None and token in rest:
            raise ConfigError(
                f"The vocabulary of {who(layer)} holds the reserved token {token!r} out of place.",
                got=f"{token!r} at position {tokens.index(token)}",
                expected=f"{special} in front, or no special tokens at all",
                fix=f"take {token!r} out of the vocabulary.",
            )
    return rest, found


def idf_array(layer: Layer, weights: Any, count: int) -> np.ndarray:
    """Inverse document frequencies as float32, one for each of `count` tokens."""
    try:
        array = np.asarray(weights, np.float32)
    except (TypeError, ValueError):
        array = np.zeros((0, 0), np.float32)
    if array.shape != (count,):
        raise ConfigError(
            f"The idf_weights of {who(layer)} must be one number for each token.",
            got=f"shape {array.shape} for {count} tokens",
            fix="pass a list as long as the vocabulary.",
        )
    return array


def no_data(layer: Layer) -> DataError:
    return DataError(
        f"{who(layer)} was adapted on no data.",
        got="0 tokens",
        fix="pass the training data: layer.adapt(x_train).",
    )


def listed(value: Any) -> Any:
    """A list or array as plain JSON types; None stays None."""
    return serialize(value if value is None else np.asarray(value).tolist())


class Long(list):
    """A list that shows its length in place of its items."""

    def __repr__(self) -> str:
        return f"<{len(self)} items, {self[0]!r} first>"
