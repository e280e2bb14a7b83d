"""Every operation against Keras's on JAX: signatures, values and number formats.

`CASES` has arguments for every name of `keras.ops`; a name without any must be in `NOT_COMPARED`,
with the reason. Results are compared as they nest, number by number and format by format.
"""

from __future__ import annotations

import inspect
import warnings

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from keras import ops as theirs

from pellucid import ops as ours

MODULES = ("image", "linalg", "nn", "numpy")


def public(module):
    return [n for n in dir(module) if not n.startswith("_") and not inspect.ismodule(n)]


NAMES = [n for n in public(theirs) if n not in MODULES]
IMAGE_NAMES = public(theirs.image)

# ------------------------------------------------------------------------------------ arguments


def draw(*shape, seed=0, low=None, high=None, dtype="float32"):
    r = np.random.default_rng(seed)
    if low is not None:
        return r.uniform(low, high, shape).astype(dtype)
    return r.normal(size=shape).astype(dtype)


X = draw(3, 4)
Y = draw(3, 4, seed=1)
POSITIVE = draw(3, 4, low=0.1, high=3.0)
UNIT = draw(3, 4, low=-0.9, high=0.9)
ODD = np.array([[0.0, -0.0, np.inf, -np.inf], [np.nan, 1.5, -2.5, 0.5], [3.0, -1.0, 2.0, 7.25]], "f")
WITH_NAN = np.where(X > 1, np.nan, X).astype("float32")
INTS = np.random.default_rng(2).integers(-5, 6, (3, 4)).astype("int32")
COUNTS = np.random.default_rng(3).integers(1, 7, (3, 4)).astype("int32")
BYTES = COUNTS.astype("uint8")
SMALL = COUNTS.astype("int8")
BOOLS = INTS > 0
HALF = X.astype(jnp.bfloat16)
COMPLEX = (X + 1j * Y).astype("complex64")
VECTOR, OTHER = draw(5), draw(5, seed=1)
SORTED = np.sort(VECTOR)
CUBE = draw(2, 3, 4)
SQUARE = draw(3, 3) + 3 * np.eye(3, dtype="float32")
STACK = draw(2, 3, 3) + 3 * np.eye(3, dtype="float32")
DEFINITE = (SQUARE @ SQUARE.T).astype("float32")
SCORES = draw(5, 4, seed=4)
PROBABILITIES = np.asarray(jax.nn.softmax(SCORES))
LABELS = np.array([0, 3, 1, 1, 2])
ONE_HOT = np.eye(4, dtype="float32")[LABELS]
SERIES, PICTURE, VOLUME = draw(2, 9, 4), draw(2, 7, 8, 3), draw(2, 4, 5, 4, 2)
FIRST = {"data_format": "channels_first"}


def call(*args, **kwargs):
    return args, kwargs


FORMATS = [call(X), call(INTS), call(BOOLS), call(HALF), call(BYTES), call([1.0, 2.0]), call(2)]
FLOATS = [call(X), call(HALF)]
PAIRS = [
    call(X, Y),
    call(X, Y[:1]),
    call(INTS, COUNTS),
    call(INTS, X),
    call(HALF, X),
    call(HALF, COUNTS),
    call(BYTES, SMALL),
    call(BOOLS, COUNTS),
    call(X, 2),
    call(INTS, 2),
    call(INTS, 2.5),
    call(HALF, 2.5),
    call(2.0, X),
    call([1.0, 2.0], [3, 4]),
]
WHOLE_PAIRS = [call(INTS, COUNTS), call(BYTES, BYTES), call(INTS, 2)]
ALONG = [call(X), call(X, axis=0), call(CUBE, axis=-1, keepdims=True), call(INTS, axis=1)]
REDUCTIONS = [*ALONG, call(CUBE, axis=(0, 2)), call(BOOLS), call(HALF, axis=1), call(BYTES)]
OF_MISSING = [call(WITH_NAN), call(WITH_NAN, axis=1), call(WITH_NAN, axis=0, keepdims=True)]
RUNNING = [call(X), call(X, axis=0), call(INTS, axis=1), call(CUBE, axis=-1), call(INTS, dtype="float32")]

