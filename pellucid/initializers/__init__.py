"""Initial weights. NumPy on the host: nothing to compile, the same numbers on every platform.

An initialiser is called with a shape; any function ``(shape, dtype)`` can stand in for one.

>>> GlorotUniform(seed=1)((3, 2)).shape
(3, 2)
"""

from .base import Initializer, RandomInitializer, deserialize, draw, get, serialize, takes_rng
from .scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
    compute_fans,
    over_axes,
)
from .simple import (
    Constant,
    Identity,
    Ones,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    Zeros,
)
from .stft import STFT

# Keras's lower-case spellings.
zeros, ones, constant, identity, orthogonal = Zeros, Ones, Constant, Identity, Orthogonal
random_normal, random_uniform = RandomNormal, RandomUniform
truncated_normal, variance_scaling = TruncatedNormal, VarianceScaling
glorot_uniform, glorot_normal = GlorotUniform, GlorotNormal
he_uniform, he_normal = HeUniform, HeNormal
lecun_uniform, lecun_normal = LecunUniform, LecunNormal
stft = STFT
# Its longer names for the classes.
IdentityInitializer, OrthogonalInitializer, STFTInitializer = Identity, Orthogonal, STFT

__all__ = [
    "Initializer",
    "Zeros",
    "Ones",
    "Constant",
    "Identity",
    "RandomInitializer",
    "RandomNormal",
    "TruncatedNormal",
    "RandomUniform",
    "Orthogonal",
    "VarianceScaling",
    "GlorotUniform",
    "GlorotNormal",
    "HeUniform",
    "HeNormal",
    "LecunUniform",
    "LecunNormal",
    "STFT",
    "IdentityInitializer",
    "OrthogonalInitializer",
    "STFTInitializer",
    "zeros",
    "ones",
    "constant",
    "identity",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "variance_scaling",
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "stft",
    "compute_fans",
    "over_axes",
    "draw",
    "takes_rng",
    "get",
    "serialize",
    "deserialize",
]
