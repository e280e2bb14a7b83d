"""`utils.bounding_boxes` against Keras's, in every format."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import pellucid
from pellucid.kernels.images.boxes import FORMATS

keras = pytest.importorskip("keras")
ours, theirs = pellucid.utils.bounding_boxes, keras.utils.bounding_boxes
CORNERS = np.array([[1, 2, 5, 9], [-3, 4, 2, 30], [8, 8, 9, 11]], "float32")


def same(got, expected):
    np.testing.assert_allclose(np.asarray(got), np.asarray(expected), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("source", FORMATS)
def test_formats(source):
    boxes = theirs.convert_format(CORNERS, "xyxy", source, 20, 16)
    for target in FORMATS:
        expected = theirs.convert_format(boxes, source, target, 20, 16)
        same(ours.convert_format(boxes, source.upper(), target, 20, 16), expected)


def test_a_dictionary_is_left_as_it_was():
    data = {"boxes": CORNERS, "labels": np.array([1, 2, 3])}
    new = ours.convert_format(data, "xyxy", "xywh")
    assert data["boxes"] is CORNERS
    assert new["labels"] is data["labels"]


@pytest.mark.parametrize("form", ["xyxy", "rel_xyxy"])
def test_clipping(form):
    boxes = CORNERS if form == "xyxy" else CORNERS / 10
    data = {"boxes": np.concatenate([boxes, -boxes]), "labels": np.arange(6)}
    expected = theirs.clip_to_image_size(dict(data), 20, 16, form)
    got = ours.clip_to_image_size(data, 20, 16, form)
    same(got["boxes"], expected["boxes"])
    same(got["labels"], expected["labels"])


def test_moving():
    draws = np.random.default_rng(0).uniform(-0.4, 0.4, (6, 2)).astype("float32")
    angle, x, y, scale, lean_x, lean_y = draws * np.array([[90], [1], [1], [1], [30], [30]], "f")
    boxes, numbers = np.stack([CORNERS, CORNERS + 1]), (angle, x, y, scale + 1, lean_x, lean_y)
    same(ours.affine_transform(boxes, *numbers, 20, 16),
         theirs.affine_transform(boxes, *numbers, 20, 16))  # fmt: skip
    same(ours.crop(CORNERS, 2, 3, 7, 6), theirs.crop(CORNERS, 2, 3, 7, 6))
    same(ours.pad(CORNERS, 2, 3), theirs.pad(CORNERS, 2, 3))


@pytest.mark.parametrize("encoding", ["center_xywh", "center_yxhw"])
def test_offsets_from_anchors(encoding):
    anchors, boxes = CORNERS + np.array([0, 0, 1, 2]), np.stack([CORNERS, CORNERS + 1])
    variance = [0.1, 0.1, 0.2, 0.2]
    settings = (encoding, variance, (20, 16, 3))
    offsets = theirs.encode_box_to_deltas(anchors, boxes, "xyxy", "rel_xywh", *settings)
    same(ours.encode_box_to_deltas(anchors, boxes, "xyxy", "rel_xywh", *settings), offsets)
    back = theirs.decode_deltas_to_boxes(anchors, offsets, "xyxy", "xywh", *settings)
    same(ours.decode_deltas_to_boxes(anchors, offsets, "xyxy", "xywh", *settings), back)
    levels = ours.decode_deltas_to_boxes(
        {"p3": anchors}, {"p3": offsets}, "xyxy", "xywh", *settings
    )
    same(levels["p3"], back)


@pytest.mark.parametrize(("first", "second"), [*itertools.product([False, True], repeat=2)])
def test_overlaps(first, second):
    one, other = CORNERS[:2], np.array([[0, 0, 4, 8], [-1, -1, -1, -1], [5, 5, 9, 9]], "float32")
    one, other = one[None] if first else one, other[None] if second else other
    same(ours.compute_iou(one, other, "xyxy"), theirs.compute_iou(one, other, "xyxy"))
    masked = ours.compute_iou(one, other, "xyxy", use_masking=True, mask_val=-7)
    assert np.all(np.asarray(masked)[..., 1] == -7)
    assert np.sum(np.asarray(masked) == -7) == 2


def test_complete_overlaps():
    other = CORNERS[:, [0, 1, 2, 3]] + np.array([1, -1, 3, 2], "float32")
    same(ours.compute_ciou(CORNERS, other, "xyxy"), theirs.compute_ciou(CORNERS, other, "xyxy"))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: ours.convert_format(CORNERS, "xyxy", "xyz"), "'xyz'"),
        (lambda: ours.convert_format(CORNERS, "xyxy", "rel_xywh"), "height=None"),
        (lambda: ours.convert_format(CORNERS[:, :3], "xyxy", "xywh"), "four numbers"),
        (lambda: ours.clip_to_image_size({"boxes": CORNERS}), "height=None"),
        (lambda: ours.encode_box_to_deltas(CORNERS, CORNERS, "xyxy", "xyxy", "xywh"), "'xywh'"),
        (lambda: ours.compute_iou(CORNERS[0], CORNERS, "xyxy"), "boxes1"),
        (lambda: ours.compute_iou(CORNERS, CORNERS, "rel_xyxy"), "image_shape"),
    ],
)
def test_errors(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_functions_of_corners_alone_say_so():
    with pytest.raises(NotImplementedError, match="convert_format"):
        ours.crop(CORNERS, 0, 0, 2, 2, bounding_box_format="xywh")
