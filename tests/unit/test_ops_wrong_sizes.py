"""Sizes that do not fit are refused in a sentence, before a kernel sees them; empty ones count."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import layers, ops
from pellucid._core.errors import ShapeError


def one(*shape):
    return np.ones(shape, "float32")


PICTURE = one(1, 8, 8, 3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ops.conv(PICTURE, one(3, 3, 3, 5), dilation_rate=-1), "dilation_rate"),
        (lambda: ops.conv(PICTURE, one(3, 3, 3, 5), strides=(1, 0)), "strides"),
        (lambda: ops.conv(PICTURE, one(0, 3, 3, 5)), "window"),
        (lambda: ops.conv_transpose(PICTURE, one(3, 3, 5, 3), strides=0), "strides"),
        (lambda: ops.max_pool(PICTURE, 0), "pool_size"),
        (lambda: ops.average_pool(PICTURE, 2, strides=-1), "strides"),
        (lambda: ops.depthwise_conv(PICTURE, one(3, 3, 4, 1)), "3 channels"),
        (
            lambda: ops.separable_conv(PICTURE, one(3, 3, 3, 1), one(1, 1, 5, 2)),
            r"pointwise \(1, 1, 3\)",
        ),
        (lambda: layers.LSTM(3)(one(2, 0, 3)), "without a step"),
    ],
)
def test_what_does_not_fit(call, words):
    with pytest.raises(ShapeError, match=words):
        call()


def test_attention_of_no_rows():
    empty = one(0, 4, 3)
    assert layers.MultiHeadAttention(2, 2)(empty, empty).shape == (0, 4, 3)


def test_lengths_beyond_the_steps_are_all_of_them():
    """As in Keras."""
    scores = np.random.default_rng(0).normal(size=(1, 4, 3)).astype("float32")
    long = ops.ctc_loss(np.array([[1, 2]]), scores, np.array([9]), np.array([40]))
    full = ops.ctc_loss(np.array([[1, 2]]), scores, np.array([2]), np.array([4]))
    assert float(long[0]) == pytest.approx(float(full[0]))
