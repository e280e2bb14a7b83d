"""Special functions, groups of rows, the largest few, distances.

>>> top_k([1.0, 3.0, 2.0], 2)[1].tolist(), segment_sum([1, 2, 3], [0, 1, 0], 2).tolist()
([1, 2], [4, 2])
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from pellucid._core.errors import ConfigError, ShapeError
from pellucid.layers.symbolic import SymbolicTensor

from .op import ALONG, Tensor, floating, op, table

__all__ = [
    "cdist",
    "erf",
    "erfc",
    "erfinv",
    "in_top_k",
    "logdet",
    "logsumexp",
    "rsqrt",
    "segment_max",
    "segment_min",
    "segment_prod",
    "segment_sum",
    "top_k",
    "view_as_complex",
    "view_as_real",
]

_unary, _ = table(__name__)

rsqrt = _unary("rsqrt", jax.lax.rsqrt, "One divided by the square root.", floats=True)
erf = _unary("erf", jax.lax.erf, "The error function.", floats=True)
erfc = _unary("erfc", jax.scipy.special.erfc, "One minus the error function.", floats=True)
erfinv = _unary("erfinv", jax.scipy.special.erfinv, "The inverse of `erf`.", floats=True)


@op(rows=ALONG)
def logsumexp(x: Tensor, axis=None, keepdims=False):
    """The logarithm of the sum of the exponentials along `axis`, without overflow."""
    axis = tuple(axis) if isinstance(axis, list) else axis
    return jax.scipy.special.logsumexp(floating(x), axis=axis, keepdims=keepdims)


@op
def logdet(x: Tensor):
    """The logarithm of the size of the determinant of square matrices ``(..., n, n)``."""
    return jnp.linalg.slogdet(x)[1]


# --- the largest few


@op
def top_k(x: Tensor, k, sorted=True):
    """The `k` largest numbers along the last axis, in falling order, and their places.

    Args:
        x: ``(..., n)``.
        k: how many.
        sorted: accepted for Keras's programs; the result is sorted in any case.
    """
    values, places = jax.lax.top_k(x, k)
    return values, places


@op
def in_top_k(targets: Tensor, predictions: Tensor, k):
    """Whether the score of the true class is among the `k` largest.

    Args:
        targets: class numbers, ``(batch,)``.
        predictions: scores, ``(batch, classes)``.
        k: how many count.

    >>> in_top_k([0, 2], [[0.1, 0.6, 0.3], [0.1, 0.6, 0.3]], 2).tolist()
    [False, True]
    """
    of_target = jnp.take_along_axis(predictions, targets[..., None], axis=-1)
    of_target = jnp.where(jnp.isnan(of_target), -jnp.inf, of_target)
    return jnp.sum(predictions > of_target, axis=-1) < k


# --- groups of rows


def _segments(name, function, line):
    def spec(data, segment_ids, num_segments=None, sorted=False):
        if None not in (data.shape[0], *segment_ids.shape):
            return None  # a trace tells, and holds one against the other
        return SymbolicTensor((num_segments, *data.shape[1:]), jnp.dtype(data.dtype).name)

    def segment(data: Tensor, segment_ids: Tensor, num_segments=None, sorted=False):
        if segment_ids.ndim != 1 or data.shape[:1] != segment_ids.shape:
            raise ShapeError(
                f"ops.{name} needs one group number per row.",
                got=f"data {data.shape}, segment_ids {segment_ids.shape}",
                expected="data (n, ...), segment_ids (n,)",
                fix="flatten the axes that the groups go over into axis 0.",
            )
        if num_segments is None:
            raise ConfigError(
                f"ops.{name} must know how many groups there are: its result has that many rows.",
                got="num_segments=None",
                fix=f"ops.{name}(data, segment_ids, num_segments=10), say.",
            )
        return function(data, segment_ids, num_segments, indices_are_sorted=sorted)

    segment.__name__ = segment.__qualname__ = name
    segment.__doc__ = f"""{line}

    Args:
        data: rows, ``(n, ...)``.
        segment_ids: the group of every row, ``(n,)``; negative ones and those beyond the last
            group are left out.
        num_segments: how many groups; the result is ``(num_segments, ...)``.
        sorted: whether the groups are in rising order, which is faster.
    """
    return op(segment, spec=spec)


segment_sum = _segments("segment_sum", jax.ops.segment_sum, "The sum of the rows of each group.")
segment_prod = _segments("segment_prod", jax.ops.segment_prod, "The product of each group's rows.")
segment_max = _segments("segment_max", jax.ops.segment_max, "The largest numbers of each group.")
segment_min = _segments("segment_min", jax.ops.segment_min, "The smallest numbers of each group.")


# --- distances, complex numbers


@op
def cdist(x: Tensor, y: Tensor):
    """The distance of every row of one matrix from every row of another.

    Args:
        x: ``(..., n, features)``.
        y: ``(..., m, features)``.

    Returns:
        ``(..., n, m)``

    >>> cdist([[0.0, 0.0]], [[3.0, 4.0]]).tolist()
    [[5.0]]
    """
    if x.ndim < 2 or y.ndim < 2 or x.shape[-1] != y.shape[-1]:
        raise ShapeError(
            "ops.cdist compares rows of the same length.",
            got=f"x {x.shape}, y {y.shape}",
            expected="x (..., n, features), y (..., m, features)",
        )
    apart = x[..., :, None, :] - y[..., None, :, :]
    return jnp.sqrt(jnp.sum(apart * apart, axis=-1))


@op
def view_as_complex(x: Tensor):
    """Pairs of real and imaginary part along the last axis, ``(..., 2)``, as complex numbers."""
    if x.ndim < 1 or x.shape[-1] != 2:
        raise ShapeError(
            "ops.view_as_complex reads real and imaginary parts off the last axis.",
            got=f"shape {x.shape}",
            expected="(..., 2)",
            fix="ops.stack([real, imaginary], axis=-1).",
        )
    parts = x.astype(jnp.float32)
    return jax.lax.complex(parts[..., 0], parts[..., 1])


@op
def view_as_real(x: Tensor):
    """Complex numbers as pairs of real and imaginary part along a new last axis."""
    return jnp.stack([jnp.real(x), jnp.imag(x)], axis=-1)
