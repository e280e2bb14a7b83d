"""`LayerNormalization`: every sample brought to one scale over its own features."""

from __future__ import annotations

import warnings
from typing import Any

import jax.numpy as jnp

from ..._core.errors import ConfigError, PellucidWarning
from ..._core.specs import family
from ...kernels.norm import layer_norm, moments_plain, normalize_plain
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec
from .affine import add_affine, check_affine


@family("layer").register("LayerNormalization")
class LayerNormalization(Layer):
    """Subtract the mean and divide by the standard deviation of each sample's own features.

    Args:
        axis: the features' axis, or a list of axes that are normalised together.
        epsilon: added to the variance.
        center: whether to add a learned offset, beta.
        scale: whether to multiply by a learned factor, gamma.
        beta_initializer, gamma_initializer: how they start.
        beta_regularizer, gamma_regularizer: penalties, added to the loss.
        beta_constraint, gamma_constraint: projections after each update.
        rms_scaling: divide by the standard deviation alone: no mean is taken away, and no beta
            added. Keras has given it up; `RMSNormalization` is what is usually meant.

    Statistics are computed in float32 whatever the policy.

    Raises:
        ConfigError: an axis that is not a whole number, or is the batch's.
        ShapeError: an axis the input does not have, or another width than at first.

    >>> import numpy as np
    >>> LayerNormalization(epsilon=0.0)(np.array([[1.0, 3.0]])).tolist()
    [[-1.0, 1.0]]

    Ba, Kiros and Hinton, "Layer normalization", arXiv:1607.06450.
    """

    traits = frozenset({"normalizes", "per_step", "same_shape"})
    batch_safe = True
    casts_inputs = False
    supports_masking = True

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        rms_scaling: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
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
        self.rms_scaling = rms_scaling
        if rms_scaling:
            warnings.warn(
                "rms_scaling=True divides by the standard deviation, not by the root mean square; "
                "Keras has given it up. Use RMSNormalization.",
                PellucidWarning,
                stacklevel=2,
            )
        for entry in checks.axes_of(axis):
            checks.whole_number(self, "axis", entry)
        checks.number(self, "epsilon", epsilon, 0)
        check_affine(self)

    def build(self, input_shape: Any) -> None:
        axes = self._axes(len(input_shape))
        shape = tuple(input_shape[axis] for axis in axes)
        add_affine(
            self,
            shape,
            scale=self.scale or self.rms_scaling,
            center=self.center and not self.rms_scaling,
        )
        self.input_spec = sizes_kept(self, input_shape)

    def call(self, inputs: Any) -> Any:
        x = inputs.astype(jnp.promote_types(inputs.dtype, jnp.float32))
        axes = self._axes(x.ndim)
        if axes == (x.ndim - 1,) and not self.rms_scaling:
            y = layer_norm(x, _shaped(self.gamma, x), _shaped(self.beta, x), self.epsilon)
        else:
            mean, variance = moments_plain(x, axes)
            shape = [x.shape[axis] if axis in axes else 1 for axis in range(x.ndim)]
            gamma, beta = _shaped(self.gamma, x, shape), _shaped(self.beta, x, shape)
            mean = jnp.zeros_like(mean) if self.rms_scaling else mean
            y = normalize_plain(x, mean, variance, gamma, beta, self.epsilon)
        return y.astype(self.compute_dtype)

    def _axes(self, rank: int) -> tuple[int, ...]:
        """The axes, counted from the front and in order."""
        axes = checks.axes_of(self.axis)
        checks.axes_within(self, "axis", axes, rank)
        axes = tuple(sorted({axis % rank for axis in axes}))
        if 0 in axes:
            raise ConfigError(
                f"LayerNormalization {self.name!r} cannot normalise over the batch.",
                got=f"axis={self.axis}, which includes axis 0",
                fix="use BatchNormalization, or name axes of the sample: axis=-1.",
            )
        return axes


def sizes_kept(layer: Any, shape: Any) -> InputSpec:
    """The sizes that later inputs share with the first; their rank may be another."""
    named = checks.axes_of(layer.axis)
    least = max(axis + 1 if axis >= 0 else -axis for axis in named)
    return InputSpec(min_ndim=least, axes={axis: shape[axis] for axis in named})


def _shaped(weight: Any, x: Any, shape: Any = None) -> Any:
    if weight is None:
        return None
    weight = weight.astype(x.dtype)
    return weight if shape is None else weight.reshape(shape)