CASES: dict[str, list] = {
    # functions of one array, number by number
    **dict.fromkeys(
        "absolute abs fabs negative sign square exp exp2 expm1 sin cos tan arctan sinh cosh tanh "
        "arcsinh sinc deg2rad rad2deg ceil floor isfinite isinf isnan isneginf isposinf isreal "
        "logical_not real imag conj conjugate angle copy erf erfc relu relu6 selu softplus softsign "
        "sigmoid log_sigmoid silu swish hard_sigmoid hard_silu hard_swish hard_tanh tanh_shrink "
        "sparse_plus sparse_sigmoid squareplus ones_like zeros_like ravel size ndim "
        "dtype shape signbit cbrt i0 trunc nan_to_num".split(),
        FORMATS,
    ),
    **dict.fromkeys("sqrt log log10 log2 log1p reciprocal rsqrt".split(), [call(POSITIVE), *FORMATS[1:]]),
    **dict.fromkeys("arcsin arccos arctanh erfinv".split(), [call(UNIT)]),
    "arccosh": [call(POSITIVE + 1), call(COUNTS)],
    **dict.fromkeys(["bitwise_invert", "bitwise_not"], [call(INTS), call(BYTES), call(BOOLS)]),
    "round": [*FORMATS, call(X, decimals=2), call(100 * INTS, decimals=-2), call(ODD)],
    "clip": [call(X, -0.5, 0.5), call(INTS, -2, 2), call(BOOLS, 0, 1), call(X, Y - 1, Y + 1)],
    **dict.fromkeys(["elu", "celu"], [*FLOATS, call(X, 0.5)]),
    "leaky_relu": [*FLOATS, call(X, 0.1), call(INTS)],
    "gelu": [*FLOATS, call(X, False)],
    "hard_shrink": [*FLOATS, call(X, 0.2)],
    "soft_shrink": [*FLOATS, call(X, 0.2)],
    "threshold": [call(X, 0.3, -1.0), call(INTS, 1, 0), call(HALF, 0.3, -1.0)],
    "stop_gradient": FORMATS,
    "cast": [call(X, "int32"), call(INTS, "bfloat16"), call(ODD, "bool"), call(X, "float16")],
    "saturate_cast": [
        call(100 * X, "uint8"),
        call(1e10 * X, "int32"),
        call(100 * INTS, "int8"),
        call(INTS, "float32"),
        call(BOOLS, "int8"),
        call(HALF, "int8"),
    ],
    "view": [call(X, "int32"), call(INTS, "float32"), call(X), call(X, "uint8")],
    "view_as_real": [call(COMPLEX), call(X)],
    "view_as_complex": [call(draw(3, 2))],
    "polar": [call(POSITIVE, X)],
    "array": [call([1, 2]), call([1.5], dtype="int32"), call(X)],
    "convert_to_tensor": [call([1, 2]), call(X, dtype="bfloat16"), call(2.0), call(X.astype("f8"))],
    "convert_to_numpy": [call([1.0, 2.0]), call(X)],
    "is_tensor": [call(jnp.ones(2)), call(np.ones(2)), call([1.0])],
    # of two arrays
    **dict.fromkeys(
        "add subtract multiply divide true_divide maximum minimum equal not_equal less less_equal "
        "greater greater_equal logical_and logical_or logical_xor arctan2 logaddexp logaddexp2 "
        "hypot fmax fmin heaviside divide_no_nan".split(),
        PAIRS,
    ),
    **dict.fromkeys(["floor_divide", "mod", "fmod"], [call(X, Y), call(INTS, COUNTS), call(X, 2), call(INTS, 2.5)]),
    "power": [call(POSITIVE, Y), call(X, 2), call(INTS, 2), call(INTS, COUNTS), call(HALF, 2), call(2.0, X)],
    "nextafter": [call(X, Y)],
    **dict.fromkeys(["gcd", "lcm"], WHOLE_PAIRS),
    "ldexp": [call(X, INTS), call(INTS, COUNTS)],
    **dict.fromkeys(
        "bitwise_and bitwise_or bitwise_xor bitwise_left_shift left_shift bitwise_right_shift "
        "right_shift".split(),
        WHOLE_PAIRS,
    ),
    **dict.fromkeys(["isclose", "allclose"], [call(X, X + 1e-6), call(ODD, ODD), call(ODD, ODD, equal_nan=True), call(X, X + 1e-3, rtol=1e-2)]),
    "where": [call(BOOLS, X, Y), call(BOOLS, INTS, 0.5), call(BOOLS, 1.0, 0.0), call(BOOLS), call(BOOLS, 1, 0)],
    "select": [call([X > 1, X > 0], [Y, 2 * Y]), call([X > 1, X > 0], [Y, INTS], 7.0)],
    # reductions
    **dict.fromkeys("sum mean max min var std any all amax amin ptp median".split(), REDUCTIONS),
    **dict.fromkeys(["argmax", "argmin"], [*ALONG, call(ODD[2:]), call(np.array([0.0, -0.0, 0.0], "f"))]),
    "prod": [*REDUCTIONS, call(INTS, dtype="float32")],
    "count_nonzero": [call(INTS), call(INTS, axis=0), call(INTS, axis=(0, 1)), call(BOOLS)],
    "average": [call(X), call(X, axis=1), call(X, axis=0, weights=np.arange(3.0)), call(INTS, weights=COUNTS), call(HALF)],
    **dict.fromkeys(["quantile", "percentile"], [call(X, 0.3), call(X, [0.2, 0.7], axis=1), call(X, 0.5, keepdims=True), call(X, 0.3, axis=0, method="lower"), call(CUBE, 0.5, axis=(0, 1)), call(INTS, 0.4)]),
    "logsumexp": [call(X), call(CUBE, axis=(0, 1)), call(X, axis=1, keepdims=True), call(HALF, axis=0)],
    **dict.fromkeys("nansum nanprod nanmean nanvar nanstd nanmax nanmin nanmedian".split(), OF_MISSING),
    **dict.fromkeys(["nanargmax", "nanargmin"], OF_MISSING),
    **dict.fromkeys(["nanquantile", "nanpercentile"], [call(WITH_NAN, 0.4), call(WITH_NAN, [0.2, 0.5], axis=1)]),
    **dict.fromkeys(["cumsum", "cumprod", "nancumsum", "nancumprod"], RUNNING),
    "diff": [call(X), call(CUBE, n=2, axis=1), call(INTS)],
    "trapezoid": [call(X), call(X, axis=0, dx=0.5), call(VECTOR, x=SORTED), call(INTS)],
    "corrcoef": [call(X)],
    "correlate": [call(VECTOR, OTHER[:3]), call(VECTOR, OTHER[:3], mode="same"), call(VECTOR, OTHER, mode="full")],
    "moments": [call(X, [0]), call(CUBE, (0, 2)), call(CUBE, -1, keepdims=True), call(HALF, [1])],
    "norm": [call(X), call(X, axis=1), call(X, ord=1, axis=0, keepdims=True), call(SQUARE, ord="fro"), call(SQUARE, ord="nuc"), call(INTS), call(X, ord=np.inf, axis=-1), call(HALF, axis=1)],
    "normalize": [call(X), call(X, axis=0, order=1), call(X, order=3, epsilon=1e-3), call(np.zeros((2, 2), "f"))],
    # shapes
    "reshape": [call(X, (4, 3)), call(X, (2, -1)), call(X, -1), call(INTS, [12])],
    "expand_dims": [call(X, 0), call(X, -1), call(X, (0, 3))],
    "squeeze": [call(X[:1]), call(X[None, :1], axis=0), call(X[None, :1], axis=(0, 1))],
    "transpose": [call(X), call(CUBE, (1, 0, 2)), call(CUBE, axes=(2, 0, 1))],
    "moveaxis": [call(CUBE, 0, -1), call(CUBE, (0, 1), (2, 0))],
    "swapaxes": [call(CUBE, 0, 2)],
    "broadcast_to": [call(X, (2, 3, 4)), call([1, 2], (3, 2))],
    "flip": [call(X), call(X, axis=1), call(CUBE, axis=(0, 2))],
    **dict.fromkeys(["fliplr", "flipud"], [call(X)]),
    "rot90": [call(X), call(CUBE, 3, (1, 2))],
    "roll": [call(X, 1), call(X, (1, 2), axis=(0, 1)), call(X, -1, axis=1)],
    "repeat": [call(X, 2), call(X, 2, axis=1), call(X, [1, 0, 2], axis=0)],
    "tile": [call(X, 2), call(X, (2, 1)), call(VECTOR, (2, 2))],
    "pad": [call(X, 1), call(X, ((1, 0), (0, 2))), call(X, ((1, 1), (1, 1)), "reflect"), call(X, (1, 2), constant_values=3), call(INTS, 1, "edge")],
    "rearrange": [call(CUBE, "a b c -> c (a b)"), call(draw(4, 6, 3), "(a b) c d -> a c (b d)", a=2)],
    "concatenate": [call([X, Y]), call([X, Y], axis=-1), call([X, INTS]), call([HALF, COUNTS], axis=1)],
    "stack": [call([X, Y]), call([X, Y], axis=-1), call([INTS, HALF])],
    "append": [call(X, Y), call(X, Y, axis=0), call(INTS, X)],
    **dict.fromkeys(["hstack", "vstack", "dstack"], [call([X, Y]), call([VECTOR, OTHER])]),
    "split": [call(X, 2, axis=1), call(X, 3), call(X, [1, 2], axis=1)],
    "array_split": [call(VECTOR, 2), call(X, 3, axis=1)],
    "hsplit": [call(X, 2)],
    "vsplit": [call(X, 3)],
    "dsplit": [call(CUBE, 2), call(CUBE, [1])],
    "unstack": [call(X), call(CUBE, axis=-1), call(X, 3)],
    # creation
    **dict.fromkeys(["zeros", "ones"], [call((2, 3)), call((2,), dtype="int32"), call((), dtype="bool")]),
    "empty": [call((2, 3), dtype="int32")],
    "empty_like": [call(X), call(INTS, dtype="float32")],
    "full": [call((2, 3), 7), call((2,), 1.5, dtype="int32"), call((2, 3), [1.0, 2.0, 3.0])],
    "full_like": [call(X, 7), call(INTS, 1.5), call(INTS, 1.5, dtype="float32")],
    "arange": [call(5), call(2, 8, 3), call(0.0, 1.0, 0.25), call(5, dtype="float32"), call(5.0), call(0, 1, 0.5)],
    "linspace": [call(0, 1, 5), call(0.0, 1.0, num=4, endpoint=False), call(X[0], Y[0], 3, axis=1), call(0, 10, 3, dtype="int32"), call(0, 1, 5, retstep=True)],
    "logspace": [call(0, 2, 3), call(0.0, 1.0, num=4, base=2.0)],
    "geomspace": [call(1.0, 100.0, 3), call(1, 16, num=5)],
    "eye": [call(3), call(2, 4, k=1), call(3, dtype="int32")],
    "identity": [call(3), call(2, dtype="bool")],
    "tri": [call(3), call(2, 4, k=1), call(3, dtype="int32")],
    "meshgrid": [call(VECTOR, OTHER), call(VECTOR, [1, 2], indexing="ij")],
    "vander": [call(VECTOR), call(VECTOR, N=3, increasing=True)],
    **dict.fromkeys(["bartlett", "blackman", "hamming", "hanning"], [call(5), call(1)]),
    "kaiser": [call(5, 3.0)],
    # parts
    "get_item": [call(X, 1), call(X, np.s_[:, 1:3]), call(X, np.array([2, 0])), call(CUBE, (0, 1))],
    "take": [call(X, [0, 5]), call(X, [2, 0], axis=1), call(X, 1, axis=0), call(X, np.array([[0, 1], [1, 2]]), axis=0), call(X, [-1], axis=0)],
    "take_along_axis": [call(X, np.argsort(X, axis=1), axis=1), call(X, np.array([2, 0, 1]))],
    "nonzero": [call(INTS)],
    "unravel_index": [call([1, 5], (2, 3)), call(4, (2, 3))],
    "diag": [call(X), call(VECTOR), call(X, k=1)],
    "diagflat": [call(X), call(VECTOR, k=-1)],
    "diagonal": [call(X), call(CUBE, 1, 0, 2)],
    "trace": [call(X), call(CUBE, axis1=1, axis2=2), call(INTS), call(BYTES)],
    **dict.fromkeys(["tril", "triu"], [call(X), call(CUBE, k=1), call(INTS, k=-1)]),
    "slice": [call(X, [1, 1], (2, 2)), call(CUBE, np.array([0, 1, 2]), (1, -1, 2))],
    "slice_update": [call(X, [1, 1], Y[:2, :2])],
    "scatter": [call(np.array([[0, 1], [2, 0], [0, 1]]), VECTOR[:3], (3, 4)), call(np.array([[1], [0]]), X[:2], (4, 4))],
    "scatter_update": [
        call(X, np.array([[0, 1], [2, 0]]), VECTOR[:2]),
        *[call(X, np.array([[0, 1], [2, 0]]), VECTOR[:2], reduction=r) for r in ("add", "max", "min", "mul")],
    ],
    # order
    "sort": [call(X), call(X, axis=0), call(INTS)],
    "argsort": [call(X), call(X, axis=0), call(INTS), call(np.float32(1))],
    "argpartition": [call(VECTOR, 2), call(X, 1, axis=0), call(X, 5, axis=None)],
    "unique": [call(INTS), call(INTS, return_counts=True, return_inverse=True, return_index=True), call(INTS, axis=0), call(INTS, size=20, fill_value=99)],
    "isin": [call(INTS, [1, 2]), call(INTS, [1, 2], invert=True)],
    "searchsorted": [call(SORTED, X), call(SORTED, SORTED, side="right")],
    "digitize": [call(X, np.array([-1.0, 0.0, 1.0])), call(INTS, np.array([-1, 1]))],
    "bincount": [call(COUNTS[0]), call(COUNTS[0], minlength=9), call(COUNTS[0], weights=X[0]), call(COUNTS)],
    "histogram": [call(VECTOR), call(VECTOR, bins=3), call(VECTOR, bins=4, range=(-1.0, 1.0))],
    "top_k": [call(X, 2), call(INTS, 1)],
    "in_top_k": [call(LABELS, SCORES, 2), call(LABELS, SCORES, 1)],
    **dict.fromkeys(
        ["segment_sum", "segment_max", "segment_min", "segment_prod"],
        [call(SCORES, np.array([0, 1, 0, 2, 1]), num_segments=4), call(VECTOR, np.array([0, 0, 1, 1, 2]), 3, sorted=True)],
    ),
    # products
    "matmul": [call(X, Y.T), call(CUBE, draw(2, 4, 2)), call(VECTOR, OTHER), call(SMALL, SMALL.T), call(INTS, Y.T), call(HALF, HALF.T)],
    "dot": [call(X, Y.T), call(VECTOR, OTHER), call(CUBE, draw(4, 2)), call(X, 2.0)],
    "vdot": [call(X, Y)],
    "inner": [call(X, Y), call(VECTOR, OTHER)],
    "outer": [call(VECTOR, OTHER), call(INTS, X)],
    "kron": [call(X, Y)],
    "cross": [call(draw(4, 3), draw(4, 3, seed=1)), call(draw(3, 4), draw(3, 4, seed=1), axis=0)],
    "tensordot": [call(X, Y.T, 1), call(CUBE, CUBE, axes=([0, 2], [0, 2])), call(X, Y)],
    "einsum": [call("ij,kj->ik", X, Y), call("ij->j", X), call("bij,bjk->bik", CUBE, draw(2, 4, 2)), call("ij,ij->i", SMALL, SMALL)],
    "cdist": [call(X, Y), call(CUBE, draw(2, 5, 4))],
    # matrices
    "det": [call(SQUARE), call(STACK)],
    "slogdet": [call(SQUARE), call(STACK)],
    "logdet": [call(SQUARE), call(STACK)],
    "inv": [call(SQUARE), call(STACK)],
    "pinv": [call(X), call(CUBE), call(X, rcond=0.1)],
    "matrix_rank": [call(X), call(STACK), call(SQUARE, tol=0.1)],
    "cholesky": [call(DEFINITE), call(DEFINITE, upper=True)],
    "cholesky_inverse": [call(np.linalg.cholesky(DEFINITE)), call(np.linalg.cholesky(DEFINITE).T, upper=True)],
    "eigh": [call(DEFINITE)],
    "eig": [call(SQUARE)],
    "svd": [call(X), call(X, full_matrices=False), call(STACK, compute_uv=False)],
    "qr": [call(X), call(X.T, mode="complete")],
    "lu_factor": [call(SQUARE), call(STACK)],
    "solve": [call(SQUARE, VECTOR[:3]), call(SQUARE, X), call(STACK, CUBE)],
    "solve_triangular": [call(np.tril(SQUARE), X, lower=True), call(np.triu(SQUARE), X)],
    "lstsq": [call(X.T, VECTOR[:4]), call(X.T, draw(4, 2))],
    # signals
    **dict.fromkeys(["fft", "fft2", "ifft2"], [call((X, Y)), call((CUBE, 2 * CUBE))]),
    "rfft": [call(X), call(X, fft_length=6), call(X, 3)],
    "irfft": [call((X, Y)), call((X, Y), fft_length=5)],
    "extract_sequences": [call(VECTOR, 3, 1), call(X, 2, 2), call(CUBE, 2, 1)],
    "stft": [call(draw(2, 20), 6, 3, 8), call(draw(20), 6, 2, 6, window="hamming", center=False), call(draw(20), 4, 2, 8, window=None), call(draw(20), 4, 2, 5, window=np.array([1.0, 2, 2, 1], "f"))],
    "istft": [
        call((draw(2, 7, 5), draw(2, 7, 5, seed=1)), 6, 3, 8),
        call((draw(7, 5), draw(7, 5, seed=1)), 8, 4, 8, window="hamming", length=20),
    ],
    # networks
    **dict.fromkeys(["softmax", "log_softmax"], [call(X), call(X, axis=0), call(CUBE, axis=(1, 2)), call(HALF)]),
    "glu": [call(X), call(CUBE, axis=0)],
    "binary_crossentropy": [call(ONE_HOT, PROBABILITIES), call(ONE_HOT, SCORES, from_logits=True), call(ONE_HOT, PROBABILITIES.astype(jnp.bfloat16))],
    "categorical_crossentropy": [call(ONE_HOT, PROBABILITIES), call(ONE_HOT, SCORES, from_logits=True), call(ONE_HOT.T, PROBABILITIES.T, axis=0)],
    "sparse_categorical_crossentropy": [call(LABELS, PROBABILITIES), call(LABELS[:, None], SCORES, from_logits=True)],
    "ctc_loss": [call(np.array([[1, 2, 2], [3, 0, 0]]), draw(2, 9, 4), np.array([3, 1]), np.array([9, 7])), call(np.array([[0, 2], [1, 0]]), draw(2, 6, 4), np.array([2, 1]), np.array([6, 6]), mask_index=3)],
    "ctc_decode": [
        call(2 * draw(3, 8, 4), np.array([8, 5, 8])),
        call(2 * draw(3, 8, 4), np.array([8, 5, 8]), merge_repeated=False, mask_index=None),
        call(2 * draw(2, 6, 4), np.array([6, 4]), strategy="beam_search", beam_width=30, top_paths=3),
        call(2 * draw(2, 6, 4), np.array([6, 5]), strategy="beam_search", beam_width=5, mask_index=2),
    ],
    "psnr": [call(UNIT, UNIT + 0.1, 1.0)],
    "one_hot": [call(LABELS, 5), call(INTS, 4, axis=0), call(LABELS, 4, dtype="int32"), call([-1, 9], 4)],
    "multi_hot": [call(COUNTS, 8), call(LABELS, 4), call(COUNTS, 8, dtype="int32"), call(COUNTS, num_tokens=8)],
    "batch_normalization": [
        call(X, VECTOR[:4], POSITIVE[0], -1),
        call(CUBE, VECTOR[:3], POSITIVE[0, :3], 1, offset=OTHER[:3], scale=VECTOR[:3], epsilon=0.1),
    ],
    "layer_normalization": [call(X), call(X, VECTOR[:4], OTHER[:4]), call(CUBE, axis=(1, 2), epsilon=0.1), call(CUBE, VECTOR[:3], OTHER[:3], axis=1), call(HALF)],
    "rms_normalization": [call(X), call(X, VECTOR[:4]), call(CUBE, axis=(1, 2), epsilon=0.1), call(HALF)],
    "dot_product_attention": [
        call(draw(2, 5, 4, 3), draw(2, 6, 2, 3), draw(2, 6, 2, 3, seed=1)),
        call(draw(2, 5, 2, 3), draw(2, 5, 2, 3), draw(2, 5, 2, 3, seed=1), is_causal=True, scale=0.7),
        call(draw(2, 5, 2, 3), draw(2, 6, 2, 3), draw(2, 6, 2, 3, seed=1), mask=np.arange(6)[None, None, None] < np.array([4, 6])[:, None, None, None]),
        call(draw(2, 5, 2, 3), draw(2, 6, 2, 3), draw(2, 6, 2, 3, seed=1), bias=draw(1, 2, 5, 6)),
    ],
    "conv": [
        call(SERIES, draw(3, 4, 5)),
        call(SERIES, draw(3, 2, 6), strides=2, padding="same"),
        call(PICTURE, draw(3, 2, 3, 5), dilation_rate=2),
        call(PICTURE.transpose(0, 3, 1, 2), draw(3, 3, 3, 5), (2, 1), "same", **FIRST),
        call(VOLUME, draw(2, 2, 2, 2, 3)),
    ],
    "depthwise_conv": [
        call(SERIES, draw(3, 4, 2)),
        call(PICTURE, draw(3, 2, 3, 2), strides=2, padding="same"),
        call(PICTURE.transpose(0, 3, 1, 2), draw(3, 3, 3, 1), **FIRST),
    ],
    "separable_conv": [
        call(SERIES, draw(3, 4, 2), draw(1, 8, 5)),
        call(PICTURE, draw(3, 2, 3, 2), draw(1, 1, 6, 4), strides=2, padding="same"),
        call(PICTURE.transpose(0, 3, 1, 2), draw(3, 3, 3, 1), draw(1, 1, 3, 4), **FIRST),
    ],
    "conv_transpose": [
        call(SERIES, draw(3, 5, 4)),
        call(PICTURE, draw(3, 2, 5, 3), strides=2, padding="same"),
        call(PICTURE, draw(3, 3, 5, 3), strides=2, padding="same", output_padding=1),
        call(PICTURE.transpose(0, 3, 1, 2), draw(3, 3, 5, 3), 2, "valid", **FIRST),
    ],
    **dict.fromkeys(
        ["max_pool", "average_pool"],
        [
            call(SERIES, 2),
            call(PICTURE, (3, 2), strides=1),
            call(PICTURE, 3, strides=2, padding="same"),
            call(PICTURE.transpose(0, 3, 1, 2), 2, **FIRST),
            call(VOLUME, 2),
        ],
    ),
    **dict.fromkeys(
        ["adaptive_max_pool", "adaptive_average_pool"],
        [call(SERIES, 4), call(PICTURE, (3, 2)), call(PICTURE.transpose(0, 3, 1, 2), 3, **FIRST), call(VOLUME, 2)],
    ),
    "unfold": [call(draw(2, 3, 6, 5), 2), call(draw(2, 3, 6, 5), (2, 3), dilation=2, padding=1, stride=2)],
    "fold": [call(draw(2, 12, 20), (6, 5), 2), call(draw(2, 12, 9), (5, 6), 2, padding=1, stride=(3, 3)), call(draw(2, 8, 12), (5, 6), 2, dilation=2)],
    "space_to_depth": [call(draw(2, 4, 6, 3), 2), call(draw(2, 3, 4, 6), 2, "channels_first")],
    "depth_to_space": [call(draw(2, 2, 3, 12), 2), call(draw(2, 12, 2, 3), 2, "channels_first")],
}  # fmt: skip

