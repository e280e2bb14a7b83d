"""`TimeDistributed`: a layer applied to every step of a sequence."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.errors import ShapeError
from ..._core.specs import family
from .. import checks, tree
from ..building import parameters
from ..context import current
from ..core.wrapper import Wrapper
from ..input_spec import InputSpec
from ..recurrent.stepping import layers_over_steps
from ..symbolic import tree_map


@family("layer").register("TimeDistributed")
class TimeDistributed(Wrapper):
    """Apply a layer to every step of a sequence, with the same weights.

    Args:
        layer: what is applied; it sees ``(batch, ...)``, one step.

    Input and output ``(batch, steps, ...)``. The mask of the steps, where there is one, stays with
    the output; a mask that reaches further, ``(batch, steps, words)``, reaches the layer too. All
    steps are computed at once where the layer treats every row of a batch by itself; a layer that
    does not, such as `BatchNormalization` in training, is called step by step.

    Raises:
        ConfigError: `layer` is not a layer.
        ShapeError: an input without steps, or a mask that does not fit.

    >>> import numpy as np
    >>> from pellucid.layers import Dense
    >>> TimeDistributed(Dense(4))(np.ones((2, 5, 3))).shape
    (2, 5, 4)
    """

    traits = frozenset()
    wraps = "layer"
    supports_masking = True

    def __init__(self, layer: Any, **kwargs: Any):
        super().__init__(layer, **kwargs)

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return all(checks.treats_rows_alone(part) for _, part in tree.walk(self.layer))

    @property
    def takes_integers(self) -> bool:  # type: ignore[override]
        return self.layer.takes_integers

    @property
    def casts_inputs(self) -> bool:  # type: ignore[override]
        return self.layer.casts_inputs

    def check_data(self, data: Any) -> None:
        """Let the layer inside refuse data that it cannot take."""
        self.layer.check_data(data)

    def ensure_built(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        shape = tuple(getattr(args[0], "shape", ())) if args else ()
        if len(shape) < 3:
            raise ShapeError(
                f"TimeDistributed {self.name!r} takes sequences: inputs of rank 3 or more.",
                got=f"rank {len(shape)}, shape ({', '.join(map(str, ['batch', *shape[1:]]))})",
                expected="(batch, steps, ...)",
                fix=f"use {type(self.layer).__name__} without TimeDistributed, or add the axis of "
                "the steps: x[:, None], or Reshape in a model.",
            )
        super().ensure_built(args, kwargs)

    def build(self, input_shape: Any = None) -> None:
        if input_shape is None:
            return
        super().build((input_shape[0], *input_shape[2:]))
        inner = {} if self.layer.input_spec is None else self.layer.input_spec.axes
        self.input_spec = InputSpec(axes={a if a < 0 else a + 1: n for a, n in inner.items()})

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        if mask is not None:
            mask = jnp.asarray(mask).astype(bool)
            if mask.ndim < 2 or mask.shape[:2] != inputs.shape[:2]:
                raise ShapeError(
                    f"The mask of TimeDistributed {self.name!r} does not fit its input.",
                    got=f"mask {mask.shape}, input {inputs.shape}",
                    expected=f"a mask that starts with {inputs.shape[:2]}: rows and steps",
                    fix="pass True where a step is real and False where it is padding.",
                )
        at_once = self.batch_safe and not (training and self._remembers())
        return self._at_once(inputs, mask) if at_once else self._step_by_step(inputs, mask)

    def _remembers(self) -> bool:
        """Whether calls can change something inside, as running averages do."""
        return any(not w.trainable for _, part in tree.walk(self.layer) for w in part._own_weights)

    def _at_once(self, inputs: Any, mask: Any) -> Any:
        """Steps as further rows of the batch."""
        batch, steps = inputs.shape[:2]
        context = current()
        valid = None if context is None else context.valid
        if context is not None and valid is not None:
            context.valid = jnp.repeat(valid, steps)
        try:
            outputs = self._inside(_flat(inputs), None if mask is None else _flat(mask))
        finally:
            if context is not None:
                context.valid = valid
        return tree_map(lambda a: a.reshape(batch, steps, *a.shape[1:]), outputs)

    def _step_by_step(self, inputs: Any, mask: Any) -> Any:
        def step(item: Any, states: Any) -> Any:
            return self._inside(*item), states

        swapped = tree_map(lambda a: jnp.swapaxes(a, 0, 1), (inputs, mask))
        result = layers_over_steps(self, step, swapped, ())
        return tree_map(lambda a: jnp.swapaxes(a, 0, 1), result.outputs)

    def _inside(self, x: Any, mask: Any) -> Any:
        """The layer on one step, or on many as rows."""
        context = current()
        # That a whole step is masked concerns the layers after this one; within the step, only
        # those that ask for a mask, on inputs that are nothing but features.
        asks = "mask" in parameters(type(self.layer).call)
        if context is not None and mask is not None and (mask.ndim > 1 or (asks and x.ndim == 2)):
            context.set_mask(x, mask)
        return self.layer(x)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the steps, and of what is within them as far as the layer leaves it."""
        deep = mask is not None and mask.ndim > 2
        inner = self.layer.compute_mask(_flat(inputs), _flat(mask) if deep else None)
        if inner is None:
            return mask.reshape(*mask.shape[:2], -1).any(-1) if deep else mask
        inner = inner.reshape(*inputs.shape[:2], *inner.shape[1:])
        if mask is None or deep:
            return inner
        return inner & mask.reshape(*mask.shape, *(1,) * (inner.ndim - 2))


def _flat(a: Any) -> Any:
    """(batch, steps, ...) -> (batch * steps, ...)"""
    return a.reshape(a.shape[0] * a.shape[1], *a.shape[2:])
