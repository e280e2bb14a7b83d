"""Small questions about tensors and formats, and letting go of memory."""

from __future__ import annotations

import gc
from collections import Counter
from typing import Any

import jax

from .._core.dtypes import floatx
from .._core.errors import ConfigError
from ..layers.symbolic import SymbolicTensor

_uids: Counter[str] = Counter()  # how often `get_uid` gave a number, by prefix


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is a placeholder of a functional model rather than numbers.

    >>> import numpy as np
    >>> from pellucid.layers import Input
    >>> is_keras_tensor(Input(shape=(3,))), is_keras_tensor(np.zeros(3))
    (True, False)
    """
    return isinstance(x, SymbolicTensor)


def get_source_inputs(tensor: Any) -> list[Any]:
    """The `Input` placeholders that a placeholder is computed from, each once, in order.

    >>> from pellucid.layers import Dense, Input
    >>> x = Input(shape=(3,))
    >>> get_source_inputs(Dense(2)(x))[0] is x
    True
    """
    found: list[Any] = []
    seen: set[int] = set()

    def visit(one: Any) -> None:
        if id(one) in seen:
            return
        seen.add(id(one))
        before = one.node.inputs() if one.node is not None else []
        if not before:
            found.append(one)
        for source in before:
            visit(source)

    if not is_keras_tensor(tensor):
        raise ConfigError(
            "get_source_inputs takes the output of a functional model.",
            got=type(tensor).__name__,
            fix="pass model.outputs[0], or what a layer gave for an Input.",
        )
    visit(tensor)
    return found


def standardize_dtype(dtype: Any) -> str:
    """A number format's name: ``"float32"`` for `np.float32`, `float`, `jnp.float32`, None.

    >>> import numpy as np
    >>> standardize_dtype(float), standardize_dtype(np.dtype("int8")), standardize_dtype(bool)
    ('float32', 'int8', 'bool')
    """
    short: dict[Any, str] = {
        None: floatx(),
        float: floatx(),
        "float": floatx(),
        int: "int32",
        "int": "int32",
    }
    if dtype is None or isinstance(dtype, (str, type)):
        dtype = short.get(dtype, dtype)
    text = str(dtype)
    if text.startswith("torch."):  # PyTorch's own, which NumPy does not know
        dtype = text.removeprefix("torch.")
    try:
        return jax.numpy.dtype(dtype).name
    except TypeError:
        raise ConfigError(
            "There is no such number format.",
            got=repr(dtype),
            expected="a name such as 'float32' or 'int64', or a NumPy format",
            fix="dtype='float32'.",
        ) from None


def get_uid(prefix: str = "") -> int:
    """1, 2, 3, ...: how often this was asked for `prefix` since the last `clear_session`.

    >>> get_uid("my_layer"), get_uid("my_layer")
    (1, 2)
    """
    _uids[prefix] += 1
    return _uids[prefix]


def clear_session(free_memory: bool = True) -> None:
    """Let go of compiled programs that are kept for models to come.

    Nothing else has to be reset between models: none is remembered by Pellucid, and names are given
    within each model. The numbers of `get_uid` start anew.

    Args:
        free_memory: also collect Python's garbage and empty JAX's own cache of programs.

    >>> clear_session(free_memory=False)
    """
    from ..training import sharing

    _uids.clear()
    sharing.forget()
    if free_memory:
        gc.collect()
        jax.clear_caches()
        gc.collect()
