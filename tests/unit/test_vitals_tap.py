"""One tap for checkups and `model.backward`, also where layers call layers in their own loops."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid import Input, Model, Sequential, layers
from pellucid.utils import set_random_seed

X = np.random.default_rng(0).normal(size=(6, 5, 3)).astype("float32")
Y = np.zeros((6, 5, 3), "float32")


class Scanned(layers.Layer):
    """Calls a layer once a step, in a loop of its own."""

    def __init__(self, how, **kwargs):
        super().__init__(**kwargs)
        self.how = how
        self.dense = layers.Dense(3, activation="tanh")

    def build(self, shape):
        self.dense.build((None, 3))

    def call(self, x):
        steps = jnp.swapaxes(x, 0, 1)  # (time, batch, features)
        if self.how == "scan":
            _, out = jax.lax.scan(lambda carry, step: (carry, self.dense(step)), 0.0, steps)
        elif self.how == "vmap":
            out = jax.vmap(self.dense)(steps)
        else:
            out = jax.lax.cond(x.sum() > -1e9, lambda z: self.dense(z), lambda z: z, steps)
        return jnp.swapaxes(out, 0, 1)


def network(how):
    set_random_seed(1)
    x = Input((5, 3))
    model = Model(x, layers.Dense(3, name="last")(Scanned(how, name="loop")(x)))
    model.compile(optimizer="sgd", loss="mse")
    return model


@pytest.mark.parametrize("how", ["scan", "vmap", "cond"])
def test_backward_with_layers_called_in_loops(how):
    model = network(how)
    found = model.backward(X, Y)
    kernel = np.asarray(model.get_layer("loop").dense.kernel)
    hidden = np.tanh(X @ kernel)
    np.testing.assert_allclose(found.outputs[f"{model.name}/loop"], hidden, rtol=1e-5, atol=1e-6)
    at_last = 2 * found.outputs[f"{model.name}/last"] / Y.size
    np.testing.assert_allclose(
        found.output_gradients[f"{model.name}/last"], at_last, rtol=1e-4, atol=1e-6
    )
    last = np.asarray(model.get_layer("last").kernel)
    by_hand = np.einsum("nti,ntj->ij", X, (at_last @ last.T) * (1 - hidden**2))
    (path,) = [p for p in found.gradients if p.endswith("loop/dense/kernel")]
    np.testing.assert_allclose(found.gradients[path], by_hand, rtol=1e-3, atol=1e-6)


def test_backward_shows_networks_within_the_network_and_whole_numbers():
    inner = Sequential([layers.Input((3,)), layers.Dense(2, name="first")], name="inner")
    x = Input((3,))
    model = Model(x, layers.Dense(1, name="out")(inner(x)), name="outer")
    model.compile(optimizer="sgd", loss="mse")
    found = model.backward(X[:, 0], Y[:, 0, :1])
    assert list(found.outputs) == ["outer/inner", "outer/inner/first", "outer/out"]
    np.testing.assert_array_equal(
        found.output_gradients["outer/inner"], found.output_gradients["outer/inner/first"]
    )
