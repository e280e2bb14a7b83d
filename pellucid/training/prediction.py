"""The loop of predict: blocks of batches through the network, and their outputs put together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from .._core.errors import DataError, ShapeError
from ..data import ArraySource
from .callbacks.base import CallbackList
from .callbacks.batch_hooks import BatchHooks
from .feed import Segment, power_of_two
from .quick import remember
from .session import Session, timed

PREDICT_BATCHES = 64


def run_predict(
    session: Session,
    source: Any,
    batch_size: int,
    callbacks: CallbackList,
    steps: int | None,
    given: Any,
    *,
    by_row: bool = True,
) -> Any:
    """The model's outputs for every sample, as NumPy, in order.

    Args:
        session, source, batch_size, callbacks, steps: as `predict` was told.
        given: what the user passed.
        by_row: whether every output has a row for each of the batch's; else batches keep their
            sizes, and what they give is put together as it is.
    """
    callbacks.call("on_predict_begin", {})
    variables = session.variables()
    parts: list[Any] = []
    done = 0
    total = -(-source.n // batch_size) if isinstance(source, ArraySource) else source.length
    total = steps if steps is not None else total
    session.model.stop_predicting = False
    pads = by_row and session.model.pads_rows()
    hooks, since = BatchHooks(callbacks, "predict"), 0
    most = hooks.every or PREDICT_BATCHES
    for x, rows, size in _predict_blocks(source, batch_size, steps, pads, most):
        count = -(-rows // size)
        key_shapes = Segment(x, None, 0, count, rows, size, False)
        new = session.is_new(session.kind_of("predict", key_shapes))
        if new:
            callbacks.call("on_compile", "predict", None)
        hooks.begin(done)
        run = session.compiled("predict", batch_size=size)
        (out, memory), seconds = timed(run, variables, session.memory(), x, np.int32(count))
        session.remember(memory)
        if new:
            callbacks.call("on_compile", "predict", seconds)
        out = _first_rows(out, rows) if pads else jax.tree.map(np.asarray, out)
        parts.append(out)
        done += count
        if hooks.ends_at(done):
            hooks.end(done, {"outputs": _together(parts[since:])})
            since = len(parts)
        callbacks.call("on_chunk_end", "predict", done, total, {})
        if session.model.stop_predicting:
            break
    if not parts:
        raise DataError(
            "There was nothing to predict.", got="0 batches", fix="pass at least one sample."
        )
    if hooks.every is not None and since < len(parts):
        hooks.end(done, {"outputs": _together(parts[since:])})
    callbacks.call("on_predict_end", {})
    if steps is None:
        remember(session, given, source, batch_size, size, pads=pads, fill=_fill)
    return _together(parts)


def _together(parts: list[Any]) -> Any:
    """The outputs of several blocks as those of one."""
    return jax.tree.map(_joined, *parts)


def _joined(*parts: np.ndarray) -> np.ndarray:
    """The outputs of all batches one below the other; single numbers as a row of them."""
    if len(parts) == 1:
        return _own(parts[0])
    if parts[0].ndim == 0:
        return np.stack(parts)
    odd = next((part for part in parts if part.shape[1:] != parts[0].shape[1:]), None)
    if odd is not None:
        raise ShapeError(
            "The outputs of the batches have different sizes, so they are not one array.",
            got=f"{parts[0].shape} and {odd.shape}",
            fix="predict batch by batch: [model.predict_on_batch(x) for x in batches].",
        )
    return np.concatenate(parts)


def predict_one(session: Session, source: ArraySource, given: Any, *, by_row: bool = True) -> Any:
    """The model's outputs for one batch, as NumPy; `given` is what the user passed."""
    variables = session.variables()
    pads = by_row and session.model.pads_rows()
    ((x, rows, size),) = _predict_blocks(source, source.n, None, pads)
    run = session.compiled("predict", batch_size=size)
    out, memory = run(variables, session.memory(), x, np.int32(1))
    session.remember(memory)
    remember(session, given, source, None, size, pads=pads, fill=_fill)
    return jax.tree.map(_own, _first_rows(out, rows) if pads else jax.tree.map(np.asarray, out))


def _own(array: np.ndarray) -> np.ndarray:
    """The numbers in memory of their own: callers may write into what predict gives them."""
    return array if array.flags.writeable else array.copy()


def _predict_blocks(
    source: Any, batch_size: int, steps: int | None, pads: bool, most: int = PREDICT_BATCHES
) -> Iterator[tuple[Any, int, int]]:
    """Blocks of rows, `most` batches at once, filled up to a few sizes: few programs to compile.

    Yields `(x, real rows, batch size)`.
    """
    if not isinstance(source, ArraySource):
        for batch in source.epoch(steps):
            if pads:
                size = power_of_two(batch.n)
                yield _fill(batch.x, size), batch.n, size
            else:
                yield batch.x, batch.n, batch.n
        source.end()
        return
    n = source.n if steps is None else min(source.n, steps * batch_size)
    if not pads:
        for start in range(0, n, batch_size):
            rows = min(batch_size, n - start)
            yield source.take(slice(start, start + rows)).x, rows, rows
        return
    size = min(batch_size, power_of_two(n))
    start = 0
    while start < n:
        batches = min(most, power_of_two(-(-(n - start) // size)))
        rows = min(batches * size, n - start)
        x = source.take(slice(start, start + rows)).x
        yield _fill(x, batches * size), rows, size
        start += rows


def _first_rows(outputs: Any, rows: int) -> Any:
    return jax.tree.map(lambda a: np.asarray(a)[:rows], outputs)


def _fill(x: Any, length: int) -> Any:
    def fill(array: Any) -> Any:
        rows = len(array)
        return array if rows == length else np.asarray(array)[np.arange(length) % rows]

    return jax.tree.map(fill, x)
