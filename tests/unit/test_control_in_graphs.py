"""Loops and branches on the tensors of a functional model."""

import numpy as np
import pytest

from pellucid import Input, Model, ops

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "float32")


@pytest.mark.parametrize(
    "function",
    [
        lambda x: ops.fori_loop(0, 3, lambda i, v: v + i, x),
        lambda x: ops.while_loop(lambda v: ops.sum(v) < 100, lambda v: (2 * v,), (x,))[0],
        lambda x: ops.map(lambda row: row * 2, x),
        lambda x: ops.vectorized_map(lambda row: row[::-1], x),
        lambda x: ops.associative_scan(lambda a, b: a + b, x, axis=1),
        lambda x: ops.scan(lambda total, row: (total + row, total), x[0] * 0, x)[1],
        lambda x: ops.switch(1, [lambda v: v, lambda v: -v], x),
        lambda x: ops.cond(ops.sum(x) > 0, lambda: x + 1, lambda: x - 1),
        lambda x: x * ops.cond(ops.sum(x) < 0, lambda: ops.ones(3), lambda: ops.zeros(3)),
    ],
)
def test_a_call_is_a_node(function):
    x = Input((3,))
    y = function(x)
    assert y.shape == (None, 3)
    np.testing.assert_allclose(Model(x, y)(X), function(ops.convert_to_tensor(X)))
