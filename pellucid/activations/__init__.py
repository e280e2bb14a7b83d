"""Activation functions: plain functions of arrays, each with the name that Keras gives it.

`get("relu")` finds one by name. To add one, write the function and put
``@register("its_name", "an_alias")`` above it.

>>> import jax.numpy as jnp
>>> get("relu")(jnp.array([-1.0, 2.0])).tolist()
[0.0, 2.0]
"""

from .lookup import Activation, deserialize, get, linear, serialize
from .pieces import (
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)
from .rectifiers import celu, elu, leaky_relu, relu, relu6, selu, softplus, squareplus
from .simplex import log_softmax, softmax, sparsemax
from .smooth import (
    exponential,
    gelu,
    glu,
    log_sigmoid,
    mish,
    sigmoid,
    silu,
    softsign,
    swish,
    tanh,
    tanh_shrink,
)

__all__ = [
    "Activation",
    "linear",
    "relu",
    "leaky_relu",
    "relu6",
    "elu",
    "selu",
    "celu",
    "softplus",
    "squareplus",
    "sigmoid",
    "log_sigmoid",
    "tanh",
    "tanh_shrink",
    "softsign",
    "silu",
    "swish",
    "gelu",
    "mish",
    "glu",
    "exponential",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "hard_shrink",
    "soft_shrink",
    "threshold",
    "sparse_plus",
    "sparse_sigmoid",
    "softmax",
    "log_softmax",
    "sparsemax",
    "get",
    "serialize",
    "deserialize",
]
