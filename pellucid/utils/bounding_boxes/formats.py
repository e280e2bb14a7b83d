"""Formats of boxes: from one to another, clipped to the image, and what arguments must be."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ..._core.errors import ConfigError, NotDefinedError, ShapeError
from ...kernels.images import boxes as geometry


def convert_format(
    boxes: Any,
    source: str,
    target: str,
    height: Any = None,
    width: Any = None,
    dtype: Any = "float32",
) -> Any:
    """Boxes written in another format.

    Args:
        boxes: ``(..., 4)``, or a dictionary whose ``"boxes"`` they are.
        source: their format: ``"xyxy"``, ``"yxyx"``, ``"xywh"``, ``"center_xywh"``,
            ``"center_yxhw"``, or one of the first four with ``"rel_"`` before it, for shares of
            the image's size. Capitals do not matter.
        target: the format of the result.
        height: of the image, wherever a format is relative.
        width: of the image, wherever a format is relative.
        dtype: number format of the result.

    Raises:
        ConfigError: an unknown format, a relative one without the image's size.
        ShapeError: boxes that are not four numbers each.

    >>> import numpy as np
    >>> convert_format(np.array([[10, 20, 30, 60]]), "xyxy", "xywh").tolist()
    [[10.0, 20.0, 20.0, 40.0]]
    """
    if isinstance(boxes, dict):
        new = convert_format(boxes["boxes"], source, target, height, width, dtype)
        return {**boxes, "boxes": new}
    source, target = _format("source", source), _format("target", target)
    boxes = four_numbers("convert_format", boxes).astype(dtype)
    relative = source.startswith("rel_"), target.startswith("rel_")
    if any(relative) and (height is None or width is None):
        raise ConfigError(
            "Relative boxes are shares of an image's size, which was not given.",
            got=f"source={source!r}, target={target!r}, height={height}, width={width}",
            fix="convert_format(..., height=480, width=640).",
        )
    if source == target:
        return boxes
    if all(relative):
        source, target = source.removeprefix("rel_"), target.removeprefix("rel_")
    corners = geometry.to_corners(boxes, source, height, width)
    return geometry.from_corners(corners, target, height, width)


def clip_to_image_size(
    bounding_boxes: dict[str, Any],
    height: Any = None,
    width: Any = None,
    bounding_box_format: str = "xyxy",
) -> dict[str, Any]:
    """What of the boxes lies inside the image; the label of a box with no part in it becomes -1.

    Args:
        bounding_boxes: ``"boxes"`` ``(..., boxes, 4)`` and, if there are any, ``"labels"``
            ``(..., boxes)``.
        height: of the image; not needed for relative boxes.
        width: of the image; not needed for relative boxes.
        bounding_box_format: ``"xyxy"`` or ``"rel_xyxy"``.

    Raises:
        ConfigError: no size for boxes in pixels, another format (also a NotImplementedError).

    >>> import numpy as np
    >>> data = {"boxes": np.array([[-5, 0, 4, 3], [9, 9, 12, 12]]), "labels": np.array([1, 2])}
    >>> clipped = clip_to_image_size(data, height=8, width=8)
    >>> clipped["boxes"].tolist(), clipped["labels"].tolist()
    ([[0, 0, 4, 3], [8, 8, 8, 8]], [1, -1])
    """
    only_corners("clip_to_image_size", bounding_box_format, ("xyxy", "rel_xyxy"))
    if bounding_box_format == "rel_xyxy":
        height = width = 1
    elif height is None or width is None:
        raise ConfigError(
            "Boxes in pixels are clipped to an image's size, which was not given.",
            got=f"height={height}, width={width}",
            fix="clip_to_image_size(boxes, height=480, width=640).",
        )
    boxes = geometry.clip(
        four_numbers("clip_to_image_size", bounding_boxes["boxes"]), height, width
    )
    clipped = {**bounding_boxes, "boxes": boxes}
    if bounding_boxes.get("labels") is not None:
        labels = jnp.asarray(bounding_boxes["labels"])
        inside = geometry.area(boxes) > 0
        clipped["labels"] = jnp.where(inside, labels, jnp.asarray(-1, labels.dtype))
    return clipped


def four_numbers(function: str, boxes: Any) -> jax.Array:
    boxes = jnp.asarray(boxes)
    if boxes.ndim == 0 or boxes.shape[-1] != 4:
        raise ShapeError(
            f"The boxes given to {function} need four numbers each.",
            got=f"shape {boxes.shape}",
            expected="(..., 4)",
            fix="put the four numbers of a box on the last axis.",
        )
    return boxes


def only_corners(function: str, form: Any, known: tuple[str, ...] = ("xyxy",)) -> None:
    if form not in known:
        raise NotDefinedError(
            f"{function} takes boxes in corners alone.",
            got=f"bounding_box_format={form!r}",
            expected=" or ".join(map(repr, known)),
            fix=f"convert_format(boxes, {form!r}, 'xyxy', height=..., width=...) first.",
        )


def image_size(image_shape: Any) -> tuple[Any, Any]:
    return (None, None) if image_shape is None else (image_shape[0], image_shape[1])


def _format(argument: str, name: Any) -> str:
    known = isinstance(name, str) and name.lower() in geometry.FORMATS
    if not known:
        raise ConfigError(
            f"The argument {argument!r} of convert_format is no format of boxes.",
            got=repr(name),
            expected=f"one of {', '.join(map(repr, geometry.FORMATS))}",
            fix=f"{argument}='xyxy', say.",
        )
    return name.lower()
