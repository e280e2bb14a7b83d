"""Rectifiers: positive numbers pass, negative ones are held back."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .bounds import bounded
from .registering import register


@register("relu")
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


@register("leaky_relu")
def leaky_relu(x, negative_slope=0.2):
    """``x`` where positive, ``negative_slope * x`` elsewhere: no unit can die.

    >>> leaky_relu(jnp.array([-1.0, 2.0])).tolist()
    [-0.20000000298023224, 2.0]

    Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.
    """
    return jax.nn.leaky_relu(x, negative_slope)


@register("relu6")
@bounded(0.0, 6.0)
def relu6(x):
    """``min(max(x, 0), 6)``, made for low-precision arithmetic.

    >>> relu6(jnp.array([-1.0, 2.0, 9.0])).tolist()
    [0.0, 2.0, 6.0]

    Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.
    """
    return jax.nn.relu6(x)


@register("elu")
def elu(x, alpha=1.0):
    """``x`` where positive, ``alpha * (exp(x) - 1)`` elsewhere.

    >>> elu(jnp.array([0.0, 2.0])).tolist()
    [0.0, 2.0]

    Clevert, Unterthiner and Hochreiter, arXiv:1511.07289.
    """
    return jax.nn.elu(x, alpha=alpha)


@register("selu")
def selu(x):
    """A scaled `elu` that keeps mean 0 and variance 1; use it with ``LecunNormal`` weights.

    >>> round(float(selu(1.0)), 4)
    1.0507

    Klambauer et al., "Self-normalizing neural networks", arXiv:1706.02515.
    """
    return jax.nn.selu(x)


@register("celu")
def celu(x, alpha=1.0):
    """``x`` where positive, ``alpha * (exp(x / alpha) - 1)`` elsewhere: an `elu` without a corner.

    >>> celu(jnp.array([0.0, 2.0])).tolist()
    [0.0, 2.0]

    Barron, arXiv:1704.07483.
    """
    return jax.nn.celu(x, alpha=alpha)


@register("softplus")
def softplus(x):
    """``log(1 + exp(x))``, a smooth relu.

    >>> round(float(softplus(0.0)), 4)
    0.6931

    Dugas et al., "Incorporating second-order functional knowledge", 2000.
    """
    return jax.nn.softplus(x)


@register("squareplus")
def squareplus(x, b=4):
    """``(x + sqrt(x ** 2 + b)) / 2``, a smooth relu without exponentials.

    Args:
        x: array of any shape.
        b: how round the corner is.

    >>> float(squareplus(0.0))
    1.0

    Barron, arXiv:2112.11687.
    """
    return jax.nn.squareplus(x, b=b)
