"""`GroupNormalization`: groups of a sample's channels brought to one scale."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import family
from ...kernels.group_norm import group_norm
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec
from .affine import add_affine, check_affine


@family("layer").register("GroupNormalization")
class GroupNormalization(Layer):
    """Subtract the mean and divide by the standard deviation of each group of channels.

    A group's statistics are those of its sample alone: over all positions and the channels of the
    group. One group is layer normalisation over the whole sample, ``groups=-1`` (as many as there
    are channels) is instance normalisation.

    Args:
        groups: how many; must divide the channels, or be -1.
        axis: the channels' axis.
        epsilon: added to the variance.
        center: whether to add a learned offset, beta.
        scale: whether to multiply by a learned factor, gamma.
        beta_initializer, gamma_initializer: how they start.
        beta_regularizer, gamma_regularizer: penalties, added to the loss.
        beta_constraint, gamma_constraint: projections after each update.

    Input ``(batch, ..., channels)``, output the same. Statistics are computed in float32 whatever
    the policy; masked steps count like others.

    Raises:
        ConfigError: `groups` is neither positive nor -1; the axis is the batch's.
        ShapeError: `groups` does not divide the channels, or the input lacks the axis.

    >>> import numpy as np
    >>> layer = GroupNormalization(groups=2, epsilon=0.0)
    >>> layer(np.array([[1.0, 3.0, 10.0, 30.0]])).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]

    Wu and He, "Group normalization", arXiv:1803.08494.
    """

    traits = frozenset({"normalizes"})
    batch_safe = True
    casts_inputs = False
    supports_masking = True

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.groups = groups
        self.axis = axis
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint
        if groups != -1:
            checks.positive_integer(self, "groups", groups, 8)
        checks.whole_number(self, "axis", axis)
        checks.number(self, "epsilon", epsilon, 0)
        check_affine(self)

    def build(self, input_shape: Any) -> None:
        rank = len(input_shape)
        checks.axes_within(self, "axis", (self.axis,), rank)
        if self.axis % rank == 0:
            raise ConfigError(
                f"GroupNormalization {self.name!r} cannot group the batch.",
                got=f"axis={self.axis} of an input of rank {rank}, batch included",
                fix="axis=-1, or axis=1 where the channels come first.",
            )
        channels = input_shape[self.axis]
        if channels is not None and channels % self._amount(channels):
            raise ShapeError(
                f"The groups of GroupNormalization {self.name!r} must divide the channels evenly.",
                got=f"groups={self.groups}, {channels} channels",
                expected=f"a divisor of {channels}",
                fix=f"groups={_divisor(channels, self.groups)}.",
            )
        add_affine(self, (channels,))
        self.input_spec = InputSpec(ndim=rank, axes={self.axis: channels})

    def call(self, inputs: Any) -> Any:
        x = inputs.astype(jnp.promote_types(inputs.dtype, jnp.float32))
        x = jnp.moveaxis(x, self.axis, -1)  # (batch, ..., channels)
        channels = x.shape[-1]
        gamma = jnp.ones(channels) if self.gamma is None else self.gamma
        beta = jnp.zeros(channels) if self.beta is None else self.beta
        gamma, beta = gamma.astype(x.dtype), beta.astype(x.dtype)
        y = group_norm(x, gamma, beta, self._amount(channels), self.epsilon)
        return jnp.moveaxis(y, -1, self.axis).astype(self.compute_dtype)

    def _amount(self, channels: int) -> int:
        return channels if self.groups == -1 else self.groups


def _divisor(channels: int, wanted: int) -> int:
    """The largest divisor of `channels` that is at most `wanted`."""
    return max(n for n in range(1, channels + 1) if channels % n == 0 and n <= wanted)