IMAGES = draw(2, 6, 8, 3, low=0.0, high=1.0)
POINTS = np.array([[0, 0], [7, 0], [0, 5], [7, 5]], "f")
MOVED = POINTS + draw(4, 2, low=-1, high=1)
IMAGE_CASES: dict[str, list] = {
    "resize": [
        call(IMAGES, (3, 4)),
        call(IMAGES[0], (9, 5), interpolation="nearest"),
        call(IMAGES, (3, 4), "bicubic", antialias=True),
        call(IMAGES, (4, 4), crop_to_aspect_ratio=True),
        call(IMAGES, (4, 4), pad_to_aspect_ratio=True, fill_value=0.5),
        call((255 * IMAGES).astype("uint8"), (3, 4)),
        call(IMAGES.transpose(0, 3, 1, 2), (3, 4), **FIRST),
    ],
    "crop_images": [
        call(IMAGES, 1, 2, 1, 0),
        call(IMAGES[0], top_cropping=1, left_cropping=2, target_height=3, target_width=4),
        call(IMAGES.transpose(0, 3, 1, 2), None, 1, 1, None, 3, 4, **FIRST),
    ],
    "pad_images": [
        call(IMAGES, 1, 2, 1, 0),
        call(IMAGES[0], top_padding=1, left_padding=2, target_height=9, target_width=12),
        call(IMAGES.transpose(0, 3, 1, 2), 1, 1, 2, 0, **FIRST),
    ],
    "extract_patches": [
        call(IMAGES, 2),
        call(IMAGES, (3, 2), strides=1, padding="same"),
        call(IMAGES[0], 2, dilation_rate=2, strides=1),
        call(IMAGES.transpose(0, 3, 1, 2), 2, **FIRST),
        call(VOLUME, (2, 2, 2)),
    ],
    "extract_patches_3d": [call(VOLUME, 2), call(VOLUME, (1, 2, 2), strides=1)],
    "rgb_to_grayscale": [call(IMAGES), call(IMAGES[0]), call((255 * IMAGES).astype("uint8")), call(IMAGES.transpose(0, 3, 1, 2), **FIRST)],
    "rgb_to_hsv": [call(IMAGES), call(IMAGES.transpose(0, 3, 1, 2), **FIRST)],
    "hsv_to_rgb": [call(IMAGES), call(IMAGES[0])],
    "gaussian_blur": [
        # Keras takes None for channels first here, against its documentation.
        call(IMAGES, data_format="channels_last"),
        call(IMAGES[0], (5, 3), (2.0, 1.0), data_format="channels_last"),
        call(IMAGES.transpose(0, 3, 1, 2), **FIRST),
    ],
    "sobel_edges": [call(IMAGES), call(IMAGES.transpose(0, 3, 1, 2), **FIRST)],
    "ssim": [
        call(draw(2, 14, 13, 3, low=0, high=1), draw(2, 14, 13, 3, low=0, high=1, seed=1)),
        call(IMAGES[0], 0.5 * IMAGES[0], filter_size=3, max_val=2.0),
        call(IMAGES, IMAGES, filter_size=4),
    ],
    "affine_transform": [
        call(IMAGES, np.array([1.0, 0.1, 0.5, -0.1, 0.9, 1.0, 0, 0], "f")),
        call(IMAGES[0], np.array([1.0, 0.1, 0.5, -0.1, 0.9, 1.0, 0, 0], "f"), "nearest", "reflect"),
        call(IMAGES, np.array([[1.0, 0, 2.0, 0, 1.0, -1.0, 0, 0]] * 2, "f"), fill_value=0.3),
        call(IMAGES.transpose(0, 3, 1, 2), np.array([1.0, 0, 2.0, 0, 1.0, 1.0, 0, 0], "f"), fill_mode="wrap", **FIRST),
    ],
    "perspective_transform": [
        call(IMAGES[0], POINTS, MOVED),
        call(IMAGES, np.stack([POINTS] * 2), np.stack([MOVED, POINTS]), "nearest", 0.2),
    ],
    "map_coordinates": [
        call(X, np.array([[0.5, 1.2], [2.9, 5.0]], "f"), 1),
        call(X, np.array([[0.4, 1.2], [2.9, 5.0]], "f"), order=0, fill_mode="nearest"),
        call(INTS, np.array([[0.4, 1.2], [2.9, 1.0]], "f"), order=1),
    ],
    "scale_and_translate": [
        call(IMAGES, (2, 12, 10, 3), np.array([2.0, 1.2], "f"), np.array([0.5, -1.0], "f"), (1, 2), "linear"),
    ],
}  # fmt: skip

