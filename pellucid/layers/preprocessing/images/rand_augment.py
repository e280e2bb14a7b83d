"""`RandAugment` and `AugMix`: operations chosen at random, one after the other or mixed."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...._core.errors import ConfigError
from ...._core.specs import family
from ....kernels.images import boxes as geometry
from ....kernels.images import draws, warp
from ... import checks
from . import operations
from .arguments import check_factor, check_value_range, interval, is_number
from .base import ImageLayer, Size, Transformation
from .color import ColorLayer
from .mixing import check_soft_masks

GEOMETRY = ("random_shear", "random_translation", "random_rotation")
TONES = ("random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness")
LEVELS = ("random_posterization", "solarization", "auto_contrast", "equalization")


class Choosing(ColorLayer):
    """Base of the layers that choose among operations of one strength."""

    _not_tracked = frozenset({"_operations"})
    channels = (1, 3)
    factor: Any
    interpolation: str

    def make_operations(self, names: tuple[str, ...]) -> None:
        """Check what the operations share, and make them."""
        check_factor(self, "factor", self.factor)
        check_value_range(self, self.value_range)
        checks.one_of(self, "interpolation", self.interpolation, warp.INTERPOLATIONS)
        self.check_seed(self.seed)
        self._operations = operations.make(
            names, interval(self.factor), self.value_range, self.interpolation, self.dtype_policy
        )


@family("layer").register("RandAugment")
class RandAugment(Choosing):
    """In training, apply a few operations, chosen at random for each batch, to every image.

    Args:
        value_range: the darkest and the brightest value a pixel can have.
        num_ops: how many operations, one after the other.
        factor: their strength, from 0 to 1: a single number draws from 0 to it, two from the
            first to the second.
        interpolation: ``"bilinear"`` or ``"nearest"``, where pixels move.
        seed: for a stream of random numbers of this layer's own.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)``, and what comes with them as in a dictionary, keep
    their shapes. All images of a batch go through the same operations, each with its own
    strength, so that only those that were chosen are computed.

    Raises:
        ConfigError: a factor outside 0 to 1 or reversed, a range that is none.
        DataError: when training starts, for images whose values are not in the range.

    >>> import numpy as np
    >>> RandAugment(num_ops=1)(np.zeros((2, 8, 8, 3))).shape
    (2, 8, 8, 3)

    Cubuk et al., "RandAugment", NeurIPS 2020.
    """

    moves = True

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_ops: int = 2,
        factor: Any = 0.5,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = value_range
        self.num_ops = num_ops
        self.factor = factor
        self.interpolation = interpolation
        self.seed = seed
        if num_ops != 0 or isinstance(num_ops, bool):  # 0 changes nothing, as in Keras
            checks.positive_integer(self, "num_ops", num_ops, 2)
        self.make_operations(GEOMETRY + TONES + LEVELS)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        first, second = jax.random.split(key)
        last = len(self._operations) - 1
        return {
            "layer_idxes": draws.integers(first, (self.num_ops,), 0, last),
            "transforms": operations.draw(self._operations, second, size),
        }

    def augment(self, images: Any, transformation: Transformation) -> Any:
        return self._one_after_the_other(images, transformation, operations.on_images)

    def augment_masks(self, masks: Any, transformation: Transformation) -> Any:
        return self._one_after_the_other(masks, transformation, operations.on_masks)

    def augment_boxes(self, boxes: Any, transformation: Transformation, size: Size) -> Any:
        def on_boxes(layer: ImageLayer) -> operations.Step:
            if not layer.moves:
                return lambda corners, _: corners

            def move(corners: Any, transforms: Transformation) -> Any:
                moved = layer.augment_boxes(corners, transforms, size)
                moved = geometry.clip(moved, size.height, size.width)
                # What has left the image is a point from now on, which nothing brings back.
                return jnp.where(geometry.area(moved)[..., None] <= 0, 0, moved)

            return move

        return self._one_after_the_other(boxes, transformation, on_boxes)

    def _one_after_the_other(self, value: Any, transformation: Transformation, what: Any) -> Any:
        numbers, transforms = transformation["layer_idxes"], transformation["transforms"]

        def step(x: Any, number: Any) -> tuple[Any, None]:
            return operations.apply(self._operations, what, number, x, transforms), None

        if isinstance(numbers, jax.core.Tracer):
            return jax.lax.scan(step, value, numbers)[0]
        for number in numbers:
            value, _ = step(value, number)
        return value


@family("layer").register("AugMix")
class AugMix(Choosing):
    """In training, mix each image with several versions of itself, made by random operations.

    Args:
        value_range: the darkest and the brightest value a pixel can have; results are cut off
            there.
        num_chains: how many versions.
        chain_depth: how many operations make a version, at most.
        factor: strength of the operations, from 0 to 1.
        alpha: above 0: the shares are drawn from Dirichlet and Beta distributions with it.
        all_ops: choose among brightness, contrast, sharpness and fading too, which some test sets
            of corrupted images are made by.
        interpolation: ``"bilinear"`` or ``"nearest"``, where pixels move.
        seed: for a stream of random numbers of this layer's own.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)`` keep their shape; so do masks, which are mixed as
    shares of classes. Bounding boxes stay as they are.

    Raises:
        ConfigError: a factor outside 0 to 1 or reversed, an alpha that is not above 0.
        DataError: masks of class numbers; when training starts, images whose values are not in
            the range.

    >>> import numpy as np
    >>> AugMix(num_chains=1, chain_depth=1)(np.zeros((2, 8, 8, 3))).shape
    (2, 8, 8, 3)

    Hendrycks et al., "AugMix", ICLR 2020.
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: Any = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = value_range
        self.num_chains = num_chains
        self.chain_depth = chain_depth
        self.factor = factor
        self.alpha = alpha
        self.all_ops = all_ops
        self.interpolation = interpolation
        self.seed = seed
        checks.positive_integer(self, "num_chains", num_chains, 3)
        checks.positive_integer(self, "chain_depth", chain_depth, 3)
        if not is_number(alpha) or alpha <= 0:
            raise ConfigError(
                f"The argument 'alpha' of AugMix {self.name!r} must be above 0.",
                got=repr(alpha),
                fix="alpha=1.0, say.",
            )
        self.make_operations(GEOMETRY + LEVELS + (TONES if all_ops else ()))

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        first, second, third, fourth = jax.random.split(key, 4)
        chains = (self.num_chains, self.chain_depth)
        keys = jax.random.split(fourth, chains)
        each = jax.vmap(jax.vmap(lambda one: operations.draw(self._operations, one, size)))
        return {
            "chain_mixing_weights": draws.dirichlet(first, self.num_chains, self.alpha),
            "weight_sample": draws.beta(second, 1, self.alpha)[0],
            # The number after the last stands for no operation.
            "layer_idxes": draws.integers(third, chains, 0, len(self._operations)),
            "transforms": each(keys),  # (chains, depth, ...) each
        }

    def augment(self, images: Any, transformation: Transformation) -> Any:
        return self.clip(self._mixed(images, transformation, operations.on_images))

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
        return self._in_layout(masks, lambda x: self._mixed(x, transformation, operations.on_masks))

    def _mixed(self, images: Any, transformation: Transformation, what: Any) -> Any:
        weights = transformation["chain_mixing_weights"]
        numbers, transforms = transformation["layer_idxes"], transformation["transforms"]

        def step(x: Any, now: Any) -> tuple[Any, None]:
            number, drawn = now
            return operations.apply(self._operations, what, number, x, drawn), None

        def chain(total: Any, now: Any) -> tuple[Any, None]:
            weight, numbers, drawn = now
            version, _ = scan(step, images, (numbers, drawn))
            return total + version * weight.astype(images.dtype), None

        known = not isinstance(numbers, jax.core.Tracer)
        scan = _loop if known else jax.lax.scan
        versions, _ = scan(chain, jnp.zeros_like(images), (weights, numbers, transforms))
        share = jnp.asarray(transformation["weight_sample"]).astype(images.dtype)
        return share * images + (1 - share) * versions


def _loop(function: Any, carry: Any, items: Any) -> tuple[Any, None]:
    """`jax.lax.scan`, step by step: outside a compiled program it would be compiled anew."""
    for number in range(len(jax.tree.leaves(items)[0])):
        carry, _ = function(carry, jax.tree.map(lambda leaf, i=number: leaf[i], items))
    return carry, None
