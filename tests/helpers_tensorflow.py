"""A stand-in for the few functions of TensorFlow that are used of it: a graph run by hand.

`GraphTensor` has a static shape and no numbers; `numpy_function` makes tensors of that kind, whose
`run()` calls the function, as `tf.data` does for every element.
"""

from __future__ import annotations

import types
from typing import Any

import numpy as np


class Shape(tuple):
    rank = property(len)

    def is_fully_defined(self) -> bool:
        return None not in self


class Format:
    def __init__(self, name: str):
        self.name = name
        self.is_integer = "int" in name
        self.as_numpy_dtype = None  # its presence is what tells a format


class GraphTensor:
    def __init__(self, shape: Any, dtype: str, run: Any):
        self.shape, self.dtype, self.run = Shape(shape), Format(dtype), run

    def set_shape(self, shape: Any) -> None:
        self.shape = Shape(shape)


class Ragged:
    """What `is_ragged` asks for; none is ever made."""


def placeholder(array: Any, *, shape: Any = None) -> GraphTensor:
    """A tensor that will have the numbers of `array`; `shape` may leave sizes open."""
    array = np.asarray(array)
    dtype = "string" if array.dtype.kind in "OSU" else array.dtype.name
    return GraphTensor(array.shape if shape is None else shape, dtype, lambda: array)


def numpy_function(function: Any, tensors: list[GraphTensor], formats: list[Any]) -> Any:
    def result(place: int) -> Any:
        return lambda: function(*[tensor.run() for tensor in tensors])[place]

    return [GraphTensor((), f.name, result(place)) for place, f in enumerate(formats)]


def cast(tensor: GraphTensor, dtype: str) -> GraphTensor:
    return GraphTensor(tensor.shape, dtype, lambda: np.asarray(tensor.run()).astype(dtype))


def module() -> types.ModuleType:
    """To be put into `sys.modules` as ``tensorflow``."""
    tf: Any = types.ModuleType("tensorflow")
    tf.is_tensor = tf.is_symbolic_tensor = lambda value: isinstance(value, GraphTensor)
    tf.RaggedTensor = tf.SparseTensor = Ragged
    tf.numpy_function, tf.as_dtype, tf.cast = numpy_function, Format, cast
    tf.nest = types.SimpleNamespace(flatten=lambda value, expand_composites: [value])
    return tf
