"""Layers that tell a network where in a sequence a step stands."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import family
from .. import checks
from ..base import Layer
from ..context import current
from ..core.embedding import Embedding
from ..input_spec import InputSpec


@family("layer").register("SinusoidalPositionEncoding", "SinePositionEncoding")
class SinusoidalPositionEncoding(Layer):
    """Sines and cosines of the position, to be added to the input: ``x + layer(x)``.

    Args:
        max_wavelength: the longest period, over ``2 * pi``.

    Input ``(batch, steps, features)``, output the same shape: features 0, 2, ... hold sines,
    1, 3, ... cosines. The call takes `start_index`, the position of the first step.

    Raises:
        ConfigError: a wavelength that is not positive.

    >>> import numpy as np
    >>> SinusoidalPositionEncoding()(np.zeros((1, 2, 4)))[0, 0].tolist()
    [0.0, 1.0, 0.0, 1.0]

    Vaswani et al., "Attention is all you need", arXiv:1706.03762, section 3.5. KerasHub calls it
    SinePositionEncoding.
    """

    traits = frozenset({"per_step"})
    batch_safe = True
    supports_masking = True

    def __init__(self, max_wavelength: float = 10000, **kwargs: Any):
        super().__init__(**kwargs)
        self.max_wavelength = max_wavelength
        checks.number(self, "max_wavelength", max_wavelength, 1e-6)
        self.input_spec = InputSpec(min_ndim=2)

    def call(self, inputs: Any, start_index: Any = 0) -> Any:
        steps, features = inputs.shape[-2:]
        angles = _angles(start_index + jnp.arange(steps), features, self.max_wavelength)
        even = jnp.arange(features) % 2 == 0
        waves = jnp.where(even, jnp.sin(angles), jnp.cos(angles))  # (steps, features)
        return jnp.broadcast_to(waves.astype(inputs.dtype), inputs.shape)


@family("layer").register("PositionEmbedding")
class PositionEmbedding(Layer):
    """A learned vector for each position, to be added to the input: ``x + layer(x)``.

    Args:
        sequence_length: the longest sequence it can serve.
        initializer: how the vectors start.

    Input ``(batch, steps, features)``, output the same shape. The call takes `start_index`, the
    position of the first step.

    Raises:
        ConfigError: a length that is not a positive whole number.
        ShapeError: a longer sequence.

    >>> import numpy as np
    >>> layer = PositionEmbedding(sequence_length=10)
    >>> layer(np.zeros((2, 3, 4))).shape, layer.position_embeddings.shape
    ((2, 3, 4), (10, 4))
    """

    traits = frozenset({"per_step"})
    batch_safe = True
    supports_masking = True

    def __init__(self, sequence_length: int, initializer: Any = "glorot_uniform", **kwargs: Any):
        super().__init__(**kwargs)
        self.sequence_length = sequence_length
        self.initializer = initializer
        checks.positive_integer(self, "sequence_length", sequence_length, 128)
        checks.names(self, ("initializer", "initializer"))
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        self.position_embeddings = self.add_weight(
            name="embeddings",
            shape=(self.sequence_length, input_shape[-1]),
            initializer=self.initializer,
        )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: input_shape[-1]})
        self._check_length(input_shape[-2] or 0)

    def call(self, inputs: Any, start_index: Any = 0) -> Any:
        context = current()
        if context is not None and context.abstract:
            return inputs  # where the length is unknown, that of the shape on trial is made up
        steps = inputs.shape[-2]
        self._check_length(steps + (start_index if isinstance(start_index, int) else 0))
        rows = jax.lax.dynamic_slice_in_dim(self.position_embeddings, start_index, steps)
        return jnp.broadcast_to(rows, inputs.shape)  # (batch, steps, features)

    def _check_length(self, steps: int) -> None:
        if steps > self.sequence_length:
            raise ShapeError(
                f"PositionEmbedding {self.name!r} has no vectors for so many positions.",
                got=f"{steps} steps",
                expected=f"at most sequence_length={self.sequence_length}",
                fix=f"sequence_length={steps}, or shorter sequences.",
            )


@family("layer").register("TokenAndPositionEmbedding")
class TokenAndPositionEmbedding(Layer):
    """The sum of a vector for each word and one for its position.

    Args:
        vocabulary_size: how many words there are; they are numbered from 0.
        sequence_length: the longest sequence it can serve.
        embedding_dim: length of the vectors.
        embeddings_initializer: how both tables start.
        mask_zero: whether 0 means "nothing here": the steps that hold it are masked.

    Input ``(batch, steps)`` of whole numbers, output ``(batch, steps, embedding_dim)``. The call
    takes `start_index`, the position of the first step.

    Raises:
        ConfigError: sizes that are not positive whole numbers.
        DataError: numbers outside the vocabulary.
        ShapeError: a sequence longer than `sequence_length`.

    >>> import numpy as np
    >>> TokenAndPositionEmbedding(100, 10, 4)(np.array([[1, 2, 3]])).shape
    (1, 3, 4)
    """

    traits = frozenset({"looks_up", "per_step"})
    batch_safe = True
    takes_integers = True
    casts_inputs = False  # bfloat16 has no whole numbers above 256

    def __init__(
        self,
        vocabulary_size: int,
        sequence_length: int,
        embedding_dim: int,
        embeddings_initializer: Any = "uniform",
        mask_zero: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.sequence_length = sequence_length
        self.embedding_dim = embedding_dim
        self.embeddings_initializer = embeddings_initializer
        self.mask_zero = mask_zero
        self.supports_masking = bool(mask_zero)
        checks.positive_integer(self, "vocabulary_size", vocabulary_size, 10000)
        checks.positive_integer(self, "sequence_length", sequence_length, 128)
        checks.positive_integer(self, "embedding_dim", embedding_dim, 64)
        checks.names(self, ("initializer", "embeddings_initializer"))
        self.token_embedding = Embedding(
            vocabulary_size,
            embedding_dim,
            embeddings_initializer,
            mask_zero=mask_zero,
            name="token_embedding",
            dtype=self.dtype_policy,
        )
        self.position_embedding = PositionEmbedding(
            sequence_length,
            embeddings_initializer,
            name="position_embedding",
            dtype=self.dtype_policy,
        )

    def build(self, input_shape: Any) -> None:
        self.token_embedding.build()
        self.position_embedding.build((*input_shape, self.embedding_dim))

    def call(self, inputs: Any, start_index: Any = 0) -> Any:
        words = self.token_embedding(inputs)  # (batch, steps, features)
        return words + self.position_embedding(words, start_index=start_index)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """False where the number is 0, if `mask_zero`."""
        return self.token_embedding.compute_mask(inputs, mask)

    def check_data(self, data: Any) -> None:
        self.token_embedding.check_data(data)


@family("layer").register("RotaryEmbedding")
class RotaryEmbedding(Layer):
    """Turns pairs of features by angles that grow with the position.

    Put on queries and keys, it makes their products depend on how far apart they stand, and not
    on where. Feature ``i`` is paired with feature ``i + features / 2``.

    Args:
        max_wavelength: the longest period, over ``2 * pi``.
        scaling_factor: positions are divided by it, to serve longer sequences than in training.
        sequence_axis: the axis of the steps.
        feature_axis: the axis of the features, of even size.

    Input ``(batch, steps, features)`` or ``(batch, steps, heads, features)``, output the same
    shape. The call takes `start_index`, the position of the first step.

    Raises:
        ConfigError: factors that are not positive, or one axis for both.
        ShapeError: an odd number of features.

    >>> import numpy as np
    >>> RotaryEmbedding()(np.ones((1, 2, 2)))[0, 0].tolist()
    [1.0, 1.0]

    Su et al., "RoFormer", arXiv:2104.09864.
    """

    traits = frozenset()
    batch_safe = True
    supports_masking = True

    def __init__(
        self,
        max_wavelength: float = 10000,
        scaling_factor: float = 1.0,
        sequence_axis: int = 1,
        feature_axis: int = -1,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.max_wavelength = max_wavelength
        self.scaling_factor = scaling_factor
        self.sequence_axis = sequence_axis
        self.feature_axis = feature_axis
        checks.number(self, "max_wavelength", max_wavelength, 1e-6)
        checks.number(self, "scaling_factor", scaling_factor, 1e-6)
        checks.whole_number(self, "sequence_axis", sequence_axis)
        checks.whole_number(self, "feature_axis", feature_axis)
        self.input_spec = InputSpec(min_ndim=3)

    def call(self, inputs: Any, start_index: Any = 0) -> Any:
        steps_axis, axis = self._axes(inputs.ndim)
        steps, features = inputs.shape[steps_axis], inputs.shape[axis]
        if features % 2:
            raise ShapeError(
                f"RotaryEmbedding {self.name!r} turns features in pairs.",
                got=f"{features} features",
                expected="an even number",
                fix=f"use {features + 1}, say.",
            )
        positions = (start_index + jnp.arange(steps)) / self.scaling_factor
        half = _angles(positions, features, self.max_wavelength)[:, ::2]  # (steps, features / 2)
        if steps_axis > axis:
            half = half.T
        shape = [1] * inputs.ndim
        shape[steps_axis], shape[axis] = steps, features // 2
        wide = jnp.promote_types(inputs.dtype, jnp.float32)
        cos, sin = (f(half).reshape(shape).astype(wide) for f in (jnp.cos, jnp.sin))
        first, second = jnp.split(inputs.astype(wide), 2, axis=axis)
        turned = [first * cos - second * sin, second * cos + first * sin]
        return jnp.concatenate(turned, axis=axis).astype(inputs.dtype)

    def _axes(self, rank: int) -> tuple[int, int]:
        """The axes of steps and features, counted from the front."""
        both = self.sequence_axis, self.feature_axis
        checks.axes_within(self, "sequence_axis", both[:1], rank)
        checks.axes_within(self, "feature_axis", both[1:], rank)
        steps, features = (axis % rank for axis in both)
        if steps == features or 0 in (steps, features):
            raise ConfigError(
                f"RotaryEmbedding {self.name!r} needs an axis of steps and one of features.",
                got=f"sequence_axis={both[0]}, feature_axis={both[1]} for inputs of rank {rank}",
                expected="two different axes, neither that of the batch",
                fix="sequence_axis=1, feature_axis=-1.",
            )
        return steps, features


def _angles(positions: Any, features: int, max_wavelength: float) -> Any:
    """Position times frequency, one frequency for two features in a row: (steps, features)."""
    exponents = 2 * (jnp.arange(features) // 2) / features
    frequencies = jnp.exp(exponents * -math.log(max_wavelength))  # (features,)
    return jnp.asarray(positions, jnp.float32)[:, None] * frequencies
