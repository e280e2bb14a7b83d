"""A network called by itself, outside of training: as one program, once it was called a few times.

Operation by operation a call takes a fraction of a millisecond for each layer. Where nothing but
Pellucid's own code runs in it, and the call leaves nothing behind but its result, nobody can tell a
compiled one from that, but by the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from .._core.ownership import is_known_code, is_ours
from . import tree
from .context import Context, bind, kept_mask
from .symbolic import leaves

if TYPE_CHECKING:
    from .base import Layer

AFTER = 3
"""Calls of one kind that run operation by operation: compiling is for those who come again."""
KINDS = 8
"""How many kinds of call are compiled for one network; further ones run operation by operation."""


class AloneCalls:
    """The programs of one network's calls, for as long as its structure holds.

    Args:
        known: the structure.
    """

    def __init__(self, known: tree.Structure):
        self.layers = [layer for _, layer in known.layers]
        self.weights = list(tree.index(known.root).values())
        self.counts: dict[Any, int] = {}
        self.programs: dict[Any, Any] = {}  # None: this kind of call leaves more than a result
        self.possible = len(self.layers) > 2 and all(map(_is_ours, self.layers))
        self._settings = self._read()

    def _read(self) -> list[int]:
        return [layer.__dict__.get("_set_count", 0) for layer in self.layers]

    def follow(self) -> None:
        """Forget everything where a setting of a layer was changed."""
        now = self._read()
        if now != self._settings:
            self._settings = now
            self.counts, self.programs = {}, {}
            self.possible = len(self.layers) > 2 and all(map(_is_ours, self.layers))


def quick_call(layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The result of ``layer(*args, **kwargs)`` by its program; None where there is none."""
    if len(args) != 1 or not kwargs.keys() <= {"training"} or not layer.built:
        return None
    (x,), training = args, kwargs.get("training")
    if not ((type(x) is np.ndarray and x.dtype.kind in "biuf") or _is_concrete(x)) or training:
        return None
    if getattr(jax.config, "jax_disable_jit", False) or layer.__dict__.get("run_eagerly"):
        return None
    calls: AloneCalls = tree.structure(layer).derived("alone", AloneCalls)
    calls.follow()
    if not calls.possible:
        return None
    kind = (x.shape, x.dtype, training)
    program = calls.programs.get(kind)
    if program is not None:
        for inner in calls.layers:
            inner.__dict__.pop("_call_losses", None)
        return program([weight.stored() for weight in calls.weights], x)
    if kind in calls.programs:
        return None
    count = calls.counts[kind] = calls.counts.get(kind, 0) + 1
    if count <= AFTER or len(calls.programs) >= KINDS:
        if len(calls.counts) > 2**10:
            calls.counts.clear()
        return None
    return _first(layer, calls, kind, x)


def _first(layer: Layer, calls: AloneCalls, kind: Any, x: Any) -> Any:
    """The result by a new program, which is kept if the call leaves nothing but that."""
    weights, training = calls.weights, kind[-1]
    alone: list[bool] = []

    def run(values: list[Any], x: Any) -> Any:
        context = Context(
            dict(zip(weights, values, strict=True)),
            paths={inner: path for path, inner in tree.walk(layer)},
        )
        with bind(context):
            result = layer(x) if training is None else layer(x, training=training)
        marks = (context.mask_of(leaf) for leaf in leaves(result))
        left = context.updates or context.losses or context.built or context.rng is not None
        alone.append(not left and all(mark is None for mark in marks))
        return result

    try:
        program = jax.jit(run)
        result = program([weight.stored() for weight in weights], x)
    except Exception:  # what is wrong is told by the call that runs operation by operation
        calls.programs[kind] = None
        return None
    calls.programs[kind] = program if all(alone) else None
    return result if all(alone) else None


def _is_ours(layer: Any) -> bool:
    """Whether all that runs in a call of `layer` is known code."""
    held = [value for value in vars(layer).values() if callable(value)]
    others = [value for value in held if not isinstance(value, (tree.layer_class, type))]
    return is_ours(layer) and not layer.takes_raw and all(map(is_known_code, others))


def _is_concrete(x: Any) -> bool:
    concrete = isinstance(x, jax.Array) and not isinstance(x, jax.core.Tracer)
    return concrete and kept_mask(x) is None
