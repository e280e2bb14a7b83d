"""`RNN`: a cell, run over the steps of a sequence; and the base of LSTM, GRU and SimpleRNN."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..._core.errors import ConfigError, ShapeError, StateError
from ..._core.specs import argument_names, family
from .. import checks
from ..base import Layer
from ..context import current
from ..input_spec import InputSpec
from ..symbolic import leaves
from .stacked import StackedRNNCells, check_is_cell, zero_states
from .stepping import run_cell


@family("layer").register("RNN")
class RNN(Layer):
    """Run a cell over the steps of a sequence, each time with the states that the last step left.

    Args:
        cell: what computes a step: `LSTMCell`, `GRUCell`, `SimpleRNNCell`, or a layer of your own
            with a `state_size` and ``call(inputs, states) -> (output, new_states)``; or a list of
            cells, each fed with the output of the one before.
        return_sequences: return the output of every step, not only the last.
        return_state: return the states after the last step as well.
        go_backwards: begin at the last step; outputs come in the order they are made.
        stateful: begin each batch with the states that the one before it left, row by row; the
            batch's size is then fixed, and `reset_state` starts anew.
        unroll: write the steps out one by one; for short sequences.
        zero_output_for_mask: give zeros at masked steps instead of the output before them.

    Call arguments: `initial_state`, the states to begin with, one array per state; `mask`,
    ``(batch, steps)``, by default the one that the input carries: masked steps leave the states
    as they are.

    Input ``(batch, steps, ...)``; output ``(batch, units)``, or ``(batch, steps, units)``; with
    `return_state` a tuple of the output and each state.

    Raises:
        ConfigError: a cell without `call` or `state_size`.
        ShapeError: an input without steps, or an initial state that does not fit.

    >>> import numpy as np
    >>> from pellucid import layers
    >>> class Sum(layers.Layer):
    ...     state_size = 3
    ...     def call(self, inputs, states):
    ...         total = states[0] + inputs
    ...         return total, [total]
    >>> layers.RNN(Sum())(np.ones((1, 5, 3))).tolist()
    [[5.0, 5.0, 5.0]]
    """

    traits = frozenset()
    wraps = "cell"
    _assigns_variables = False

    supports_masking = True
    _rank: int | None = None
    cell: Any
    states: Any

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        cell = StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else cell
        check_is_cell(cell, f"{type(self).__name__} {self.name!r}")
        self.cell = cell
        self.states = None
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask

    @property
    def state_size(self) -> list[Any]:
        size = self.cell.state_size
        return list(size) if isinstance(size, (list, tuple)) else [size]

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        # The states of a stateful layer belong to the rows of its batch, whatever fills it up.
        return not self.stateful and bool(getattr(self.cell, "batch_safe", False))

    @property
    def fixed_batch(self) -> int | None:
        """How many rows a batch must have; None where any number will do."""
        held = self.states
        return held[0].shape[0] if held else None

    # --- building

    def ensure_built(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        first = args[0] if args else kwargs.get("sequences")
        self.__dict__["_rows"] = self._check_sequences(first)[0]
        super().ensure_built(args, kwargs)

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        shape = tuple(sequences_shape)
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((shape[0], *shape[2:]))
            self.cell.built = True
        self.input_spec = InputSpec(axes={axis: shape[axis] for axis in self._fixed_axes(shape)})
        if self.stateful:
            rows = shape[0] if shape[0] is not None else self.__dict__.get("_rows")
            self._make_states(rows)

    def _fixed_axes(self, shape: tuple[Any, ...]) -> list[int]:
        return [-1] if shape[-1] is not None else []

    def _make_states(self, rows: Any) -> None:
        context = current()
        if rows is None or (context is not None and context.guesses_batch):
            raise StateError(
                f"{type(self).__name__} {self.name!r} is stateful, so it keeps one state for each "
                "row of a batch, but the batch's size is not known.",
                fix="Input(shape=..., batch_size=32), and the same batch_size in fit; or call the "
                "model on one batch first.",
            )
        kept = []
        with jax.ensure_compile_time_eval():
            for start in leaves(self.get_initial_state(rows)):
                state = self.add_weight(
                    name="rnn_state",
                    shape=start.shape,
                    initializer=np.asarray(start),
                    trainable=False,
                    autocast=False,
                )
                state.transient = True
                kept.append(state)
        self.states = kept

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """The states that a sequence starts with when none are given."""
        dtype = getattr(self.cell, "compute_dtype", self.compute_dtype)
        states = zero_states(self.cell, batch_size, dtype)
        return list(states) if isinstance(states, (list, tuple)) else [states]

    def reset_state(self) -> None:
        """Forget what a stateful layer remembers of the last batch."""
        for weight in self.__dict__["_weight_attributes"].get("states", ()):
            weight.assign(np.zeros(weight.shape))

    def reset_states(self) -> None:
        """`reset_state`, under the name it had in Keras 2."""
        self.reset_state()

    # --- running

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        states = self._states_to_begin_with(sequences, initial_state)
        steps = self._steps_of_mask(sequences, mask)  # (time, batch)
        result = run_cell(
            self.cell,
            jnp.swapaxes(sequences, 0, 1),  # (time, batch, ...)
            states,
            self,
            mask=steps,
            reverse=self.go_backwards,
            unroll=self.unroll,
            every=self.return_sequences,
        )
        if self.stateful:
            self._remember(result.states)
        output = self._every_output(result.outputs, steps) if self.return_sequences else result.last
        output = output.astype(self.compute_dtype)
        if not self.return_state:
            return output
        return (output, *jax.tree.map(lambda a: a.astype(self.compute_dtype), result.states))

    def _every_output(self, outputs: Any, steps: Any) -> Any:
        """(time, batch, ...) at their steps' places -> (batch, time, ...) in the order made."""
        if steps is not None and self.zero_output_for_mask:
            real = steps.reshape(*steps.shape, *(1,) * (outputs.ndim - 2))
            outputs = jnp.where(real, outputs, jnp.zeros((), outputs.dtype))
        if self.go_backwards:
            outputs = jnp.flip(outputs, 0)
        return jnp.swapaxes(outputs, 0, 1)

    def _remember(self, states: Any) -> None:
        context = current()
        if context is not None and context.abstract:
            return  # shapes only, and perhaps those of another batch
        weights = self.__dict__["_weight_attributes"]["states"]
        for weight, state in zip(weights, leaves(states), strict=True):
            weight.assign(state)

    def _states_to_begin_with(self, sequences: Any, given: Any) -> list[Any]:
        rows = sequences.shape[0]
        usual = self.get_initial_state(rows)
        context = current()
        abstract = context is not None and context.abstract
        if self.stateful and not abstract and self.fixed_batch != rows:
            raise ShapeError(
                f"{type(self).__name__} {self.name!r} is stateful and keeps the states of "
                f"{self.fixed_batch} rows, but the batch has {rows}.",
                got=f"a batch of {rows}",
                expected=f"batches of {self.fixed_batch}",
                fix=f"pass batch_size={self.fixed_batch} and a number of samples that it divides.",
            )
        if given is None and self.stateful and not abstract:
            given = self.states
        if given is None:
            return usual
        wanted, structure = jax.tree.flatten(usual)
        found = [jnp.asarray(state) for state in leaves(given)]
        if [a.shape for a in found] != [a.shape for a in wanted]:
            raise ShapeError(
                f"The initial_state of {type(self).__name__} {self.name!r} does not fit its cell.",
                got=f"{len(found)} of shape {[a.shape for a in found]}",
                expected=f"{len(wanted)} of shape {[a.shape for a in wanted]}",
                fix="pass one array per state, as a layer with return_state=True gives them after "
                "its output.",
            )
        cast = [a.astype(w.dtype) for a, w in zip(found, wanted, strict=True)]
        return jax.tree.unflatten(structure, cast)

    # --- masks

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The input's mask where every step is returned, in the order of the outputs."""
        masks = leaves(mask)
        if not masks or not self.return_sequences:
            return None
        mask = _per_step(masks[0])
        mask = jnp.flip(mask, 1) if self.go_backwards else mask
        return [mask, *(None for _ in leaves(self.state_size))] if self.return_state else mask

    def _steps_of_mask(self, sequences: Any, mask: Any) -> Any:
        masks = leaves(mask)
        if not masks:
            return None
        mask = jnp.asarray(masks[0])
        if mask.ndim < 2 or mask.shape[:2] != sequences.shape[:2]:
            raise ShapeError(
                f"The mask of {type(self).__name__} {self.name!r} does not fit its input.",
                got=f"mask {mask.shape}, input {sequences.shape}",
                expected=f"mask {sequences.shape[:2]}: one value per row and step",
                fix="pass True where a step is real and False where it is padding.",
            )
        return _per_step(mask).T

    def _check_sequences(self, sequences: Any) -> tuple[Any, ...]:
        """The shape of the input, if it can be one."""
        shape = getattr(sequences, "shape", None)
        kind = f"{type(self).__name__} {self.name!r}"
        if shape is None:
            raise ShapeError(
                f"{kind} is called on one array of sequences.",
                got=f"one {type(sequences).__name__}",
                fix="give the states by name: layer(x, initial_state=[h, c]).",
            )
        if len(shape) < 3 or self._rank not in (None, len(shape)):
            axes = ["batch", "steps", *["..."] * (self._rank is None), "features"]
            axes[2:2] = [f"axis {n + 1}" for n in range((self._rank or 3) - 3)]
            raise ShapeError(
                f"{kind} takes sequences: inputs of rank {self._rank or '3 or more'}.",
                got=f"rank {len(shape)}, shape ("
                + ", ".join(map(str, ["batch", *shape[1:]]))
                + ")",
                expected=f"({', '.join(axes)})",
                fix="x[:, None] makes each sample a sequence of one step, x[..., None] each value "
                "a step; in a model: Reshape."
                if len(shape) == 2
                else "flatten what belongs to one step with Reshape or TimeDistributed(Flatten()).",
            )
        if shape[1] == 0:
            raise ShapeError(
                f"{kind} was given sequences without a step.",
                got=f"shape {tuple(shape)}",
                expected="at least one step",
                fix="leave empty sequences out, or pad them to one step.",
            )
        if self.unroll and shape[1] is None:
            raise ConfigError(
                f"{kind} cannot be unrolled: the number of steps is not known.",
                got=f"unroll=True, shape {tuple(shape)}",
                fix="give the steps in Input(shape=(steps, features)), or leave unroll out.",
            )
        return tuple(shape)


class CellLayer(RNN):
    """An `RNN` whose constructor takes its cell's arguments; they read as its own."""

    _unsaved = frozenset({"cell"})
    _rank = 3

    def __getattr__(self, name: str) -> Any:
        cell = self.__dict__.get("cell")
        if cell is not None and name in argument_names(type(cell)):
            return getattr(cell, name)
        return super().__getattr__(name)

    def _named(self) -> dict[str, tuple[Any, Any]]:
        return {**self.cell._named(), **super()._named()}


def check_use_cudnn(layer: Layer, value: Any) -> None:
    """Keras's choice of a kernel, which is the compiler's here."""
    checks.one_of(layer, "use_cudnn", value, ("auto", True, False))


def _per_step(mask: Any) -> Any:
    """(batch, steps, ...) -> (batch, steps): a step counts if anything in it does."""
    mask = jnp.asarray(mask).astype(bool)
    return mask if mask.ndim == 2 else mask.reshape(*mask.shape[:2], -1).any(-1)
