"""`MixUp` and `CutMix`: each image mixed with another of its batch, and its label too."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import jax.numpy as jnp

from ...._core.errors import ConfigError, DataError, PellucidWarning, ShapeError
from ...._core.specs import family
from ....kernels.images import crop, draws
from ...context import current
from .arguments import check_factor, interval, is_number
from .base import ImageLayer, Size, Transformation
from .parts import dense_boxes


class Mixing(ImageLayer):
    """Base of the layers that mix each image of a batch with another one.

    Rows that only fill up a batch mix with themselves, the real ones among each other.
    """

    def draw_partners(self, key: jax.Array, rows: int) -> jax.Array:
        """(rows,) int32: whom each row is mixed with."""
        context = current()
        valid = None if context is None else context.valid  # (batch,)
        fits = valid is not None and len(valid) == rows
        return draws.permutation(key, rows, valid if fits else None)

    def check_company(self, keys: set[str], training: bool) -> None:
        if training and keys <= {"images"}:
            warnings.warn(
                f"{type(self).__name__} {self.name!r} was given images alone, which it mixes; "
                "their labels, which it cannot reach, stay those of one image. To mix both, map "
                "it over the data before training: layer({'images': x, 'labels': y}).",
                PellucidWarning,
                stacklevel=2,
            )

    def transform_labels(
        self, labels: Any, transformation: Transformation | None = None, training: bool = True
    ) -> Any:
        """The labels, mixed as the images are: shares of classes, so one-hot to begin with."""
        labels = jnp.asarray(labels)
        whole = not jnp.issubdtype(labels.dtype, jnp.floating)
        numbers = whole and (labels.ndim == 1 or labels.shape[-1] == 1)
        if whole and not numbers:
            labels = labels.astype(jnp.float32)
        if not training or transformation is None:
            return labels
        if numbers:
            raise DataError(
                f"{type(self).__name__} {self.name!r} cannot mix class numbers: half of class 2 "
                "and half of class 4 is not class 3.",
                got=f"labels {labels.shape} of {labels.dtype}",
                expected="one-hot labels (batch, classes)",
                fix="pellucid.utils.to_categorical(labels, classes).",
            )
        return mixed(labels, transformation)


def mixed(rows: Any, transformation: Transformation) -> Any:
    """Each row, and its partner's share, of any rank."""
    weight = jnp.asarray(transformation["mix_weight"]).reshape(-1, *(1,) * (rows.ndim - 1))
    partners = jnp.take(rows, jnp.asarray(transformation["permutation_order"]), axis=0)
    return weight * rows + (1 - weight) * partners


def check_soft_masks(layer: ImageLayer, masks: Any) -> None:
    """Refuse masks of class numbers where masks are mixed by weights."""
    if not jnp.issubdtype(masks.dtype, jnp.floating):
        raise DataError(
            f"{type(layer).__name__} {layer.name!r} cannot mix masks of class numbers.",
            got=f"segmentation masks {masks.shape} of {masks.dtype}",
            expected="one-hot masks of floats (batch, height, width, classes)",
            fix="pellucid.utils.to_categorical(masks, classes).",
        )


