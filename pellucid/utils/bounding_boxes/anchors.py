"""Boxes as offsets from anchors, and back."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ..._core import settings
from ..._core.errors import ConfigError
from .formats import convert_format, four_numbers, image_size

_CENTERED = ("center_xywh", "center_yxhw")


def encode_box_to_deltas(
    anchors: Any,
    boxes: Any,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: Any = None,
    image_shape: Any = None,
) -> jax.Array:
    """Boxes as offsets from anchors: what a detector learns to predict.

    Args:
        anchors: ``(boxes, 4)``.
        boxes: ``(boxes, 4)`` or ``(batch, boxes, 4)``.
        anchor_format: a format of `convert_format`.
        box_format: the same of the boxes.
        encoding_format: ``"center_yxhw"`` or ``"center_xywh"``: the order of the offsets. The
            middle's are shares of the anchor's sides, the sides' are logarithms of ratios.
        variance: four numbers by which the offsets are divided.
        image_shape: (height, width, channels), where formats are relative.

    Raises:
        ConfigError: another encoding format, a variance that is not four numbers.

    >>> import numpy as np
    >>> anchor, box = np.array([[0, 0, 10, 10]]), np.array([[5, 0, 15, 10]])
    >>> encode_box_to_deltas(anchor, box, "xyxy", "xyxy").tolist()
    [[0.0, 0.5, 0.0, 0.0]]
    """
    shares = _variance(variance)
    form = _encoding(encoding_format)
    height, width = image_size(image_shape)
    anchors = convert_format(anchors, anchor_format, form, height, width)
    boxes = convert_format(boxes, box_format, form, height, width)
    anchor_sides = jnp.maximum(anchors[..., 2:], settings.epsilon())
    sides = jnp.maximum(boxes[..., 2:], settings.epsilon())
    middle = (boxes[..., :2] - anchors[..., :2]) / anchor_sides
    growth = jnp.log(sides / anchor_sides)
    middle, growth = jnp.broadcast_arrays(middle, growth)
    return jnp.concatenate([middle, growth], axis=-1) / shares


def decode_deltas_to_boxes(
    anchors: Any,
    boxes_delta: Any,
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Any = None,
    image_shape: Any = None,
) -> Any:
    """The boxes that offsets from anchors stand for: `encode_box_to_deltas` undone.

    Args:
        anchors: ``(boxes, 4)``, or a dictionary of such, one per level.
        boxes_delta: ``(boxes, 4)`` or ``(batch, boxes, 4)``, or a dictionary like the anchors'.
        anchor_format: a format of `convert_format`.
        box_format: the format of the result.
        encoded_format: ``"center_yxhw"`` or ``"center_xywh"``: the order of the offsets.
        variance: four numbers by which the offsets are multiplied.
        image_shape: (height, width, channels), where formats are relative.

    Raises:
        ConfigError: another encoded format, a variance that is not four numbers.

    >>> import numpy as np
    >>> anchor, offsets = np.array([[0, 0, 10, 10]]), np.array([[0, 0.5, 0, 0]])
    >>> decode_deltas_to_boxes(anchor, offsets, "xyxy", "xyxy").tolist()
    [[5.0, 0.0, 15.0, 10.0]]
    """
    if isinstance(anchors, dict) and isinstance(boxes_delta, dict):
        settings = (anchor_format, box_format, encoded_format, variance, image_shape)
        return {
            level: decode_deltas_to_boxes(anchor, boxes_delta[level], *settings)
            for level, anchor in anchors.items()
        }
    shares = _variance(variance)
    form = _encoding(encoded_format)
    height, width = image_size(image_shape)
    anchors = convert_format(anchors, anchor_format, form, height, width)
    offsets = four_numbers("decode_deltas_to_boxes", boxes_delta) * shares
    middle = offsets[..., :2] * anchors[..., 2:] + anchors[..., :2]
    sides = jnp.exp(offsets[..., 2:]) * anchors[..., 2:]
    boxes = jnp.concatenate([middle, sides], axis=-1)
    return convert_format(boxes, form, box_format, height, width)


def _encoding(form: Any) -> str:
    if form not in _CENTERED:
        raise ConfigError(
            "Offsets from anchors are those of middles and sides.",
            got=repr(form),
            expected="'center_yxhw' or 'center_xywh'",
            fix="leave the format out, or write one of the two.",
        )
    return form


def _variance(variance: Any) -> jax.Array:
    values = jnp.ones(4) if variance is None else jnp.asarray(variance, jnp.float32)
    if values.shape[-1:] != (4,):
        raise ConfigError(
            "The variance must be four numbers, one for each offset.",
            got=f"shape {values.shape}",
            fix="variance=[0.1, 0.1, 0.2, 0.2], say.",
        )
    return values
