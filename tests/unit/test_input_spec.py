"""`input_spec`: what a layer of one's own accepts is checked at every call."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import InputSpec, layers
from pellucid._core.errors import ShapeError


class Same(layers.Layer):
    def __init__(self, spec):
        super().__init__()
        self.input_spec = spec

    def call(self, inputs):
        return inputs


@pytest.mark.parametrize(
    ("spec", "takes", "refuses"),
    [
        ({"shape": (None, 2)}, (3, 2), (3, 4)),
        ({"shape": (None, 28, 1), "allow_last_axis_squeeze": True}, (2, 28), (2, 27)),
        ({"ndim": 2}, (1, 1), (1, 1, 1)),
        ({"max_ndim": 2}, (1, 1), (1, 1, 1)),
        ({"min_ndim": 2}, (1, 1), (1,)),
        ({"axes": {-1: 4, 1: None}}, (1, 2, 4), (1, 2, 3)),
    ],
)
def test_shapes(spec, takes, refuses):
    layer = Same(InputSpec(**spec))
    assert layer(np.ones(takes, "float32")).shape == takes
    with pytest.raises(ShapeError):
        layer(np.ones(refuses, "float32"))


def test_formats_names_and_what_is_optional():
    whole = Same(InputSpec(dtype="int32"))
    assert whole(np.ones(2, "int32")).shape == (2,)
    with pytest.raises(ShapeError, match="format int32"):
        whole(np.ones(2, "float32"))
    named = Same([InputSpec(ndim=1, name="a"), InputSpec(ndim=2, name="b")])
    one, two = np.ones(2, "float32"), np.ones((2, 1), "float32")
    assert set(named({"b": two, "a": one})) == {"a", "b"}
    with pytest.raises(ShapeError, match="missing an input"):
        named({"a": one})
    with pytest.raises(ShapeError, match="2 inputs"):
        named([one])
    pair = Same([InputSpec(ndim=1), InputSpec(ndim=1, optional=True)])
    assert pair([one, None])[1] is None


def test_axes_that_are_none():
    with pytest.raises(TypeError, match="axes"):
        InputSpec(axes={"width": 3})
    with pytest.raises(ValueError, match="axis 3 of 2"):
        InputSpec(ndim=2, axes={3: 1})
    again = InputSpec.from_config(InputSpec(shape=(None, 2), dtype="float32").get_config())
    assert repr(again) == "InputSpec(dtype=float32, shape=(None, 2), ndim=2)"
