"""Normalisation layers beyond the contract: kernels against their plain forms, training, errors."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import pellucid
from pellucid import Input, Sequential, layers
from pellucid._core.errors import ConfigError, ShapeError, UnknownNameError
from pellucid.kernels.group_norm import group_norm, group_norm_plain
from pellucid.kernels.vector_norm import rms_norm, rms_norm_plain, unit_norm

RNG = np.random.default_rng(0)


def numbers(*shape):
    return jnp.asarray(RNG.normal(2.0, 3.0, shape), "float32")


def same_with_gradients(fast, plain, *arguments):
    weights = numbers(*jax.eval_shape(plain, *arguments).shape)

    @jax.jit
    def run(arguments):
        results = []
        for form in (fast, plain):
            y, back = jax.vjp(form, *arguments)
            results.append((y, *back(weights)))
        return results

    for a, b in zip(*run(arguments), strict=True):
        b = np.asarray(b)
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * np.abs(b).max())


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "groups"), [((3, 6), 3), ((2, 4, 5, 6), 2), ((2, 3, 4), 1)])
def test_group_norm_equals_the_plain_form(shape, groups):
    x, gamma, beta = numbers(*shape), numbers(shape[-1]), numbers(shape[-1])
    same_with_gradients(
        lambda *a: group_norm(*a, groups, 1e-3),
        lambda *a: group_norm_plain(*a, groups, 1e-3),
        x,
        gamma,
        beta,
    )


@pytest.mark.slow
def test_rms_norm_equals_the_plain_form():
    for shape in ((5, 4), (2, 3, 4)):
        x, scale = numbers(*shape), numbers(shape[-1])
        same_with_gradients(
            lambda *a: rms_norm(*a, 1e-6), lambda *a: rms_norm_plain(*a, (-1,), 1e-6), x, scale
        )


def test_the_length_of_nothing_has_a_finite_gradient():
    """Keras gives NaN there."""
    gradient = jax.grad(lambda x: unit_norm(x, (1,))[0, 0])(jnp.zeros((1, 3)))
    assert bool(jnp.isfinite(gradient).all())


def test_instance_and_layer_normalisation_are_group_normalisation():
    x = np.asarray(numbers(2, 5, 4))
    y = np.asarray(layers.GroupNormalization(groups=-1, epsilon=0.0)(x))
    np.testing.assert_allclose(y.mean(1), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(1), 1, atol=1e-5)
    y = np.asarray(layers.GroupNormalization(groups=1, epsilon=0.0)(x))
    np.testing.assert_allclose(y.mean((1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(y.std((1, 2)), 1, atol=1e-5)


WRONG = [
    (lambda: layers.GroupNormalization(0), "'groups' of GroupNormalization"),
    (lambda: layers.GroupNormalization(4)(Input((6,))), "groups=3."),
    (lambda: layers.GroupNormalization()(Input((6,))), "groups=6."),
    (lambda: layers.GroupNormalization(2, axis=0)(Input((6,))), "cannot group the batch"),
    (lambda: layers.GroupNormalization(2, axis=4)(Input((6,))), "from -2 to 1"),
    (lambda: layers.GroupNormalization(2, beta_initializer="zeroes"), "zeros"),
    (lambda: layers.RMSNormalization(axis=0)(Input((6,))), "over the batch"),
    (lambda: layers.RMSNormalization(axis=3)(Input((6,))), "from -2 to 1"),
    (lambda: layers.RMSNormalization(axis="x"), "must be a whole number"),
    (lambda: layers.RMSNormalization(epsilon=-1), "'epsilon' of RMSNormalization"),
    (lambda: layers.UnitNormalization(axis=1.5), "must be a whole number"),
    (lambda: layers.UnitNormalization(axis=2)(Input((6,))), "from -2 to 1"),
    (lambda: layers.SpectralNormalization(layers.Dense(2), 0), "'power_iterations'"),
    (lambda: layers.SpectralNormalization("dense"), "put around a layer"),
    (
        lambda: layers.SpectralNormalization(layers.Flatten())(Input((6,))),
        "Flatten 'flatten', with neither kernel",
    ),
    (lambda: layers.BatchNormalization(renorm_clipping={"max": 3}), "no limit called 'max'"),
    (lambda: layers.BatchNormalization(renorm_clipping=3), "must be a dictionary"),
    (lambda: layers.BatchNormalization(renorm_clipping={"rmin": 2, "rmax": 1}), "rmin is above"),
    (lambda: layers.BatchNormalization(renorm_clipping={"dmax": -1}), "0 or more"),
    (lambda: layers.BatchNormalization(renorm_momentum=2), "'renorm_momentum'"),
]


@pytest.mark.parametrize(("make", "what"), WRONG)
def test_wrong_arguments(make, what):
    with pytest.raises((ConfigError, ShapeError, UnknownNameError)) as caught:
        make()
    assert what in str(caught.value)
    assert "fix:" in str(caught.value)


def test_renormalisation_with_no_room_is_batch_normalisation():
    x = np.asarray(numbers(8, 4))
    limits = {"rmin": 1.0, "rmax": 1.0, "dmax": 0.0}
    plain, renorm = (
        layers.BatchNormalization(),
        layers.BatchNormalization(renorm=True, renorm_clipping=limits),
    )
    np.testing.assert_allclose(renorm(x, training=True), plain(x, training=True), atol=1e-5)
    np.testing.assert_allclose(renorm.moving_mean, plain.moving_mean, atol=1e-6)
    names = [w.name for w in renorm.non_trainable_weights]
    assert names == [
        "moving_mean",
        "moving_variance",
        "moving_stddev",
        "renorm_mean",
        "renorm_stddev",
    ]


@pytest.mark.slow
def test_renormalisation_settles_on_the_running_statistics():
    layer = layers.BatchNormalization(momentum=0.5, renorm=True, renorm_momentum=0.5)
    for _ in range(40):
        x = numbers(256, 3)
        trained = layer(x, training=True)
    np.testing.assert_allclose(trained, layer(x), atol=0.2)


def largest_value(layer):
    return np.linalg.norm(np.asarray(layer.kernel), 2)


@pytest.mark.slow
def test_spectral_normalisation_holds_the_kernel_while_it_trains():
    x = np.asarray(RNG.normal(size=(64, 5)), "float32")
    y = 10 * x[:, :1]
    pellucid.utils.set_random_seed(0)
    free, held = layers.Dense(1), layers.Dense(1)
    for layer in (free, layers.SpectralNormalization(held)):
        model = Sequential([Input((5,)), layer])
        model.compile(pellucid.optimizers.SGD(0.01), "mse")
        model.fit(x, y, epochs=30, verbose=0)
    assert largest_value(free) > 5
    assert largest_value(held) < 1.5  # 1 as of the last step, and that step
    found = np.abs(held.kernel).ravel()
    assert found.argmax() == 0  # it learned where to look


@pytest.mark.slow
def test_spectral_normalisation_leaves_a_kernel_of_zeros():
    layer = layers.SpectralNormalization(layers.Dense(2, kernel_initializer="zeros"))
    y = layer(np.ones((1, 3), "float32"), training=True)
    assert y.tolist() == [[0.0, 0.0]]
    variables = layer.variable_tree()
    gradient = jax.jit(
        jax.grad(lambda v: layer.apply(v, jnp.ones((1, 3)), training=True)[0].sum())
    )(variables)
    assert all(bool(jnp.isfinite(g).all()) for g in gradient.values())


def test_spectral_normalisation_of_an_embedding_takes_whole_numbers():
    table = layers.Embedding(10, 4)
    model = Sequential([layers.SpectralNormalization(table, power_iterations=30), layers.Flatten()])
    model(np.array([[1, 2, 3]]), training=True)
    assert np.linalg.norm(table.embeddings, 2) == pytest.approx(1, rel=1e-2)
