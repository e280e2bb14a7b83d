"""An optimiser's calls in Keras's form: it knows the variables it moves, and its own."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import jax
import numpy as np

from .._core.errors import ConfigError, PellucidWarning, ShapeError
from .memory import Memory, StateVariable, assignable
from .moving import array_of, keyed, moved, path_of


class Stateful:
    """`build`, `apply`, `stateless_apply`, `variables`: over the pure `init` and `update`."""

    slot_order: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Names of a weight's slots in the order of `variables`; by the alphabet where it is empty.

    Each group goes through all weights before the next one does."""

    if TYPE_CHECKING:
        name: Any
        gradient_accumulation_steps: Any
        learning_rate: Any
        use_ema: bool

        def _rate_variable(self) -> StateVariable: ...
        def hyper(self) -> dict[str, float]: ...
        def settle(self, variables: Mapping[str, Any]) -> None: ...
        def structure(self) -> tuple[Any, ...]: ...
        def init(self, params: Any) -> dict[str, Any]: ...
        def update(self, grads: Any, opt_state: Any, params: Any, hyper: Any) -> Any: ...
        def apply_updates(self, params: Any, updates: Any) -> Any: ...
        def averages(self, opt_state: Any) -> Any: ...

    # --- the memory

    @property
    def memory(self) -> Memory | None:
        """The state for the weights moved last; None before any."""
        return self.__dict__.get("_memory")

    def memory_for(self, variables: Mapping[str, Any]) -> Memory:
        """The state for these weights, which is from now on the one that `variables` shows.

        What is known of any of them is kept: of weights that were thawed or frozen in between the
        rest goes on. Weights of which none is known start anew.
        """
        self.settle(variables)
        kept = [self.memory, *(entry() for entry in self.__dict__.get("_others", ()))]
        memories = [memory for memory in kept if memory is not None]
        fitting = (m for m in memories if not variables or any(map(m.knows, variables.values())))
        memory = next(fitting, None)
        if memory is None or not memory.covers(variables) or memory.structure != self.structure():
            state = self.init({key: array_of(item) for key, item in variables.items()})
            if memory is None:
                memory = Memory(variables, state, self.structure(), self.slot_order)
                if not memories and (counted := self.__dict__.get("_iterations", 0)):
                    memory.state = {**state, "step": np.int32(counted)}
            else:
                memory.renewed(variables, state, self.structure())
        self.__dict__["_others"] = [weakref.ref(m) for m in memories if m is not memory]
        self.__dict__["_memory"] = memory
        return memory

    def __getstate__(self) -> dict[str, Any]:
        # Compiled updates and weak references cannot be pickled; the memory can.
        left_out = ("_others", "_updates", "_outer")
        return {name: value for name, value in self.__dict__.items() if name not in left_out}

    def __copy__(self) -> Any:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__getstate__())
        twin.__dict__.pop("_memory", None)
        return twin

    # --- numbers

    def _counter(self) -> Any:
        """The optimiser that counts the steps: itself, or the one that holds it."""
        outer = self.__dict__.get("_outer")
        return (outer and outer()) or self

    def _counted_by(self, outer: Any) -> None:
        """Let another optimiser, which holds this one, count the steps of both."""
        self.__dict__["_outer"] = weakref.ref(outer)

    def steps_taken(self) -> int:
        """Batches seen, whether or not each of them made an update."""
        owner = self._counter()
        if owner is not self:
            return owner.steps_of(self)
        memory = self.memory
        return self.__dict__.get("_iterations", 0) if memory is None else int(memory.state["step"])

    def steps_of(self, inner: Any) -> int:
        """Batches that an optimiser inside of this one has seen."""
        return self.steps_taken()

    @property
    def iterations(self) -> Any:
        """Updates made. An int that can be assigned, `optimizer.iterations.assign(0)`, like a
        variable."""
        number = self.steps_taken() // (self.gradient_accumulation_steps or 1)
        return assignable(number, self._step_variable())

    @iterations.setter
    def iterations(self, value: Any) -> None:
        owner = self._counter()
        if owner is not self:
            owner.iterations = value
        elif self.memory is None:
            self.__dict__["_iterations"] = int(value)
        else:
            state = self.memory.donatable()
            self.memory.take({**state, "step": np.int32(value)})

    def _step_variable(self) -> StateVariable:
        def write(value: Any) -> None:
            self.iterations = int(value)

        return StateVariable("iteration", self.name, lambda: np.int32(self.steps_taken()), write)

    def _rate_variables(self) -> list[tuple[str, StateVariable]]:
        """Name in `hyper` and variable of every learning rate that is a plain number."""
        if "learning_rate" not in self.hyper() or callable(self.__dict__.get("_learning_rate")):
            return []
        return [("learning_rate", self._rate_variable())]

    # --- variables

    @property
    def built(self) -> bool:
        """Whether the optimiser knows the weights it moves."""
        return self.memory is not None

    @property
    def variables(self) -> list[Any]:
        """Its own variables: the count of steps, the learning rate where it is a number, and what
        it remembers of each weight. After `fit` they show where training stands."""
        own = [self._step_variable(), *(variable for _, variable in self._rate_variables())]
        memory = self.memory
        if memory is None:
            return own

        def variable(name: str, position: int) -> StateVariable:
            read, write = partial(memory.leaf, position), partial(memory.replace, position)
            return StateVariable(name, self.name, read, write)

        return own + [variable(name, position) for name, position in memory.slots()]

    def get_weights(self) -> list[np.ndarray]:
        """Copies of the values of `variables`."""
        return [variable.numpy() for variable in self.variables]

    def set_weights(self, weights: Any) -> None:
        """Replace the values of `variables`, in their order."""
        own = self.variables
        if len(weights) != len(own):
            raise ShapeError(
                f"The optimiser {self.name!r} has {len(own)} variables but was given "
                f"{len(weights)} values.",
                got=[np.shape(value) for value in weights],
                expected=[variable.shape for variable in own],
                fix="build it on the same weights first, and pass what get_weights() returned.",
            )
        for variable, value in zip(own, weights, strict=True):
            variable.assign(value)

    def saved_variables(self) -> list[Any]:
        """As many values as files hold of this optimiser, as it is now."""
        return self.variables

    def saved_before_training(self) -> int:
        """How many they hold before it has moved anything."""
        return 1 + len(self._rate_variables())

    def save_own_variables(self, store: Any) -> None:
        """Write every variable into `store`, under its number as text."""
        for number, variable in enumerate(self.variables):
            store[str(number)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Take every variable from a store that `save_own_variables` filled."""
        self.set_weights([np.asarray(store[str(number)]) for number in range(len(store))])

    # --- updates

    def build(self, variables: Iterable[Any]) -> None:
        """Make the state for these variables, in whose order gradients are then given.

        Args:
            variables: such as `model.trainable_variables`.
        """
        self.memory_for(keyed(list(variables)))

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Move variables by one step of the rule.

        Args:
            grads: one array a variable, or None for one that stays as it is.
            trainable_variables: in the order of `grads`; by default those that `build` was given.

        Raises:
            ShapeError: not one gradient a variable, or one of another shape.
            ConfigError: no variables are known yet, variables that `build` was not given, arrays
                in the place of variables, or traced gradients.

        >>> import jax.numpy as jnp
        >>> from pellucid import Variable
        >>> from pellucid.optimizers import SGD
        >>> weight, optimizer = Variable([1.0, 2.0]), SGD(0.5)
        >>> optimizer.apply([jnp.array([1.0, 1.0])], [weight])
        >>> weight.numpy().tolist(), int(optimizer.iterations)
        ([0.5, 1.5], 1)
        """
        if isinstance(grads, Mapping) or isinstance(trainable_variables, Mapping):
            raise ConfigError(
                "optimizer.apply takes a list of gradients and a list of variables.",
                got=f"{type(grads).__name__} and {type(trainable_variables).__name__}",
                fix="apply(grads, model.trainable_variables); for trees of arrays "
                "`updates, state = optimizer.update(...)` and `optimizer.apply_updates(...)`.",
            )
        grads = list(grads)
        if not grads:
            return
        if any(isinstance(gradient, jax.core.Tracer) for gradient in grads):
            raise ConfigError(
                "optimizer.apply changes variables and cannot be compiled.",
                got="traced gradients",
                fix="under jax.jit call optimizer.stateless_apply(optimizer_variables, grads, "
                "trainable_variables), which returns the new values.",
            )
        memory = self._ready(trainable_variables)
        asked = memory.variables.values() if trainable_variables is None else trainable_variables
        asked = list(asked)
        if len(asked) != len(grads):
            raise ShapeError(
                "optimizer.apply takes one gradient a variable.",
                got=f"{len(grads)} gradients, {len(asked)} variables",
                fix="pass the gradients and variables of one list, in one order.",
            )
        for variable, gradient in zip(asked, grads, strict=True):
            if gradient is not None and np.shape(gradient) != tuple(variable.shape):
                raise ShapeError(
                    f"The gradient of {path_of(variable)} has another shape than the variable.",
                    got=f"gradient {np.shape(gradient)}, variable {tuple(variable.shape)}",
                    fix="pass gradients and variables in one order.",
                )
        gradient_of = {id(v): g for v, g in zip(asked, grads, strict=True) if g is not None}
        missing = [path_of(v) for v, g in zip(asked, grads, strict=True) if g is None]
        if not gradient_of:
            raise ConfigError(
                "optimizer.apply was given no gradient at all.",
                got=f"None for {', '.join(missing)}",
                fix="compute the loss from the variables that are to be trained.",
            )
        if missing:
            warnings.warn(
                f"No gradient reached {', '.join(missing)}: these variables stay as they are.",
                PellucidWarning,
                stacklevel=2,
            )
        given = [gradient_of.get(id(v)) for v in memory.variables.values()]
        run = self._compiled_update(memory, tuple(g is None for g in given))
        values = [array_of(v) for v in memory.variables.values()]
        hyper = {name: np.float32(value) for name, value in self.hyper().items()}
        values, state = run(values, given, memory.state, hyper)
        for variable, value, gradient in zip(memory.variables.values(), values, given, strict=True):
            if gradient is not None:
                variable.assign(value)
        memory.take(state)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Any]]) -> Any:
        """`apply` on pairs of gradient and variable; returns the number of updates made."""
        pairs = list(grads_and_vars)
        self.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])
        return self.iterations

    def stateless_apply(
        self, optimizer_variables: Any, grads: Any, trainable_variables: Any
    ) -> tuple[list[Any], list[Any]]:
        """`apply` as a pure function of arrays, for `jax.jit`.

        Args:
            optimizer_variables: values of `variables`, in their order.
            grads: one array for each of the variables that `build` was given, or None.
            trainable_variables: the values of those.

        Returns:
            The new trainable variables and the new optimizer variables, as lists.

        >>> import jax.numpy as jnp
        >>> from pellucid import Variable
        >>> from pellucid.optimizers import SGD
        >>> weight, optimizer = Variable([1.0]), SGD(0.5)
        >>> optimizer.build([weight])
        >>> own = [v.value for v in optimizer.variables]
        >>> moved, own = jax.jit(optimizer.stateless_apply)(own, [jnp.ones(1)], [weight.value])
        >>> moved[0].tolist(), int(own[0])
        ([0.5], 1)
        """
        memory = self._known("stateless_apply")
        rates, slots = self._rate_variables(), memory.slots()
        own, grads, values = list(optimizer_variables), list(grads), list(trainable_variables)
        wanted = 1 + len(rates) + len(slots)
        if len(own) != wanted or not len(values) == len(grads) == len(memory.variables):
            raise ShapeError(
                "stateless_apply takes a value of every variable and a gradient of every weight.",
                got=f"{len(own)} optimizer variables, {len(grads)} gradients, {len(values)} "
                "trainable variables",
                expected=f"{wanted} optimizer variables and {len(memory.variables)} of the others",
                fix="pass [v.value for v in optimizer.variables], and the gradients and values of "
                "the variables that build(...) was given.",
            )
        state = self.unpacked(own)
        hyper = {**self.hyper()}
        hyper.update({name: own[1 + n] for n, (name, _) in enumerate(rates)})
        values, state = moved(self, memory, values, grads, state, hyper)
        return values, [*self.packed(state)[:1], *own[1 : 1 + len(rates)], *self.packed(state)[1:]]

    def packed(self, state: Any) -> list[Any]:
        """The step and every slot of a state, in the order of `variables` without the rates."""
        memory, leaves = self._known("packed"), jax.tree.leaves(state)
        return [state["step"], *(leaves[position] for _, position in memory.slots())]

    def unpacked(self, values: list[Any]) -> Any:
        """The state whose step and slots are `values`, in the order of `variables`."""
        memory = self._known("unpacked")
        leaves, structure = jax.tree.flatten(memory.state)
        slots = memory.slots()
        for (_, position), value in zip(slots, values[len(values) - len(slots) :], strict=True):
            leaves[position] = value
        return {**jax.tree.unflatten(structure, leaves), "step": values[0]}

    def finalize_variable_values(self, var_list: Iterable[Any]) -> None:
        """Let the variables be their averages, where the optimiser keeps any (`use_ema`)."""
        memory = self.memory
        averages = None if memory is None else self.averages(memory.state)
        if memory is None or not averages:
            return
        key_of = {id(variable): key for key, variable in memory.variables.items()}
        for variable in var_list:
            if key_of.get(id(variable)) in averages:
                variable.assign(averages[key_of[id(variable)]])

    # --- parts of an update

    def _known(self, where: str) -> Memory:
        memory = self.memory
        if memory is None:
            raise ConfigError(
                f"{where} needs an optimiser that knows its variables.",
                fix="call optimizer.build(model.trainable_variables) first.",
            )
        return memory

    def _ready(self, variables: Any) -> Memory:
        """The memory for variables that are given, or that were."""
        memory = self.memory
        if variables is None:
            if memory is None:
                raise ConfigError(
                    "The optimiser does not know which variables to move.",
                    fix="call optimizer.build(model.trainable_variables) first, or "
                    "optimizer.apply(grads, model.trainable_variables).",
                )
            return memory
        variables = list(variables)
        if memory is None:
            return self.memory_for(keyed(variables))
        present = {id(variable) for variable in memory.variables.values()}
        if all(id(variable) in present for variable in variables):
            return memory
        unknown = [path_of(v) for v in variables if not memory.knows(v)]
        if unknown:
            raise ConfigError(
                f"The optimiser {self.name!r} was built for other variables.",
                got=f"unknown variable {', '.join(unknown)}",
                expected=", ".join(memory.variables),
                fix="make an optimiser for these, or call build(...) with all variables first.",
            )
        return self.memory_for(keyed([*memory.variables.values(), *variables]))

    def _compiled_update(self, memory: Memory, missing: tuple[bool, ...]) -> Any:
        key = (self.structure(), tuple(memory.variables), tuple(map(id, memory.variables.values())))
        updates = self.__dict__.setdefault("_updates", {})
        if (key, missing) not in updates:

            def run(values: Any, grads: Any, state: Any, hyper: Any) -> Any:
                return moved(self, memory, values, grads, state, hyper)

            updates[key, missing] = jax.jit(run)
        return updates[key, missing]
