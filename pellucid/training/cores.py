"""A training step of a recurrent network on two cores: each takes half of the batch's rows.

The operations of one step in time are too small for XLA to share between cores, so inside of one
device a recurrence runs on one. Two devices of a client of its own, which nothing else in the
process sees, take the forward pass and its gradient side by side; loss, metrics and update are
those of the whole batch. Nothing but the order of sums and the draws of dropout differs.
"""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from .._core.errors import StateError
from ..kernels.platform import on_cpu
from ..layers import tree
from ..layers.traits import traits_of
from . import devices

AXIS = "rows"
STEPS = 64
"""Of a sequence whose length is not known before its data."""
PER_WEIGHT = 200
"""So many for each weight, at least: every step adds up the gradients of both halves."""
WEIGHTS = 2**22
"""The most weights: every chunk of steps copies them."""

_in_use: ContextVar[Mesh | None] = ContextVar("pellucid_cores_in_use", default=None)


def parts(model: Any, batch_size: int) -> int:
    """Into how many parts a step of training takes its batch: 1 where halves do not pay.

    Args:
        model: built, with its objective.
        batch_size: rows a batch.
    """
    wanted = devices.recurrent_cores()
    if wanted < 2 or batch_size % wanted or not _suits(model, batch_size):
        return 1
    return wanted if on_cpu() and mesh(wanted) is not None else 1


def _suits(model: Any, batch_size: int) -> bool:
    """Whether rows are known to be independent, and recurrence is most of the work."""
    weights = list(tree.index(model).values())
    count = sum(math.prod(weight.shape) for weight in weights)
    products = _recurrent_products(model, batch_size)
    if count > WEIGHTS or products < max(PER_WEIGHT, batch_size) * count or not products:
        return False
    # What a layer gathers from its batches (moving means, states) would be of half a batch.
    return (
        all(weight.trainable and not weight.transient for weight in weights) and model.pads_rows()
    )


def _recurrent_products(model: Any, batch_size: int) -> int:
    """Products of numbers in recurrent layers for one batch; 0 where they are too few to split."""
    if model.graph is None:
        return 0
    total, enough = 0, False
    for node in model.graph.nodes:
        least = [_two_cores_from(layer) for _, layer in tree.walk(node.layer)]
        known = [number for number in least if number is not None]
        if not known:
            continue
        steps = next((t.shape[1] for t in node.inputs() if len(t.shape) > 2), None) or STEPS
        weights = sum(math.prod(weight.shape) for weight in tree.index(node.layer).values())
        products = steps * batch_size * weights
        enough = enough or products >= max(known)
        total += products
    return total if enough else 0


def _two_cores_from(layer: Any) -> int | None:
    """Where two cores pay for a layer; None for one whose `call` is not what its class declared."""
    return None if traits_of(type(layer)) is None else layer.two_cores_from


@functools.cache
def mesh(count: int) -> Mesh | None:
    """`count` devices on this machine's cores; None where they cannot be had.

    A process that has several devices already is left alone: someone has plans for them.
    """
    if jax.device_count() > 1 or _cores() < count:
        return None
    try:
        from jaxlib import xla_client

        client: Any = xla_client.make_cpu_client(num_devices=count)
        found = client.devices()
    except (ImportError, AttributeError, TypeError, RuntimeError):
        return None  # no part of jax's promises: without it everything works, only slower
    return Mesh(np.array(found), (AXIS,)) if len(found) == count else None


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def everywhere(count: int) -> NamedSharding:
    """The placement of arrays that every device holds whole."""
    found = mesh(count)
    if found is None:
        raise StateError(
            "This process has no devices for parts of a batch.",
            got=f"{count} parts",
            fix="pellucid.config.set_recurrent_cores(1)",
        )
    return NamedSharding(found, PartitionSpec())


def spread(arrays: Any, count: int) -> Any:
    """A pytree of arrays on every device; what begins at a 64-byte address is not copied."""
    placed = everywhere(count)
    return jax.tree.map(lambda leaf: jax.device_put(np.asarray(leaf), placed), arrays)


def gathered(arrays: Any) -> Any:
    """A pytree of arrays that every device holds, as NumPy's own."""
    return jax.tree.map(np.array, arrays)


@contextmanager
def using(count: int) -> Iterator[None]:
    """Inside of the block `by_rows` splits; for the trace of a program on `count` devices."""
    token = _in_use.set(mesh(count) if count > 1 else None)
    try:
        yield
    finally:
        _in_use.reset(token)


def by_rows(function: Callable[..., Any], variables: Any, rows: Any, rng: Any) -> Any:
    """``function(variables, rows, rng)``, by parts of the rows where `using` says so.

    Args:
        function: gives arrays ``(batch, ...)`` whose rows depend on the same row of `rows` alone.
        variables: pytree of arrays, for all rows.
        rows: pytree of arrays, (batch, ...).
        rng: JAX key; each part has a key of its own, derived from it.
    """
    devices_in_use = _in_use.get()
    if devices_in_use is None:
        return function(variables, rows, rng)
    whole, split = PartitionSpec(), PartitionSpec(AXIS)

    def part(variables: Any, rows: Any, rng: Any) -> Any:
        return function(variables, rows, jax.random.fold_in(rng, jax.lax.axis_index(AXIS)))

    return jax.shard_map(
        part,
        mesh=devices_in_use,
        in_specs=(whole, split, whole),
        out_specs=split,
        check_vma=False,
    )(variables, rows, rng)
