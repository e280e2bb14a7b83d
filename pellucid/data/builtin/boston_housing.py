"""Boston housing: 506 districts of the 1970 census (Harrison and Rubinfeld 1978; StatLib)."""

from __future__ import annotations

import numpy as np

from ..download import RemoteFile
from ._common import KERAS, PathLike, Splits, check_test_split, file_path, members, shuffled_split

TASK = "regression"
class_names: tuple[str, ...] = ()
feature_names = (
    "CRIM",
    "ZN",
    "INDUS",
    "CHAS",
    "NOX",
    "RM",
    "AGE",
    "DIS",
    "RAD",
    "TAX",
    "PTRATIO",
    "B",
    "LSTAT",
)
FILES = (
    (
        RemoteFile(
            "boston_housing.npz",
            (KERAS + "boston_housing.npz",),
            "sha256:f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
        ),
    ),
)


def load_data(
    path: PathLike = "boston_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
    *,
    data_dir: PathLike | None = None,
) -> Splits:
    """Load the Boston housing table, downloading it (57 kB) the first time.

    Its column B is built on the share of Black residents, and the table is no longer used for
    teaching in other libraries: `california_housing` asks the same question.

    Args:
        path: name of the .npz file in the cache, or the absolute path of one.
        test_split: share of the districts to hold out.
        seed: of the shuffle before the split.
        data_dir: folder that already holds the file, or where to download to.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: `(districts, 13)` by `feature_names`, and the
        median house value in thousands of dollars `(districts,)`; the rows of Keras's split.

    Raises:
        ConfigError: a test_split outside 0 to 1.
        DownloadError: no mirror delivered it intact.

    >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    check_test_split(test_split)
    x, y = members(file_path("boston_housing", FILES[0][0], path, data_dir), ("x", "y"))
    return shuffled_split(np.asarray(x), np.asarray(y), test_split, seed)
