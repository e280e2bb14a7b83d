"""`LSTM` and its cell: long short-term memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import activations, initializers
from ..._core.specs import family
from ...kernels.recurrence import lstm_step
from ...kernels.recurrence_gradient import LSTM as LSTM_RULE
from ...kernels.recurrence_gradient import Rule
from .. import checks
from .cell import RecurrentCell, is_sigmoid
from .rnn import CellLayer, check_use_cudnn


class ForgetBias(initializers.Initializer):
    """The bias of an LSTM's gates: ones for the forget gate, `initializer` for the others."""

    def __init__(self, initializer: Any):
        self.initializer = initializer

    def __call__(self, shape: Any, dtype: Any = None, *, rng: Any = None) -> np.ndarray:
        units = shape[0] // 4
        parts = [
            np.ones((units,), np.float32)
            if gate == 1
            else initializers.draw(self.initializer, (units,), dtype, rng)
            for gate in range(4)
        ]
        return np.concatenate([np.asarray(part, np.float32) for part in parts]).astype(dtype)


@family("layer").register("LSTMCell")
class LSTMCell(RecurrentCell):
    """One step of `LSTM`: four gates decide what is written, kept, and shown.

    ``i, f, g, o = split(x @ kernel + bias + h @ recurrent_kernel)``,
    ``c = s(f) * c + s(i) * a(g)``, ``h = s(o) * a(c)``.

    Args:
        units: length of the states h and c; h is also the output.
        activation: name or function, `a` above.
        recurrent_activation: name or function of the gates, `s` above.
        use_bias: whether there is a bias.
        kernel_initializer: how the kernel, ``(features, 4 * units)``, starts.
        recurrent_initializer: how the recurrent kernel, ``(units, 4 * units)``, starts.
        bias_initializer: how the bias, ``(4 * units,)``, starts.
        unit_forget_bias: start the forget gate's bias with ones, so that at first much is kept.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections after each update.
        dropout: share of the inputs that training drops; over a sequence the same at every step.
        recurrent_dropout: share of h that training drops.
        seed: for a stream of random numbers of this cell's own.
        implementation: accepted for Keras's programs: how gates are computed is settled here.

    Called on ``(batch, features)`` and ``[h, c]``, ``(batch, units)`` each; returns the output and
    the new ``[h, c]``.

    Raises:
        ConfigError: `units` is not a positive whole number, or a name does not exist.

    >>> import numpy as np
    >>> output, states = LSTMCell(4)(np.ones((2, 3)), [np.zeros((2, 4)), np.zeros((2, 4))])
    >>> output.shape, len(states)
    ((2, 4), 2)
    """

    traits = frozenset({"recurrent_cell"})
    gates = 4
    _tanh_sigmoid = LSTM_RULE

    def __init__(
        self,
        units: int,
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
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        implementation: int = 2,
        **kwargs: Any,
    ):
        self.recurrent_activation = recurrent_activation
        self.unit_forget_bias = unit_forget_bias
        super().__init__(
            units=units,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            **kwargs,
        )
        self.implementation = implementation
        checks.one_of(self, "implementation", implementation, (0, 1, 2))

    @property
    def state_size(self) -> list[int]:
        return [self.units, self.units]

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return checks.row_wise(self.activation) and checks.row_wise(self.recurrent_activation)

    @property
    def rule(self) -> Rule | None:
        return super().rule if is_sigmoid(self.recurrent_activation) else None

    def first_bias(self) -> Any:
        return ForgetBias(self.bias_initializer) if self.unit_forget_bias else self.bias_initializer

    def step(self, gates: Any, states: Any, weights: Any, drops: Any) -> tuple[Any, Any]:
        return lstm_step(
            gates,
            states,
            weights,
            activation=activations.get(self.activation),
            recurrent_activation=activations.get(self.recurrent_activation),
            drops=drops,
        )


@family("layer").register("LSTM")
class LSTM(CellLayer):
    """Long short-term memory: a recurrent layer that can keep what it saw over many steps.

    Args:
        units: length of the states h and c; h is also the output.
        activation: name or function of the candidate and of the cell's state.
        recurrent_activation: name or function of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: how the weights start:
            ``(features, 4 * units)``, ``(units, 4 * units)``, ``(4 * units,)``.
        unit_forget_bias: start the forget gate's bias with ones, so that at first much is kept.
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
        unroll: write the steps out one by one; for short sequences.
        use_cudnn: accepted for Keras's programs; the compiler chooses the kernels.
        implementation: accepted for Keras's programs: how gates are computed is settled here.

    Input ``(batch, steps, features)``; output ``(batch, units)``, or ``(batch, steps, units)``.
    Masked steps leave the states as they are. Call arguments as for `RNN`.

    Raises:
        ConfigError: `units` is not a positive whole number, or a name does not exist.
        ShapeError: an input without steps, or of another width than at first.

    >>> import numpy as np
    >>> output, h, c = LSTM(4, return_sequences=True, return_state=True)(np.ones((2, 5, 3)))
    >>> output.shape, c.shape
    ((2, 5, 4), (2, 4))

    Hochreiter and Schmidhuber, "Long short-term memory", 1997.
    """

    traits = frozenset({"recurrent"})
    two_cores_from = 2**24

    def __init__(
        self,
        units: int,
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
        unroll: bool = False,
        use_cudnn: bool | str = "auto",
        implementation: int = 2,
        **kwargs: Any,
    ):
        cell = LSTMCell(
            units,
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
            implementation=implementation,
            name="lstm_cell",
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.use_cudnn = use_cudnn
        check_use_cudnn(self, use_cudnn)
