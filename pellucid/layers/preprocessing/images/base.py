"""`ImageLayer`: one picture, a batch, or pictures with what is known about them, transformed alike.

A subclass says what it draws (`draw`) and what that does to pixels (`augment`), on batches of
shape (batch, height, width, channels); single pictures, layouts, formats, padding, labels and the
modes are dealt with here.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ...._core.errors import ConfigError, DataError, ShapeError, UnknownNameError
from ...._core.registry import did_you_mean
from ....kernels.images import boxes as geometry
from ... import checks
from ...base import Layer
from ...regularization.streams import check_seed, key_of
from . import parts

Transformation = dict[str, Any]


class Size(NamedTuple):
    """Of a batch of images, whatever their layout."""

    batch: int
    height: int
    width: int
    channels: int


class ImageLayer(Layer):
    """Base of the layers that transform images, and boxes and masks with them.

    Args:
        bounding_box_format: of the boxes given with the images, such as ``"xyxy"``.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Called on images ``(batch, height, width, channels)``, on one image ``(height, width,
    channels)``, or on a dictionary with the keys ``"images"``, ``"labels"``, ``"bounding_boxes"``
    (itself ``{"boxes", "labels"}``) and ``"segmentation_masks"``, it returns the same kind. It
    works in training, and when it is called by hand without saying which mode.
    """

    traits = frozenset()
    batch_safe = True
    casts_inputs = False
    always: ClassVar[bool] = False
    """Whether it works at inference too."""
    moves: ClassVar[bool] = False
    """Whether pixels go elsewhere, so that boxes and masks have to follow."""
    keeps_integers: ClassVar[bool] = False
    """Whether images of whole numbers stay so."""
    seed: int | None = None

    def __init__(
        self, bounding_box_format: str | None = None, data_format: str | None = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.bounding_box_format = bounding_box_format
        self.data_format = data_format
        checks.data_format(self)
        if bounding_box_format is not None:
            checks.one_of(self, "bounding_box_format", bounding_box_format, geometry.FORMATS)

    # --- what a subclass says

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        """The random numbers of one call, with the batch as first axis of those per image."""
        return {}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        """The images (batch, height, width, channels) under what was drawn."""
        raise NotImplementedError

    def augment_masks(self, masks: Any, transformation: Transformation) -> Any:
        """The masks (batch, height, width, channels), in a layer that moves pixels."""
        return self.augment(masks, transformation)

    def augment_boxes(self, boxes: Any, transformation: Transformation, size: Size) -> Any:
        """Corners in pixels (batch, boxes, 4), in a layer that moves pixels."""
        raise ConfigError(
            f"{type(self).__name__} {self.name!r} cannot move bounding boxes.",
            got="an input with 'bounding_boxes'",
            fix="take the boxes out of its input, or use a layer such as RandomRotation.",
        )

    def new_size(self, size: Size) -> tuple[int, int]:
        """Height and width of the output."""
        return size.height, size.width

    # --- Keras's methods

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> Transformation | None:
        """What one call draws, as a dictionary; None where nothing is to be done.

        Args:
            data: images, or the dictionary around them.
            training: mode.
            seed: a whole number, for the same draw every time.
        """
        if not (training or self.always):
            return None
        images = data["images"] if isinstance(data, dict) else data
        size = self.size_of(jnp.shape(images))
        shape = {"input_shape": tuple(jnp.shape(images))}
        if type(self).draw is ImageLayer.draw:
            return shape
        key = key_of(self) if seed is None else jax.random.key(seed)
        return {**self.draw(key, size), **shape}

    def transform_images(
        self, images: Any, transformation: Transformation | None = None, training: bool = True
    ) -> Any:
        """The images under a transformation, in the compute format."""
        images = jnp.asarray(images)
        if not (self.keeps_integers and jnp.issubdtype(images.dtype, jnp.integer)):
            images = images.astype(self.compute_dtype)
        if not (self.always or (training and transformation is not None)):
            return images
        return self._in_layout(images, lambda x: self.augment(x, transformation or {}))

    def transform_labels(
        self, labels: Any, transformation: Transformation | None = None, training: bool = True
    ) -> Any:
        """The labels; other ones only where images are mixed."""
        return labels

    def transform_segmentation_masks(
        self,
        segmentation_masks: Any,
        transformation: Transformation | None = None,
        training: bool = True,
    ) -> Any:
        """The masks, moved as the images are; their values stay what they are."""
        masks = jnp.asarray(segmentation_masks)
        if not self.moves or not (self.always or (training and transformation is not None)):
            return masks
        return self._in_layout(masks, lambda x: self.augment_masks(x, transformation or {}))

    def transform_bounding_boxes(
        self,
        bounding_boxes: Any,
        transformation: Transformation | None = None,
        training: bool = True,
    ) -> Any:
        """The boxes, moved as the images are and cut off at the border.

        A box that leaves the image keeps its place in the array, with an area of 0 and label -1.
        """
        bounding_boxes = parts.dense_boxes(self, bounding_boxes)
        if not self.moves or not (self.always or (training and transformation is not None)):
            return bounding_boxes
        self.check_box_format()
        given, labels = bounding_boxes["boxes"], bounding_boxes["labels"]
        single = given.ndim == 2
        given, labels = (given[None], labels[None]) if single else (given, labels)
        form = self.bounding_box_format or "xyxy"
        size = self._size_drawn_for(transformation or {})
        height, width = self.new_size(size)
        corners = geometry.to_corners(given, form, size.height, size.width)
        moved = geometry.clip(
            self.augment_boxes(corners, transformation or {}, size), height, width
        )
        padding = geometry.is_padding(given)  # (batch, boxes)
        new = geometry.from_corners(moved, form, height, width)
        boxes = jnp.where(padding[..., None], given, new)
        gone = (geometry.area(moved) <= 0) | padding
        labels = parts.without_label(labels, gone)
        boxes, labels = (boxes[0], labels[0]) if single else (boxes, labels)
        return {**bounding_boxes, "boxes": boxes, "labels": labels}

    # --- the same for a single image, as in Keras

    def transform_single_image(
        self, image: Any, transformation: Transformation | None = None, training: bool = True
    ) -> Any:
        """`transform_images` of one image, without the axis of the batch."""
        return self.transform_images(jnp.asarray(image)[None], transformation, training)[0]

    def transform_single_label(
        self, label: Any, transformation: Transformation | None = None, training: bool = True
    ) -> Any:
        """`transform_labels` of one label, without the axis of the batch."""
        return self.transform_labels(jnp.asarray(label)[None], transformation, training)[0]

    def transform_single_bounding_box(
        self, bounding_box: Any, transformation: Transformation | None = None, training: bool = True
    ) -> Any:
        """`transform_bounding_boxes` of one image's boxes (boxes, 4) and labels (boxes,)."""
        one = parts.one_more_axis({"bounding_boxes": bounding_box})["bounding_boxes"]
        moved = self.transform_bounding_boxes(one, transformation, training)
        return parts.one_axis_less({"bounding_boxes": moved})["bounding_boxes"]

    def transform_single_segmentation_mask(
        self,
        segmentation_mask: Any,
        transformation: Transformation | None = None,
        training: bool = True,
    ) -> Any:
        """`transform_segmentation_masks` of one mask, without the axis of the batch."""
        masks = jnp.asarray(segmentation_mask)[None]
        return self.transform_segmentation_masks(masks, transformation, training)[0]

    # --- the call

    def call(self, inputs: Any, training: bool = True) -> Any:
        if not isinstance(inputs, dict):
            self.check_company({"images"}, training)
            transformation = self.get_random_transformation(inputs, training)
            return self.transform_images(inputs, transformation, training)
        self._check_keys(inputs)
        self.check_company(set(inputs), training)
        single = jnp.ndim(inputs["images"]) == 3
        data = parts.one_more_axis(inputs) if single else dict(inputs)
        transformation = self.get_random_transformation(data, training)
        data["images"] = self.transform_images(data["images"], transformation, training)
        if "labels" in data:
            data["labels"] = self.transform_labels(data["labels"], transformation, training)
        if "bounding_boxes" in data:
            data["bounding_boxes"] = self.transform_bounding_boxes(
                data["bounding_boxes"], transformation, training
            )
        if "segmentation_masks" in data:
            masks = jnp.asarray(data["segmentation_masks"])
            flat = masks.ndim == 3  # no axis of channels
            axis = 1 if self.data_format == "channels_first" else 3
            masks = self.transform_segmentation_masks(
                jnp.expand_dims(masks, axis) if flat else masks, transformation, training
            )
            data["segmentation_masks"] = jnp.squeeze(masks, axis) if flat else masks
        return parts.one_axis_less(data) if single else data

    def size_of(self, shape: tuple[int, ...]) -> Size:
        """What the axes of images of a shape are."""
        if len(shape) not in (3, 4):
            raise ShapeError(
                f"{type(self).__name__} {self.name!r} takes images of rank 4, or one of rank 3.",
                got=f"rank {len(shape)}, shape {tuple(shape)}",
                expected="(batch, height, width, channels) or (height, width, channels)",
                fix="add an axis for the channels: x[..., None].",
            )
        batch, *rest = shape if len(shape) == 4 else (1, *shape)
        if self.data_format == "channels_first":
            return Size(batch, rest[1], rest[2], rest[0])
        return Size(batch, rest[0], rest[1], rest[2])

    def check_company(self, keys: set[str], training: bool) -> None:
        """Refuse images without anything else, in a layer where they do not suffice."""

    def check_box_format(self) -> None:
        """Refuse boxes whose format nobody gave."""
        if self.moves and self.bounding_box_format is None:
            raise ConfigError(
                f"{type(self).__name__} {self.name!r} was given bounding boxes, but not their "
                "format.",
                got="bounding_box_format=None",
                expected=f"one of {', '.join(map(repr, geometry.FORMATS))}",
                fix=f"{type(self).__name__}(..., bounding_box_format='xyxy').",
            )

    def check_seed(self, seed: Any) -> None:
        check_seed(self, seed)

    def _size_drawn_for(self, transformation: Transformation) -> Size:
        """The size of the images that a transformation was drawn for."""
        if "input_shape" in transformation:
            return self.size_of(tuple(transformation["input_shape"]))
        if "image_height" in transformation:
            return Size(1, transformation["image_height"], transformation["image_width"], 1)
        raise DataError(
            f"The transformation given to {type(self).__name__} {self.name!r} does not say how "
            "large the images are.",
            got=f"keys {sorted(transformation)}",
            fix="add 'input_shape': images.shape, or take it from get_random_transformation.",
        )

    def _in_layout(self, images: jax.Array, function: Any) -> jax.Array:
        """`function`, which takes (batch, height, width, channels), on any layout and rank."""
        single = images.ndim == 3
        ImageLayer.size_of(self, images.shape)
        x = images[None] if single else images
        x = self.to_layout(function(self.from_layout(x)))
        return x[0] if single else x

    def to_layout(self, x: jax.Array) -> jax.Array:
        """(batch, height, width, channels) -> the axes as `data_format` has them."""
        return jnp.moveaxis(x, 3, 1) if self.data_format == "channels_first" else x

    def from_layout(self, x: jax.Array) -> jax.Array:
        """The axes as `data_format` has them -> (batch, height, width, channels)."""
        first = self.data_format == "channels_first" and jnp.ndim(x) == 4
        return jnp.moveaxis(x, 1, 3) if first else x

    def _check_keys(self, data: dict[str, Any]) -> None:
        if "images" not in data:
            raise DataError(
                f"The dictionary given to {type(self).__name__} {self.name!r} has no images.",
                got=f"keys {sorted(data)}",
                expected="'images', and 'labels', 'bounding_boxes', 'segmentation_masks' at will",
                fix="layer({'images': x, 'labels': y}).",
            )
        wrong = parts.misspelt(data)
        if wrong is not None:
            raise UnknownNameError(
                f"{type(self).__name__} {self.name!r} would leave {wrong!r} as it is.",
                got=f"keys {sorted(data)}",
                expected=", ".join(parts.KEYS),
                fix=did_you_mean(wrong, parts.KEYS),
            )
        if "bounding_boxes" in data:
            self.check_box_format()

    def check_data(self, data: np.ndarray) -> None:
        """Refuse images whose values cannot be in the layer's range of values."""
        value_range = getattr(self, "value_range", None)
        if value_range is None or data.size == 0 or data.dtype.kind not in "iuf":
            return
        some = data[:: max(1, len(data) // 256)]
        parts.check_values(self, value_range, float(np.min(some)), float(np.max(some)))