@family("layer").register("MixUp")
class MixUp(Mixing):
    """In training, replace each image and label by a mixture with another of the batch.

    Args:
        alpha: above 0; the shares are drawn from the distribution Beta(alpha, alpha): mostly one
            of the two below 1, evenly spread at 1.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        seed: for a stream of random numbers of this layer's own.

    Called on a dictionary with ``"images"`` ``(batch, height, width, channels)`` and ``"labels"``
    ``(batch, classes)``. Masks are mixed like labels; of bounding boxes, an image gets its
    partner's in addition to its own. Images alone are mixed too, with a warning that their labels
    are not.

    Raises:
        ConfigError: an alpha that is not above 0.
        DataError: labels that are class numbers.

    >>> import numpy as np
    >>> mixed = MixUp()({"images": np.zeros((2, 4, 4, 1)), "labels": np.eye(2)})
    >>> mixed["labels"].sum(axis=1).tolist()
    [1.0, 1.0]

    Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018.
    """

    def __init__(
        self,
        alpha: float = 0.2,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.alpha = alpha
        self.seed = seed
        self.check_seed(seed)
        if not is_number(alpha) or alpha <= 0:
            raise ConfigError(
                f"The argument 'alpha' of MixUp {self.name!r} must be above 0.",
                got=repr(alpha),
                fix="alpha=0.2, say.",
            )

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        first, second = jax.random.split(key)
        return {
            "mix_weight": draws.beta(first, size.batch, self.alpha),
            "permutation_order": self.draw_partners(second, size.batch),
        }

    def augment(self, images: Any, transformation: Transformation) -> Any:
        return mixed(images, transformation).astype(images.dtype)

    def transform_segmentation_masks(
        self,
        segmentation_masks: Any,
        transformation: Transformation | None = None,
        training: bool = True,
    ) -> Any:
        """The masks, mixed as the images are: shares of classes."""
        masks = jnp.asarray(segmentation_masks)
        if not training or transformation is None:
            return masks
        check_soft_masks(self, masks)
        return mixed(masks, transformation).astype(masks.dtype)

    def transform_bounding_boxes(
        self,
        bounding_boxes: Any,
        transformation: Transformation | None = None,
        training: bool = True,
    ) -> Any:
        """Each image's own boxes and then its partner's: twice as many."""
        bounding_boxes = dense_boxes(self, bounding_boxes)
        if not training or transformation is None:
            return bounding_boxes
        order = jnp.asarray(transformation["permutation_order"])
        if bounding_boxes["boxes"].ndim == 2:
            raise ShapeError(
                f"MixUp {self.name!r} mixes the boxes of a batch of images.",
                got=f"boxes {bounding_boxes['boxes'].shape}",
                expected="boxes (batch, boxes, 4), labels (batch, boxes)",
                fix="add the axis of the batch.",
            )
        both = {
            name: jnp.concatenate([bounding_boxes[name], bounding_boxes[name][order]], axis=1)
            for name in ("boxes", "labels")
        }
        return {**bounding_boxes, **both}


@family("layer").register("CutMix")
class CutMix(Mixing):
    """In training, replace a rectangle of each image by the same part of another of the batch.

    Args:
        factor: from 0 to 1; two numbers, between which the parameter of the Beta distribution of
            the shares is drawn; a single one stands for 0 and itself.
        seed: for a stream of random numbers of this layer's own.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Called on a dictionary with ``"images"`` ``(batch, height, width, channels)`` and ``"labels"``
    ``(batch, classes)``, which are mixed by the share of pixels that stayed. Images alone are
    mixed too, with a warning that their labels are not.

    Raises:
        ConfigError: a factor outside 0 to 1 or reversed, bounding boxes among the data.
        DataError: labels that are class numbers.

    >>> import numpy as np
    >>> mixed = CutMix()({"images": np.zeros((2, 4, 4, 1)), "labels": np.eye(2)})
    >>> mixed["labels"].sum(axis=1).tolist()
    [1.0, 1.0]

    Yun et al., "CutMix", ICCV 2019.
    """

    moves = True

    def __init__(
        self,
        factor: Any = 1.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor
        self.seed = seed
        check_factor(self, "factor", factor)
        self.check_seed(seed)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        first, second, third, fourth = jax.random.split(key, 4)
        alpha = draws.uniform(first, (1,), *interval(self.factor))[0] + 1e-6
        side = jnp.sqrt(1 - draws.beta(second, size.batch, alpha))[:, None]  # (batch, 1)
        image = jnp.array([size.width, size.height])
        start = draws.uniform(third, (size.batch, 2)) * (image - side * image)
        end = start + side * image  # (batch, 2): across, down
        corners = (start[:, 0], end[:, 0], start[:, 1], end[:, 1])
        mask = crop.boxes_mask(*corners, size.height, size.width)  # (batch, height, width, 1)
        return {
            "permutation_order": self.draw_partners(fourth, size.batch),
            "batch_masks": self.to_layout(mask),
            "mix_weight": 1 - jnp.mean(mask, axis=(1, 2, 3)),
        }

    def augment(self, images: Any, transformation: Transformation) -> Any:
        mask = self.from_layout(jnp.asarray(transformation["batch_masks"]))[..., :1]
        partners = jnp.take(images, jnp.asarray(transformation["permutation_order"]), axis=0)
        return jnp.where(mask, partners, images)

    def check_box_format(self) -> None:
        raise ConfigError(
            f"CutMix {self.name!r} cannot cut bounding boxes.",
            got="an input with 'bounding_boxes'",
            fix="use MixUp, which keeps the boxes of both images.",
        )
