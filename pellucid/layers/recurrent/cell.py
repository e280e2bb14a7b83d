"""What the cells of SimpleRNN, LSTM and GRU have in common: weights, dropout, both ways to run."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from ... import activations
from ..._core.specs import resolve
from ...kernels.dense import dense
from ...kernels.dropout import dropout
from ...kernels.platform import on_cpu
from ...kernels.recurrence import Result, scan_steps
from ...kernels.recurrence_gradient import Rule, recur
from .. import checks
from ..base import Layer
from ..context import current
from ..input_spec import InputSpec
from ..regularization.streams import check_seed, key_of


class RecurrentCell(Layer):
    """Base of the built-in cells.

    A subclass stores its arguments, says how many gates there are, and writes `step`. From that
    follow `call`, for one step, and `over_steps`, for a sequence: there the inputs of all steps
    meet their weights in one product before the loop.
    """

    gates: ClassVar[int]
    _tanh_sigmoid: ClassVar[Rule]
    units: int
    kernel: Any
    recurrent_kernel: Any
    bias: Any

    def __init__(
        self,
        *,
        units: int,
        activation: Any,
        use_bias: bool,
        kernel_initializer: Any,
        recurrent_initializer: Any,
        bias_initializer: Any,
        kernel_regularizer: Any,
        recurrent_regularizer: Any,
        bias_regularizer: Any,
        kernel_constraint: Any,
        recurrent_constraint: Any,
        bias_constraint: Any,
        dropout: float,
        recurrent_dropout: float,
        seed: int | None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.units = units
        self.activation = activation
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.recurrent_initializer = recurrent_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.recurrent_regularizer = recurrent_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.recurrent_constraint = recurrent_constraint
        self.bias_constraint = bias_constraint
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.seed = seed
        checks.positive_integer(self, "units", units, 32)
        check_cell(self)

    # --- what a subclass says

    @property
    def rule(self) -> Rule | None:
        """The recurrence with a gradient by hand, where the activations allow it."""
        return self._tanh_sigmoid if is_tanh(self.activation) else None

    def step(self, gates: Any, states: Any, weights: Any, drops: Any) -> tuple[Any, Any]:
        """One step, given the inputs times their weights."""
        raise NotImplementedError

    def recurrent_weights(self) -> tuple[Any, ...]:
        """What the state is multiplied with."""
        return (self.recurrent_kernel,)

    def input_bias(self) -> Any:
        """(gates * units,), added to the inputs times their weights; or None."""
        return self.bias

    # --- sizes and weights

    @property
    def state_size(self) -> Any:
        return self.units

    @property
    def output_size(self) -> int:
        return self.units

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return checks.row_wise(self.activation)

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """Zeros, (batch, units) for each state."""
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [jnp.zeros((batch_size, size), self.compute_dtype) for size in sizes]

    def build(self, input_shape: Any) -> None:
        width, columns = input_shape[-1], self.gates * self.units
        self.kernel = self.add_weight(
            name="kernel",
            shape=(width, columns),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel",
            shape=(self.units, columns),
            initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        self.bias = self.make_bias()
        self.input_spec = InputSpec(axes={-1: width})

    def make_bias(self) -> Any:
        """The bias, or None."""
        if not self.use_bias:
            return None
        return self.add_weight(
            name="bias",
            shape=self.bias_shape(),
            initializer=self.first_bias(),
            regularizer=self.bias_regularizer,
            constraint=self.bias_constraint,
        )

    def bias_shape(self) -> tuple[int, ...]:
        return (self.gates * self.units,)

    def first_bias(self) -> Any:
        """The initialiser of the whole bias."""
        return self.bias_initializer

    # --- running

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        """One step: ``(batch, features)`` and the states before it -> the output and new states."""
        single = not isinstance(states, (list, tuple))
        before = (states,) if single else tuple(states)
        drops_x, drops_h = self.drops(inputs, training)
        gates = self.project(inputs, drops_x)
        output, new = self.step(gates, before, self.recurrent_weights(), drops_h)
        return output, new[0] if single else list(new)

    def over_steps(
        self,
        xs: Any,
        states: Any,
        owner: Layer,
        *,
        mask: Any = None,
        reverse: bool = False,
        unroll: bool = False,
        every: bool = True,
    ) -> Result:
        """All steps of a sequence: xs (time, batch, features), states [(batch, units), ...]."""
        context = current()
        xs = xs.astype(self.compute_dtype)
        drops_x, drops_h = self.drops(xs[0], context is not None and bool(context.training))
        gates = self.project(xs, drops_x)  # (time, batch, gates * units)
        start, weights = tuple(states), self.recurrent_weights()
        how = {"mask": mask, "reverse": reverse, "unroll": unroll, "every": every}
        if self.rule is not None and drops_h is None and on_cpu():
            outputs, last = recur(self.rule, gates, start, weights, **how)
            return Result(last[0], outputs, list(last))

        def step(x: Any, states: Any, besides: Any) -> Any:
            return *self.step(x, states, weights, drops_h), besides

        result = scan_steps(step, gates, start, before=start[0], **how)
        return result._replace(states=list(result.states))

    def project(self, inputs: Any, drops: Any) -> Any:
        """(..., features) -> (..., gates * units): inputs times their weights, plus the bias."""
        bias = self.input_bias()
        if drops is None:
            return dense(inputs, self.kernel, bias)
        if len(drops) == 1:
            return dense(inputs * drops[0], self.kernel, bias)
        kernels = jnp.split(self.kernel, self.gates, axis=1)
        parts = [dense(inputs * d, k) for d, k in zip(drops, kernels, strict=True)]
        gates = jnp.concatenate(parts, axis=-1)
        return gates if bias is None else gates + bias

    def drops(self, inputs: Any, training: bool) -> tuple[Any, Any]:
        """Dropout factors of inputs and state, the same at every step; None where nothing drops.

        As in Keras, every gate has factors of its own as soon as the state is dropped out.
        """
        if not training:
            return None, None
        gates = self.gates if self.recurrent_dropout else 1
        return (
            self.factors(self.dropout, inputs.shape, gates),
            self.factors(self.recurrent_dropout, (inputs.shape[0], self.units), gates),
        )

    def factors(self, rate: float, shape: tuple[int, ...], gates: int) -> Any:
        """Dropout factors for so many gates; None where nothing drops."""
        if not rate:
            return None
        key, ones = key_of(self), jnp.ones(shape, self.compute_dtype)
        # One key per gate: a value then depends on its row, not on how many rows there are.
        return [dropout(jax.random.fold_in(key, gate), ones, rate) for gate in range(gates)]


def check_cell(cell: Any) -> None:
    """Check the arguments that all cells share, those of convolutional ones too."""
    checks.number(cell, "dropout", cell.dropout, 0, 1)
    checks.number(cell, "recurrent_dropout", cell.recurrent_dropout, 0, 1)
    check_seed(cell, cell.seed)
    pairs = [("activation", "activation")]
    if hasattr(cell, "recurrent_activation"):
        pairs.append(("activation", "recurrent_activation"))
    for weight in ("kernel", "recurrent", "bias"):
        for kind in ("initializer", "regularizer", "constraint"):
            pairs.append((kind, f"{weight}_{kind}"))
    checks.names(cell, *((kind, name) for kind, name in pairs if getattr(cell, name) is not None))


def is_tanh(activation: Any) -> bool:
    return resolve("activation", activation) in (activations.tanh, jnp.tanh)


def is_sigmoid(activation: Any) -> bool:
    return resolve("activation", activation) in (activations.sigmoid, jax.nn.sigmoid)
