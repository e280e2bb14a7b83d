"""IMDB: 50,000 film reviews as word numbers, positive or negative (Maas et al. 2011)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO

import numpy as np

from ..._core.errors import ConfigError, FileFormatError
from ..download import RemoteFile
from ..pickled import load_inert
from ._common import KERAS, PathLike, Splits, file_path, members

TASK = "classification"
class_names = ("negative", "positive")
feature_names: tuple[str, ...] = ()

REVIEWS = RemoteFile(
    "imdb.npz",
    (KERAS + "imdb.npz", "https://s3.amazonaws.com/text-datasets/imdb.npz"),
    "sha256:69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
)
WORDS = RemoteFile(
    "imdb_word_index.json",
    (
        KERAS + "imdb_word_index.json",
        "https://s3.amazonaws.com/text-datasets/imdb_word_index.json",
    ),
    "md5:bfafd718b763782e994055a2d397834f",
)
FILES = ((REVIEWS,),)


def load_data(
    path: PathLike = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    *,
    data_dir: PathLike | None = None,
) -> Splits:
    """Load the IMDB reviews, downloading them (17 MB) the first time.

    Words are numbered by how often they occur, 1 the most frequent, plus `index_from`. The
    arguments mean what they mean in Keras, word for word the same result.

    Args:
        path: name of the .npz file in the cache, or the absolute path of one.
        num_words: keep words numbered below this; None keeps all but the one rarest, as Keras.
        skip_top: leave out words numbered below this.
        maxlen: drop reviews of `maxlen` words or more, the start mark counted.
        seed: of the shuffle within each half.
        start_char: number that opens every review; None for none.
        oov_char: number in place of words left out; None drops them.
        index_from: added to every word's number.
        data_dir: folder that already holds the file, or where to download to.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays `(25000,)` of lists of integers,
        and 0 or 1 `(25000,)`. Pad with `pellucid.utils.pad_sequences`.

    Raises:
        ConfigError: a maxlen that drops every review.
        DownloadError: no mirror delivered it intact.
        FileFormatError: a damaged file, or one with anything but numbers in it.

    >>> (x_train, y_train), (x_test, y_test) = load_data(num_words=10000)  # doctest: +SKIP
    """
    file = file_path("imdb", REVIEWS, path, data_dir)
    x_train, y_train, x_test, y_test = members(
        file, ("x_train", "y_train", "x_test", "y_test"), read_objects=_read_reviews
    )
    random = np.random.RandomState(seed)
    halves = []
    for x, y in ((x_train, y_train), (x_test, y_test)):
        order = np.arange(len(x))
        random.shuffle(order)
        halves.append(_mark([x[i] for i in order], y[order], start_char, index_from, maxlen))
    if not all(len(x) for x, _ in halves):
        raise ConfigError(
            f"No review has fewer than maxlen={maxlen} words.",
            got=f"maxlen={maxlen}",
            fix="increase maxlen.",
        )
    if not num_words:
        num_words = max(int(review.max()) for x, _ in halves for review in x if len(review))
    (x_train, y_train), (x_test, y_test) = (
        (_keep_words(x, skip_top, num_words, oov_char), y) for x, y in halves
    )
    return (x_train, y_train), (x_test, y_test)


def get_word_index(
    path: PathLike = "imdb_word_index.json", *, data_dir: PathLike | None = None
) -> dict[str, int]:
    """Word -> its number, before `index_from` is added; downloaded (1.6 MB) the first time.

    Args:
        path: name of the JSON file in the cache, or the absolute path of one.
        data_dir: folder that already holds the file, or where to download to.

    >>> names = {number + 3: word for word, number in get_word_index().items()}  # doctest: +SKIP
    """
    file = file_path("imdb", WORDS, path, data_dir)
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


def _read_reviews(stream: IO[bytes]) -> list[np.ndarray]:
    """The file's object arrays: lists of integers, and nothing else."""
    reviews = load_inert(stream, "imdb.npz")
    if not isinstance(reviews, list) or not all(isinstance(review, list) for review in reviews):
        raise _not_reviews("other content")
    try:
        return [np.asarray(review, np.int64) for review in reviews]
    except (TypeError, ValueError, OverflowError) as error:
        raise _not_reviews(str(error)) from error


def _not_reviews(got: str) -> FileFormatError:
    return FileFormatError(
        "imdb.npz does not hold lists of word numbers.",
        got=got,
        expected="one list of integers per review",
        fix="delete it and load the data set again.",
    )


def _mark(
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


def _keep_words(
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
