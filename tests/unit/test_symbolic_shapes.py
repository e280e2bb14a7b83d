"""The shapes that a functional model knows before it has seen data."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Input, layers, ops

A = B = None  # sizes that vary


@pytest.mark.parametrize(
    ("draw", "shape"),
    [
        # an unknown size meets a known one
        (lambda: Input((A, 64)) + Input((100, 64)), (None, 100, 64)),
        (lambda: Input((A, 1)) * Input((7, 4)), (None, 7, 4)),
        (lambda: Input((4,)) + np.ones((5, 4), "float32"), (5, 4)),
        (lambda: layers.Concatenate(axis=1)([Input((A, 4)), Input((100, 4))]), (None, None, 4)),
        (lambda: layers.Concatenate()([Input((A, 4)), Input((100, 4))]), (None, 100, 8)),
        (lambda: ops.matmul(Input((4, A)), Input((100, 5))), (None, 4, 5)),
        (lambda: ops.where(Input((A, 4)) > 0, Input((100, 4)), Input((100, 1))), (None, 100, 4)),
        # it has to be divisible, small or large
        (lambda: ops.split(Input((4,)), 2, axis=0)[1], (None, 4)),
        (lambda: layers.Reshape((-1, 7))(Input((A, 4))), (None, None, 7)),
        (lambda: ops.image.pad_images(Input((A, B, 3)), 2, 3, target_height=20, target_width=30),
         (None, 20, 30, 3)),
        (lambda: layers.STFTSpectrogram(frame_length=256, frame_step=99)(Input((A, 1))),
         (None, None, 129)),
        # a bound is no size
        (lambda: ops.array_split(Input((4,)), 2, axis=0)[1], (None, 4)),
        (lambda: Input((A, 4))[:, :20], (None, None, 4)),
        (lambda: Input((4,))[:2], (None, 4)),
        # no axes at all
        (lambda: ops.mean(Input((4,))) * 2.0, ()),
        (lambda: 1 - ops.max(Input((4,))) > 0.5, ()),
    ],
)  # fmt: skip
def test_static_shape(draw, shape):
    assert draw().shape == shape


def test_sizes_that_cannot_meet_are_refused():
    with pytest.raises(ValueError, match="add"):
        Input((None, 4)) + Input((100, 3))
