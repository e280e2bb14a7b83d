"""What an optimiser remembers of the weights it moves, and the variables that show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from .._core.arraylike import ArrayLike
from .._core.errors import ShapeError

# Where a leaf of the state lies: keys of the tree, a weight's key replaced by the weight itself.
Place = tuple[Any, ...]


class Memory:
    """The state of an optimiser for one set of weights; `fit` and `apply` go on from each other's.

    Args:
        variables: key -> the weight's variable, in the order they were given.
        state: `{"step": ..., "slots": ...}` over trees with these keys.
        structure: of the optimiser that made the state.
        order: groups of a weight's slots by name, where they are not shown by the alphabet.
    """

    def __init__(
        self,
        variables: Mapping[str, Any],
        state: Any,
        structure: Any,
        order: tuple[tuple[str, ...], ...] = (),
    ):
        self.variables = dict(variables)
        self.state = state
        self.structure = structure
        self._order = {
            slot: (number, rank)
            for number, group in enumerate(order)
            for rank, slot in enumerate(group)
        }
        self._read_out = False
        # Of weights that are not trained at present: what was remembered, should they be again.
        self._parked: dict[Place, tuple[Any, Any]] = {}

    # --- the whole state

    def take(self, state: Any) -> None:
        """Adopt the state that a training step left."""
        self.state = state
        self._read_out = False

    def donatable(self) -> Any:
        """The state as a training step may consume it: a copy if anyone else holds its arrays."""
        if self._read_out:
            self.take(jax.tree.map(np.array, self.state))
        return self.state

    def holds(self, state: Any) -> bool:
        """Whether `state` is this one, unread since it was taken: a step may use it up."""
        return state is self.state and not self._read_out

    def covers(self, variables: Mapping[str, Any]) -> bool:
        """Whether these are the weights that the state is of, under the same keys."""
        return self.variables.keys() == variables.keys() and all(
            self.variables[key] is variable for key, variable in variables.items()
        )

    def knows(self, variable: Any) -> bool:
        """Whether anything is remembered of a weight, trained at present or not."""
        known = (*self.variables.values(), *(owner for owner, _ in self._parked.values()))
        return any(variable is item for item in known)

    def renewed(self, variables: Mapping[str, Any], state: Any, structure: Any) -> None:
        """Be the memory of other weights or keys: what is known of each of them is kept.

        Args:
            variables: key -> variable.
            state: a fresh one for them, which says what is remembered and how it starts.
            structure: of the optimiser.
        """
        known = {place: (owner, leaf) for place, owner, leaf in _placed(self.state, self.variables)}
        known = {**self._parked, **known}
        leaves = []
        for place, _, fresh in _placed(state, variables):
            _, old = known.pop(place, (None, fresh))
            leaves.append(old if np.shape(old) == np.shape(fresh) else fresh)
        self._parked = {
            place: (owner, leaf) for place, (owner, leaf) in known.items() if owner is not None
        }
        self.variables, self.structure = dict(variables), structure
        self.state = jax.tree.unflatten(jax.tree.structure(state), leaves)

    # --- one leaf

    def slots(self) -> list[tuple[str, int]]:
        """Name and position of every leaf but the step, in Keras's order.

        Averages of the weights first, then accumulated gradients, then what the rule keeps: group
        by group, in a group weight by weight; what belongs to no weight last.
        """
        number = {id(variable): n for n, variable in enumerate(self.variables.values())}
        found = []
        for position, (place, owner, _) in enumerate(_placed(self.state, self.variables)):
            if place == ("step",):
                continue
            words = [part for part in place if isinstance(part, str)]
            first = 0 if "average" in words else 1 if "accumulated" in words else 2
            words = [word for word in words if word not in ("slots", "inner")]
            if owner is None:
                found.append(((3, 0, 0, 0, position), "_".join(words), position))
            else:
                key = next(k for k, v in self.variables.items() if v is owner)
                name = "_".join([key.replace("/", "_"), *words])
                group, rank = next(
                    (at for slot, at in self._order.items() if slot in words), (0, 0)
                )
                order = (first, group, number[id(owner)], rank, position)
                found.append((order, name, position))
        return [(name, position) for _, name, position in sorted(found)]

    def leaf(self, position: int) -> Any:
        """One array of the state; whoever reads it may keep it."""
        self._read_out = True
        return jax.tree.leaves(self.state)[position]

    def replace(self, position: int, array: Any) -> None:
        """Put another array in its place."""
        leaves, structure = jax.tree.flatten(self.state)
        leaves[position] = array
        self.state = jax.tree.unflatten(structure, leaves)


class StateVariable(ArrayLike):
    """A number or array of an optimiser, read and assigned where it lies.

    Args:
        name: within the optimiser.
        owner: the optimiser's name.
        read: gives the value now.
        write: takes another.
    """

    trainable = False

    def __init__(
        self, name: str, owner: str, read: Callable[[], Any], write: Callable[[Any], None]
    ):
        self.name = name
        self.path = f"{owner}/{name}"
        self._read = read
        self._write = write

    @property
    def value(self) -> Any:
        """The array now."""
        return jax.numpy.asarray(self._read())

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(np.shape(self._read()))

    @property
    def dtype(self) -> str:
        return str(self.value.dtype)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def assign(self, value: Any) -> Any:
        """Replace the value, which keeps its shape and number format."""
        value = value.value if isinstance(value, ArrayLike) else value
        if np.shape(value) != self.shape:
            raise ShapeError(
                f"The optimiser's variable {self.path!r} was given a value of another shape.",
                got=np.shape(value),
                expected=self.shape,
                fix=f"pass an array of shape {self.shape}.",
            )
        self._write(jax.numpy.asarray(value, self.dtype))
        return value

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}>"


# So that compiled functions take it, as the array it holds.
jax.tree_util.register_pytree_node(
    StateVariable, lambda variable: ((variable.value,), None), lambda _, values: values[0]
)


class Count(int):
    """A whole number of an optimiser that can be assigned: `optimizer.iterations`."""

    variable: StateVariable

    def __reduce__(self) -> Any:
        return int, (int(self),)


class Rate(float):
    """A number of an optimiser that can be assigned: `optimizer.learning_rate`.

    >>> from pellucid.optimizers import SGD
    >>> optimizer = SGD(0.1)
    >>> optimizer.learning_rate.assign(0.05)
    0.05
    >>> optimizer.learning_rate, optimizer.learning_rate / 2
    (0.05, 0.025)
    """

    variable: StateVariable

    def __reduce__(self) -> Any:
        return float, (float(self),)


def assignable(number: Any, variable: StateVariable) -> Any:
    """`number` as `Count` or `Rate`, standing for `variable`."""
    made: Any = (Count if isinstance(number, int) else Rate)(number)
    made.variable = variable
    return made


def _assign(self: Any, value: Any) -> Any:
    """Replace the number; from the next step on it is what counts."""
    value = value.numpy() if isinstance(value, ArrayLike) else value
    self.variable.assign(value)
    return value


_VARIABLE: dict[str, Any] = {
    "assign": _assign,
    "assign_add": lambda self, value: _assign(self, self.variable.numpy()[()] + value),
    "assign_sub": lambda self, value: _assign(self, self.variable.numpy()[()] - value),
    "numpy": lambda self: self.variable.numpy()[()],
    "value": property(lambda self: self.variable.value),
    "shape": property(lambda self: ()),
    "ndim": property(lambda self: 0),
    "dtype": property(lambda self: self.variable.dtype),
    "name": property(lambda self: self.variable.name),
    "path": property(lambda self: self.variable.path),
    "trainable": property(lambda self: False),
    "__jax_array__": lambda self: self.variable.value,
}
for _name, _member in _VARIABLE.items():
    setattr(Count, _name, _member)
    setattr(Rate, _name, _member)


def _placed(state: Any, variables: Mapping[str, Any]) -> list[tuple[Place, Any, Any]]:
    """(place, the weight it belongs to or None, leaf) of every leaf of a state, in tree order."""
    found = []
    for path, leaf in jax.tree_util.tree_flatten_with_path(state)[0]:
        keys = [getattr(k, "key", getattr(k, "name", getattr(k, "idx", k))) for k in path]
        owner = next((variables[k] for k in keys if isinstance(k, str) and k in variables), None)
        place = tuple(id(variables[k]) if k in variables else k for k in keys)
        found.append((place, owner, leaf))
    return found
