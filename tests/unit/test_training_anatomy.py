"""Back-propagation laid open: gradients against finite differences, the hand-written loop."""

from __future__ import annotations

import numpy as np

from pellucid import Sequential, layers, optimizers
from pellucid.utils import set_random_seed

RNG = np.random.default_rng(1)
X = RNG.normal(size=(24, 4)).astype("float32")
Y = RNG.normal(size=(24, 1)).astype("float32")


def network():
    set_random_seed(2)
    model = Sequential(
        [
            layers.Input(shape=(4,)),
            layers.Dense(6, activation="tanh", name="hidden"),
            layers.Dense(1, name="out"),
        ]
    )
    model.compile(optimizer=optimizers.SGD(0.1), loss="mse")
    return model


def loss_by_hand(weights):
    w1, b1, w2, b2 = (w.astype("float64") for w in weights)
    return float(np.mean((np.tanh(X @ w1 + b1) @ w2 + b2 - Y) ** 2))


def test_backward_agrees_with_finite_differences():
    model = network()
    found = model.backward(X, Y)
    weights = model.get_weights()
    np.testing.assert_allclose(found.loss, loss_by_hand(weights), rtol=1e-5)
    for position, path in ((0, "sequential/hidden/kernel"), (3, "sequential/out/bias")):
        gradient = found.gradients[path]
        for index in np.ndindex(*gradient.shape):
            step = 1e-4
            up = [w.astype("float64") for w in weights]
            down = [w.astype("float64") for w in weights]
            up[position][index] += step
            down[position][index] -= step
            numeric = (loss_by_hand(up) - loss_by_hand(down)) / (2 * step)
            np.testing.assert_allclose(gradient[index], numeric, rtol=1e-3, atol=1e-5)


def test_backward_shows_outputs_and_the_gradients_at_them():
    model = network()
    found = model.backward(X, Y)
    weights = model.get_weights()
    hidden = np.tanh(X @ weights[0] + weights[1])
    out = hidden @ weights[2] + weights[3]
    np.testing.assert_allclose(found.outputs["sequential/hidden"], hidden, rtol=1e-4, atol=1e-5)
    at_out = 2 * (out - Y) / len(X)
    np.testing.assert_allclose(
        found.output_gradients["sequential/out"], at_out, rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(
        found.output_gradients["sequential/hidden"], at_out @ weights[2].T, rtol=1e-4, atol=1e-6
    )


def test_the_hand_written_loop_reaches_the_weights_of_fit():
    by_hand, fitted = network(), network()
    for _ in range(5):
        for start in range(0, 24, 10):
            batch = slice(start, start + 10)
            by_hand.forward(X[batch])
            by_hand.backward(X[batch], Y[batch])
            by_hand.update_parameters(0.1)
    fitted.fit(X, Y, batch_size=10, epochs=5, shuffle=False, verbose=0)
    for a, b in zip(by_hand.get_weights(), fitted.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_updates_by_the_compiled_optimizer_reach_the_weights_of_fit():
    by_hand, fitted = network(), network()
    for model in (by_hand, fitted):
        model.compile(optimizer=optimizers.Adam(0.02), loss="mse")
    for _ in range(3):
        for start in range(0, 24, 8):
            by_hand.backward(X[start : start + 8], Y[start : start + 8])
            by_hand.update_parameters()
    fitted.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    for a, b in zip(by_hand.get_weights(), fitted.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_full_batch_stochastic_and_mini_batch_differ_by_batch_size_alone():
    target = X @ np.array([[1.0], [-2.0], [0.5], [0.0]], dtype="float32")
    losses = {}
    for size in (1, 8, 24):
        model = network()
        model.compile(optimizer=optimizers.SGD(0.01), loss="mse")
        losses[size] = model.fit(X, target, batch_size=size, epochs=10, verbose=0).history["loss"]
        assert losses[size][-1] < losses[size][0]
    # 24, 3 and 1 updates an epoch: the smaller the batch, the further an epoch gets.
    assert losses[1][-1] < losses[8][-1] < losses[24][-1]


def test_gradients_and_outputs_come_in_the_order_of_the_network():
    model = Sequential([layers.Input((3,)), layers.Dense(2, name="z"), layers.Dense(1, name="a")])
    model.compile("sgd", "mse")
    inside = model.backward(np.ones((2, 3), "float32"), np.ones((2, 1), "float32"))
    assert list(inside.gradients) == [weight.path for weight in model.trainable_variables]
    assert [path.split("/")[-1] for path in inside.outputs] == ["z", "a"]
