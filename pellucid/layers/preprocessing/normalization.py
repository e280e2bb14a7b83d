"""`Normalization`: features brought to mean 0 and variance 1 by what the training data showed."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ..._core import settings
from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import family
from .. import checks
from ..base import Layer
from .statistics import data_statistics


@family("layer").register("Normalization")
class Normalization(Layer):
    """``(inputs - mean) / sqrt(variance)``, with mean and variance of the data or given.

    Args:
        axis: axis or axes that have a mean each; None for a single mean over everything.
        mean: given mean; then there is nothing to adapt.
        variance: given variance.
        invert: go back from normalised to original values.

    `adapt(data)` measures mean and variance; before it, they are 0 and 1.

    Raises:
        ConfigError: only one of mean and variance, or shapes that differ.

    >>> import numpy as np
    >>> layer = Normalization()
    >>> layer.adapt(np.array([[1.0, 10.0], [3.0, 30.0]]))
    >>> layer(np.array([[1.0, 30.0]])).tolist()
    [[-1.0, 1.0]]
    """

    traits = frozenset({"same_shape", "scales"})
    batch_safe = True
    casts_inputs = False
    supports_masking = True

    def __init__(
        self,
        axis: Any = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.axis = axis
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert
        self._shape: tuple[int | None, ...] | None = None
        axes = self._given_axes()
        for entry in axes:
            checks.whole_number(self, "axis", entry)
        if (mean is None) != (variance is None) or np.shape(mean) != np.shape(variance):
            raise ConfigError(
                f"Normalization {self.name!r} takes mean and variance together, of one shape.",
                got=f"mean {_shown(mean)}, variance {_shown(variance)}",
                fix="give both, or neither and call adapt(data).",
            )
        if mean is not None and np.ndim(mean) > len(axes):
            raise ConfigError(
                f"The mean of Normalization {self.name!r} has more axes than `axis` names.",
                got=f"mean {_shown(mean)}, axis={axis!r}",
                fix="name one axis for each axis of the mean.",
            )

    def build(self, input_shape: Any) -> None:
        keep = self._kept(len(input_shape))
        self._shape = tuple(input_shape)
        if self.input_mean is None:
            shape = tuple(input_shape[axis] for axis in keep)
            self.adapt_mean = self.add_weight(
                name="mean", shape=shape, initializer="zeros", trainable=False, autocast=False
            )
            self.adapt_variance = self.add_weight(
                name="variance", shape=shape, initializer="ones", trainable=False, autocast=False
            )
            # Part of Keras's weight files, where nothing reads it.
            self.count = self.add_weight(
                name="count", shape=(), dtype="int32", initializer="zeros", trainable=False
            )

    def adapt(self, data: Any) -> None:
        """Measure mean and variance, once, over the whole data.

        Args:
            data: array or data frame ``(samples, ...)``, or an iterable of batches; of tuples the
                first part counts.

        Raises:
            DataError: no data, or not numbers.
            ShapeError: data of another width than the layer was built for.
        """
        if self.input_mean is not None:
            raise ConfigError(
                f"Normalization {self.name!r} was made with a mean and variance of its own.",
                fix="leave mean and variance out to measure them with adapt.",
            )
        shape, mean, variance = data_statistics(self.name, data, self._kept)
        if not self.built:
            self.build(shape)
        if mean.shape != tuple(self.adapt_mean.shape):
            raise ShapeError(
                f"Normalization {self.name!r} was built for data of another width.",
                got=f"data of shape {shape}",
                expected=f"shape {self._shape}",
                fix="adapt on the data that the network will see.",
            )
        self.adapt_mean = mean.astype(np.float32)
        self.adapt_variance = variance.astype(np.float32)

    def finalize_state(self) -> None:
        """Nothing to do: `mean` and `variance` follow from the weights at every call."""

    @property
    def mean(self) -> Any:
        """The mean in use, shaped to broadcast against the input; None before `build`."""
        return self._in_use(self.input_mean, "adapt_mean")

    @property
    def variance(self) -> Any:
        """The variance in use, shaped like `mean`."""
        return self._in_use(self.input_variance, "adapt_variance")

    def call(self, inputs: Any) -> Any:
        wide = jnp.promote_types(self.compute_dtype, jnp.float32)
        x = jnp.asarray(inputs).astype(wide)
        mean, variance = self.mean.astype(wide), self.variance.astype(wide)
        spread = jnp.maximum(jnp.sqrt(variance), settings.epsilon())
        y = mean + x * spread if self.invert else (x - mean) / spread
        return y.astype(self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments; what `adapt` measured is kept with the weights."""
        from ..._core.specs import serialize

        given = {"mean": self.input_mean, "variance": self.input_variance}
        return {**super().get_config(), **{name: serialize(value) for name, value in given.items()}}

    def _given_axes(self) -> tuple[int, ...]:
        return () if self.axis is None else checks.axes_of(self.axis)

    def _kept(self, rank: int) -> tuple[int, ...]:
        """The axes that keep a mean each, counted from the front and in order."""
        axes = self._given_axes()
        checks.axes_within(self, "axis", axes, rank)
        return tuple(sorted(axis % rank for axis in axes))

    def _in_use(self, given: Any, weight: str) -> Any:
        if self._shape is None:
            return given
        rank = len(self._shape)
        keep = self._kept(rank)
        value = getattr(self, weight) if given is None else jnp.asarray(given, jnp.float32)
        shape = [1] * rank
        # Missing axes of a given mean are the first ones: it is aligned from the right.
        for axis, size in zip(reversed(keep), reversed(value.shape), strict=False):
            shape[axis] = size
        full = [self._shape[axis] or 1 if axis in keep else 1 for axis in range(rank)]
        return jnp.broadcast_to(value.reshape(shape), full)


def _shown(value: Any) -> str:
    return "None" if value is None else f"of shape {np.shape(value)}"
