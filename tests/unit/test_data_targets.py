"""Whether targets are classes or quantities: one rule for the whole package."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.data.targets import kind_of
from pellucid.losses.traits import written_traits

QUALITY = np.array([5, 6, 7, 5, 6, 3, 5, 6])
MSE, SPARSE, BINARY = (
    "mean_squared_error",
    "sparse_categorical_crossentropy",
    "binary_crossentropy",
)
CASES = [
    # targets, loss, units of the output, metrics, kind
    (QUALITY, MSE, 1, (), "values"),  # grades
    (QUALITY.astype("float32"), "huber", 1, ("mae",), "values"),
    (QUALITY[:, None], "poisson", 1, (), "values"),  # counts
    (np.arange(1950, 1990), MSE, 1, (), "values"),  # years
    (np.arange(18, 60), "mean_absolute_error", None, (), "values"),  # ages
    (QUALITY, MSE, 10, (), "labels"),  # class numbers with the wrong loss
    (QUALITY, MSE, 1, ("accuracy",), "labels"),
    (QUALITY.astype("float32"), MSE, 1, ("accuracy",), "values"),
    (QUALITY, SPARSE, 10, (), "labels"),
    (np.arange(300), SPARSE, 300, (), "labels"),
    (QUALITY.astype("float32"), SPARSE, 10, (), "labels"),
    (np.array([[1, 2, 0], [2, 2, 1]]), SPARSE, 3, (), "labels"),  # a word number a step
    (np.array([0, 1, 1, 0]), BINARY, 1, (), "binary"),
    (np.array([0, 1, 1, 0]), MSE, 1, (), "binary"),
    (np.array([True, False]), None, 1, (), "binary"),
    (np.array([-1, 1, 1]), "hinge", 1, (), "binary"),
    (np.array([-1, 1, 1]), MSE, 1, (), "values"),
    (np.array([[0, 1], [1, 0]]), "categorical_crossentropy", 2, (), "one_hot"),
    (np.array([[0, 1], [1, 1]]), BINARY, 2, (), "binary"),
    (np.array([[0.2, 0.8], [0.5, 0.5]]), "kl_divergence", 2, (), "distribution"),
    (np.array([0.2, 0.8]), BINARY, 1, (), "values"),
    (np.array([[3, 4], [5, 6]]), MSE, 2, (), "values"),
    (np.array([-3, 4, 2]), None, None, (), "values"),
    (QUALITY, "my_own_loss", 1, (), "values"),
    (QUALITY, "my_own_loss", 10, (), "labels"),
    (QUALITY, None, None, (), "labels"),
    (np.arange(30), None, None, (), "values"),
    (np.array(["cat", "dog"]), None, None, (), "labels"),
    (np.array([1.0, np.nan]), SPARSE, 3, (), "values"),
    (np.zeros((0, 1)), MSE, 1, (), "values"),
]


@pytest.mark.parametrize(("targets", "loss", "width", "metrics", "kind"), CASES)
def test_values_loss_and_output_decide(targets, loss, width, metrics, kind):
    asks = None if loss is None else written_traits(loss)
    assert kind_of(targets, asks, width, metrics) == kind
