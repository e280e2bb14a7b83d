"""A layer as a pure function of its weights: what the engine, and jit, grad and vmap, work with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax

from .._core.errors import UnknownNameError
from .._core.registry import did_you_mean
from . import tree
from .context import Context, bind


class PureForm:
    """What of a `Layer` makes it a pure function."""

    if TYPE_CHECKING:
        name: Any
        __call__: Any

    def variable_tree(self) -> dict[str, jax.Array]:
        """Every weight by path: the `variables` that `apply` takes."""
        return {path: weight.value for path, weight in tree.index(self).items()}

    def apply(
        self,
        variables: dict[str, Any],
        *inputs: Any,
        rng: Any = None,
        training: bool = False,
        **kwargs: Any,
    ) -> tuple[Any, dict[str, Any]]:
        """The layer as a pure function, to jit, differentiate, vmap and shard.

        Args:
            variables: path -> array, as from `variable_tree()`; every weight must be there.
            inputs: what `call` takes.
            rng: JAX key; required in training by layers that draw random numbers.
            training: mode.

        Returns:
            The output, and the state updates as path -> array.
        """
        result, context = self.bound_call(variables, inputs, kwargs, rng=rng, training=training)
        paths = {weight: path for path, weight in tree.index(self).items()}
        return result, {paths[weight]: value for weight, value in context.updates.items()}

    def bound_call(
        self,
        variables: dict[str, Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any] | None = None,
        **settings: Any,
    ) -> tuple[Any, Context]:
        """`apply` for the engine: the result and the whole context it ran in."""
        weights = tree.index(self)
        unknown, missing = set(variables) - set(weights), set(weights) - set(variables)
        if unknown or missing:
            name = sorted(unknown or missing)[0]
            raise UnknownNameError(
                f"The variables given to {self.name!r} are not its own.",
                got=f"{len(variables)} variables, {name!r} {'unknown' if unknown else 'missing'}",
                expected=f"the {len(weights)} variables of {self.name!r}",
                fix=did_you_mean(name, weights) if unknown else "start from variable_tree().",
            )
        context = Context(
            {weight: variables[path] for path, weight in weights.items()},
            paths={layer: path for path, layer in tree.walk(self)},
            **settings,
        )
        with bind(context):
            return self(*args, **(kwargs or {})), context
