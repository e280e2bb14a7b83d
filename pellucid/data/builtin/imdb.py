"""IMDB: 50,000 film reviews as word numbers, positive or negative (Maas et al. 2011)."""

from __future__ import annotations

import numpy as np

from ..._core.errors import ConfigError
from ..download import RemoteFile
from ._common import KERAS, PathLike, Splits, file_path, members
from ._words import keep_words, mark, read_index, reader_of

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
        file, ("x_train", "y_train", "x_test", "y_test"), read_objects=reader_of("imdb.npz")
    )
    random = np.random.RandomState(seed)
    halves = []
    for x, y in ((x_train, y_train), (x_test, y_test)):
        order = np.arange(len(x))
        random.shuffle(order)
        halves.append(mark([x[i] for i in order], y[order], start_char, index_from, maxlen))
    if not all(len(x) for x, _ in halves):
        raise ConfigError(
            f"No review has fewer than maxlen={maxlen} words.",
            got=f"maxlen={maxlen}",
            fix="increase maxlen.",
        )
    if not num_words:
        num_words = max(int(review.max()) for x, _ in halves for review in x if len(review))
    (x_train, y_train), (x_test, y_test) = (
        (keep_words(x, skip_top, num_words, oov_char), y) for x, y in halves
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
    return read_index(file)
