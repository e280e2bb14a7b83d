"""Pictures seen from elsewhere: affine and perspective transformations, and free coordinates."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.rng import next_seed
from pellucid.kernels.images import warp
from pellucid.kernels.images.blur import gaussian_matrix

from ..op import Tensor, floating, op
from ._common import as_batch, one_of

__all__ = [
    "affine_transform",
    "elastic_transform",
    "map_coordinates",
    "perspective_transform",
    "scale_and_translate",
]

METHODS = (
    "linear",
    "bilinear",
    "trilinear",
    "cubic",
    "bicubic",
    "tricubic",
    "lanczos3",
    "lanczos5",
)


@op
def affine_transform(
    images: Tensor,
    transform: Tensor,
    interpolation="bilinear",
    fill_mode="constant",
    fill_value=0,
    data_format=None,
):
    """Pictures moved, turned, scaled and sheared.

    Args:
        images: ``(height, width, channels)`` or with a batch before.
        transform: ``a0 a1 a2 b0 b1 b2 c0 c1`` for all pictures or for each, ``(8,)`` or
            ``(batch, 8)``: the value at (x, y) comes from ``(a0 x + a1 y + a2, b0 x + b1 y + b2)``;
            c0 and c1 are 0.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        fill_mode: beyond the border: ``"constant"``, ``"nearest"``, ``"wrap"``, ``"mirror"``,
            ``"reflect"``.
        fill_value: of ``"constant"``.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
    """
    one_of("affine_transform", "interpolation", interpolation, warp.INTERPOLATIONS)
    one_of("affine_transform", "fill_mode", fill_mode, warp.FILL_MODES)
    if transform.ndim not in (1, 2) or transform.shape[-1] != 8:
        raise ShapeError(
            "ops.image.affine_transform takes eight numbers per picture.",
            got=f"transform {transform.shape}",
            expected="(8,) or (batch, 8)",
        )
    numbers = jnp.atleast_2d(transform)[:, :6]

    def function(x: Any) -> jax.Array:
        each = jnp.broadcast_to(numbers, (len(x), 6))
        return warp.project(x, each, interpolation, fill_mode, fill_value)

    return as_batch("affine_transform", images, data_format, function)


@op
def perspective_transform(
    images: Tensor,
    start_points: Tensor,
    end_points: Tensor,
    interpolation="bilinear",
    fill_value=0,
    data_format=None,
):
    """Pictures drawn so that four points come to lie at four others.

    Args:
        images: ``(height, width, channels)`` or with a batch before.
        start_points: the points in the picture, as (x, y): ``(4, 2)`` or ``(batch, 4, 2)``.
        end_points: where they appear.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        fill_value: beyond the border.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
    """
    one_of("perspective_transform", "interpolation", interpolation, warp.INTERPOLATIONS)
    start, end = (floating(jnp.asarray(points)) for points in (start_points, end_points))
    if start.shape != end.shape or start.shape[-2:] != (4, 2) or start.ndim not in (2, 3):
        raise ShapeError(
            "ops.image.perspective_transform takes four points and where they go.",
            got=f"start_points {start.shape}, end_points {end.shape}",
            expected="(4, 2) or (batch, 4, 2), both alike",
        )
    numbers = warp.perspective(start.reshape(-1, 4, 2), end.reshape(-1, 4, 2))

    def function(x: Any) -> jax.Array:
        each = jnp.broadcast_to(numbers, (len(x), 8))
        return warp.project(x, each, interpolation, "constant", fill_value)

    return as_batch("perspective_transform", images, data_format, function)


@op
def map_coordinates(inputs: Tensor, coordinates: Tensor, order, fill_mode="constant", fill_value=0):
    """The numbers at places between those of an array.

    Args:
        inputs: array of any rank.
        coordinates: the places, one row per axis: ``(axes, ...)``.
        order: 0 for the nearest number, 1 for linear interpolation.
        fill_mode: beyond the border: ``"constant"``, ``"nearest"``, ``"wrap"``, ``"mirror"``,
            ``"reflect"``.
        fill_value: of ``"constant"``.

    >>> map_coordinates([0.0, 10.0], [[0.5, 0.25]], order=1).tolist()
    [5.0, 2.5]
    """
    one_of("map_coordinates", "order", order, (0, 1))
    one_of("map_coordinates", "fill_mode", fill_mode, warp.FILL_MODES)
    places = jnp.asarray(coordinates)
    if places.ndim < 2 or places.shape[0] != inputs.ndim:
        raise ShapeError(
            "ops.image.map_coordinates takes one row of coordinates per axis.",
            got=f"coordinates {places.shape} for an array of shape {inputs.shape}",
            expected=f"({inputs.ndim}, ...)",
        )
    return jax.scipy.ndimage.map_coordinates(inputs, list(places), order, fill_mode, fill_value)


@op
def scale_and_translate(
    images: Tensor,
    output_shape,
    scale: Tensor,
    translation: Tensor,
    spatial_dims,
    method,
    antialias=True,
):
    """An array scaled and moved along some of its axes.

    Args:
        images: array.
        output_shape: of the result; None for a size that stays.
        scale: one factor per axis.
        translation: by how many places to move, one number per axis.
        spatial_dims: the axes.
        method: ``"linear"``, ``"cubic"``, ``"lanczos3"``, ``"lanczos5"``.
        antialias: whether to smooth before shrinking.
    """
    one_of("scale_and_translate", "method", method, METHODS)
    shape = [
        have if size is None else size
        for size, have in zip(output_shape, images.shape, strict=True)
    ]
    return jax.image.scale_and_translate(
        images, shape, spatial_dims, scale, translation, method, antialias
    )


@op
def elastic_transform(
    images: Tensor,
    alpha=20.0,
    sigma=5.0,
    interpolation="bilinear",
    fill_mode="reflect",
    fill_value=0.0,
    seed=None,
    data_format=None,
):
    """Pictures distorted by random displacements that change smoothly from place to place.

    Args:
        images: ``(height, width, channels)`` or with a batch before.
        alpha: the strength.
        sigma: how smooth: the larger, the wider the waves.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        fill_mode: beyond the border; see `affine_transform`.
        fill_value: of ``"constant"``.
        seed: a whole number, or a JAX key; None for new numbers at every call.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
    """
    one_of("elastic_transform", "interpolation", interpolation, warp.INTERPOLATIONS)
    one_of("elastic_transform", "fill_mode", fill_mode, warp.FILL_MODES)
    if isinstance(seed, (int, type(None))):
        key = jax.random.key(next_seed() if seed is None else seed)
    elif isinstance(seed, jax.Array):
        key = seed
    else:
        raise ConfigError(
            "The seed of ops.image.elastic_transform is a whole number, a JAX key or None.",
            got=repr(seed),
        )

    def function(x: Any) -> jax.Array:
        batch, height, width, _ = x.shape
        size = int(6 * sigma) | 1
        rows, columns = (
            gaussian_matrix(length, size, jnp.asarray(sigma, jnp.float32))
            for length in (height, width)
        )
        noise = sigma * jax.random.normal(key, (2, batch, height, width))
        waves = jnp.einsum("ij,nbjk,kl->nbil", rows, noise, columns.T)
        along_x, along_y = warp.grid(height, width)
        return warp.sample(
            x,
            along_x + alpha * waves[0],
            along_y + alpha * waves[1],
            interpolation,
            fill_mode,
            fill_value,
        )

    return as_batch("elastic_transform", images, data_format, function)
