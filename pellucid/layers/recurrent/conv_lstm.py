"""`ConvLSTM1D`, `ConvLSTM2D`, `ConvLSTM3D`: an LSTM whose products are convolutions."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from ... import activations
from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import family
from ...kernels.conv import add_bias, conv
from ...kernels.conv_geometry import Geometry, paddings
from ...kernels.recurrence import Result, lstm_step
from .. import checks
from ..base import Layer
from .cell import RecurrentCell
from .lstm import LSTMCell
from .rnn import CellLayer


class ConvLSTMCell(LSTMCell):
    """One step of `ConvLSTM2D` and its like: `LSTMCell` with convolutions for its products.

    Inside it, everything is channels last; inputs, states and outputs are as `data_format` says.
    """

    def __init__(
        self,
        space: int,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        **kwargs: Any,
    ):
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.data_format = data_format
        self.dilation_rate = dilation_rate
        super().__init__(filters, **kwargs)
        self.space = space
        self._size = checks.hold_per_axis(self, "kernel_size", space)
        self._strides = checks.hold_per_axis(self, "strides", space)
        self._dilation = checks.hold_per_axis(self, "dilation_rate", space)
        self._padding = padding.lower() if isinstance(padding, str) else padding
        checks.one_of(self, "padding", self._padding, ("valid", "same"))
        checks.data_format(self)
        if max(self._strides) > 1 and max(self._dilation) > 1:
            raise ConfigError(
                f"{type(self).__name__} {self.name!r} cannot both stride and dilate.",
                got=f"strides={strides}, dilation_rate={dilation_rate}",
                fix="strides=1 or dilation_rate=1.",
            )

    @property
    def channels_first(self) -> bool:
        return self.data_format == "channels_first"

    def build(self, input_shape: Any) -> None:
        *sizes, channels = self._last(tuple(input_shape)[1:])
        if None in sizes or channels is None:
            raise ShapeError(
                f"{type(self).__name__} {self.name!r} must know the sizes of its input: its state "
                "has them too.",
                got=f"one step of shape {tuple(input_shape)}",
                fix="give Input(shape=(steps, height, width, channels)) in full but for the steps.",
            )
        pads = paddings(self._padding, sizes, self._size, self._strides, self._dilation)
        geometry = Geometry(self._strides, pads, self._dilation)
        self._sizes = geometry.output_sizes(sizes, self._size)
        if min(self._sizes) < 1:
            raise ShapeError(
                f"The kernel of {type(self).__name__} {self.name!r} is larger than its input.",
                got=f"kernel_size={self.kernel_size}, input {tuple(sizes)}",
                fix="padding='same', or a smaller kernel.",
            )
        for name, inputs, kind in (
            ("kernel", channels, "kernel"),
            ("recurrent_kernel", self.filters, "recurrent"),
        ):
            weight = self.add_weight(
                name=name,
                shape=(*self._size, inputs, 4 * self.filters),
                initializer=getattr(self, f"{kind}_initializer"),
                regularizer=getattr(self, f"{kind}_regularizer"),
                constraint=getattr(self, f"{kind}_constraint"),
            )
            setattr(self, name, weight)
        self.bias = self.make_bias()

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """Zeros of the output's shape, for h and c."""
        shape = (batch_size, *self._sizes, self.filters)
        return [self._outside(jnp.zeros(shape, self.compute_dtype)) for _ in range(2)]

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        """One step."""
        output, new = super().call(
            self._inside(inputs), [self._inside(s) for s in states], training
        )
        return self._outside(output), [self._outside(state) for state in new]

    def over_steps(self, xs: Any, states: Any, owner: Layer, **how: Any) -> Result:
        """All steps of a sequence, (time, batch, ...)."""
        inside = [self._inside(state) for state in states]
        result = RecurrentCell.over_steps(self, self._inside(xs, 2), inside, owner, **how)
        every = None if result.outputs is None else self._outside(result.outputs, 2)
        new_states = [self._outside(state) for state in result.states]
        return Result(self._outside(result.last), every, new_states)

    @property
    def rule(self) -> None:
        return None

    def step(self, gates: Any, states: Any, weights: Any, drops: Any) -> tuple[Any, Any]:
        return lstm_step(
            gates,
            states,
            weights,
            activation=activations.get(self.activation),
            recurrent_activation=activations.get(self.recurrent_activation),
            drops=drops,
            product=_convolved,
        )

    def project(self, inputs: Any, drops: Any) -> Any:
        """(..., *sizes, channels) -> (..., *output sizes, 4 * filters)"""
        steps = inputs.shape[: -self.space - 1]
        where = (self._strides, self._padding, self._dilation)

        def convolved(x: Any, kernel: Any) -> Any:
            y = conv(x.reshape(-1, *x.shape[len(steps) :]), kernel, *where)
            return y.reshape(*steps, *y.shape[1:])

        if drops is None:
            gates = convolved(inputs, self.kernel)
        else:
            kernels = jnp.split(self.kernel, 4, axis=-1)
            parts = [convolved(inputs * d, k) for d, k in zip(drops, kernels, strict=True)]
            gates = jnp.concatenate(parts, axis=-1)
        return gates if self.bias is None else add_bias(gates, self.bias)

    def drops(self, inputs: Any, training: bool) -> tuple[Any, Any]:
        """Dropout factors for each gate, of inputs and of h."""
        if not training:
            return None, None
        state = (inputs.shape[0], *self._sizes, self.filters)
        inputs_drop = self.factors(self.dropout, inputs.shape, 4)
        return inputs_drop, self.factors(self.recurrent_dropout, state, 4)

    def _last(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*shape[1:], shape[0]) if self.channels_first else shape

    def _inside(self, a: Any, channels: int = 1) -> Any:
        return jnp.moveaxis(a, channels, -1) if self.channels_first else a

    def _outside(self, a: Any, channels: int = 1) -> Any:
        return jnp.moveaxis(a, -1, channels) if self.channels_first else a


