"""The built-in data sets: five that scikit-learn carries, eight downloaded on first use.

Each module has `load_data(...)`, and says what it holds: `TASK` ("classification" or
"regression"), `class_names`, `feature_names`, and `VALUE_RANGE` for pictures.
"""

from __future__ import annotations

import os
from types import ModuleType

from ..._core.specs import family
from . import (
    boston_housing,
    breast_cancer,
    california_housing,
    cifar10,
    cifar100,
    diabetes,
    digits,
    fashion_mnist,
    imdb,
    iris,
    mnist,
    reuters,
    wine,
)
from ._common import Splits

MODULES: tuple[ModuleType, ...] = (
    digits,
    iris,
    wine,
    breast_cancer,
    diabetes,
    mnist,
    fashion_mnist,
    cifar10,
    california_housing,
    imdb,
    cifar100,
    boston_housing,
    reuters,
)

for _module in MODULES:
    family("data set").register(_module.__name__.rpartition(".")[2])(_module)


def names() -> list[str]:
    """The names of the built-in data sets.

    >>> names()[:3]
    ['boston_housing', 'breast_cancer', 'california_housing']
    """
    return family("data set").primary_names()


def get(name: str) -> ModuleType:
    """The module of the data set `name`; raises `UnknownNameError` with the nearest names."""
    return family("data set").get(name.replace("-", "_"))


def load(name: str, data_dir: str | os.PathLike | None = None) -> Splits:
    """`load_data()` of the data set `name`.

    Args:
        name: one of `names()`.
        data_dir: folder that holds, or shall hold, the files of a downloaded data set.

    >>> (x_train, y_train), (x_test, y_test) = load("iris")
    >>> x_train.shape, y_test.shape
    ((120, 4), (30,))
    """
    module = get(name)
    if data_dir is None or not hasattr(module, "FILES"):
        return module.load_data()
    return module.load_data(data_dir=data_dir)
