"""Functions of two arrays, number by number; shapes broadcast as in NumPy.

>>> from pellucid import ops
>>> ops.add([[1], [2]], [10, 20]).tolist(), ops.less([1, 3], 2).tolist()
([[11, 21], [12, 22]], [True, False])
"""

from __future__ import annotations

import jax.numpy as jnp

from pellucid._core.errors import ConfigError
from pellucid.layers.symbolic import SymbolicTensor

from ..op import EACH, MIXED, Tensor, op, table

__all__ = [
    "add",
    "allclose",
    "arctan2",
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "clip",
    "divide",
    "divide_no_nan",
    "equal",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "gcd",
    "greater",
    "greater_equal",
    "heaviside",
    "hypot",
    "isclose",
    "lcm",
    "ldexp",
    "left_shift",
    "less",
    "less_equal",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "nextafter",
    "not_equal",
    "power",
    "right_shift",
    "subtract",
    "true_divide",
    "where",
]

_, _binary = table(__name__)

# --- arithmetic

add = _binary("add", jnp.add, "The sum, ``x1 + x2``.")
subtract = _binary("subtract", jnp.subtract, "The difference, ``x1 - x2``.")
multiply = _binary("multiply", jnp.multiply, "The product, ``x1 * x2``.")
divide = _binary("divide", jnp.divide, "The quotient, ``x1 / x2``, in floating point.")
true_divide = _binary("true_divide", jnp.divide, "The quotient, ``x1 / x2``, in floating point.")
floor_divide = _binary("floor_divide", jnp.floor_divide, "The quotient rounded down, ``x1 // x2``.")
mod = _binary("mod", jnp.mod, "What division leaves over, with the sign of the divisor.")
fmod = _binary("fmod", jnp.fmod, "What division leaves over, with the sign of the dividend.")
power = _binary("power", jnp.power, "The first to the power of the second.")
maximum = _binary("maximum", jnp.maximum, "The larger; NaN where one is NaN.")
minimum = _binary("minimum", jnp.minimum, "The smaller; NaN where one is NaN.")
fmax = _binary("fmax", jnp.fmax, "The larger; where one is NaN, the other.")
fmin = _binary("fmin", jnp.fmin, "The smaller; where one is NaN, the other.")
gcd = _binary("gcd", jnp.gcd, "The greatest common divisor.")
lcm = _binary("lcm", jnp.lcm, "The least common multiple.")
hypot = _binary("hypot", jnp.hypot, "The long side of the right triangle: ``sqrt(x1² + x2²)``.")
heaviside = _binary("heaviside", jnp.heaviside, "0 below zero, 1 above, the second at zero.")
nextafter = _binary("nextafter", jnp.nextafter, "The next number towards the second.")


def _in_floats(function):
    def of_floats(x1, x2):
        x1, x2 = jnp.asarray(x1), jnp.asarray(x2)
        dtype = jnp.result_type(x1.dtype, x2.dtype, float)  # a Python number counts as float32
        return function(x1.astype(dtype), x2.astype(dtype))

    return of_floats


arctan2 = _binary("arctan2", _in_floats(jnp.arctan2), "The angle of the point (x2, x1), -pi to pi.")
logaddexp = _binary(
    "logaddexp", _in_floats(jnp.logaddexp), "``log(exp(x1) + exp(x2))`` without overflow."
)
logaddexp2 = _binary(
    "logaddexp2", _in_floats(jnp.logaddexp2), "``log2(2**x1 + 2**x2)`` without overflow."
)


@op(rows=EACH)
def divide_no_nan(x1: Tensor, x2: Tensor):
    """The quotient, and 0 where the divisor is 0.

    >>> divide_no_nan([1.0, 2.0], [0.0, 4.0]).tolist()
    [0.0, 0.5]
    """
    x2 = jnp.asarray(x2)
    return jnp.where(x2 == 0, 0, jnp.divide(x1, jnp.where(x2 == 0, 1, x2)))