def _convolved(h: Any, recurrent: Any, drops: Any) -> Any:
    """The state convolved with the recurrent kernel, its sizes kept."""
    if drops is None:
        return conv(h, recurrent, padding="same")
    pairs = zip(drops, jnp.split(recurrent, len(drops), axis=-1), strict=True)
    return jnp.concatenate([conv(h * d, k, padding="same") for d, k in pairs], axis=-1)


class ConvLSTM(CellLayer):
    """Base of the three: they differ in the number of axes that the kernel moves along."""

    _space: ClassVar[int]

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **kwargs: Any,
    ):
        cell = ConvLSTMCell(
            self._space,
            filters,
            kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            name="conv_lstm_cell",
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )

    def _fixed_axes(self, shape: tuple[Any, ...]) -> list[int]:
        return list(range(2, len(shape)))


@family("layer").register("ConvLSTM1D")
class ConvLSTM1D(ConvLSTM):
    """An LSTM over sequences of rows: its products are convolutions along one axis.

    Input ``(batch, steps, size, channels)``; output ``(batch, new size, filters)``, or with the
    steps where `return_sequences`. Arguments as for `ConvLSTM2D`.

    >>> import numpy as np
    >>> ConvLSTM1D(4, 3, padding="same")(np.ones((1, 2, 8, 3))).shape
    (1, 8, 4)

    Shi et al., "Convolutional LSTM network", arXiv:1506.04214.
    """

    _space = 1
    _rank = 4


@family("layer").register("ConvLSTM2D")
class ConvLSTM2D(ConvLSTM):
    """An LSTM over sequences of pictures: its products are convolutions over height and width.

    Args:
        filters: how many channels the states and the output have.
        kernel_size: of the kernels of inputs and of state; one number, or one for each axis.
        strides: steps between outputs; the state is not strided.
        padding: ``"valid"``, only whole windows, or ``"same"``, as many outputs as inputs.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: steps between kernel positions; not together with strides.
        activation, recurrent_activation: of candidate and state, and of the gates.
        use_bias: whether there is a bias, ``(4 * filters,)``.
        kernel_initializer, recurrent_initializer, bias_initializer: how the weights start.
        unit_forget_bias: start the forget gate's bias with ones.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: penalty on the output, per sample.
        kernel_constraint, recurrent_constraint, bias_constraint: projections after each update.
        dropout: share of the inputs that training drops, the same at every step.
        recurrent_dropout: share of h that training drops.
        seed: for a stream of random numbers of this layer's own.
        return_sequences: return the output of every step, not only the last.
        return_state: return the last h and c as well.
        go_backwards: begin at the last step; outputs come in the order they are made.
        stateful: begin each batch with the states that the one before it left.

    Input ``(batch, steps, height, width, channels)``; output ``(batch, new height, new width,
    filters)``, or with the steps where `return_sequences`. Masked steps leave the states as they
    are. Call arguments as for `RNN`.

    Raises:
        ConfigError: strides together with dilation, or a name that does not exist.
        ShapeError: an input of another rank, or smaller than the kernel.

    >>> import numpy as np
    >>> ConvLSTM2D(4, (3, 3))(np.ones((1, 2, 8, 8, 3))).shape
    (1, 6, 6, 4)

    Shi et al., "Convolutional LSTM network", arXiv:1506.04214.
    """

    _space = 2
    _rank = 5


@family("layer").register("ConvLSTM3D")
class ConvLSTM3D(ConvLSTM):
    """An LSTM over sequences of volumes: its products are convolutions over three axes.

    Input ``(batch, steps, depth, height, width, channels)``; output without the steps unless
    `return_sequences`. Arguments as for `ConvLSTM2D`.

    >>> import numpy as np
    >>> ConvLSTM3D(2, 1)(np.ones((1, 2, 3, 3, 3, 1))).shape
    (1, 3, 3, 3, 2)

    Shi et al., "Convolutional LSTM network", arXiv:1506.04214.
    """

    _space = 3
    _rank = 6
