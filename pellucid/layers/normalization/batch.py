"""`BatchNormalization`: features brought to one scale, by the batch or by running averages."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.errors import ShapeError
from ..._core.specs import family
from ...kernels.norm import batch_norm, moments_plain, normalize_plain
from .. import checks
from ..base import Layer
from ..context import current
from ..input_spec import InputSpec
from .affine import add_affine, check_affine
from .renorm import add_renorm_weights, check_renorm, corrections, update_running


@family("layer").register("BatchNormalization")
class BatchNormalization(Layer):
    """Subtract the mean and divide by the standard deviation of each feature.

    In training they are the batch's, and running averages of them are kept; in evaluation, and
    when the layer or a model that holds it is frozen, they are the running averages. Rows that only
    fill up a last batch count neither for the one nor for the other, and nor do masked steps.

    Args:
        axis: the features' axis.
        momentum: of the running averages: ``new = old * momentum + batch * (1 - momentum)``.
        epsilon: added to the variance.
        center: whether to add a learned offset, beta.
        scale: whether to multiply by a learned factor, gamma.
        beta_initializer, gamma_initializer: how they start.
        moving_mean_initializer, moving_variance_initializer: how the running averages start.
        beta_regularizer, gamma_regularizer: penalties, added to the loss.
        beta_constraint, gamma_constraint: projections after each update.
        renorm: whether training corrects the batch's statistics towards running ones (batch
            renormalisation), which helps where batches are small.
        renorm_clipping: limits of the correction, any of ``rmin``, ``rmax`` (of the factor) and
            ``dmax`` (of the offset).
        renorm_momentum: of the running statistics that the correction goes by.
        synchronized: accepted for Keras's programs; on several devices the statistics are those of
            the whole batch in any case.

    Statistics are computed and kept in float32 whatever the policy.

    Raises:
        ConfigError: momentum, epsilon or a limit out of range.
        ShapeError: an axis the input does not have, or another width than at first.

    >>> import numpy as np
    >>> layer = BatchNormalization(epsilon=0.0)
    >>> layer(np.array([[1.0], [3.0]]), training=True).tolist()
    [[-1.0], [1.0]]
    >>> round(float(layer.moving_mean[0]), 3)  # 0.99 * 0 + 0.01 * 2
    0.02

    Ioffe and Szegedy, "Batch normalization", arXiv:1502.03167; Ioffe, "Batch renormalization",
    arXiv:1702.03275.
    """

    traits = frozenset({"batch_statistics", "linear", "normalizes", "same_shape"})
    batch_safe = True
    casts_inputs = False
    supports_masking = True
    moving_mean: Any
    moving_variance: Any

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: dict[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.axis = axis
        self.momentum = momentum
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint
        self.renorm = renorm
        self.renorm_clipping = renorm_clipping
        self.renorm_momentum = renorm_momentum
        self.synchronized = synchronized
        checks.whole_number(self, "axis", axis)
        checks.number(self, "momentum", momentum, 0, 1)
        checks.number(self, "epsilon", epsilon, 0)
        check_affine(self)
        checks.names(
            self,
            ("initializer", "moving_mean_initializer"),
            ("initializer", "moving_variance_initializer"),
        )
        check_renorm(self)

    def build(self, input_shape: Any) -> None:
        rank = len(input_shape)
        checks.axes_within(self, "axis", (self.axis,), rank)
        width = input_shape[self.axis]
        add_affine(self, (width,))
        for name in ("moving_mean", "moving_variance"):
            weight = self.add_weight(
                name=name,
                shape=(width,),
                initializer=getattr(self, f"{name}_initializer"),
                trainable=False,
                autocast=False,
            )
            setattr(self, name, weight)
        if self.renorm:
            add_renorm_weights(self, width)
        self.input_spec = InputSpec(ndim=rank, axes={self.axis: width})

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        x = inputs.astype(jnp.promote_types(inputs.dtype, jnp.float32))
        gamma, beta = _wide(self.gamma, x), _wide(self.beta, x)
        context = current()
        frozen = not self.trainable if context is None else not context.trains(self)
        if training and not frozen:
            over_batch = self._renormalized if self.renorm else self._over_batch
            y = over_batch(x, gamma, beta, self._counted(x, mask))
        else:
            y = self._normalized(x, self.moving_mean, self.moving_variance, gamma, beta)
        return y.astype(self.compute_dtype)

    def _normalized(self, x: Any, mean: Any, variance: Any, gamma: Any, beta: Any) -> Any:
        """Normalise by given statistics, (features,) each as gamma and beta are, or None."""
        mean, variance = self._across(x, mean), self._across(x, variance)
        gamma = None if gamma is None else self._across(x, gamma)
        beta = None if beta is None else self._across(x, beta)
        return normalize_plain(x, mean, variance, gamma, beta, self.epsilon)

    def _over_batch(self, x: Any, gamma: Any, beta: Any, counted: Any) -> Any:
        """Normalise by the statistics of what is counted, and update the running averages."""
        y, mean, variance = self._by_statistics(x, gamma, beta, counted)
        keep = self.momentum
        self.moving_mean = self.moving_mean * keep + mean * (1 - keep)
        self.moving_variance = self.moving_variance * keep + variance * (1 - keep)
        return y

    def _renormalized(self, x: Any, gamma: Any, beta: Any, counted: Any) -> Any:
        """The same, corrected to what the running averages would have given."""
        y, mean, variance = self._by_statistics(x, None, None, counted)
        factor, offset = corrections(self, mean, variance)
        update_running(self, mean, variance)
        y = y * self._across(x, factor) + self._across(x, offset)
        y = y if gamma is None else y * self._across(x, gamma)
        return y if beta is None else y + self._across(x, beta)

    def _by_statistics(self, x: Any, gamma: Any, beta: Any, counted: Any) -> tuple[Any, Any, Any]:
        """Normalised values, and the mean and the variance of what is counted, (features,) each."""
        if self.axis % x.ndim == x.ndim - 1:
            rows = x.reshape(-1, x.shape[-1])  # (rows, features)
            weights = None if counted is None else counted.reshape(-1)  # (rows,)
            y, mean, variance = batch_norm(rows, gamma, beta, self.epsilon, weights)
            return y.reshape(x.shape), mean, variance
        axes = tuple(axis for axis in range(x.ndim) if axis != self.axis % x.ndim)
        weights = None if counted is None else counted[..., None]
        mean, variance = moments_plain(x, axes, weights)
        mean, variance = mean.reshape(-1), variance.reshape(-1)  # (features,)
        return self._normalized(x, mean, variance, gamma, beta), mean, variance

    def _counted(self, x: Any, mask: Any) -> Any:
        """1 for what counts, 0 for padding rows and masked steps, over all axes but the last."""
        fits = mask is None or (
            mask.ndim <= x.ndim - 1
            and all(size in (1, wide) for size, wide in zip(mask.shape, x.shape[:-1], strict=False))
        )
        if not fits:
            raise ShapeError(
                f"The mask of BatchNormalization {self.name!r} does not fit its input.",
                got=f"mask {mask.shape}, input {x.shape}",
                expected=f"mask {x.shape[:-1]}, the input's shape without its last axis, or sizes "
                "of 1 in it",
                fix="pass one mask value per step.",
            )
        context = current()
        valid = None if context is None else context.valid  # (batch,)
        if valid is None and mask is None:
            return None
        counted = jnp.ones(x.shape[:-1], bool)
        if valid is not None:
            counted = counted & valid.reshape(-1, *(1,) * (x.ndim - 2))
        if mask is not None:
            # From the front: a mask of rows, or of steps, holds for every position in them.
            missing = (1,) * (x.ndim - 1 - mask.ndim)
            counted = counted & mask.astype(bool).reshape(*mask.shape, *missing)
        return counted.astype(x.dtype)

    def _across(self, x: Any, vector: Any) -> Any:
        """(features,) -> the same, shaped to broadcast along the features' axis of `x`."""
        shape = [1] * x.ndim
        shape[self.axis] = -1
        return vector.astype(x.dtype).reshape(shape)


def _wide(weight: Any, x: Any) -> Any:
    return None if weight is None else weight.astype(x.dtype)
