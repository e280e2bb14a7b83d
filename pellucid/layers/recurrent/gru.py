"""`GRU` and its cell: gated recurrent units."""

from __future__ import annotations

from typing import Any

from ... import activations
from ..._core.specs import family
from ...kernels.recurrence import gru_step
from ...kernels.recurrence_gradient import GRU as GRU_RULE
from ...kernels.recurrence_gradient import GRU_RESET_BEFORE, Rule
from .. import checks
from .cell import RecurrentCell, is_sigmoid
from .rnn import CellLayer, check_use_cudnn


@family("layer").register("GRUCell")
class GRUCell(RecurrentCell):
    """One step of `GRU`: two gates decide how much of the state is replaced, and by what.

    ``z`` and ``r`` are gates of x and h; the candidate is ``a(x + r * (h @ R))`` with
    `reset_after`, else ``a(x + (r * h) @ R)``; then ``h = z * h + (1 - z) * candidate``.

    Args:
        units: length of the state, which is also the output.
        activation: name or function, `a` above.
        recurrent_activation: name or function of the gates.
        use_bias: whether there is a bias.
        kernel_initializer: how the kernel, ``(features, 3 * units)``, starts.
        recurrent_initializer: how the recurrent kernel, ``(units, 3 * units)``, starts.
        bias_initializer: how the bias starts: ``(2, 3 * units)`` with `reset_after`, for inputs and
            state, else ``(3 * units,)``.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections after each update.
        dropout: share of the inputs that training drops; over a sequence the same at every step.
        recurrent_dropout: share of the state that training drops.
        reset_after: whether the reset gate acts after the product with the state or before it.
        seed: for a stream of random numbers of this cell's own.
        implementation: accepted for Keras's programs: how gates are computed is settled here.

    Called on ``(batch, features)`` and ``[h]``, ``(batch, units)``; returns the output and ``[h]``.

    Raises:
        ConfigError: `units` is not a positive whole number, or a name does not exist.

    >>> import numpy as np
    >>> output, states = GRUCell(4)(np.ones((2, 3)), [np.zeros((2, 4))])
    >>> output.shape, len(states)
    ((2, 4), 1)
    """

    traits = frozenset({"recurrent_cell"})
    gates = 3
    _tanh_sigmoid = GRU_RULE

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
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
        reset_after: bool = True,
        seed: int | None = None,
        implementation: int = 2,
        **kwargs: Any,
    ):
        self.recurrent_activation = recurrent_activation
        self.reset_after = reset_after
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
    def batch_safe(self) -> bool:  # type: ignore[override]
        return checks.row_wise(self.activation) and checks.row_wise(self.recurrent_activation)

    @property
    def rule(self) -> Rule | None:
        if not is_sigmoid(self.recurrent_activation) or super().rule is None:
            return None
        return GRU_RULE if self.reset_after else GRU_RESET_BEFORE

    def bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def input_bias(self) -> Any:
        return self.bias[0] if self.use_bias and self.reset_after else self.bias

    def recurrent_weights(self) -> tuple[Any, Any]:
        bias = self.bias[1] if self.use_bias and self.reset_after else None
        return self.recurrent_kernel, bias

    def step(self, gates: Any, states: Any, weights: Any, drops: Any) -> tuple[Any, Any]:
        return gru_step(
            gates,
            states,
            weights,
            activation=activations.get(self.activation),
            recurrent_activation=activations.get(self.recurrent_activation),
            reset_after=self.reset_after,
            drops=drops,
        )


@family("layer").register("GRU")
class GRU(CellLayer):
    """Gated recurrent units: like `LSTM` with one state and three quarters of its weights.

    Args:
        units: length of the state, which is also the output.
        activation: name or function of the candidate.
        recurrent_activation: name or function of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: how the weights start:
            ``(features, 3 * units)``, ``(units, 3 * units)``, ``(2, 3 * units)``.
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
        reset_after: whether the reset gate acts after the product with the state or before it;
            the bias is ``(3 * units,)`` where it acts before.
        use_cudnn: accepted for Keras's programs; the compiler chooses the kernels.
        implementation: accepted for Keras's programs: how gates are computed is settled here.

    Input ``(batch, steps, features)``; output ``(batch, units)``, or ``(batch, steps, units)``.
    Masked steps leave the state as it is. Call arguments as for `RNN`.

    Raises:
        ConfigError: `units` is not a positive whole number, or a name does not exist.
        ShapeError: an input without steps, or of another width than at first.

    >>> import numpy as np
    >>> GRU(4, return_sequences=True)(np.ones((2, 5, 3))).shape
    (2, 5, 4)

    Cho et al., "Learning phrase representations using RNN encoder-decoder", arXiv:1406.1078.
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
        reset_after: bool = True,
        use_cudnn: bool | str = "auto",
        implementation: int = 2,
        **kwargs: Any,
    ):
        cell = GRUCell(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
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
            reset_after=reset_after,
            seed=seed,
            implementation=implementation,
            name="gru_cell",
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
