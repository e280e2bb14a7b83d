"""Constants, and draws from a distribution given by its own numbers."""

from __future__ import annotations

import math

import numpy as np

from pellucid._core.errors import ShapeError
from pellucid._core.specs import family

from .base import Initializer, RandomInitializer, resolve_dtype

_register = family("initializer").register


@_register("Zeros", "zeros", "zero")
class Zeros(Initializer):
    """All zeros.

    >>> Zeros()((2,)).tolist()
    [0.0, 0.0]
    """

    def __call__(self, shape, dtype=None, *, rng=None):
        return np.zeros(shape, resolve_dtype(dtype))


@_register("Ones", "ones", "one")
class Ones(Initializer):
    """All ones.

    >>> Ones()((2,)).tolist()
    [1.0, 1.0]
    """

    def __call__(self, shape, dtype=None, *, rng=None):
        return np.ones(shape, resolve_dtype(dtype))


@_register("Constant", "constant")
class Constant(Initializer):
    """Every weight `value`: a number, or an array that broadcasts to the shape.

    >>> Constant(0.5)((2,)).tolist()
    [0.5, 0.5]
    """

    def __init__(self, value=0.0):
        self.value = value

    def __call__(self, shape, dtype=None, *, rng=None):
        return np.full(shape, np.asarray(self.value), resolve_dtype(dtype))


@_register("Identity", "identity", "IdentityInitializer")
class Identity(Initializer):
    """`gain` on the diagonal, zero elsewhere; for matrices.

    >>> Identity()((2, 2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, gain=1.0):
        self.gain = gain

    def __call__(self, shape, dtype=None, *, rng=None):
        if len(shape) != 2:
            raise ShapeError(
                "Identity can only initialise a matrix.", got=tuple(shape), expected="two axes"
            )
        return (self.gain * np.eye(*shape)).astype(resolve_dtype(dtype))


def normal(rng, shape, dtype, mean, stddev):
    values = rng.standard_normal(shape, dtype)
    return values * dtype.type(stddev) + dtype.type(mean)


def truncated_normal(rng, shape, dtype, mean, stddev):
    """A normal whose draws beyond two deviations are drawn again."""
    values = rng.standard_normal(math.prod(shape), dtype)
    outside = np.flatnonzero(np.abs(values) > 2)
    while outside.size:
        values[outside] = rng.standard_normal(outside.size, dtype)
        outside = outside[np.abs(values[outside]) > 2]
    return values.reshape(shape) * dtype.type(stddev) + dtype.type(mean)


def uniform(rng, shape, dtype, low, high):
    return rng.random(shape, dtype) * dtype.type(high - low) + dtype.type(low)


@_register("RandomNormal", "random_normal", "normal")
class RandomNormal(RandomInitializer):
    """Normally distributed weights.

    >>> RandomNormal(stddev=0.1, seed=0)((4, 4)).dtype
    dtype('float32')
    """

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        super().__init__(seed=seed)
        self.mean = mean
        self.stddev = stddev

    def draw(self, rng, shape, dtype):
        return normal(rng, shape, dtype, self.mean, self.stddev)


@_register("TruncatedNormal", "truncated_normal")
class TruncatedNormal(RandomInitializer):
    """Normally distributed weights, none further than two deviations from the mean.

    >>> bool(abs(TruncatedNormal(stddev=1.0, seed=0)((1000,))).max() <= 2)
    True
    """

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        super().__init__(seed=seed)
        self.mean = mean
        self.stddev = stddev

    def draw(self, rng, shape, dtype):
        return truncated_normal(rng, shape, dtype, self.mean, self.stddev)


@_register("RandomUniform", "random_uniform", "uniform")
class RandomUniform(RandomInitializer):
    """Weights spread evenly from `minval` up to `maxval`.

    >>> bool(abs(RandomUniform(seed=0)((1000,))).max() <= 0.05)
    True
    """

    def __init__(self, minval=-0.05, maxval=0.05, seed=None):
        super().__init__(seed=seed)
        self.minval = minval
        self.maxval = maxval

    def draw(self, rng, shape, dtype):
        return uniform(rng, shape, dtype, self.minval, self.maxval)


@_register("Orthogonal", "orthogonal", "OrthogonalInitializer")
class Orthogonal(RandomInitializer):
    """A matrix with orthonormal columns (or rows, where it is wide), times `gain`.

    >>> q = Orthogonal(seed=0)((4, 4))
    >>> bool(np.allclose(q @ q.T, np.eye(4), atol=1e-6))
    True

    Saxe, McClelland and Ganguli, arXiv:1312.6120.
    """

    def __init__(self, gain=1.0, seed=None):
        super().__init__(seed=seed)
        self.gain = gain

    def draw(self, rng, shape, dtype):
        if len(shape) < 2:
            raise ShapeError(
                "Orthogonal needs weights of at least two axes.", got=shape, expected="(..., n, m)"
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = rng.standard_normal((max(rows, columns), min(rows, columns)), dtype)
        q, r = np.linalg.qr(tall)
        q *= np.sign(np.diag(r))  # else q is not uniformly distributed over the rotations
        return dtype.type(self.gain) * (q if rows >= columns else q.T).reshape(shape)
