"""`AutoContrast`, `Equalization` and their kin: values spread by what each image contains."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ...._core.errors import ConfigError
from ...._core.specs import family
from ....kernels.images import color, histogram
from ... import checks
from .arguments import check_value_range
from .base import Transformation
from .color import ColorLayer


@family("layer").register("AutoContrast")
class AutoContrast(ColorLayer):
    """Spread the values of each image's channels over the whole range, in both modes.

    Args:
        value_range: the darkest and the brightest value a pixel can have.

    Images ``(batch, height, width, channels)`` keep their shape. A channel of one value stays.

    Raises:
        ConfigError: a range that is none.

    >>> import numpy as np
    >>> AutoContrast()(np.array([50.0, 100.0, 150.0]).reshape(1, 1, 3, 1)).ravel().tolist()
    [0.0, 127.5, 255.0]
    """

    always = True

    def __init__(self, value_range: Any = (0, 255), **kwargs: Any):
        super().__init__(**kwargs)
        self.value_range = value_range
        check_value_range(self, value_range)

    def augment(self, images: Any, transformation: Transformation) -> Any:
        full = color.rescale(images, self.value_range, (0, 255))
        return color.rescale(histogram.stretch(full), (0, 255), self.value_range)


@family("layer").register("Equalization")
class Equalization(ColorLayer):
    """In training, give each image's channels all values equally often.

    Args:
        value_range: the darkest and the brightest value a pixel can have.
        bins: of the histogram.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)`` keep their shape. Each image has a histogram of its
    own; Keras counts a whole batch together. Like Keras's, the layer rests at inference: pass
    ``training=True`` where images are to be equalised in both modes.

    Raises:
        ConfigError: a range that is none, fewer bins than two.

    >>> import numpy as np
    >>> Equalization()(np.array([10.0, 20.0, 30.0]).reshape(1, 1, 3, 1)).ravel().tolist()
    [0.0, 128.0, 255.0]
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        bins: int = 256,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = value_range
        self.bins = bins
        check_value_range(self, value_range)
        checks.positive_integer(self, "bins", bins, 256)

    def augment(self, images: Any, transformation: Transformation) -> Any:
        full = color.rescale(images, self.value_range, (0, 255))
        return color.rescale(histogram.equalize(full, self.bins), (0, 255), self.value_range)


@family("layer").register("ContrastLimitedAdaptiveHistogramEqualization")
class ContrastLimitedAdaptiveHistogramEqualization(ColorLayer):
    """Equalise each image tile by tile, with a limit to the contrast, in both modes.

    Args:
        value_range: the darkest and the brightest value a pixel can have.
        clip_limit: how often a value may occur in a tile, in units of an even spread, before the
            rest is shared out over all values; 0 sets no limit.
        tile_grid_size: tiles down and across.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)`` keep their shape; of whole numbers, they stay so.

    Raises:
        ConfigError: a range that is none, a negative limit, a grid that is not two sizes.

    >>> import numpy as np
    >>> layer = ContrastLimitedAdaptiveHistogramEqualization(clip_limit=0, tile_grid_size=(1, 1))
    >>> layer(np.array([10.0, 20.0, 30.0]).reshape(1, 1, 3, 1)).ravel().tolist()
    [85.0, 170.0, 255.0]

    Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994.
    """

    always = True
    keeps_integers = True

    def __init__(
        self,
        value_range: Any = (0, 255),
        clip_limit: float = 4.0,
        tile_grid_size: Any = (8, 8),
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = value_range
        self.clip_limit = clip_limit
        self.tile_grid_size = tile_grid_size
        check_value_range(self, value_range)
        checks.number(self, "clip_limit", clip_limit, 0)
        whole = isinstance(tile_grid_size, (tuple, list)) and len(tile_grid_size) == 2
        if not whole or not all(isinstance(n, int) and n > 0 for n in tile_grid_size):
            raise ConfigError(
                f"The tile_grid_size of {type(self).__name__} {self.name!r} must be two sizes.",
                got=repr(tile_grid_size),
                expected="positive whole numbers: tiles down and across",
                fix="tile_grid_size=(8, 8).",
            )

    def augment(self, images: Any, transformation: Transformation) -> Any:
        full = color.rescale(images.astype(jnp.float32), self.value_range, (0, 255))
        tiles = (int(self.tile_grid_size[0]), int(self.tile_grid_size[1]))
        equal = histogram.clahe(full, float(self.clip_limit), tiles)
        return color.rescale(equal, (0, 255), self.value_range).astype(images.dtype)
