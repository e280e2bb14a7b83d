"""California housing: 20,640 districts of the 1990 census (Pace and Barry 1997; StatLib)."""

from __future__ import annotations

import numpy as np

from ..._core.errors import ConfigError
from ..download import RemoteFile
from ._common import KERAS, PathLike, Splits, check_test_split, file_path, members, shuffled_split

TASK = "regression"
class_names: tuple[str, ...] = ()
# The file holds the census counts; Keras's documentation lists scikit-learn's derived averages.
feature_names = (
    "longitude",
    "latitude",
    "housing_median_age",
    "total_rooms",
    "total_bedrooms",
    "population",
    "households",
    "median_income",
)
FILES = (
    (
        RemoteFile(
            "california_housing.npz",
            (KERAS + "california_housing.npz",),
            "sha256:1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
        ),
    ),
)


def load_data(
    version: str = "large",
    path: PathLike = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
    *,
    data_dir: PathLike | None = None,
) -> Splits:
    """Load the California housing table, downloading it (0.7 MB) the first time.

    Args:
        version: ``"large"`` (20,640 districts) or ``"small"`` (the first 600).
        path: name of the .npz file in the cache, or the absolute path of one.
        test_split: share of the districts to hold out.
        seed: of the shuffle before the split.
        data_dir: folder that already holds the file, or where to download to.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: `(districts, 8)` by `feature_names`, and the
        median house value in dollars `(districts,)`; the rows of Keras's split.

    Raises:
        ConfigError: another version, or a test_split outside 0 to 1.
        DownloadError: no mirror delivered it intact.

    >>> (x_train, y_train), (x_test, y_test) = load_data("small")  # doctest: +SKIP
    """
    if version not in ("large", "small"):
        raise ConfigError(
            "There are two versions of california_housing.",
            got=repr(version),
            expected="'large' or 'small'",
            fix="load_data(version='small').",
        )
    check_test_split(test_split)
    x, y = members(file_path("california_housing", FILES[0][0], path, data_dir), ("x", "y"))
    rows = slice(0, 600) if version == "small" else slice(None)
    return shuffled_split(np.asarray(x[rows]), np.asarray(y[rows]), test_split, seed)
