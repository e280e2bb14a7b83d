"""`EinsumDense`: a dense layer over any axes, written as an Einstein summation."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from ... import initializers
from ..._core.errors import ConfigError
from ..._core.specs import family, resolve, serialize
from ...kernels.dense import dense
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec
from . import einsum_equation


@family("layer").register("EinsumDense")
class EinsumDense(Layer):
    """A weighted sum over chosen axes: ``activation(einsum(equation, inputs, kernel) + bias)``.

    Args:
        equation: ``"inputs,kernel->outputs"``, one letter an axis, such as ``"abc,cd->abd"``; the
            first is the batch. Dots at the left or the right stand for any further axes:
            ``"...x,xy->...y"``.
        output_shape: sizes of the output without the batch and without what dots stand for: a
            number or a tuple; None where the size is the input's.
        activation: name or function applied to the result; none by default.
        bias_axes: letters of the output along which there is a bias; no bias by default.
        kernel_initializer: how the kernel starts; fans are counted by the equation.
        bias_initializer: how the bias starts.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        kernel_constraint, bias_constraint: projections after each update.

    Raises:
        ConfigError: an equation that cannot be read or does not fit `output_shape`.
        ShapeError: an input whose rank or sizes do not fit the equation.

    >>> import numpy as np
    >>> layer = EinsumDense("abc,cde->abde", output_shape=(None, 4, 2), bias_axes="de")
    >>> layer(np.ones((8, 5, 3))).shape, layer.kernel.shape, layer.bias.shape
    ((8, 5, 4, 2), (3, 4, 2), (4, 2))
    """

    traits = frozenset({"einsum"})
    _unsaved = frozenset({"output_shape"})  # the attribute tells what the last call gave

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.equation = equation
        self._output_shape_arg = output_shape
        self.activation = activation
        self.bias_axes = bias_axes
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.wanted_shape = self._checked_shape(output_shape)
        self._parsed = einsum_equation.parse(self)
        checks.names(
            self,
            ("activation", "activation"),
            ("initializer", "kernel_initializer"),
            ("initializer", "bias_initializer"),
            ("regularizer", "kernel_regularizer"),
            ("regularizer", "bias_regularizer"),
            ("constraint", "kernel_constraint"),
            ("constraint", "bias_constraint"),
        )

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return checks.row_wise(self.activation)

    def build(self, input_shape: Any) -> None:
        equation, rank = self._parsed, len(input_shape)
        sizes = einsum_equation.sizes_of(self, equation, input_shape)
        self.kernel = self.add_weight(
            name="kernel",
            shape=tuple(sizes[letter] for letter in equation.kernel),
            initializer=self._with_fans(),
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.bias_axes:
            self.bias = self.add_weight(
                name="bias",
                shape=einsum_equation.bias_shape(self, equation, sizes, rank),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        first = rank - len(equation.inputs) if equation.left else 0
        fixed = {
            axis: sizes[letter]
            for axis, letter in enumerate(equation.inputs, first)
            if letter in equation.kernel
        }
        self.input_spec = InputSpec(ndim=rank, axes=fixed)

    def call(self, inputs: Any) -> Any:
        if self._parsed.is_dense:
            y = self._dense(inputs)
        else:
            y = jnp.einsum(str(self._parsed), inputs, self.kernel)
            y = y if self.bias is None else y + self.bias
        activation = resolve("activation", self.activation)
        return y if activation is None else activation(y)

    def _dense(self, inputs: Any) -> Any:
        """The same as one product of matrices, with its hand-written gradient."""
        summed = len(self._parsed.summed)
        kept, made = inputs.shape[: inputs.ndim - summed], self.kernel.shape[summed:]
        rows = inputs.reshape(*kept, -1)  # (batch, ..., summed)
        matrix = self.kernel.reshape(-1, math.prod(made))  # (summed, made)
        bias: Any = self.bias
        flat = bias is not None and bias.shape == made
        y = dense(rows, matrix, bias.reshape(-1) if flat else None).reshape(*kept, *made)
        return y if flat or bias is None else y + bias

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "output_shape": serialize(self._output_shape_arg)}

    def _unshown(self) -> frozenset[str]:
        return super()._unshown() - {"output_shape"}

    def _argument(self, name: str) -> Any:
        return self._output_shape_arg if name == "output_shape" else super()._argument(name)

    def _with_fans(self) -> Any:
        """The kernel's initialiser, told which axes are inputs and which are outputs."""
        equation = self._parsed
        return initializers.over_axes(
            self.kernel_initializer,
            [equation.kernel.index(letter) for letter in equation.summed],
            [equation.kernel.index(letter) for letter in equation.made],
        )

    def _checked_shape(self, shape: Any) -> tuple[int | None, ...]:
        sizes = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
        for size in sizes:
            if size is not None and (
                isinstance(size, bool) or not isinstance(size, int) or size < 1
            ):
                raise ConfigError(
                    f"The argument 'output_shape' of EinsumDense {self.name!r} must be a shape.",
                    got=repr(shape),
                    expected="positive whole numbers, or None where the size is the input's",
                    fix="output_shape=64, or output_shape=(None, 64), without the batch.",
                )
        return sizes
