"""Reuters: 11,228 newswires as word numbers, of 46 topics (1987)."""

from __future__ import annotations

import numpy as np

from ..._core.errors import ConfigError
from ..download import RemoteFile
from ._common import KERAS, PathLike, Splits, check_test_split, file_path, members
from ._words import keep_words, mark, read_index, reader_of

TASK = "classification"
class_names = (
    "cocoa",
    "grain",
    "veg-oil",
    "earn",
    "acq",
    "wheat",
    "copper",
    "housing",
    "money-supply",
    "coffee",
    "sugar",
    "trade",
    "reserves",
    "ship",
    "cotton",
    "carcass",
    "crude",
    "nat-gas",
    "cpi",
    "money-fx",
    "interest",
    "gnp",
    "meal-feed",
    "alum",
    "oilseed",
    "gold",
    "tin",
    "strategic-metal",
    "livestock",
    "retail",
    "ipi",
    "iron-steel",
    "rubber",
    "heat",
    "jobs",
    "lei",
    "bop",
    "zinc",
    "orange",
    "pet-chem",
    "dlr",
    "gas",
    "silver",
    "wpi",
    "hog",
    "lead",
)
feature_names: tuple[str, ...] = ()

WIRES = RemoteFile(
    "reuters.npz",
    (KERAS + "reuters.npz",),
    "sha256:d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
)
WORDS = RemoteFile(
    "reuters_word_index.json",
    (KERAS + "reuters_word_index.json",),
    "md5:4d44cc38712099c9e383dc6e5f11a921",
)
FILES = ((WIRES,),)


def load_data(
    path: PathLike = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    *,
    data_dir: PathLike | None = None,
) -> Splits:
    """Load the Reuters newswires, downloading them (2 MB) the first time.

    Args:
        path: name of the .npz file in the cache, or the absolute path of one.
        num_words: keep words below this number; all by default.
        skip_top: leave out so many of the most frequent words.
        maxlen: leave out wires of so many words and more.
        test_split: share of the wires to hold out.
        seed: of the shuffle before the split.
        start_char: put before every wire; None for nothing.
        oov_char: in the place of words left out; None drops them.
        index_from: added to every word's number.
        data_dir: folder that already holds the file, or where to download to.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays of lists of word numbers, and topics
        by `class_names`; the rows of Keras's split. Make them one length with
        `pellucid.utils.pad_sequences`.

    Raises:
        ConfigError: a maxlen that drops every wire, or a test_split outside 0 to 1.
        DownloadError: no mirror delivered it intact.
        FileFormatError: a damaged file, or one with anything but numbers in it.

    >>> (x_train, y_train), (x_test, y_test) = load_data(num_words=10000)  # doctest: +SKIP
    """
    check_test_split(test_split)
    file = file_path("reuters", WIRES, path, data_dir)
    x, y = members(file, ("x", "y"), read_objects=reader_of("reuters.npz"))
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    wires, topics = mark([x[i] for i in order], y[order], start_char, index_from, maxlen)
    if not len(wires):
        raise ConfigError(
            f"No wire has fewer than maxlen={maxlen} words.",
            got=f"maxlen={maxlen}",
            fix="increase maxlen.",
        )
    if not num_words:
        num_words = max(int(wire.max()) for wire in wires if len(wire))
    kept = keep_words(wires, skip_top, num_words, oov_char)
    cut = int(len(kept) * (1 - test_split))
    return (kept[:cut], topics[:cut]), (kept[cut:], topics[cut:])


def get_word_index(
    path: PathLike = "reuters_word_index.json", *, data_dir: PathLike | None = None
) -> dict[str, int]:
    """Word -> its number, before `index_from` is added; downloaded (0.5 MB) the first time.

    Args:
        path: name of the JSON file in the cache, or the absolute path of one.
        data_dir: folder that already holds the file, or where to download to.
    """
    return read_index(file_path("reuters", WORDS, path, data_dir))


def get_label_names() -> tuple[str, ...]:
    """The topics' names, by their numbers.

    >>> get_label_names()[3]
    'earn'
    """
    return class_names
