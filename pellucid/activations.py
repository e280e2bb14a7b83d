"""Activation functions: plain functions of arrays, each with the name that Keras gives it.

`get("relu")` finds one by name. To add one, write the function and put
``@family("activation").register("its_name", "an_alias")`` above it.

>>> import jax.numpy as jnp
>>> get("relu")(jnp.array([-1.0, 2.0])).tolist()
[0.0, 2.0]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core import specs
from pellucid._core.specs import family

Activation = Callable[..., jax.Array]
_register = family("activation").register


@_register("linear")
def linear(x):
    """The identity, ``x``.

    >>> linear(3.0)
    3.0
    """
    return x


@_register("relu")
def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """Rectified linear unit: ``max(x, 0)``, with the variations that Keras allows.

    Args:
        x: array of any shape.
        negative_slope: slope below `threshold`; 0 gives the plain unit.
        max_value: the largest value that comes out; None for no limit.
        threshold: values up to it become ``negative_slope * (x - threshold)``.

    >>> relu(jnp.array([-2.0, 0.5, 9.0]), negative_slope=0.1, max_value=6.0).tolist()
    [-0.20000000298023224, 0.5, 6.0]

    Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.
    """
    x = jnp.asarray(x)
    if threshold == 0 and max_value is None:
        return jax.nn.leaky_relu(x, negative_slope) if negative_slope else jax.nn.relu(x)
    if threshold == 0 and max_value == 6 and not negative_slope:
        return jax.nn.relu6(x)
    positive = jnp.where(x > threshold, x, 0) if threshold else jax.nn.relu(x)
    if max_value is not None:
        positive = jnp.clip(positive, 0, max_value)
    return positive - negative_slope * jax.nn.relu(threshold - x) if negative_slope else positive


@_register("leaky_relu")
def leaky_relu(x, negative_slope=0.2):
    """``x`` where positive, ``negative_slope * x`` elsewhere: no unit can die.

    >>> leaky_relu(jnp.array([-1.0, 2.0])).tolist()
    [-0.20000000298023224, 2.0]

    Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.
    """
    return jax.nn.leaky_relu(x, negative_slope)


@_register("relu6")
def relu6(x):
    """``min(max(x, 0), 6)``, made for low-precision arithmetic.

    >>> relu6(jnp.array([-1.0, 2.0, 9.0])).tolist()
    [0.0, 2.0, 6.0]

    Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.
    """
    return jax.nn.relu6(x)


@_register("elu")
def elu(x, alpha=1.0):
    """``x`` where positive, ``alpha * (exp(x) - 1)`` elsewhere.

    >>> elu(jnp.array([0.0, 2.0])).tolist()
    [0.0, 2.0]

    Clevert, Unterthiner and Hochreiter, arXiv:1511.07289.
    """
    return jax.nn.elu(x, alpha=alpha)


@_register("selu")
def selu(x):
    """A scaled `elu` that keeps mean 0 and variance 1; use it with ``LecunNormal`` weights.

    >>> round(float(selu(1.0)), 4)
    1.0507

    Klambauer et al., "Self-normalizing neural networks", arXiv:1706.02515.
    """
    return jax.nn.selu(x)


@_register("softplus")
def softplus(x):
    """``log(1 + exp(x))``, a smooth relu.

    >>> round(float(softplus(0.0)), 4)
    0.6931

    Dugas et al., "Incorporating second-order functional knowledge", 2000.
    """
    return jax.nn.softplus(x)


@_register("softsign")
def softsign(x):
    """``x / (1 + |x|)``, between -1 and 1.

    >>> float(softsign(1.0))
    0.5

    Turian, Bergstra and Bengio, "Quadratic features and deep architectures for chunking", 2009.
    """
    return jax.nn.soft_sign(x)


@_register("silu", "swish")
def silu(x):
    """``x * sigmoid(x)``, also called swish.

    >>> float(silu(0.0))
    0.0

    Elfwing, Uchibe and Doya, arXiv:1702.03118; Ramachandran, Zoph and Le, arXiv:1710.05941.
    """
    return jax.nn.silu(x)


swish = silu


@_register("gelu")
def gelu(x, approximate=False):
    """``x`` times the normal distribution function of ``x``.

    Args:
        x: array of any shape.
        approximate: use the tanh formula, cheaper and off by less than 0.001.

    >>> round(float(gelu(1.0)), 4), round(float(gelu(1.0, approximate=True)), 4)
    (0.8413, 0.8412)

    Hendrycks and Gimpel, arXiv:1606.08415.
    """
    return jax.nn.gelu(x, approximate=approximate)


@_register("sigmoid")
def sigmoid(x):
    """``1 / (1 + exp(-x))``: a score becomes the probability of "yes".

    >>> float(sigmoid(0.0))
    0.5
    """
    return jax.nn.sigmoid(x)


@_register("hard_sigmoid")
def hard_sigmoid(x):
    """``min(max(x / 6 + 0.5, 0), 1)``, three straight lines instead of a sigmoid.

    >>> hard_sigmoid(jnp.array([-3.0, 0.0, 3.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return jax.nn.hard_sigmoid(x)


@_register("tanh")
def tanh(x):
    """Hyperbolic tangent, between -1 and 1.

    >>> float(tanh(0.0))
    0.0
    """
    return jnp.tanh(x)


@_register("softmax")
def softmax(x, axis=-1):
    """Scores to probabilities: ``exp(x)`` divided by its sum along `axis`.

    Args:
        x: scores, ``(..., classes)`` for the default axis.
        axis: the axis (or axes) of the classes.

    >>> softmax(jnp.array([[1.0, 1.0]])).tolist()
    [[0.5, 0.5]]
    """
    return jax.nn.softmax(x, axis=axis)


@_register("log_softmax")
def log_softmax(x, axis=-1):
    """The logarithm of `softmax`, without its overflow.

    >>> round(float(log_softmax(jnp.array([0.0, 0.0]))[0]), 4)
    -0.6931
    """
    return jax.nn.log_softmax(x, axis=axis)


@_register("exponential")
def exponential(x):
    """``exp(x)``, for outputs that must be positive, such as rates.

    >>> float(exponential(0.0))
    1.0
    """
    return jnp.exp(x)


@_register("mish")
def mish(x):
    """``x * tanh(softplus(x))``.

    >>> float(mish(0.0))
    0.0

    Misra, arXiv:1908.08681.
    """
    return x * jnp.tanh(jax.nn.softplus(x))


def get(identifier: Any) -> Activation:
    """The activation called `identifier`; callables and None (`linear`) are accepted too.

    Raises:
        UnknownNameError: no activation has that name; the message suggests the nearest ones.

    >>> get("tanh") is tanh, get(None) is linear
    (True, True)
    """
    return linear if identifier is None else specs.resolve("activation", identifier)


def serialize(activation: Activation) -> Any:
    """The name of `activation`, as written into a layer's configuration.

    >>> serialize(swish)
    'silu'
    """
    return specs.serialize(activation)


def deserialize(config: Any) -> Activation:
    """The inverse of `serialize`.

    >>> deserialize("gelu") is gelu
    True
    """
    return get(config)
