"""Keras's stateless call: a layer as a function of two lists of arrays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp

from .._core.errors import ConfigError, ShapeError
from . import tree

_key: ContextVar[Any] = ContextVar("pellucid_key_of_step", default=None)


@contextmanager
def drawing_from(key: Any) -> Iterator[None]:
    """Let the stateless calls in a block draw their random numbers from `key`."""
    token = _key.set(key)
    try:
        yield
    finally:
        _key.reset(token)


class StatelessCall:
    """`stateless_call`, over the pure form that a layer has anyway."""

    def stateless_call(
        self,
        trainable_variables: Any,
        non_trainable_variables: Any,
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Call the layer with these values in place of its own; nothing on the layer changes.

        Args:
            trainable_variables: one array for each of `self.trainable_variables`, in that order.
            non_trainable_variables: likewise for `self.non_trainable_variables`.
            *args, **kwargs: as for a call.
            return_losses: whether the penalties and added losses are returned, too.

        Returns:
            The outputs, and the next values of the non-trainable variables; and the losses.

        Raises:
            ConfigError: the layer is not built. ShapeError: not one array a variable.

        >>> import numpy as np
        >>> from pellucid.layers import Dense
        >>> layer = Dense(2)
        >>> layer.build((None, 3))
        >>> own = [np.ones((3, 2)), np.zeros(2)]
        >>> outputs, state = layer.stateless_call(own, [], np.ones((1, 3)))
        >>> outputs.tolist(), state
        ([[3.0, 3.0]], [])
        """
        layer: Any = self
        if not layer.built:
            raise ConfigError(
                f"stateless_call needs {layer.name!r} to be built.",
                fix="call it once on data or on an Input, or call build(input_shape).",
            )
        index, flags = tree.index(layer), layer.trainable_flags()
        trained = [path for path, on in flags.items() if on]
        others = [path for path, on in flags.items() if not on]
        variables: dict[str, Any] = {}
        for paths, values, kind in (
            (trained, trainable_variables, "trainable"),
            (others, non_trainable_variables, "non-trainable"),
        ):
            values = list(values)
            if len(values) != len(paths):
                raise ShapeError(
                    f"{layer.name!r} has {len(paths)} {kind} variables.",
                    got=f"{len(values)} arrays",
                    expected=f"one for each of {paths}",
                    fix=f"pass [v.value for v in model.{kind.replace('-', '_')}_variables].",
                )
            variables |= {p: getattr(v, "value", v) for p, v in zip(paths, values, strict=True)}
        training = kwargs.pop("training", None)
        rng = _key.get()
        if rng is None and training:
            rng = _key_of_values(layer.root_seed, [variables[path] for path in trained])
        outputs, context = layer.bound_call(variables, args, kwargs, training=training, rng=rng)
        after = [context.updates.get(index[path], variables[path]) for path in others]
        if not return_losses:
            return outputs, after
        penalties = [
            index[path].regularizer(variables[path])
            for path in trained
            if index[path].regularizer is not None
        ]
        return outputs, after, [*context.losses, *penalties]


def _key_of_values(seed: int, values: list[Any]) -> Any:
    """A key that changes as the weights do.

    A compiled loop of the user's own hands over no count of steps, and a key drawn while it is
    traced would drop the same units in every step.
    """
    total: Any = jnp.zeros((), jnp.float32)
    for value in values:
        total = total + jnp.sum(jnp.ravel(jnp.asarray(value))[:8].astype(jnp.float32))
    word = jax.lax.bitcast_convert_type(total, jnp.uint32)
    return jax.random.fold_in(jax.random.key(seed), word)
