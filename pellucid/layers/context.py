"""What is known during one call of a network: bound weights, mode, random key, masks, losses.

Outside any call there is no context and a weight is the layer's own array. `bind` opens one, under
which the same layer code reads the step's tracers and its assignments become recorded updates.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import jax

from .._core import rng as _rng
from . import tree

if TYPE_CHECKING:
    from .base import Layer
    from .weight import Weight

_current: ContextVar[Context | None] = ContextVar("pellucid_call_context", default=None)


class Context:
    """The state of one call of a network, from its outermost layer to its innermost.

    Args:
        values: bound arrays by weight.
        training: mode for layers that are not told otherwise.
        rng: JAX key of this step; drawn from the host's seed when missing and needed.
        valid: (batch,) bool, the real rows of a padded last batch; None when all are real.
        abstract: shapes only; weights read as zeros and are not made.
        notes_shapes: let each layer remember the shapes it is called on and gives.
        paths: path of each layer under the outermost one, for random streams.
        root: the outermost layer of a call of one's own; new weights take their seeds from it.
        tap: called as ``tap(layer, count, output) -> output`` after each layer's `call`.
    """

    def __init__(
        self,
        values: dict[Weight, Any] | None = None,
        *,
        training: bool | None = None,
        rng: Any = None,
        valid: Any = None,
        abstract: bool = False,
        notes_shapes: bool = False,
        paths: dict[Layer, str] | None = None,
        root: Layer | None = None,
        tap: Callable[[Layer, int, Any], Any] | None = None,
    ):
        self.values = values or {}
        self.updates: dict[Weight, Any] = {}
        self.training = training
        self.rng = rng
        self.valid = valid
        self.abstract = abstract
        self.notes_shapes = notes_shapes
        self.paths = paths or {}
        self.root = root
        self.tap = tap
        self.losses: list[Any] = []
        self.losers: list[Layer] = []  # the layer that each of the losses is of
        self.calls: dict[Layer, int] = {}
        self.callers: list[Layer] = []  # whose `call` is under way, the innermost last
        self.built: list[Layer] = []  # what was not built before this call
        self.guesses_batch = False  # whether the batch's size is only a stand-in for an unknown one
        self._masks: dict[int, tuple[Any, Any]] = {}
        self._masked_in: dict[int, Layer | None] = {}
        self._known: dict[int, Any] = {}
        self._draws: dict[Layer | None, int] = {}

    def lookup(self, weight: Weight) -> Any:
        """The array of `weight` under this context; None when it is not bound here."""
        if weight in self.updates:
            return self.updates[weight]
        if weight in self.values:
            return self.values[weight]
        if self.abstract:
            return jax.numpy.zeros(weight.shape, weight.dtype)
        return None

    def record(self, weight: Weight, value: Any) -> None:
        """Remember a state update, to be returned (or stored) when the call ends."""
        self.updates[weight] = value

    def key_for(self, layer: Layer) -> jax.Array:
        """A JAX key for one draw of `layer`: of the step's key, its path and the draw's number."""
        draw = self._draws.get(layer, 0)
        self._draws[layer] = draw + 1
        word = _rng.path_hash(f"{self.paths.get(layer, layer.name)}#{draw}")
        return jax.random.fold_in(self.base_key(), word)

    def unseeded_key(self) -> jax.Array:
        """A JAX key for one draw that no layer's stream is meant for: another one each time."""
        draw = self._draws.get(None, 0)
        self._draws[None] = draw + 1
        return jax.random.fold_in(self.base_key(), _rng.path_hash(f"unseeded#{draw}"))

    def base_key(self) -> jax.Array:
        """The key from which every draw of this call derives."""
        if self.rng is None:
            self.rng = jax.random.key(_rng.next_seed())
        return self.rng

    def inner(self, rng: Any) -> Context:
        """A context for a part of the network that is traced by itself.

        It reads what this one reads and counts calls and draws together with it; updates, losses
        and masks are its own, to be handed over as results of the trace.
        """
        context = Context(
            {**self.values, **self.updates},
            training=self.training,
            rng=rng,
            valid=self.valid,
            notes_shapes=self.notes_shapes,
            paths=self.paths,
        )
        context.calls, context._draws, context.built = self.calls, self._draws, self.built
        context.callers = list(self.callers)
        return context

    def trains(self, layer: Layer) -> bool:
        """Whether neither the layer nor one that holds it is frozen."""
        own = self.paths.get(layer, layer.name)
        return layer.trainable and all(
            holder.trainable or not own.startswith(path + "/")
            for holder, path in self.paths.items()
        )

    def note_built(self, layer: Layer) -> None:
        """Remember that `layer` was built in this call."""
        self.built.append(layer)
        if self.root is not None:
            self.paths = {inner: path for path, inner in tree.walk(self.root)}

    def add_loss(self, layer: Layer, value: Any) -> None:
        """Let a call of `layer` add `value` to what training minimises."""
        self.losses.append(value)
        self.losers.append(layer)

    def losses_of(self, layers: Collection[Layer]) -> list[Any]:
        """What the calls of some layers have added so far."""
        pairs = zip(self.losers, self.losses, strict=True)
        return [value for layer, value in pairs if layer in layers]

    def mask_of(self, array: Any) -> Any:
        """The mask that travels with `array`, or None."""
        entry = self._masks.get(id(array))
        return entry[1] if entry is not None else kept_mask(array)

    def set_mask(self, array: Any, mask: Any) -> None:
        # The array is kept beside its mask: its id stays taken while the entry lives.
        if mask is None:
            self._masks.pop(id(array), None)
        else:
            self._masks[id(array)] = (array, mask)
            self._masked_in[id(array)] = self.callers[-1] if self.callers else None

    def masks_about(self) -> list[Any]:
        """The masks of what the layers called by the innermost `call` under way have given."""
        if not self.callers:
            return []
        here = self.callers[-1]
        return [mask for i, (_, mask) in self._masks.items() if self._masked_in[i] is here]

    def note_known(self, arrays: list[Any]) -> None:
        """Remember arrays as coming straight out of a layer, or into a call."""
        for array in arrays:
            if isinstance(array, jax.Array):
                self._known[id(array)] = weakref.ref(array)

    def is_known(self, array: Any) -> bool:
        """Whether `note_known` has seen that very array."""
        entry = self._known.get(id(array))
        return entry is not None and entry() is array


def kept_mask(array: Any) -> Any:
    """The mask that an earlier call of one's own left on an array, or None."""
    return getattr(array, "_keras_mask", None) if isinstance(array, jax.Array) else None


def current() -> Context | None:
    """The context of the call under way in this thread, or None."""
    return _current.get()


@contextmanager
def bind(context: Context) -> Iterator[Context]:
    """Make `context` the current one for the duration of a block."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
