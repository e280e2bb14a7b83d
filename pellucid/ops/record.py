"""An operation called on symbolic tensors: a layer of the functional graph."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from pellucid._core.errors import ConfigError
from pellucid.layers.core.operation import Operation

from .explain import bound_arguments
from .op import Signature, is_symbolic


def record(signature: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The symbolic result of the operation: arrays among the arguments are the layer's inputs,
    everything else its configuration.
    """
    given = bound_arguments(signature, args, kwargs)
    # Known sizes are no input: as one they would no longer be known where the graph is compiled.
    kept = {name for name in signature.sizes if not is_symbolic(given.get(name))}
    operands = [_operand(given.pop(name, None)) for name in signature.operands if name not in kept]
    while operands and operands[-1] is None:  # left out, or given as None
        operands.pop()
    for name in [n for n, p in signature.parameters.items() if p.kind is p.VAR_KEYWORD]:
        given.update(given.pop(name, {}))
    for name, value in given.items():
        if is_symbolic(value):
            raise ConfigError(
                f"ops.{signature.name} takes a value for {name!r}, not a symbolic tensor.",
                got=repr(value),
                fix="compute with it inside the call of a Layer, where it is a number.",
            )
    settings = {name: _setting(value) for name, value in given.items()}
    # An argument that has a default but was left out is not handed over as None.
    return Operation(signature.name, settings or None)(operands)


def _operand(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return list(value) if is_symbolic(value) else np.asarray(value)
    return value


def _setting(value: Any) -> Any:
    """Number formats by name, so that the configuration is plain."""
    if isinstance(value, (np.dtype, type)):
        return jnp.dtype(value).name
    if isinstance(value, (list, tuple)):
        return [_setting(item) for item in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
