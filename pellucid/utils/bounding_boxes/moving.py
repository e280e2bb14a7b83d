"""Boxes moved as their image is: affine transformations, windows, margins."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from ...kernels.images import boxes as geometry
from .formats import four_numbers, only_corners


def affine_transform(
    boxes: Any,
    angle: Any,
    translate_x: Any,
    translate_y: Any,
    scale: Any,
    shear_x: Any,
    shear_y: Any,
    height: int,
    width: int,
    center_x: Any = None,
    center_y: Any = None,
    bounding_box_format: str = "xyxy",
) -> Any:
    """The upright boxes around what an affine transformation of the image makes of boxes.

    Args:
        boxes: ``(batch, boxes, 4)`` corners in pixels.
        angle: ``(batch,)`` in degrees, as the other numbers of the transformation are per image.
        translate_x: ``(batch,)`` shares of the width.
        translate_y: ``(batch,)`` shares of the height.
        scale: ``(batch,)``.
        shear_x: ``(batch,)`` in degrees.
        shear_y: ``(batch,)`` in degrees.
        height: of the image.
        width: of the image.
        center_x: what stays where it is, a share of the width; 0.5 when missing.
        center_y: the same of the height.
        bounding_box_format: ``"xyxy"``.

    Raises:
        ConfigError: another format (also a NotImplementedError).

    >>> import numpy as np
    >>> none, box = np.zeros(1, "float32"), np.array([[[1.0, 1.0, 3.0, 2.0]]])
    >>> one = np.ones(1, "float32")
    >>> affine_transform(box, none, none, none, one, none, none, 9, 9).tolist()
    [[[1.0, 1.0, 3.0, 2.0]]]
    """
    only_corners("affine_transform", bounding_box_format)
    boxes = four_numbers("affine_transform", boxes)
    numbers = (angle, translate_x, translate_y, scale, shear_x, shear_y)
    angle, move_x, move_y, scale, shear_x, shear_y = (
        jnp.atleast_1d(jnp.asarray(number, jnp.float32)) for number in numbers
    )  # (batch,)
    turn, lean_x, lean_y = (-x * (math.pi / 180) for x in (angle, shear_x, shear_y))
    middle_x = (0.5 if center_x is None else center_x) * (width - 1)
    middle_y = (0.5 if center_y is None else center_y) * (height - 1)
    a = jnp.cos(turn - lean_y) / jnp.cos(lean_y)
    b = a * jnp.tan(lean_x) + jnp.sin(turn)
    c = -jnp.sin(turn - lean_y) / jnp.cos(lean_y)
    d = jnp.cos(turn) - c * jnp.tan(lean_x)
    a, b, c, d = d * scale, -b * scale, -c * scale, a * scale
    from_x, from_y = middle_x - move_x * (width - 1), middle_y - move_y * (height - 1)
    right = middle_x - a * from_x - b * from_y
    down = middle_y - c * from_x - d * from_y
    x = boxes[..., jnp.array([0, 2, 2, 0])]  # (batch, boxes, 4): the corners in turn
    y = boxes[..., jnp.array([1, 1, 3, 3])]
    a, b, c, d, right, down = (value[:, None, None] for value in (a, b, c, d, right, down))
    x, y = a * x + b * y + right, c * x + d * y + down
    sides = [jnp.min(x, -1), jnp.min(y, -1), jnp.max(x, -1), jnp.max(y, -1)]
    return jnp.stack(sides, axis=-1)


def crop(
    boxes: Any, top: Any, left: Any, height: Any, width: Any, bounding_box_format: str = "xyxy"
) -> Any:
    """The boxes as they lie in a window of the image, clipped to it.

    Args:
        boxes: ``(..., 4)`` corners in pixels.
        top: of the window.
        left: of the window.
        height: of the window.
        width: of the window.
        bounding_box_format: ``"xyxy"``.

    Raises:
        ConfigError: another format (also a NotImplementedError).

    >>> import numpy as np
    >>> crop(np.array([[10, 20, 50, 60]]), top=10, left=20, height=40, width=30).tolist()
    [[0, 10, 30, 40]]
    """
    only_corners("crop", bounding_box_format)
    moved = four_numbers("crop", boxes) - jnp.array([left, top, left, top])
    return geometry.clip(moved, height, width)


def pad(
    boxes: Any,
    top: Any,
    left: Any,
    height: Any = None,
    width: Any = None,
    bounding_box_format: str = "xyxy",
) -> Any:
    """The boxes after rows were put above the image and columns to its left.

    Args:
        boxes: ``(..., 4)`` corners in pixels.
        top: how many rows.
        left: how many columns.
        height: of the image; not needed, here because Keras has it.
        width: of the image; not needed either.
        bounding_box_format: ``"xyxy"``.

    Raises:
        ConfigError: another format (also a NotImplementedError).

    >>> import numpy as np
    >>> pad(np.array([[1, 2, 3, 4]]), top=10, left=20).tolist()
    [[21, 12, 23, 14]]
    """
    only_corners("pad", bounding_box_format)
    return four_numbers("pad", boxes) + jnp.array([left, top, left, top])
