"""Matrices: factorisations, inverses, norms.

>>> inv([[2.0, 0.0], [0.0, 4.0]]).tolist(), det([[2.0, 0.0], [0.0, 4.0]]).tolist()
([[0.5, 0.0], [0.0, 0.25]], 8.0)
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core.errors import ConfigError, DataError, ShapeError

from .control import jvp
from .op import Tensor, floating, op

__all__ = [
    "cholesky",
    "cholesky_inverse",
    "det",
    "eig",
    "eigh",
    "inv",
    "jvp",
    "lstsq",
    "lu_factor",
    "matrix_rank",
    "norm",
    "pinv",
    "qr",
    "solve",
    "solve_triangular",
    "svd",
]


def _matrices(name: str, x: jax.Array, square: bool = False) -> jax.Array:
    if x.ndim < 2 or (square and x.shape[-1] != x.shape[-2]):
        raise ShapeError(
            f"ops.{name} takes {'square ' if square else ''}matrices.",
            got=f"shape {x.shape}",
            expected="(..., n, n)" if square else "(..., rows, columns)",
            fix="axes before the last two are stacks of matrices.",
        )
    return floating(x)


@op
def cholesky(x: Tensor, upper=False):
    """The triangular matrix L with ``L Lᵀ = x``, of symmetric positive definite matrices.

    Args:
        x: ``(..., n, n)``.
        upper: whether to return the upper triangle, Lᵀ.

    Raises:
        DataError: a matrix that is not positive definite (outside compiled code, where there are
            NaNs instead).
    """
    factor = jnp.linalg.cholesky(_matrices("cholesky", x, square=True), upper=upper)
    if not isinstance(factor, jax.core.Tracer) and bool(jnp.isnan(factor).any()):
        raise DataError(
            "ops.cholesky needs positive definite matrices.",
            got=f"shape {x.shape}, with NaN in the result",
            fix="add a small number to the diagonal: x + 1e-6 * ops.eye(n).",
        )
    return factor


@op
def cholesky_inverse(x: Tensor, upper=False):
    """The inverse of matrices from their Cholesky factors, ``(..., n, n)``."""
    x = _matrices("cholesky_inverse", x, square=True)
    identity = jnp.broadcast_to(jnp.eye(x.shape[-1], dtype=x.dtype), x.shape)
    half = jax.scipy.linalg.solve_triangular(x, identity, lower=not upper)
    return half @ half.mT if upper else half.mT @ half


@op
def det(x: Tensor):
    """The determinant of square matrices."""
    return jnp.linalg.det(_matrices("det", x, square=True))


@op
def inv(x: Tensor):
    """The inverse of square matrices."""
    return jnp.linalg.inv(_matrices("inv", x, square=True))


@op
def pinv(x: Tensor, rcond=None):
    """The pseudo-inverse of matrices.

    Args:
        x: ``(..., rows, columns)``.
        rcond: singular values below this share of the largest count as zero.
    """
    return jnp.linalg.pinv(_matrices("pinv", x), rtol=rcond)


@op
def matrix_rank(x: Tensor, tol=None):
    """How many rows of matrices are independent.

    Args:
        x: ``(..., rows, columns)``.
        tol: singular values below this share of the largest count as zero.
    """
    return jnp.linalg.matrix_rank(_matrices("matrix_rank", x), rtol=tol).astype(jnp.int32)


@op
def eig(x: Tensor):
    """Eigenvalues and eigenvectors (as columns) of square matrices; complex, on the CPU only."""
    return tuple(jnp.linalg.eig(_matrices("eig", x, square=True)))


@op
def eigh(x: Tensor):
    """Eigenvalues, in rising order, and eigenvectors (as columns) of symmetric matrices."""
    return tuple(jnp.linalg.eigh(_matrices("eigh", x, square=True)))


@op
def svd(x: Tensor, full_matrices=True, compute_uv=True):
    """Singular values: ``x = u @ diag(s) @ v``.

    Args:
        x: ``(..., rows, columns)``.
        full_matrices: whether u and v are square.
        compute_uv: whether to return u, s and v rather than s alone.
    """
    x = _matrices("svd", x)
    result: Any = jnp.linalg.svd(x, full_matrices=full_matrices, compute_uv=compute_uv)
    return tuple(result) if compute_uv else result


@op
def qr(x: Tensor, mode="reduced"):
    """An orthogonal matrix and a triangular one whose product it is.

    Args:
        x: ``(..., rows, columns)``.
        mode: ``"reduced"``, or ``"complete"`` for a square orthogonal matrix.
    """
    if mode not in ("reduced", "complete"):
        raise ConfigError(
            "ops.qr does not know this mode.", got=repr(mode), expected="'reduced' or 'complete'"
        )
    return tuple(jnp.linalg.qr(_matrices("qr", x), mode=mode))


@op
def lu_factor(x: Tensor):
    """Lower and upper triangle in one matrix, and the order of the rows."""
    function = jax.scipy.linalg.lu_factor
    for _ in range(x.ndim - 2):
        function = jax.vmap(function)
    return tuple(function(_matrices("lu_factor", x)))


@op
def norm(x: Tensor, ord=None, axis=None, keepdims=False):
    """The length of vectors, or the size of matrices.

    Args:
        x: array.
        ord: None for the root of the squares; a number, ``inf``, ``-inf``, ``"fro"``, ``"nuc"``.
        axis: one axis for vectors, two for matrices; None for the whole array.
        keepdims: whether the axes stay, with length 1.
    """
    return jnp.linalg.norm(floating(x), ord=ord, axis=axis, keepdims=keepdims)


@op
def solve(a: Tensor, b: Tensor):
    """x with ``a @ x = b``, of square matrices.

    Args:
        a: ``(..., n, n)``.
        b: ``(..., n)``, a vector for each matrix, or ``(..., n, several)``.

    >>> solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0]).tolist()
    [1.0, 0.5]
    """
    a, b = _matrices("solve", a, square=True), floating(b)
    return _of_vectors(jnp.linalg.solve, "solve", a, b)


def _of_vectors(function: Any, name: str, a: jax.Array, b: jax.Array) -> jax.Array:
    """`function` of matrices and columns, where `b` may be one vector for each matrix."""
    vectors = b.ndim == 1 or b.shape == a.shape[:-1]
    columns = b[..., None] if vectors else b  # (..., n, columns)
    if columns.ndim < 2 or columns.shape[-2] != a.shape[-1]:
        raise ShapeError(
            f"ops.{name} needs a right side of as many rows as the matrix has.",
            got=f"a {a.shape}, b {b.shape}",
            expected=f"b {a.shape[:-1]} or {(*a.shape[:-1], 'several')}",
            fix="b[..., None] makes a column of a vector.",
        )
    batch = jnp.broadcast_shapes(a.shape[:-2], columns.shape[:-2])
    x = function(*(jnp.broadcast_to(m, (*batch, *m.shape[-2:])) for m in (a, columns)))
    return x[..., 0] if vectors else x


@op
def solve_triangular(a: Tensor, b: Tensor, lower=False):
    """x with ``a @ x = b``, of triangular matrices, whose other half is not looked at."""
    a, b = _matrices("solve_triangular", a, square=True), floating(b)
    function = partial(jax.scipy.linalg.solve_triangular, lower=lower)
    return _of_vectors(function, "solve_triangular", a, b)


@op
def lstsq(a: Tensor, b: Tensor, rcond=None):
    """The x that brings ``a @ x`` nearest to `b`.

    Args:
        a: ``(rows, columns)``.
        b: ``(rows,)`` or ``(rows, several)``.
        rcond: singular values below this share of the largest count as zero.
    """
    return jnp.linalg.lstsq(_matrices("lstsq", a), b, rcond=rcond)[0]
