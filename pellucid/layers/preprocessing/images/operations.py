"""The operations that `RandAugment` and `AugMix` choose from, and applying one by its number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from .affine import RandomRotation, RandomShear, RandomTranslation
from .base import ImageLayer, Size, Transformation
from .color import RandomBrightness, RandomContrast
from .levels import AutoContrast, Equalization
from .tones import RandomColorDegeneration, RandomPosterization, RandomSharpness, Solarization

Step = Callable[[Any, Transformation], Any]


def make(
    names: tuple[str, ...],
    factor: tuple[float, float],
    value_range: Any,
    interpolation: str,
    dtype: Any,
) -> dict[str, ImageLayer]:
    """The layers behind the names, all of one strength; all without a layout of their own."""
    moved: dict[str, Any] = {"interpolation": interpolation, "dtype": dtype}
    toned: dict[str, Any] = {"value_range": value_range, "dtype": dtype}
    bits = max(1, int(8 * factor[1]))
    made: dict[str, Callable[[], ImageLayer]] = {
        "random_shear": lambda: RandomShear(factor, factor, **moved),
        "random_translation": lambda: RandomTranslation(factor, factor, **moved),
        "random_rotation": lambda: RandomRotation(factor, **moved),
        "random_brightness": lambda: RandomBrightness(factor, **toned),
        "random_color_degeneration": lambda: RandomColorDegeneration(factor, **toned),
        "random_contrast": lambda: RandomContrast(factor, **toned),
        "random_sharpness": lambda: RandomSharpness(factor, **toned),
        "random_posterization": lambda: RandomPosterization(bits, **toned),
        "solarization": lambda: Solarization(factor, factor, **toned),
        "auto_contrast": lambda: AutoContrast(**toned),
        "equalization": lambda: Equalization(**toned),
    }
    return {name: made[name]() for name in names}


def draw(layers: dict[str, ImageLayer], key: jax.Array, size: Size) -> Transformation:
    """A transformation for every operation: few numbers, so that none waits for a choice."""
    return {
        name: layer.draw(jax.random.fold_in(key, number), size)
        for number, (name, layer) in enumerate(layers.items())
    }


def on_images(layer: ImageLayer) -> Step:
    """What a layer does to images."""
    return layer.augment


def on_masks(layer: ImageLayer) -> Step:
    """What a layer does to masks: nothing, where pixels stay."""
    return layer.augment_masks if layer.moves else lambda masks, _: masks


def apply(
    layers: dict[str, ImageLayer],
    what: Callable[[ImageLayer], Step],
    number: Any,
    value: Any,
    transforms: Transformation,
) -> Any:
    """`value` under the operation of that number; one beyond the last leaves it as it is.

    Only the chosen one runs: a batch makes one choice. Outside a compiled program the number is
    known, and only the chosen one is compiled.
    """
    names = list(layers)

    def branch(name: str) -> Callable[[Any], Any]:
        step = what(layers[name])
        return lambda x: step(x, transforms.get(name) or {}).astype(x.dtype)

    branches = [branch(name) for name in names] + [lambda x: x]
    if not isinstance(number, jax.core.Tracer):
        return branches[min(int(np.asarray(number)), len(names))](value)
    return jax.lax.switch(number, branches, value)
