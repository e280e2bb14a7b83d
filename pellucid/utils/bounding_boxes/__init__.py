"""Boxes around objects in images: formats, clipping, moving, overlaps, offsets from anchors."""

from __future__ import annotations

from .anchors import decode_deltas_to_boxes, encode_box_to_deltas
from .formats import clip_to_image_size, convert_format
from .moving import affine_transform, crop, pad
from .overlaps import compute_ciou, compute_iou

__all__ = [
    "affine_transform",
    "clip_to_image_size",
    "compute_ciou",
    "compute_iou",
    "convert_format",
    "crop",
    "decode_deltas_to_boxes",
    "encode_box_to_deltas",
    "pad",
]
