"""`Add`, `Subtract`, `Multiply`, `Average`, `Maximum`, `Minimum`, and their functions."""

from __future__ import annotations

import functools
from typing import Any

import jax.numpy as jnp

from ..._core.specs import family
from .base import Merge

_register = family("layer").register


@_register("Add")
class Add(Merge):
    """The sum of several tensors, element by element.

    >>> import numpy as np
    >>> Add()([np.array([[1.0, 2.0]]), np.array([[10.0, 20.0]])]).tolist()
    [[11.0, 22.0]]
    """

    traits = frozenset({"linear", "per_step", "same_shape"})

    def combine(self, arrays: list[Any]) -> Any:
        return functools.reduce(jnp.add, arrays)


@_register("Subtract")
class Subtract(Merge):
    """The first of two tensors minus the second.

    >>> import numpy as np
    >>> Subtract()([np.array([[3.0]]), np.array([[1.0]])]).tolist()
    [[2.0]]
    """

    traits = frozenset({"linear", "per_step", "same_shape"})
    _least, _most = 2, 2

    def combine(self, arrays: list[Any]) -> Any:
        return arrays[0] - arrays[1]


@_register("Multiply")
class Multiply(Merge):
    """The product of several tensors, element by element.

    A masked step counts as a factor of one, or as zero where it is masked in every input.

    >>> import numpy as np
    >>> Multiply()([np.array([[2.0]]), np.array([[5.0]])]).tolist()
    [[10.0]]
    """

    traits = frozenset({"per_step", "same_shape"})

    def merge(self, arrays: list[Any], masks: list[Any]) -> Any:
        arrays = self._aligned(arrays)
        if all(mask is None for mask in masks):
            return functools.reduce(jnp.multiply, arrays)
        factors = [
            array if mask is None else jnp.where(mask[..., None], array, jnp.ones((), array.dtype))
            for array, mask in zip(arrays, masks, strict=True)
        ]
        product = functools.reduce(jnp.multiply, factors)
        real = self.compute_mask(arrays, masks)
        if real is None:
            return product
        return jnp.where(real[..., None], product, jnp.zeros((), product.dtype))


@_register("Average")
class Average(Merge):
    """The mean of several tensors, element by element.

    >>> import numpy as np
    >>> Average()([np.array([[1.0]]), np.array([[3.0]])]).tolist()
    [[2.0]]
    """

    traits = frozenset({"linear", "per_step", "same_shape"})

    def combine(self, arrays: list[Any]) -> Any:
        return functools.reduce(jnp.add, arrays) / len(arrays)


class _Extreme(Merge):
    """Base of `Maximum` and `Minimum`: a masked step takes no part where others are real."""

    def merge(self, arrays: list[Any], masks: list[Any]) -> Any:
        result, real = None, None
        for array, mask in zip(self._aligned(arrays), masks, strict=True):
            if result is None:
                result, real = array, mask
                continue
            if mask is not None:
                array = jnp.where(mask[..., None], array, result)
            if real is not None:
                result = jnp.where(real[..., None], result, array)
            real = jnp.logical_or(real, mask) if real is not None and mask is not None else None
            result = self.combine([result, array])
        return result


@_register("Maximum")
class Maximum(_Extreme):
    """The largest of several tensors, element by element.

    >>> import numpy as np
    >>> Maximum()([np.array([[1.0, 5.0]]), np.array([[3.0, 2.0]])]).tolist()
    [[3.0, 5.0]]
    """

    traits = frozenset({"per_step", "same_shape"})

    def combine(self, arrays: list[Any]) -> Any:
        return functools.reduce(jnp.maximum, arrays)


@_register("Minimum")
class Minimum(_Extreme):
    """The smallest of several tensors, element by element.

    >>> import numpy as np
    >>> Minimum()([np.array([[1.0, 5.0]]), np.array([[3.0, 2.0]])]).tolist()
    [[1.0, 2.0]]
    """

    traits = frozenset({"per_step", "same_shape"})

    def combine(self, arrays: list[Any]) -> Any:
        return functools.reduce(jnp.minimum, arrays)


def add(inputs: Any, **kwargs: Any) -> Any:
    """`Add` as a function: ``add([a, b])``."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """`Subtract` as a function: ``subtract([a, b])``."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """`Multiply` as a function: ``multiply([a, b])``."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """`Average` as a function: ``average([a, b])``."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """`Maximum` as a function: ``maximum([a, b])``."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """`Minimum` as a function: ``minimum([a, b])``."""
    return Minimum(**kwargs)(inputs)
