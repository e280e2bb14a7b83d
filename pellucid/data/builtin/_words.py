"""Texts as lists of word numbers: how IMDB and Reuters are read, marked and cut."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np

from ..._core.errors import FileFormatError
from ..pickled import load_inert


def reader_of(what: str) -> Callable[[IO[bytes]], list[np.ndarray]]:
    """A reader of a file's object arrays: lists of integers, and nothing else.

    Args:
        what: the file's name, for messages.
    """

    def wrong(got: str) -> FileFormatError:
        return FileFormatError(
            f"{what} does not hold lists of word numbers.",
            got=got,
            expected="one list of integers per text",
            fix="delete it and load the data set again.",
        )

    def read(stream: IO[bytes]) -> list[np.ndarray]:
        texts = load_inert(stream, what)
        if not isinstance(texts, list) or not all(isinstance(text, list) for text in texts):
            raise wrong("other content")
        try:
            return [np.asarray(text, np.int64) for text in texts]
        except (TypeError, ValueError, OverflowError) as error:
            raise wrong(str(error)) from error

    return read


def read_index(file: Path) -> dict[str, int]:
    """Word -> its number, from a JSON file."""
    try:
        index = json.loads(Path(file).read_text(encoding="utf-8"))
    except ValueError as error:
        raise FileFormatError(
            f"{file} is not the word index.",
            got=str(error),
            expected="a JSON dictionary of words and numbers",
            fix="delete it and call get_word_index() again.",
        ) from error
    return {str(word): int(number) for word, number in index.items()}


def mark(
    reviews: list[np.ndarray],
    labels: np.ndarray,
    start_char: int | None,
    index_from: int,
    maxlen: int | None,
) -> tuple[list[np.ndarray], np.ndarray]:
    """Shift the word numbers, put the start mark in front, drop the long reviews."""
    start = [] if start_char is None else [start_char]
    marked = [np.concatenate([np.array(start, np.int64), r + index_from]) for r in reviews]
    if not maxlen:
        return marked, labels
    short = [i for i, review in enumerate(marked) if len(review) < maxlen]
    return [marked[i] for i in short], labels[short]


def keep_words(
    reviews: list[np.ndarray], skip_top: int, num_words: int, oov_char: int | None
) -> np.ndarray:
    """Object array of lists, with the words outside the range replaced or dropped."""
    kept = np.empty(len(reviews), object)
    for i, review in enumerate(reviews):
        inside = (review >= skip_top) & (review < num_words)
        if oov_char is None:
            kept[i] = review[inside].tolist()
        else:
            kept[i] = np.where(inside, review, oov_char).tolist()
    return kept
