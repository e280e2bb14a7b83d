"""What comes with images in a dictionary: labels, boxes, masks; made ready for a layer."""

from __future__ import annotations

import difflib
import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from ...._core.errors import DataError, ShapeError
from ...base import Layer

KEYS = ("images", "labels", "bounding_boxes", "segmentation_masks")


def misspelt(data: dict[str, Any]) -> str | None:
    """A key that is nearly one of `KEYS`: what it names would not be transformed."""
    for key in data:
        if key not in KEYS and difflib.get_close_matches(str(key), KEYS, cutoff=0.75):
            return key
    return None


def one_more_axis(data: dict[str, Any]) -> dict[str, Any]:
    """A single picture's parts as those of a batch of one."""
    ready = dict(data)
    for key in KEYS:
        if key == "bounding_boxes" and key in data:
            boxes = data[key]
            ready[key] = {name: jnp.asarray(value)[None] for name, value in boxes.items()}
        elif key in data:
            ready[key] = jnp.asarray(data[key])[None]
    return ready


def one_axis_less(data: dict[str, Any]) -> dict[str, Any]:
    """The parts of a batch of one as those of a single picture."""
    ready = dict(data)
    for key in KEYS:
        if key == "bounding_boxes" and key in data:
            ready[key] = {name: value[0] for name, value in data[key].items()}
        elif key in data:
            ready[key] = data[key][0]
    return ready


def dense_boxes(layer: Layer, bounding_boxes: Any) -> dict[str, Any]:
    """Boxes and labels as arrays; lists of unequal lengths are filled up with -1."""
    fits = isinstance(bounding_boxes, dict) and {"boxes", "labels"} <= set(bounding_boxes)
    if not fits:
        keys = sorted(bounding_boxes) if isinstance(bounding_boxes, dict) else None
        raise DataError(
            f"The bounding boxes given to {type(layer).__name__} {layer.name!r} must be a "
            "dictionary of boxes and labels.",
            got=type(bounding_boxes).__name__ if keys is None else f"keys {keys}",
            expected="{'boxes': (batch, boxes, 4), 'labels': (batch, boxes)}",
            fix="give every box a label, -1 where there is none.",
        )
    boxes, labels = bounding_boxes["boxes"], bounding_boxes["labels"]
    if isinstance(boxes, (list, tuple)):
        boxes, labels = _filled(boxes, 4), _filled(labels, None)
    boxes, labels = jnp.asarray(boxes).astype(jnp.float32), jnp.asarray(labels)
    if boxes.ndim not in (2, 3) or boxes.shape[-1] != 4:
        raise ShapeError(
            f"The boxes given to {type(layer).__name__} {layer.name!r} need four numbers each.",
            got=f"shape {boxes.shape}",
            expected="(batch, boxes, 4)",
            fix="write each box in the layer's bounding_box_format.",
        )
    each = boxes.shape[:-1]
    if labels.shape[: len(each)] != each and labels.size != math.prod(each):
        raise ShapeError(
            f"The boxes given to {type(layer).__name__} {layer.name!r} do not have a label each.",
            got=f"boxes {boxes.shape}, labels {labels.shape}",
            expected=f"labels {each}",
            fix="fill up both with -1 to the same number of boxes.",
        )
    return {**bounding_boxes, "boxes": boxes, "labels": labels}


def without_label(labels: jnp.ndarray, gone: jnp.ndarray) -> jnp.ndarray:
    """Labels where `gone` (batch, boxes) is False, -1 elsewhere; labels may have other axes."""
    if labels.shape[: gone.ndim] == gone.shape:  # (batch, boxes, ...)
        gone = gone.reshape(*gone.shape, *(1,) * (labels.ndim - gone.ndim))
    else:  # one per box, in the same order, such as (1, batch, boxes)
        gone = gone.reshape(labels.shape)
    return jnp.where(gone, jnp.asarray(-1, labels.dtype), labels)


def _filled(rows: Any, width: int | None) -> np.ndarray:
    """Lists, one per image, of boxes or labels -> one array, with -1 where lists are short."""
    rows = [np.asarray(row) for row in rows]
    if all(row.ndim == (0 if width is None else 1) for row in rows) and rows:
        return np.stack(rows)  # of a single image
    longest = max((len(row) for row in rows), default=0)
    shape = (len(rows), longest) if width is None else (len(rows), longest, width)
    filled = np.full(shape, -1, "int32" if width is None else "float32")
    for number, row in enumerate(rows):
        if len(row):
            filled[number, : len(row)] = row
    return filled


def check_values(layer: Layer, value_range: Any, low: float, high: float) -> None:
    """Refuse values from `low` to `high` where others were announced."""
    least, most = (float(v) for v in value_range)
    slack = (most - least) / 2
    if low < least - slack or high > most + slack:
        problem = "lie far outside it"
    elif most - least >= 100 and 0 <= low < high <= 1:
        problem = "are all between 0 and 1"
    else:
        return
    likely = (0, 255) if high > 2 else (0, 1) if low >= 0 else (-1, 1)
    raise DataError(
        f"{type(layer).__name__} {layer.name!r} has value_range=({least:g}, {most:g}), but the "
        f"images {problem}.",
        got=f"values from {low:g} to {high:g}",
        expected=f"values from {least:g} to {most:g}",
        fix=f"{type(layer).__name__}(..., value_range={likely}).",
    )
