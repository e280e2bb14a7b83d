"""A batch through a network that has seen others like it: everything about the call is known.

Serving, generation and reinforcement learning predict one row at a time. What `predict` finds out
about the data and the network is then the same each time, and takes longer than the network.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from ..data import ArraySource
from ..data.formats import standard_format
from .data_checks import looking_layers
from .state import layout_of

ONE = np.int32(1)
KINDS = 64
"""How many kinds of batch are remembered for a model."""


class QuickPredict:
    """What one kind of batch needs: the program, its weights, how the batch is filled up.

    Args:
        session: of the model.
        source: the batch that was predicted the long way.
        size: rows that the program takes.
        pads: whether the batch is filled up to that, and the outputs are cut.
        fill: from arrays and a number of rows to arrays of so many rows.
    """

    def __init__(
        self,
        session: Any,
        source: ArraySource,
        size: int,
        *,
        pads: bool,
        fill: Callable[[Any, int], Any],
    ):
        self.layout = session.layout
        self._session = session
        self._run = session.compiled("predict", batch_size=size)
        self._rows, self._size, self._pads = source.n, size, pads
        self._fill = fill
        self._looking = looking_layers(session.model)
        self._weights = [w for w in session.layout.weights.values() if not w.transient]
        self._held: tuple[list[Any], dict[str, Any]] = ([], {})

    def __call__(self, x: np.ndarray) -> Any:
        for layer, _ in self._looking:
            layer.check_data(x)
        values, variables = self._held
        now = [weight._value for weight in self._weights]
        if len(now) != len(values) or not all(map(operator.is_, now, values)):
            variables = self._session.variables()
            self._held = [weight._value for weight in self._weights], variables
        if self._rows != self._size:
            x = self._fill(x, self._size)
        out = self._run(variables, {}, x, ONE)[0]
        if not isinstance(out, jax.Array):
            return jax.tree.map(self._shown, out)
        return self._shown(out)

    def _shown(self, array: Any) -> np.ndarray:
        shown = np.array(array)  # a copy: callers may write into it
        return shown[: self._rows] if self._pads else shown


def quick_predict(model: Any, x: Any, batch_size: int | None) -> Any:
    """The outputs for `x`, where batches of its kind were predicted before; else None.

    Args:
        model: any.
        x: as `predict` was given it.
        batch_size: rows at a time; None for all of `x` as one batch.
    """
    session = model.__dict__.get("_session")
    if session is None or type(x) is not np.ndarray:
        return None
    known = session.quick.get((x.shape, x.dtype, batch_size))
    if known is None or is_eager(model):
        return None
    if layout_of(model) is not known.layout:
        return None
    return known(standard_format(x, "x", None))


def is_eager(model: Any) -> bool:
    """Whether the model's operations run one by one."""
    return model.run_eagerly or getattr(jax.config, "jax_disable_jit", False)


def remember(
    session: Any,
    x: Any,
    source: Any,
    batch_size: int | None,
    size: int,
    *,
    pads: bool,
    fill: Callable[[Any, int], Any],
) -> None:
    """Let the next batch of this kind go the quick way, where nothing else depends on its values.

    Args:
        session: of the model, which has just predicted `source`.
        x, batch_size: as for `quick_predict`.
        source: what became of `x`.
        size, pads, fill: as for `QuickPredict`.
    """
    model = session.model
    if type(x) is not np.ndarray or not isinstance(source, ArraySource) or source.n > size:
        return
    if type(source.x) is not np.ndarray or source.x.shape != x.shape or model.takes_raw:
        return
    if is_eager(model) or session.memory():
        return
    if layout_of(model) is not session.layout:
        return
    if len(session.quick) >= KINDS:
        session.quick.clear()
    kind = (x.shape, x.dtype, batch_size)
    session.quick[kind] = QuickPredict(session, source, size, pads=pads, fill=fill)
