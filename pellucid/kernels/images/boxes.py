"""Bounding boxes: their formats, and what moving an image does to them.

Boxes are ``(batch, boxes, 4)`` float32. A box of four times -1 is padding, in every format: there
only to make the numbers of boxes equal, and left as it is. Inside, all is ``"xyxy"``: left, top,
right and bottom in pixels.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .warp import carried

FORMATS = (
    "xyxy",
    "yxyx",
    "xywh",
    "center_xywh",
    "center_yxhw",
    "rel_xyxy",
    "rel_yxyx",
    "rel_xywh",
    "rel_center_xywh",
)


def is_padding(boxes: jax.Array) -> jax.Array:
    """(batch, boxes) bool."""
    return jnp.all(boxes == -1, axis=-1)


def to_corners(boxes: jax.Array, source: str, height: int, width: int) -> jax.Array:
    """Any format -> left, top, right, bottom in pixels.

    >>> to_corners(jnp.array([[0.0, 0.5, 0.5, 0.5]]), "rel_xywh", 10, 20).tolist()
    [[0.0, 5.0, 10.0, 10.0]]
    """
    relative, form = _parts(source)
    a, b, c, d = (boxes[..., i] for i in range(4))
    if form.startswith(("yx", "center_yx")):
        a, b, c, d = b, a, d, c
    if form.startswith("center"):
        a, b, c, d = a - c / 2, b - d / 2, a + c / 2, b + d / 2
    elif form == "xywh":
        c, d = a + c, b + d
    if relative:
        a, b, c, d = a * width, b * height, c * width, d * height
    return jnp.stack([a, b, c, d], axis=-1)


def from_corners(boxes: jax.Array, target: str, height: int, width: int) -> jax.Array:
    """Left, top, right, bottom in pixels -> any format.

    >>> from_corners(jnp.array([[0.0, 5.0, 10.0, 10.0]]), "center_xywh", 10, 20).tolist()
    [[5.0, 7.5, 10.0, 5.0]]
    """
    relative, form = _parts(target)
    left, top, right, bottom = (boxes[..., i] for i in range(4))
    if relative:
        left, right, top, bottom = left / width, right / width, top / height, bottom / height
    if form.startswith("center"):
        x, y = left + (right - left) / 2, top + (bottom - top) / 2
        parts = [x, y, right - left, bottom - top]
    elif form == "xywh":
        parts = [left, top, right - left, bottom - top]
    else:
        parts = [left, top, right, bottom]
    if form.startswith(("yx", "center_yx")):
        parts = [parts[1], parts[0], parts[3], parts[2]]
    return jnp.stack(parts, axis=-1)


def _parts(name: str) -> tuple[bool, str]:
    return name.startswith("rel_"), name.removeprefix("rel_")


def clip(boxes: jax.Array, height: float, width: float) -> jax.Array:
    """What of the boxes lies inside an image."""
    return jnp.clip(boxes, 0, jnp.array([width, height, width, height], boxes.dtype))


def area(boxes: jax.Array) -> jax.Array:
    """(batch, boxes)."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def projected(boxes: jax.Array, transform: jax.Array) -> jax.Array:
    """The upright boxes around the corners, carried where the content goes.

    Args:
        boxes: ``(batch, boxes, 4)`` corners in pixels.
        transform: from the input to the output: the `inverse` of what samples the images.
    """
    x = boxes[..., jnp.array([0, 2, 2, 0])]  # (batch, boxes, 4): the corners in turn
    y = boxes[..., jnp.array([1, 1, 3, 3])]
    x, y = carried(transform, x, y)
    sides = [jnp.min(x, -1), jnp.min(y, -1), jnp.max(x, -1), jnp.max(y, -1)]
    return jnp.stack(sides, axis=-1)
