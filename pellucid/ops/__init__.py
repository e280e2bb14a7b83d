"""Every function of `keras.ops`, over `jax.numpy`, `jax.nn` and `jax.lax`.

They take lists, numbers, NumPy and JAX arrays; inside a layer's `call` and in compiled code
tracers; and the symbolic tensors of a functional model, where each call becomes a layer that is
saved with the model.

>>> from pellucid import Input, Model, ops
>>> ops.mean([[1.0, 3.0]], axis=-1).tolist()
[2.0]
>>> x = Input((4,))
>>> Model(x, ops.concatenate([x, ops.relu(x)], axis=-1)).output_shape
(None, 8)
"""

# ruff: noqa: F403

from __future__ import annotations

from typing import Any

from . import control, core, einops, image, linalg, math, nn, numpy, signal
from .control import *
from .core import *
from .einops import *
from .linalg import *
from .math import *
from .nn import *
from .numpy import *
from .signal import *

__all__ = ["image", "linalg", "nn", "numpy"]
__all__ += control.__all__
__all__ += core.__all__
__all__ += einops.__all__
__all__ += [name for name in linalg.__all__ if name not in __all__]
__all__ += math.__all__
__all__ += nn.__all__
__all__ += [name for name in numpy.__all__ if name not in __all__]
__all__ += signal.__all__

# What the same thing is called in NumPy, PyTorch and TensorFlow.
_ELSEWHERE = {
    "concat": "concatenate",
    "cat": "concatenate",
    "gather": "take",
    "reduce_max": "max",
    "reduce_mean": "mean",
    "reduce_min": "min",
    "reduce_sum": "sum",
    "unsqueeze": "expand_dims",
    "permute": "transpose",
    "clamp": "clip",
    "clip_by_value": "clip",
    "argwhere": "nonzero",
    "float_power": "power",
    "pow": "power",
    "asarray": "convert_to_tensor",
    "zeros_initializer": "zeros",
    "bmm": "matmul",
    "mul": "multiply",
    "sub": "subtract",
    "div": "divide",
    "logical_invert": "logical_not",
}


def __getattr__(name: str) -> Any:
    from difflib import get_close_matches

    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    near = get_close_matches(name.lower(), [*__all__, *_ELSEWHERE], n=2)
    hints = dict.fromkeys(repr(_ELSEWHERE.get(match, match)) for match in near)
    fix = f"did you mean {' or '.join(hints)}?" if hints else "dir(pellucid.ops) lists them all."
    raise AttributeError(f"pellucid.ops has no operation {name!r}.\n  fix: {fix}")


def __dir__() -> list[str]:
    return sorted(set(__all__))