NOT_COMPARED = {
    "sparsemax": "Keras's does not sum to one; tests/unit/test_activations.py has the definition",
    # They take functions: see test_operations_on_functions.
    **dict.fromkeys(
        "cond switch while_loop fori_loop scan associative_scan map vectorized_map vectorize "
        "custom_gradient jvp".split(),
        "compared in test_operations_on_functions",
    ),
}
IMAGE_NOT_COMPARED = {"elastic_transform": "random; see tests/unit/test_ops.py"}
# Where numbers differ a little, or a format is deliberately another.
TOLERANCES = {
    "pinv": 1e-4, "inv": 1e-4, "lstsq": 1e-4, "lu_factor": 1e-4, "perspective_transform": 1e-3,
    "istft": 1e-4, "cholesky_inverse": 1e-4, "solve": 1e-4, "eigh": 1e-4, "ssim": 1e-4,
}  # fmt: skip
# Signs of vectors are free.
UP_TO_SIGN = {"eigh", "eig", "svd", "qr"}


def flat(result):
    """The arrays of a result, in order; shapes of shapes and formats as they are."""
    if isinstance(result, (str, bool, int)) or (
        isinstance(result, tuple) and all(isinstance(item, int) for item in result)
    ):
        return [result]
    return jax.tree.leaves(result)


