"""Texts to lists of tokens: cleaned, split, joined to n-grams. Everything in UTF-8 bytes.

Letters, punctuation and white space are those of ASCII, as in Keras, whose numbers depend on it:
"Ä" stays "Ä", and a non-breaking space holds words together.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any

import numpy as np

from ..._core import foreign
from ..._core.errors import DataError

PUNCTUATION = string.punctuation.encode()
CLEANERS: dict[Any, Callable[[bytes], bytes]] = {
    None: lambda text: text,
    "lower": bytes.lower,
    "strip_punctuation": lambda text: text.translate(None, PUNCTUATION),
    "lower_and_strip_punctuation": lambda text: text.lower().translate(None, PUNCTUATION),
}
SPLITTERS: dict[Any, Callable[[bytes], list[bytes]]] = {
    None: lambda text: [text],
    "whitespace": bytes.split,
    "character": lambda text: [c.encode() for c in text.decode("utf-8", "replace")],
}


def tokenized(
    texts: list[bytes], standardize: Any, split: Any, widths: tuple[int, ...] | None, who: str
) -> list[list[bytes]]:
    """The tokens of every text.

    Args:
        texts: in UTF-8.
        standardize: a name, or a function from an array of str to one of the same length.
        split: a name, or a function from an array of str to one list of str for each.
        widths: of the n-grams to make of the tokens, in this order; None for the tokens alone.
        who: the layer, for messages.

    >>> tokenized([b"Good, not bad!"], "lower_and_strip_punctuation", "whitespace", (1, 2), "")
    [[b'good', b'not', b'bad', b'good not', b'not bad']]
    """
    if callable(standardize):
        texts = _encoded(_called(standardize, texts, "standardize", who))
    else:
        texts = list(map(CLEANERS[standardize], texts))
    if callable(split):
        found = [_encoded(row) for row in _called(split, texts, "split", who)]
    else:
        found = list(map(SPLITTERS[split], texts))
    return found if widths is None else [joined(tokens, widths) for tokens in found]


def joined(tokens: list[bytes], widths: tuple[int, ...]) -> list[bytes]:
    """Neighbouring tokens joined by spaces, one width after the other.

    >>> joined([b"a", b"b", b"c"], (2, 3))
    [b'a b', b'b c', b'a b c']
    """
    return [
        b" ".join(tokens[start : start + width])
        for width in widths
        for start in range(len(tokens) - width + 1)
    ]


def _called(function: Callable[[Any], Any], texts: list[bytes], what: str, who: str) -> Any:
    result = function(np.array([text.decode("utf-8", "replace") for text in texts], dtype=str))
    if foreign.is_ragged(result):
        result = result.to_list()
    result = foreign.to_numpy(result)  # of a function written with TensorFlow's operations
    if not hasattr(result, "__len__") or len(result) != len(texts):
        raise DataError(
            f"The function `{what}` of {who} did not return one item for each text.",
            got=f"{type(result).__name__} for {len(texts)} texts",
            expected="an array of texts" if what == "standardize" else "a list of lists of words",
            fix=f"write it for an array of texts: def {what}(texts): return np.char.lower(texts)."
            if what == "standardize"
            else "def split(texts): return [text.split('|') for text in texts].",
        )
    return result


def _encoded(items: Any) -> list[bytes]:
    return [t if isinstance(t, bytes) else str(t).encode("utf-8", "surrogatepass") for t in items]
