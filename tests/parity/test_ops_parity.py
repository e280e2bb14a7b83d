"""Every operation against Keras's on JAX: signatures, values and number formats.

`CASES` has arguments for every name of `keras.ops`; a name without any must be in `NOT_COMPARED`,
with the reason. Results are compared as they nest, number by number and format by format.
"""

from __future__ import annotations

import inspect
import re
import warnings

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from keras import ops as theirs
from parity.ops_cases import images, networks, numbers
from parity.ops_cases.arguments import (
    BOOLS,
    INTS,
    LABELS,
    OTHER,
    PICTURE,
    PROBABILITIES,
    VECTOR,
    X,
    Y,
    call,
    draw,
    each,
)

from pellucid import ops as ours

MODULES = ("image", "linalg", "nn", "numpy")


def public(module):
    return [n for n in dir(module) if not n.startswith("_") and not inspect.ismodule(n)]


NAMES = [n for n in public(theirs) if n not in MODULES]
IMAGE_NAMES = public(theirs.image)
CASES = {**numbers.CASES, **networks.CASES}

NOT_COMPARED = {
    "sparsemax": "Keras's does not sum to one; tests/unit/test_activations.py has the definition",
    # They take functions: see test_operations_on_functions.
    **each(
        "cond switch while_loop fori_loop scan associative_scan map vectorized_map vectorize "
        "custom_gradient jvp",
        "compared in test_operations_on_functions",
    ),
}
IMAGE_NOT_COMPARED = {"elastic_transform": "random; see tests/unit/test_ops.py"}
# Where numbers differ a little, or a format is deliberately another.
TOLERANCES = {
    "pinv": 1e-4,
    "inv": 1e-4,
    "lstsq": 1e-4,
    "lu_factor": 1e-4,
    "perspective_transform": 1e-3,
    "istft": 1e-4,
    "cholesky_inverse": 1e-4,
    "solve": 1e-4,
    "eigh": 1e-4,
    "ssim": 1e-4,
}
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
        assert len(inspect.getdoc(getattr(ours, name))) >= 5, name


def test_every_name_is_compared_or_excused():
    assert set(CASES) | set(NOT_COMPARED) == set(NAMES)
    assert set(images.CASES) | set(IMAGE_NOT_COMPARED) == set(IMAGE_NAMES)
    assert not set(CASES) & set(NOT_COMPARED)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_values_and_formats(name):
    compared = 0
    for args, kwargs in CASES[name]:
        expected, refused = attempt(getattr(theirs, name), args, kwargs)
        if refused is not None:
            assert re.search("accept dtype|requires ndarray|no attribute|not inexact", str(refused))
            continue  # a format, or a list, that Keras cannot take
        compare(name, getattr(ours, name)(*args, **kwargs), expected)
        compared += 1
    assert compared


@pytest.mark.slow
@pytest.mark.parametrize("name", images.CASES)
def test_values_of_image_operations(name):
    for args, kwargs in images.CASES[name]:
        arrays = [jnp.asarray(a) if isinstance(a, np.ndarray) else a for a in args]
        expected = getattr(theirs.image, name)(*arrays, **kwargs)
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
    "max_pool": call(PICTURE, 2, 2),
    "average_pool": call(PICTURE, 3, 2, "same"),
    "dot_product_attention": call(draw(2, 5, 2, 3), draw(2, 6, 2, 3), draw(2, 6, 2, 3, seed=1)),
    "ctc_loss": call(
        np.array([[1, 2, 2], [3, 0, 0]]), draw(2, 9, 4), np.array([3, 1]), np.array([9, 7])
    ),
    "take": call(X, [2, 0], axis=1),
    "divide_no_nan": call(X, np.where(BOOLS, Y, 0)),
    "unfold": call(draw(2, 3, 6, 5), (2, 3), padding=1),
    "fold": call(draw(2, 12, 20), (6, 5), 2),
    "sparse_categorical_crossentropy": call(LABELS, PROBABILITIES),
}


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
            ("zeros", (2,)),
            ("mean", (jnp.asarray(INTS),)),
            ("one_hot", (jnp.asarray(LABELS), 4)),
            ("eye", (2,)),
            ("hamming", (3,)),
            ("exp", (jnp.asarray(INTS),)),
            ("full", (2, 1)),
        ]:
            compare(name, getattr(ours, name)(*args), getattr(theirs, name)(*args))
    finally:
        config.set_floatx("float32")
        keras.config.set_floatx("float32")