def compare(name, own, other):
    own, other = flat(own), flat(other)
    assert len(own) == len(other)
    for a, b in zip(own, other, strict=True):
        if isinstance(a, (str, tuple, bool)):
            assert a == b
            continue
        assert np.shape(a) == np.shape(b)
        assert jnp.asarray(a).dtype == jnp.asarray(b).dtype
        a, b = (np.asarray(v) for v in (a, b))
        half = a.dtype == jnp.bfloat16
        if half:
            a, b = a.astype("float32"), b.astype("float32")
        if name in UP_TO_SIGN:
            a, b = np.abs(a), np.abs(b)
        tolerance = 1e-2 if half else TOLERANCES.get(name, 1e-5)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)


def attempt(function, args, kwargs):
    """The result, or the exception where there is one; what Keras warns about is its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return function(*args, **kwargs), None
        except Exception as error:
            return None, error


# ---------------------------------------------------------------------------------------- tests


def signature(function):
    return [(p.name, p.default, p.kind) for p in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize("name", NAMES)
def test_signature(name):
    assert signature(getattr(ours, name)) == signature(getattr(theirs, name))


@pytest.mark.parametrize("name", IMAGE_NAMES)
def test_signature_of_image_operations(name):
    assert signature(getattr(ours.image, name)) == signature(getattr(theirs.image, name))


def test_every_name_is_here_and_documented():
    assert set(NAMES) <= set(dir(ours))
    assert set(dir(ours)) == {*NAMES, *MODULES}
    for module in MODULES:
        assert set(public(getattr(theirs, module))) <= set(dir(getattr(ours, module)))
    for name in NAMES:
        assert len(inspect.getdoc(getattr(ours, name))) > 10, name


def test_every_name_is_compared_or_excused():
    assert set(CASES) | set(NOT_COMPARED) == set(NAMES)
    assert set(IMAGE_CASES) | set(IMAGE_NOT_COMPARED) == set(IMAGE_NAMES)
    assert not set(CASES) & set(NOT_COMPARED)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_values_and_formats(name):
    compared = 0
    for args, kwargs in CASES[name]:
        expected, refused = attempt(getattr(theirs, name), args, kwargs)
        if refused is not None:  # a format that Keras cannot take
            continue
        compare(name, getattr(ours, name)(*args, **kwargs), expected)
        compared += 1
    assert compared


@pytest.mark.slow
@pytest.mark.parametrize("name", IMAGE_CASES)
def test_values_of_image_operations(name):
    for args, kwargs in IMAGE_CASES[name]:
        expected = getattr(theirs.image, name)(*(jnp.asarray(a) if isinstance(a, np.ndarray) else a for a in args), **kwargs)  # fmt: skip
        compare(name, getattr(ours.image, name)(*args, **kwargs), expected)


@pytest.mark.slow
def test_operations_on_functions():
    def same(name, *args, **kwargs):
        compare(name, getattr(ours, name)(*args, **kwargs), getattr(theirs, name)(*args, **kwargs))

    x = jnp.asarray(X)
    same("cond", jnp.array(True), lambda: x, lambda: 2 * x)
    same("switch", 1, [lambda v: v, lambda v: -v], x)
    same("while_loop", lambda i, v: i < 3, lambda i, v: (i + 1, 2 * v), (0, x))
    same("while_loop", lambda v: v < 100, lambda v: 2 * v, 3)
    same("while_loop", lambda v: v < 100, lambda v: 2 * v, 3, maximum_iterations=2)
    same("fori_loop", 0, 4, lambda i, v: v * 2 + i, x)
    same("scan", lambda c, v: (c + v, c * v), jnp.zeros(4), x)
    same("scan", lambda c, v: (c + v, c), jnp.zeros(4), x, reverse=True, unroll=2)
    same("associative_scan", lambda a, b: a + b, x, reverse=True, axis=1)
    same("map", lambda v: v.sum(), x)
    same("vectorized_map", lambda v: v.sum(), x)
    same("jvp", lambda v: v**2, (x,), (jnp.ones_like(x),))
    compare(
        "vectorize",
        ours.vectorize(lambda a, b: a @ b, signature="(n),(n)->()")(x, x),
        theirs.vectorize(lambda a, b: a @ b, signature="(n),(n)->()")(x, x),
    )

    def gradient(ops):
        @ops.custom_gradient
        def doubled(v):
            return v**2, lambda upstream: 5.0 * upstream

        return jax.grad(lambda v: doubled(v).sum())(x)

    compare("custom_gradient", gradient(ours), gradient(theirs))


GRADIENTS = {
    "softmax": call(X),
    "logsumexp": call(X, axis=1),
    "normalize": call(X),
    "layer_normalization": call(X, VECTOR[:4], OTHER[:4]),
    "rms_normalization": call(X, VECTOR[:4]),
    "conv": call(PICTURE, draw(3, 2, 3, 5), padding="same"),
    "max_pool": call(PICTURE, 2),
    "average_pool": call(PICTURE, 3, 2, "same"),
    "dot_product_attention": call(draw(2, 5, 2, 3), draw(2, 6, 2, 3), draw(2, 6, 2, 3, seed=1)),
    "ctc_loss": call(np.array([[1, 2, 2], [3, 0, 0]]), draw(2, 9, 4), np.array([3, 1]), np.array([9, 7])),
    "take": call(X, [2, 0], axis=1),
    "divide_no_nan": call(X, np.where(BOOLS, Y, 0)),
    "unfold": call(draw(2, 3, 6, 5), (2, 3), padding=1),
    "fold": call(draw(2, 12, 20), (6, 5), 2),
    "sparse_categorical_crossentropy": call(LABELS, PROBABILITIES),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    args, kwargs = GRADIENTS[name]
    at = [i for i, a in enumerate(args) if isinstance(a, np.ndarray) and a.dtype == np.float32]

    def gradients(ops):
        def total(*arrays):
            given = list(args)
            for position, array in zip(at, arrays, strict=True):
                given[position] = array
            result = getattr(ops, name)(*given, **kwargs)
            return jnp.sum(jnp.sin(result))

        return jax.grad(total, argnums=tuple(range(len(at))))(*(jnp.asarray(args[i]) for i in at))

    compare(name, gradients(ours), gradients(theirs))


def test_the_default_format_is_followed():
    from pellucid import config

    try:
        config.set_floatx("bfloat16")
        keras.config.set_floatx("bfloat16")
        for name, args in [
            ("zeros", (2,)), ("sin", (INTS,)), ("mean", (INTS,)), ("one_hot", (LABELS, 4)),
            ("eye", (2,)), ("arange", (2.0,)), ("hamming", (3,)), ("exp", (INTS,)),
        ]:  # fmt: skip
            compare(name, getattr(ours, name)(*args), getattr(theirs, name)(*args))
    finally:
        config.set_floatx("float32")
        keras.config.set_floatx("float32")
