"""Everything that a training step changes, as one pytree; and to and from the model's weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from ..layers import tree
from ..layers.weight import Weight


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class TrainState:
    """What a step reads and changes.

    Attributes:
        trainable: path -> array, the weights that the optimiser moves.
        fixed: path -> array, frozen weights and layer state such as moving means.
        optimizer: the optimiser's own state.
        metrics: running sums of the metrics since the epoch began.
        step: int32, steps taken since the model was compiled.
        seed: uint32, from which every random draw of training derives.
        hyper: the optimiser's numbers (learning rate, ...), set by the host between chunks.
    """

    trainable: dict[str, Any]
    fixed: dict[str, Any]
    optimizer: Any
    metrics: Any
    step: Any
    seed: Any
    hyper: dict[str, Any]

    @property
    def variables(self) -> dict[str, Any]:
        """All weights and state by path, as `model.apply` takes them."""
        return {**self.fixed, **self.trainable}

    @property
    def rng(self) -> jax.Array:
        """The JAX key of this step."""
        return jax.random.fold_in(jax.random.key(self.seed), self.step)

    def replace(self, **changes: Any) -> TrainState:
        """A copy with some fields changed."""
        return replace(self, **changes)


class Key(tuple[Any, ...]):
    """A tuple that is hashed once: it is a part of many keys, and long."""

    def __hash__(self) -> int:
        found = self.__dict__.get("_hash")
        if found is None:
            found = self.__dict__["_hash"] = super().__hash__()
        return found

    def __reduce__(self) -> Any:
        return Key, (tuple(self),)  # hashes of text differ between processes


class Layout:
    """Which weights a model has, and which of them are trained; `layout_of` reads it once.

    Args:
        model: built.
    """

    def __init__(self, model: Any):
        self.weights: dict[str, Weight] = tree.index(model)
        self.flags: dict[str, bool] = model.trainable_flags()
        # What layers read beside their weights, such as a vocabulary, is part of a program; and so
        # are their formats.
        known = [
            (path, part)
            for path, layer in tree.walk(model)
            for part in (layer._revision, layer.dtype_policy.name)
            if part not in (0, "float32")
        ]
        self.key = Key((*self.flags.items(), *known))
        self._held = list(self.weights.values())
        self._switches = [weight.trainable for weight in self._held]

    def holds(self) -> bool:
        """Whether the same weights are trained as when it was read."""
        return [weight.trainable for weight in self._held] == self._switches


def layout_of(model: Any) -> Layout:
    """The layout of `model`, read anew where layers were added, replaced, frozen or thawed."""
    known = tree.structure(model)
    kept = known.derived("layout", lambda _: [Layout(model)])
    if not kept[0].holds():
        kept[0] = Layout(model)
    return kept[0]


def split_variables(layout: Layout) -> tuple[dict[str, Any], dict[str, Any]]:
    """The model's weights as donatable arrays: (trainable, fixed), each path -> array."""
    trainable: dict[str, Any] = {}
    fixed: dict[str, Any] = {}
    for path, weight in layout.weights.items():
        (trainable if layout.flags[path] else fixed)[path] = weight.donatable()
    return trainable, fixed


def store_variables(layout: Layout, state: TrainState) -> None:
    """Point the model's weights at the arrays of `state`."""
    for path, array in state.variables.items():
        layout.weights[path].take(array)


def refresh_variables(layout: Layout, state: TrainState) -> TrainState:
    """`state` with every weight that was assigned or read out since `store_variables`.

    A callback may have set weights, or kept a reference to one: the former must reach the next
    step, the latter must not be consumed by it.
    """

    def current(path: str, array: Any) -> Any:
        weight = layout.weights[path]
        return array if weight._value is array and not weight._escaped else weight.donatable()

    return state.replace(
        trainable={path: current(path, array) for path, array in state.trainable.items()},
        fixed={path: current(path, array) for path, array in state.fixed.items()},
    )


def hyper_arrays(optimizer: Any) -> dict[str, Any]:
    """The optimiser's numbers as float32 scalars, the compiled step's arguments."""
    return {name: np.float32(value) for name, value in optimizer.hyper().items()}
