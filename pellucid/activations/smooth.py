"""Smooth curves: sigmoids, gates and their relatives."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from .bounds import bounded
from .registering import register


@register("sigmoid")
@bounded(0.0, 1.0)
def sigmoid(x):
    """``1 / (1 + exp(-x))``: a score becomes the probability of "yes".

    >>> float(sigmoid(0.0))
    0.5
    """
    return jax.nn.sigmoid(x)


@register("log_sigmoid")
def log_sigmoid(x):
    """The logarithm of `sigmoid`, without its overflow.

    >>> round(float(log_sigmoid(0.0)), 4)
    -0.6931
    """
    return jax.nn.log_sigmoid(x)


@register("tanh")
@bounded(-1.0, 1.0)
def tanh(x):
    """Hyperbolic tangent, between -1 and 1.

    >>> float(tanh(0.0))
    0.0
    """
    return jnp.tanh(x)


@register("tanh_shrink")
def tanh_shrink(x):
    """``x - tanh(x)``: small numbers nearly vanish.

    >>> float(tanh_shrink(0.0))
    0.0
    """
    x = jnp.asarray(x)
    return x - jnp.tanh(x)


@register("softsign")
@bounded(-1.0, 1.0)
def softsign(x):
    """``x / (1 + |x|)``, between -1 and 1.

    >>> float(softsign(1.0))
    0.5

    Turian, Bergstra and Bengio, "Quadratic features and deep architectures for chunking", 2009.
    """
    return jax.nn.soft_sign(x)


@register("silu", "swish")
def silu(x):
    """``x * sigmoid(x)``, also called swish.

    >>> float(silu(0.0))
    0.0

    Elfwing, Uchibe and Doya, arXiv:1702.03118; Ramachandran, Zoph and Le, arXiv:1710.05941.
    """
    return jax.nn.silu(x)


swish = silu


@register("gelu")
def gelu(x, approximate=False):
    """``x`` times the normal distribution function of ``x``.

    Args:
        x: array of any shape.
        approximate: use the tanh formula, cheaper and off by less than 0.001.

    >>> round(float(gelu(1.0)), 4), round(float(gelu(1.0, approximate=True)), 4)
    (0.8413, 0.8412)

    Hendrycks and Gimpel, arXiv:1606.08415.
    """
    if approximate:
        return jax.nn.gelu(x, approximate=True)
    # By erf, as PyTorch does. By erfc, as JAX does, the far left tail (below 1e-6) keeps more of
    # its digits, at twice the time of value and gradient on CPU. In half precision 1 + erf would
    # lose all of them, hence the wider format.
    x = jnp.asarray(x)
    wide = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    y = 0.5 * wide * (1.0 + jax.lax.erf(wide * math.sqrt(0.5)))
    return y.astype(x.dtype) if jnp.issubdtype(x.dtype, jnp.inexact) else y


@register("mish")
def mish(x):
    """``x * tanh(softplus(x))``.

    >>> float(mish(0.0))
    0.0

    Misra, arXiv:1908.08681.
    """
    return x * jnp.tanh(jax.nn.softplus(x))


@register("glu")
def glu(x, axis=-1):
    """Half of the numbers times the `sigmoid` of the other half: the axis comes out half as long.

    Args:
        x: array whose `axis` has an even length.
        axis: the axis that is cut in two.

    >>> glu(jnp.array([3.0, 0.0])).tolist()
    [1.5]

    Dauphin, Fan, Auli and Grangier, "Language modeling with gated convolutional networks",
    arXiv:1612.08083.
    """
    return jax.nn.glu(x, axis=axis)


@register("exponential")
def exponential(x):
    """``exp(x)``, for outputs that must be positive, such as rates.

    >>> float(exponential(0.0))
    1.0
    """
    return jnp.exp(x)
