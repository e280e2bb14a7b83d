"""`StackedRNNCells`: several cells as one, each fed with the output of the one before."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.errors import ConfigError
from ..._core.specs import family
from ...kernels.recurrence import Result
from ..base import Layer
from ..input_spec import InputSpec
from .stepping import name_of, run_cell


def check_is_cell(cell: Any, where: str) -> None:
    """Refuse what cannot be run step by step."""
    if isinstance(cell, type):
        raise ConfigError(
            f"{where} takes a cell, and was given a class.",
            got=cell.__name__,
            expected="an object such as LSTMCell(32)",
            fix=f"write {cell.__name__}(...) with its arguments.",
        )
    if not hasattr(cell, "call"):
        raise ConfigError(
            f"{where} takes a cell, which has a call(inputs, states) method.",
            got=repr(cell),
            expected="a cell such as LSTMCell(32), or a list of cells",
            fix="write `def call(self, inputs, states): return output, [new_state]`.",
        )
    if hasattr(cell, "return_sequences"):
        raise ConfigError(
            f"{where} takes a cell, which computes one step, and was given a whole layer.",
            got=f"{type(cell).__name__} {getattr(cell, 'name', '')!r}",
            expected="a cell such as LSTMCell(32)",
            fix=f"{type(cell).__name__}Cell(...), or stack layers with return_sequences=True.",
        )
    size = getattr(cell, "state_size", None)
    if not isinstance(size, (int, list, tuple)):
        raise ConfigError(
            f"The cell {name_of(cell)} of {where} does not say how large its state is.",
            got=f"state_size={size!r}",
            expected="a whole number, or a list of them, one per state",
            fix="write `self.state_size = units` in its __init__.",
        )


def output_size_of(cell: Any) -> Any:
    """Length of a cell's output: what it says, else the length of its first state."""
    size = getattr(cell, "output_size", None)
    if size is None:
        size = cell.state_size[0] if isinstance(cell.state_size, (list, tuple)) else cell.state_size
    return size


def zero_states(cell: Any, batch_size: int, dtype: Any) -> Any:
    """The states a cell starts with: its own idea of them, or zeros."""
    if hasattr(cell, "get_initial_state"):
        return cell.get_initial_state(batch_size=batch_size)
    if isinstance(cell.state_size, (list, tuple)):
        return [jnp.zeros((batch_size, size), dtype) for size in cell.state_size]
    return jnp.zeros((batch_size, cell.state_size), dtype)


@family("layer").register("StackedRNNCells")
class StackedRNNCells(Layer):
    """Several cells that `RNN` runs as one: each takes the output of the one before.

    Args:
        cells: list of cells, such as ``[LSTMCell(32), LSTMCell(16)]``.

    The states are a list with one entry per cell, as that cell has them. `RNN` runs one cell after
    the other over the whole sequence, which gives the same numbers sooner.

    Raises:
        ConfigError: something that is not a cell.

    >>> import numpy as np
    >>> from pellucid.layers import RNN, LSTMCell
    >>> RNN(StackedRNNCells([LSTMCell(4), LSTMCell(2)]))(np.ones((1, 5, 3))).shape
    (1, 2)
    """

    traits = frozenset()

    def __init__(self, cells: Any, **kwargs: Any):
        super().__init__(**kwargs)
        if not isinstance(cells, (list, tuple)) or not cells:
            raise ConfigError(
                f"StackedRNNCells {self.name!r} takes a list of cells.",
                got=repr(cells),
                fix="StackedRNNCells([LSTMCell(32), LSTMCell(16)]).",
            )
        for cell in cells:
            check_is_cell(cell, f"StackedRNNCells {self.name!r}")
        self.cells = cells

    @property
    def state_size(self) -> list[Any]:
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        return output_size_of(self.cells[-1])

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return all(getattr(cell, "batch_safe", False) for cell in self.cells)

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """Each cell's own states at the start."""
        return [zero_states(cell, batch_size or 1, self.compute_dtype) for cell in self.cells]

    def build(self, input_shape: Any) -> None:
        shape = tuple(input_shape)
        self.input_spec = InputSpec(axes={-1: shape[-1]} if shape[-1] is not None else {})
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(shape)
            shape = (shape[0], output_size_of(cell))

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, Any]:
        """One step of every cell."""
        new_states = []
        for cell, before in zip(self.cells, states, strict=True):
            nested = isinstance(before, (list, tuple))
            run = cell if callable(cell) else cell.call
            inputs, new = run(inputs, list(before) if nested else [before])
            new_states.append(list(new) if nested else new[0])
        return inputs, new_states

    def over_steps(
        self, xs: Any, states: Any, owner: Layer, *, every: bool = True, **how: Any
    ) -> Result:
        """All steps of a sequence, cell by cell: what masked steps hand on is never used."""
        result, new_states = Result(None, xs, None), []
        for cell, before in zip(self.cells, states, strict=True):
            nested = isinstance(before, (list, tuple))
            wanted = every or cell is not self.cells[-1]
            given = list(before) if nested else [before]
            result = run_cell(cell, result.outputs, given, owner, every=wanted, **how)
            new_states.append(result.states if nested else result.states[0])
        return result._replace(states=new_states)