@op(rows=EACH)
def ldexp(x1: Tensor, x2: Tensor):
    """``x1 * 2**x2``, `x2` being whole numbers."""
    if not jnp.issubdtype(jnp.asarray(x2).dtype, jnp.integer):
        raise ConfigError(
            "ops.ldexp takes whole numbers as exponents.",
            got=f"x2 of type {jnp.asarray(x2).dtype}",
            fix='ops.cast(x2, "int32"), or ops.multiply(x1, ops.exp2(x2)).',
        )
    return jnp.ldexp(x1, x2)


@op(rows=EACH)
def clip(x: Tensor, x_min: Tensor, x_max: Tensor):
    """Numbers below `x_min` become `x_min`, those above `x_max` become `x_max`.

    >>> clip([-1.0, 0.5, 2.0], 0.0, 1.0).tolist()
    [0.0, 0.5, 1.0]
    """
    x = x.astype("int32") if x.dtype == bool else x
    return jnp.clip(x, x_min, x_max)


# --- comparisons and logic

equal = _binary("equal", jnp.equal, "Whether they are equal.")
not_equal = _binary("not_equal", jnp.not_equal, "Whether they differ.")
less = _binary("less", jnp.less, "Whether the first is smaller.")
less_equal = _binary("less_equal", jnp.less_equal, "Whether the first is smaller or equal.")
greater = _binary("greater", jnp.greater, "Whether the first is larger.")
greater_equal = _binary("greater_equal", jnp.greater_equal, "Whether it is larger or equal.")
logical_and = _binary("logical_and", jnp.logical_and, "Whether both are true.")
logical_or = _binary("logical_or", jnp.logical_or, "Whether one is true, or both.")
logical_xor = _binary("logical_xor", jnp.logical_xor, "Whether just one is true.")


@op(rows=EACH)
def isclose(x1: Tensor, x2: Tensor, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether they differ by no more than ``atol + rtol * abs(x2)``.

    Args:
        x1: array.
        x2: array, the one that the tolerance is measured by.
        rtol: relative tolerance.
        atol: absolute tolerance.
        equal_nan: whether two NaNs count as equal.
    """
    return jnp.isclose(x1, x2, rtol, atol, equal_nan)


@op(rows=MIXED)
def allclose(x1: Tensor, x2: Tensor, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether `isclose` holds everywhere: one truth value."""
    return jnp.allclose(x1, x2, rtol, atol, equal_nan)


def _where_places(condition, x1=None, x2=None):
    """Without `x1` and `x2` how many places there are depends on the numbers."""
    if x1 is not None or x2 is not None:
        return None
    return tuple(SymbolicTensor((None,), "int32") for _ in range(condition.ndim))


@op(rows=EACH, spec=_where_places)
def where(condition: Tensor, x1: Tensor = None, x2: Tensor = None):
    """`x1` where the condition is true, `x2` where it is false.

    Args:
        condition: truth values.
        x1: array; without `x1` and `x2` the result are the places of the true values, as from
            `nonzero`.
        x2: array.

    >>> where([True, False], [1, 2], 0).tolist()
    [1, 0]
    """
    return jnp.where(condition, x1, x2)


# --- bits


def _shift(name, function, line):
    def shift(x: Tensor, y: Tensor):
        return function(x, y)

    shift.__name__ = shift.__qualname__ = name
    shift.__doc__ = line
    return op(shift, rows=EACH)


bitwise_and = _shift("bitwise_and", jnp.bitwise_and, "The bits that both have.")
bitwise_or = _shift("bitwise_or", jnp.bitwise_or, "The bits that one of them has, or both.")
bitwise_xor = _shift("bitwise_xor", jnp.bitwise_xor, "The bits that just one of them has.")
bitwise_left_shift = _shift("bitwise_left_shift", jnp.left_shift, "The bits `y` places up.")
left_shift = _shift("left_shift", jnp.left_shift, "The bits `y` places up.")
bitwise_right_shift = _shift("bitwise_right_shift", jnp.right_shift, "The bits `y` places down.")
right_shift = _shift("right_shift", jnp.right_shift, "The bits `y` places down.")
