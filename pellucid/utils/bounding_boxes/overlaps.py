"""How far boxes overlap: intersection over union, plain and complete."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from ..._core import settings
from ..._core.errors import ConfigError, ShapeError
from ...kernels.images import boxes as geometry
from .formats import convert_format, image_size


def compute_iou(
    boxes1: Any,
    boxes2: Any,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: float = -1,
    image_shape: Any = None,
) -> jax.Array:
    """How far each box of one set and each of another overlap: intersection over union.

    Args:
        boxes1: ``(m, 4)`` or ``(batch, m, 4)``.
        boxes2: ``(n, 4)`` or ``(batch, n, 4)``.
        bounding_box_format: a format of `convert_format`, of both.
        use_masking: whether overlaps with padding (boxes of negative numbers) become `mask_val`.
        mask_val: what they become.
        image_shape: (height, width, channels), where the format is relative.

    Returns:
        ``(m, n)``, or ``(batch, m, n)`` where either set has a batch.

    Raises:
        ConfigError: a relative format without the image's shape.
        ShapeError: boxes of another rank.

    >>> import numpy as np
    >>> one, other = np.array([[0, 0, 2, 2]]), np.array([[1, 0, 3, 2], [5, 5, 6, 6]])
    >>> compute_iou(one, other, "xyxy").round(3).tolist()
    [[0.3330000042915344, 0.0]]
    """
    corners = []
    for name, boxes in (("boxes1", boxes1), ("boxes2", boxes2)):
        if jnp.ndim(boxes) not in (2, 3):
            raise ShapeError(
                f"compute_iou takes boxes of two axes, or three with a batch, as {name}.",
                got=f"shape {jnp.shape(boxes)}",
                expected="(boxes, 4) or (batch, boxes, 4)",
                fix="add an axis to a single box: box[None].",
            )
        corners.append(_corners(boxes, bounding_box_format, image_shape))
    first, second = corners[0][..., :, None, :], corners[1][..., None, :, :]  # (..., m, n, 4)
    shared = _intersection(first, second)
    union = geometry.area(first) + geometry.area(second) - shared
    overlap = shared / (union + settings.epsilon())
    if not use_masking:
        return overlap
    padding = (jnp.max(first, -1) < 0) | (jnp.max(second, -1) < 0)
    return jnp.where(padding, jnp.asarray(mask_val, overlap.dtype), overlap)


def compute_ciou(
    boxes1: Any, boxes2: Any, bounding_box_format: str, image_shape: Any = None
) -> jax.Array:
    """Complete intersection over union, of boxes in pairs: also middles and proportions count.

    Args:
        boxes1: ``(..., 4)``.
        boxes2: ``(..., 4)``, one for each of the first.
        bounding_box_format: a format of `convert_format`, of both.
        image_shape: (height, width, channels), where the format is relative.

    Returns:
        ``(...)``: 1 for equal boxes, down to below 0.

    Raises:
        ConfigError: a relative format without the image's shape.

    >>> import numpy as np
    >>> box = np.array([[0.0, 0.0, 2.0, 2.0]])
    >>> compute_ciou(box, box, "xyxy").round(3).tolist()
    [1.0]

    Zheng et al., "Distance-IoU Loss", AAAI 2020.
    """
    first = _corners(boxes1, bounding_box_format, image_shape)
    second = _corners(boxes2, bounding_box_format, image_shape)
    first_sides = first[..., 2:] - first[..., :2] + jnp.array([0, settings.epsilon()])
    second_sides = second[..., 2:] - second[..., :2] + jnp.array([0, settings.epsilon()])
    shared = _intersection(first, second)
    union = jnp.prod(first_sides, -1) + jnp.prod(second_sides, -1) - shared
    overlap = shared / (union + 2 * settings.epsilon())
    around = jnp.maximum(first[..., 2:], second[..., 2:]) - jnp.minimum(
        first[..., :2], second[..., :2]
    )
    diagonal = jnp.sum(around**2, -1) + settings.epsilon()
    middles = (first[..., :2] + first[..., 2:] - second[..., :2] - second[..., 2:]) / 2
    slopes = [jnp.arctan(sides[..., 0] / sides[..., 1]) for sides in (first_sides, second_sides)]
    proportion = 4 / math.pi**2 * (slopes[1] - slopes[0]) ** 2
    weight = proportion / (proportion - overlap + 1 + settings.epsilon())
    return overlap - (jnp.sum(middles**2, -1) / diagonal + proportion * weight)


def _intersection(first: jax.Array, second: jax.Array) -> jax.Array:
    """Areas that corners (..., 4) share."""
    start = jnp.maximum(first[..., :2], second[..., :2])
    sides = jnp.minimum(first[..., 2:], second[..., 2:]) - start
    return jnp.prod(jnp.maximum(sides, 0), axis=-1)


def _corners(boxes: Any, form: str, image_shape: Any) -> jax.Array:
    height, width = image_size(image_shape)
    if form.lower().startswith("rel_") and image_shape is None:
        raise ConfigError(
            "Relative boxes are shares of an image's size, which was not given.",
            got=f"bounding_box_format={form!r}, image_shape=None",
            fix="image_shape=(480, 640, 3).",
        )
    return convert_format(boxes, form, "xyxy", height, width)
