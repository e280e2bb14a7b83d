"""What all convolution layers share: windows, data formats, biases, errors."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import jax.numpy as jnp

from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import resolve
from ...kernels.conv import add_bias
from ...kernels.conv_geometry import window
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec
from ..looked_up import as_given


class ConvBase(Layer):
    """Base of the layers that move a kernel over space or time.

    A subclass says how many axes there are (`_space`), makes its kernels and convolves channels
    last; this class brings the input to that format and back, adds the bias and activates.
    """

    traits = frozenset()
    _space: ClassVar[int]
    _paddings: ClassVar[tuple[str, ...]] = ("valid", "same")
    _kernels: ClassVar[tuple[str, ...]] = ("kernel",)
    """How the arguments of the kernels begin: ``kernel_initializer`` and so on."""

    def __init__(
        self,
        kernel_size: Any,
        strides: Any,
        padding: str,
        data_format: str | None,
        dilation_rate: Any,
        activation: Any,
        use_bias: bool,
        bias_initializer: Any,
        bias_regularizer: Any,
        activity_regularizer: Any,
        bias_constraint: Any,
        **kwargs: Any,
    ):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.data_format = data_format
        self.dilation_rate = dilation_rate
        self.activation = activation
        self.use_bias = use_bias
        self.bias_initializer = bias_initializer
        self.bias_regularizer = bias_regularizer
        self.bias_constraint = bias_constraint
        self._size = checks.hold_per_axis(self, "kernel_size", self._space)
        self._strides = checks.hold_per_axis(self, "strides", self._space)
        self._dilation = checks.hold_per_axis(self, "dilation_rate", self._space)
        self._padding = padding.lower() if isinstance(padding, str) else padding
        self._check_padding()
        checks.data_format(self)
        checks.names(self, ("activation", "activation"))
        checks.names(self, ("regularizer", "activity_regularizer"))
        self._check_parts("bias")
        self.input_spec = self._spec({})

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return checks.row_wise(self.activation)

    @abstractmethod
    def _make_kernels(self, channels: int) -> int:
        """Make the kernels for inputs of so many channels; how many channels come out."""

    @abstractmethod
    def _convolve(self, x: Any) -> Any:
        """(batch, *sizes, channels) -> (batch, *output sizes, output channels)"""

    def build(self, input_shape: Any) -> None:
        axis = self._channels_axis
        channels = input_shape[axis]
        if channels is None:
            raise ShapeError(
                f"{self._called} must know how many channels its input has.",
                got=f"input shape {tuple(input_shape)}",
                expected=f"a number on axis {axis}",
                fix="name the channels: Input(shape=(None, None, 3)), say; other axes may be None.",
            )
        outputs = self._make_kernels(channels)
        self.bias = self._add("bias", (outputs,), "bias") if self.use_bias else None
        self.input_spec = self._spec({axis: channels})

    def call(self, inputs: Any) -> Any:
        first = self.data_format == "channels_first"
        x = jnp.moveaxis(inputs, 1, -1) if first else inputs  # (batch, *sizes, channels)
        self._check_sizes(x.shape[1:-1])
        y = self._convolve(x)
        if self.bias is not None:
            y = add_bias(y, self.bias)
        if first:
            y = jnp.moveaxis(y, -1, 1)
        activation = resolve("activation", self.activation)
        return y if activation is None else activation(y)

    def _add(self, name: str, shape: tuple[int, ...], arguments: str) -> Any:
        """A weight whose initialiser, regulariser and constraint are so called."""
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=getattr(self, f"{arguments}_initializer"),
            regularizer=getattr(self, f"{arguments}_regularizer"),
            constraint=getattr(self, f"{arguments}_constraint"),
        )

    # --- checks, and what their messages say

    @property
    def _called(self) -> str:
        return f"{type(self).__name__} {self.name!r}"

    @property
    def _channels_axis(self) -> int:
        return 1 if self.data_format == "channels_first" else -1

    def _spec(self, axes: dict[int, int]) -> InputSpec:
        index, end = (
            ("x[:, None]", "front") if self._channels_axis == 1 else ("x[..., None]", "end")
        )
        one = ("sequence", "picture", "volume")[self._space - 1]
        hint = (
            f"{index} adds missing channels (and a 1 at the {end} of Input's shape); "
            f"x[None] makes a batch of one {one}."
        )
        return InputSpec(ndim=self._space + 2, axes=axes, fix=hint)

    def _check_parts(self, *arguments: str) -> None:
        for kind in ("initializer", "regularizer", "constraint"):
            checks.names(self, *((kind, f"{argument}_{kind}") for argument in arguments))

    def _check_padding(self) -> None:
        if self._padding == "causal" and "causal" not in self._paddings:
            raise ConfigError(
                f"{self._called} cannot pad causally: only Conv1D, over time, can.",
                got=f"padding={self.padding!r}",
                expected="one of 'valid', 'same'",
                fix="padding='same', or Conv1D.",
            )
        checks.one_of(self, "padding", self._padding, self._paddings)

    def _check_strides_and_dilation(self) -> None:
        """Not both, as in Keras: the outputs would see a part of the input only."""
        if max(self._strides) > 1 and max(self._dilation) > 1:
            raise ConfigError(
                f"{self._called} cannot have strides and dilation_rate above 1 at once.",
                got=f"strides={as_given(self, 'strides')!r}, "
                f"dilation_rate={as_given(self, 'dilation_rate')!r}",
                expected="1 for one of the two",
                fix="dilation_rate=1, or strides=1 and a pooling layer after it.",
            )

    def _check_sizes(self, sizes: tuple[int, ...]) -> None:
        """Refuse an input that the kernel does not fit into."""
        spans = tuple(window(k, d) for k, d in zip(self._size, self._dilation, strict=True))
        if self._padding == "valid" and any(s < w for s, w in zip(sizes, spans, strict=True)):
            dilated = "" if spans == self._size else f", {spans} with its dilation"
            raise ShapeError(
                f"The kernel of {self._called} is larger than its input.",
                got=f"kernel_size={self._size}{dilated}, over an input of {sizes}",
                expected="a kernel that fits, along every axis",
                fix="padding='same', a smaller kernel, fewer pools before it, or larger inputs.",
            )
