"""Functions of every number by itself.

>>> from pellucid import ops
>>> ops.sqrt([1.0, 4.0]).tolist(), ops.exp(0).tolist(), ops.isnan([1.0, float("nan")]).tolist()
([1.0, 2.0], 1.0, [False, True])
"""

from __future__ import annotations

import jax.numpy as jnp

from ..op import EACH, Tensor, floating, number_format, op, table

__all__ = [
    "abs",
    "absolute",
    "angle",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctanh",
    "bitwise_invert",
    "bitwise_not",
    "cbrt",
    "ceil",
    "conj",
    "conjugate",
    "copy",
    "cos",
    "cosh",
    "deg2rad",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "floor",
    "i0",
    "imag",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "log",
    "log10",
    "log1p",
    "log2",
    "logical_not",
    "nan_to_num",
    "negative",
    "rad2deg",
    "real",
    "reciprocal",
    "round",
    "sign",
    "signbit",
    "sin",
    "sinc",
    "sinh",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "trunc",
    "view",
]

_unary, _ = table(__name__)

# --- size and sign

absolute = _unary("absolute", jnp.abs, "Every number without its sign; of a complex one, its size.")
abs = _unary("abs", jnp.abs, "Every number without its sign; of a complex one, its size.")
fabs = _unary("fabs", jnp.fabs, "Every number without its sign, in floating point.")
negative = _unary("negative", jnp.negative, "Every number with the other sign.")
sign = _unary("sign", jnp.sign, "-1, 0 or 1: which side of zero every number is on.")
signbit = _unary("signbit", jnp.signbit, "Whether the sign is a minus, that of -0.0 included.")

# --- powers, roots, exponentials, logarithms

square = _unary("square", jnp.square, "Every number times itself.")
sqrt = _unary("sqrt", jnp.sqrt, "Square root.")
cbrt = _unary("cbrt", jnp.cbrt, "Cube root, of negative numbers too.")
reciprocal = _unary("reciprocal", jnp.reciprocal, "One divided by every number.")
exp = _unary("exp", jnp.exp, "e to the power of every number.", floats=True)
exp2 = _unary("exp2", jnp.exp2, "2 to the power of every number.", floats=True)
expm1 = _unary("expm1", jnp.expm1, "``exp(x) - 1``, exact near zero.", floats=True)
log = _unary("log", jnp.log, "Natural logarithm.")
log10 = _unary("log10", jnp.log10, "Logarithm to base 10.")
log2 = _unary("log2", jnp.log2, "Logarithm to base 2.")
log1p = _unary("log1p", jnp.log1p, "``log(1 + x)``, exact near zero.")
i0 = _unary("i0", jnp.i0, "The modified Bessel function of the first kind, order 0.", floats=True)

# --- angles

sin = _unary("sin", jnp.sin, "Sine of an angle in radians.", floats=True)
cos = _unary("cos", jnp.cos, "Cosine of an angle in radians.", floats=True)
tan = _unary("tan", jnp.tan, "Tangent of an angle in radians.", floats=True)
arcsin = _unary("arcsin", jnp.arcsin, "The angle whose sine it is, -pi/2 to pi/2.", floats=True)
arccos = _unary("arccos", jnp.arccos, "The angle whose cosine it is, 0 to pi.", floats=True)
arctan = _unary("arctan", jnp.arctan, "The angle whose tangent it is.", floats=True)
sinh = _unary("sinh", jnp.sinh, "Hyperbolic sine.", floats=True)
cosh = _unary("cosh", jnp.cosh, "Hyperbolic cosine.", floats=True)
tanh = _unary("tanh", jnp.tanh, "Hyperbolic tangent, between -1 and 1.", floats=True)
arcsinh = _unary("arcsinh", jnp.arcsinh, "Inverse of the hyperbolic sine.", floats=True)
arccosh = _unary("arccosh", jnp.arccosh, "Inverse of the hyperbolic cosine.", floats=True)
arctanh = _unary("arctanh", jnp.arctanh, "Inverse of the hyperbolic tangent.", floats=True)
sinc = _unary("sinc", jnp.sinc, "``sin(pi x) / (pi x)``, and 1 at zero.", floats=True)
deg2rad = _unary("deg2rad", jnp.deg2rad, "Degrees to radians.")
rad2deg = _unary("rad2deg", jnp.rad2deg, "Radians to degrees.")

# --- rounding

ceil = _unary("ceil", jnp.ceil, "The next whole number from above.", floats=True)
floor = _unary("floor", jnp.floor, "The next whole number from below.", floats=True)


@op(rows=EACH)
def trunc(x: Tensor):
    """The next whole number towards zero."""
    return jnp.trunc(x) if jnp.issubdtype(x.dtype, jnp.inexact) else x


@op(rows=EACH)
def round(x: Tensor, decimals=0):
    """The nearest number with so many decimals; a half goes to the even neighbour.

    Args:
        x: array.
        decimals: places after the point; negative for tens, hundreds, ...

    >>> round([0.5, 1.5, 2.345], decimals=1).tolist()
    [0.5, 1.5, 2.299999952316284]
    """
    if decimals < 0 and not jnp.issubdtype(x.dtype, jnp.inexact):
        unit = 10.0**-decimals
        return (jnp.round(floating(x) / unit) * unit).astype(x.dtype)
    return jnp.round(x, decimals)


@op(rows=EACH)
def nan_to_num(x: Tensor, nan=0.0, posinf=None, neginf=None):
    """Numbers in place of what is none.

    Args:
        x: array.
        nan: in place of NaN.
        posinf: in place of infinity; None for the largest number of the format.
        neginf: in place of minus infinity; None for the lowest number.
    """
    return jnp.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


# --- questions

isfinite = _unary("isfinite", jnp.isfinite, "Whether it is neither infinite nor NaN.")
isinf = _unary("isinf", jnp.isinf, "Whether it is infinite.")
isnan = _unary("isnan", jnp.isnan, "Whether it is NaN, not a number.")
isneginf = _unary("isneginf", jnp.isneginf, "Whether it is minus infinity.")
isposinf = _unary("isposinf", jnp.isposinf, "Whether it is plus infinity.")
isreal = _unary("isreal", jnp.isreal, "Whether its imaginary part is zero.")
logical_not = _unary("logical_not", jnp.logical_not, "Whether it is false (zero).")

# --- bits and complex numbers

bitwise_invert = _unary("bitwise_invert", jnp.invert, "Every bit the other way.")
bitwise_not = _unary("bitwise_not", jnp.invert, "Every bit the other way.")
real = _unary("real", jnp.real, "The real part.")
imag = _unary("imag", jnp.imag, "The imaginary part; zero of a real number.")
conj = _unary("conj", jnp.conj, "The complex conjugate.")
conjugate = _unary("conjugate", jnp.conj, "The complex conjugate.")
angle = _unary("angle", jnp.angle, "The angle of a complex number, in radians.", floats=True)
copy = _unary("copy", jnp.copy, "The same numbers in an array of their own.")


@op
def view(x: Tensor, dtype=None):
    """The same bytes read as numbers of another format."""
    return x.view(number_format(dtype))
