"""`Projection`: the products with weights around attention, features to heads and back."""

from __future__ import annotations

import math
from typing import Any

from ... import initializers
from ...kernels.dense import dense
from ..base import Layer
from ..input_spec import InputSpec


class Projection(Layer):
    """The last axes of the input times a kernel, as one product of two matrices.

    A part of the attention layers, with the weights of the `EinsumDense` that Keras has in its
    place: kernel ``(*taken, *given)``, bias ``given``.

    Args:
        given: sizes of the output's last axes.
        taken: how many of the input's last axes they replace.
        use_bias: whether there is a bias.
        weights: initialisers, regularisers and constraints of kernel and bias, by Keras's names.
    """

    supports_masking = True
    batch_safe = True

    def __init__(
        self,
        given: tuple[int, ...],
        taken: int = 1,
        use_bias: bool = True,
        weights: dict[str, Any] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.given = given
        self.taken = taken
        self.use_bias = use_bias
        self._settings = weights or {}

    def build(self, input_shape: Any) -> None:
        taken = tuple(input_shape[-self.taken :])
        self.kernel = self._made("kernel", (*taken, *self.given), "glorot_uniform")
        self.bias = self._made("bias", tuple(self.given), "zeros") if self.use_bias else None
        axes = {number - self.taken: size for number, size in enumerate(taken)}
        self.input_spec = InputSpec(min_ndim=self.taken + 1, axes=axes)

    def _made(self, name: str, shape: tuple[int, ...], initializer: str) -> Any:
        start = self._settings.get(f"{name}_initializer", initializer)
        if name == "kernel":  # its fans are the axes of the product, not those of a convolution
            start = initializers.over_axes(start, range(self.taken), range(self.taken, len(shape)))
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=start,
            regularizer=self._settings.get(f"{name}_regularizer"),
            constraint=self._settings.get(f"{name}_constraint"),
        )

    def call(self, inputs: Any) -> Any:
        free = inputs.shape[: inputs.ndim - self.taken]  # (batch, ...)
        columns = math.prod(self.given)
        x = inputs.reshape(*free, math.prod(inputs.shape[inputs.ndim - self.taken :]))
        bias = None if self.bias is None else self.bias.reshape(columns)
        y = dense(x, self.kernel.reshape(-1, columns), bias)
        return y.reshape(*free, *self.given)
