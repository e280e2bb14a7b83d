"""Data sets at hand, under Keras's names: `from pellucid.datasets import mnist`.

>>> from pellucid.datasets import iris
>>> (x_train, y_train), (x_test, y_test) = iris.load_data()
>>> x_train.shape
(120, 4)
"""

from __future__ import annotations

import sys

from .data.builtin import (
    MODULES,
    boston_housing,
    breast_cancer,
    california_housing,
    cifar10,
    cifar100,
    diabetes,
    digits,
    fashion_mnist,
    get,
    imdb,
    iris,
    load,
    mnist,
    names,
    reuters,
    wine,
)

# Tutorials also write `from keras.datasets.mnist import load_data`.
for _module in MODULES:
    sys.modules[f"{__name__}.{_module.__name__.rpartition('.')[2]}"] = _module

__all__ = [
    "digits",
    "iris",
    "wine",
    "breast_cancer",
    "diabetes",
    "mnist",
    "fashion_mnist",
    "cifar10",
    "california_housing",
    "imdb",
    "cifar100",
    "boston_housing",
    "reuters",
    "names",
    "get",
    "load",
]
