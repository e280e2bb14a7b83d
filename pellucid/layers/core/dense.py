"""`Dense`: every output is a weighted sum of all inputs."""

from __future__ import annotations

from typing import Any

from ..._core.specs import family, resolve
from ...kernels.dense import dense
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec


@family("layer").register("Dense")
class Dense(Layer):
    """Fully connected layer: ``activation(inputs @ kernel + bias)`` over the last axis.

    Args:
        units: how many outputs.
        activation: name or function applied to the result; none by default.
        use_bias: whether there is a bias.
        kernel_initializer: how the kernel, ``(inputs, units)``, starts.
        bias_initializer: how the bias, ``(units,)``, starts.
        kernel_regularizer: penalty on the kernel, added to the loss.
        bias_regularizer: penalty on the bias.
        activity_regularizer: penalty on the output, per sample.
        kernel_constraint: projection of the kernel after each update.
        bias_constraint: projection of the bias after each update.

    Input ``(batch, ..., inputs)``, output ``(batch, ..., units)``.

    Raises:
        ConfigError: `units` is not a positive whole number, or a name does not exist.
        ShapeError: an input of another width than the one the layer was built for.

    >>> import numpy as np
    >>> layer = Dense(3, activation="relu")
    >>> layer(np.ones((2, 4))).shape, layer.kernel.shape
    ((2, 3), (4, 3))
    """

    traits = frozenset({"per_step", "product"})
    supports_masking = True

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = units
        self.activation = activation
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.input_spec = InputSpec(min_ndim=2)
        checks.positive_integer(self, "units", units, 10)
        checks.names(
            self,
            ("activation", "activation"),
            ("initializer", "kernel_initializer"),
            ("initializer", "bias_initializer"),
            ("regularizer", "kernel_regularizer"),
            ("regularizer", "bias_regularizer"),
            ("regularizer", "activity_regularizer"),
            ("constraint", "kernel_constraint"),
            ("constraint", "bias_constraint"),
        )

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return checks.row_wise(self.activation)

    def build(self, input_shape: Any) -> None:
        width = input_shape[-1]
        self.kernel = self.add_weight(
            name="kernel",
            shape=(width, self.units),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: width})

    def call(self, inputs: Any) -> Any:
        y = dense(inputs, self.kernel, self.bias)  # (batch, ..., units)
        activation = resolve("activation", self.activation)
        return y if activation is None else activation(y)
