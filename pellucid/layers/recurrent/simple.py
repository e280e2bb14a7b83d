"""`SimpleRNN` and its cell: the output of a step is an input of the next."""

from __future__ import annotations

from typing import Any

from ... import activations
from ..._core.specs import family
from ...kernels.recurrence import simple_step
from ...kernels.recurrence_gradient import SIMPLE
from .cell import RecurrentCell
from .rnn import CellLayer


@family("layer").register("SimpleRNNCell")
class SimpleRNNCell(RecurrentCell):
    """One step of `SimpleRNN`: ``activation(x @ kernel + bias + h @ recurrent_kernel)``.

    Args:
        units: length of the state, which is also the output.
        activation: name or function.
        use_bias: whether there is a bias.
        kernel_initializer: how the kernel, ``(features, units)``, starts.
        recurrent_initializer: how the recurrent kernel, ``(units, units)``, starts.
        bias_initializer: how the bias, ``(units,)``, starts.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections after each update.
        dropout: share of the inputs that training drops; over a sequence the same at every step.
        recurrent_dropout: share of the state that training drops.
        seed: for a stream of random numbers of this cell's own.

    Called on ``(batch, features)`` and ``[h]``, ``(batch, units)``; returns the output and ``[h]``.

    Raises:
        ConfigError: `units` is not a positive whole number, or a name does not exist.

    >>> import numpy as np
    >>> output, states = SimpleRNNCell(4)(np.ones((2, 3)), [np.zeros((2, 4))])
    >>> output.shape, len(states)
    ((2, 4), 1)
    """

    traits = frozenset({"recurrent_cell"})
    gates = 1
    _tanh_sigmoid = SIMPLE

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
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

    def step(self, gates: Any, states: Any, weights: Any, drops: Any) -> tuple[Any, Any]:
        activation = activations.get(self.activation)
        return simple_step(gates, states, weights, activation=activation, drops=drops)


@family("layer").register("SimpleRNN")
class SimpleRNN(CellLayer):
    """A recurrent layer whose output at one step is an input at the next.

    Args:
        units: length of the state, which is also the output.
        activation: name or function.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: how the weights start:
            ``(features, units)``, ``(units, units)``, ``(units,)``.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: penalty on the output, per sample.
        kernel_constraint, recurrent_constraint, bias_constraint: projections after each update.
        dropout: share of the inputs that training drops, the same at every step.
        recurrent_dropout: share of the state that training drops.
        seed: for a stream of random numbers of this layer's own.
        return_sequences: return the output of every step, not only the last.
        return_state: return the last state as well.
        go_backwards: begin at the last step; outputs come in the order they are made.
        stateful: begin each batch with the state that the one before it left.
        unroll: write the steps out one by one; for short sequences.

    Input ``(batch, steps, features)``; output ``(batch, units)``, or ``(batch, steps, units)``.
    Masked steps leave the state as it is. Call arguments as for `RNN`.

    Raises:
        ConfigError: `units` is not a positive whole number, or a name does not exist.
        ShapeError: an input without steps, or of another width than at first.

    >>> import numpy as np
    >>> SimpleRNN(4)(np.ones((2, 5, 3))).shape
    (2, 4)

    Elman, "Finding structure in time", 1990.
    """

    traits = frozenset({"recurrent"})
    two_cores_from = 2**26

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ):
        cell = SimpleRNNCell(
            units,
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
            name="simple_rnn_cell",
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
