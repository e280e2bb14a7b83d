"""`MaxNumBoundingBoxes`: the same number of boxes for every image."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ...._core.specs import family
from ... import checks
from .base import ImageLayer, Transformation
from .parts import dense_boxes


@family("layer").register("MaxNumBoundingBoxes")
class MaxNumBoundingBoxes(ImageLayer):
    """Cut off or fill up the boxes of every image to one number, in both modes.

    Args:
        max_number: of boxes.
        fill_value: what boxes and labels are filled up with.

    Called on a dictionary with ``"images"`` and ``"bounding_boxes"``: boxes ``(batch, boxes, 4)``
    become ``(batch, max_number, 4)``, their labels ``(batch, max_number)``. Everything else stays.

    Raises:
        ConfigError: a number that is not positive and whole.

    >>> import numpy as np
    >>> boxes = {"boxes": np.ones((1, 1, 4)), "labels": np.ones((1, 1), int)}
    >>> data = MaxNumBoundingBoxes(3)({"images": np.zeros((1, 2, 2, 3)), "bounding_boxes": boxes})
    >>> data["bounding_boxes"]["labels"].tolist()
    [[1, -1, -1]]
    """

    always = True
    keeps_integers = True

    def __init__(self, max_number: int, fill_value: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.max_number = max_number
        self.fill_value = fill_value
        checks.positive_integer(self, "max_number", max_number, 100)
        checks.whole_number(self, "fill_value", fill_value)

    def augment(self, images: Any, transformation: Transformation) -> Any:
        return images

    def transform_bounding_boxes(
        self,
        bounding_boxes: Any,
        transformation: Transformation | None = None,
        training: bool = True,
    ) -> Any:
        """As many boxes and labels as there should be."""
        bounding_boxes = dense_boxes(self, bounding_boxes)
        ready = {}
        for name in ("boxes", "labels"):
            kept = bounding_boxes[name][:, : self.max_number]
            border = [(0, 0)] * kept.ndim
            border[1] = (0, self.max_number - kept.shape[1])
            ready[name] = jnp.pad(kept, border, constant_values=self.fill_value)
        return {**bounding_boxes, **ready}
