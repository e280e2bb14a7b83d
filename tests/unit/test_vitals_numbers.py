"""Every number of the checkups of a small network, against the same network in NumPy float64."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import pellucid
from pellucid import Sequential, layers, regularizers
from pellucid.training import sharing
from pellucid.vitals import RunRecord, checkup_program, measure
from pellucid.vitals.measure import gradient_sums, side_by_side

N, HELD_OUT, BATCH, EPOCHS, RATE, L2 = 40, 12, 8, 2, 0.1, 0.01
R = np.random.default_rng(0)
X = R.normal(size=(N + HELD_OUT, 5)).astype(np.float32)
Y = R.integers(0, 3, N + HELD_OUT)
PATHS = ["first", "second", "third", "last"]
STEPS = [0, 1, 5, 10]


def make_model():
    pellucid.utils.set_random_seed(3)
    model = Sequential(
        [
            layers.Input(shape=(5,)),
            layers.Dense(
                6, activation="relu", kernel_regularizer=regularizers.L2(L2), name="first"
            ),
            layers.Dense(4, activation="sigmoid", name="second"),
            layers.Dense(3, activation="tanh", name="third"),
            layers.Dense(3, activation="softmax", name="last"),
        ]
    )
    # One unit that is dead from the start, and one that is saturated.
    model.layers[0].bias = np.float32([0, 0, -50, 0, 0.3, 0])
    model.layers[1].bias = np.float32([0, 30, 0, 0])
    model.compile(
        pellucid.optimizers.SGD(RATE), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def weights_of(model):
    return [
        (np.float64(layer.kernel), np.float64(layer.bias))  # (inputs, units), (units,)
        for layer in model.layers
    ]


def forward(weights, x):
    """The outputs of the four layers."""
    outputs = []
    for number, (kernel, bias) in enumerate(weights):
        x = x @ kernel + bias
        if number == 0:
            x = np.maximum(x, 0)
        elif number == 1:
            x = 1 / (1 + np.exp(-x))
        elif number == 2:
            x = np.tanh(x)
        else:
            x = np.exp(x - x.max(1, keepdims=True))
            x /= x.sum(1, keepdims=True)
        outputs.append(x)
    return outputs


def loss_of(weights, x, y):
    likely = forward(weights, x)[-1][np.arange(len(y)), y]
    return -np.log(likely).mean() + L2 * np.square(weights[0][0]).sum()


def backward(weights, x, y):
    """Gradients of the loss by every layer's output, and by every weight."""
    outputs = forward(weights, x)
    one_hot = np.eye(3)[y]
    # The loss divides by the sum of the probabilities, which is 1.
    at_output = [None, None, None, (1 - one_hot / outputs[3]) / len(y)]
    before = (outputs[3] - one_hot) / len(y)  # softmax and cross-entropy together
    gradients = []
    for number in (3, 2, 1, 0):
        if number < 3:
            slopes = [outputs[0] > 0, outputs[1] * (1 - outputs[1]), 1 - outputs[2] ** 2]
            before = at_output[number] * slopes[number]
        below = outputs[number - 1] if number else x
        gradients.insert(0, (below.T @ before, before.sum(0)))
        if number:
            at_output[number - 1] = before @ weights[number][0].T
    kernel, bias = gradients[0]
    gradients[0] = (kernel + 2 * L2 * weights[0][0], bias)
    return at_output, gradients


def norm(arrays):
    return np.sqrt(sum(np.square(array).sum() for array in arrays))


def by_hand(weights):
    """Losses, gradient norms and weights of every step of plain gradient descent."""
    losses, norms, course = [], [], [weights]
    for _ in range(EPOCHS):
        for start in range(0, N, BATCH):
            x, y = np.float64(X[start : start + BATCH]), Y[start : start + BATCH]
            losses.append(loss_of(weights, x, y))
            _, gradients = backward(weights, x, y)
            norms.append(norm([part for pair in gradients for part in pair]))
            weights = [
                (kernel - RATE * slope, bias - RATE * lean)
                for (kernel, bias), (slope, lean) in zip(weights, gradients, strict=True)
            ]
            course.append(weights)
    return np.array(losses), np.array(norms), course


@pytest.fixture(scope="module")
def run():
    """A short training, and the same by hand."""
    model = make_model()
    hand = by_hand(weights_of(model))
    history = model.fit(
        X[:N],
        Y[:N],
        batch_size=BATCH,
        epochs=EPOCHS,
        shuffle=False,
        verbose=0,
        validation_data=(X[N:], Y[N:]),
    )
    return history.vitals, hand


def close(found, expected, rtol=2e-4, atol=2e-6):
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


def test_losses_and_gradient_norms_of_every_step(run):
    record, (losses, norms, _) = run
    close(record.losses, losses)
    close(record.gradient_norms, norms)
    assert (record.first_step, record.bad_step, record.bad_place) == (0, -1, None)


def test_checkups_are_before_after_the_first_step_and_after_every_epoch(run):
    record, _ = run
    assert record.checkups.step.tolist() == STEPS
    assert record.checkups.epoch.tolist() == [0, 0, 1, 2]
    assert len(record.checkups) == 4
    assert list(record.checkups.layers) == PATHS


def test_losses_and_metrics_on_the_samples(run):
    record, (_, _, course) = run
    for row, step in enumerate(STEPS):
        for found, part in (
            (record.checkups.train, slice(0, N)),
            (record.checkups.validation, slice(N, None)),
        ):
            weights = course[step]
            x, y = np.float64(X[part]), Y[part]
            right = forward(weights, x)[-1].argmax(1) == y
            close(found["loss"][row], loss_of(weights, x, y))
            close(found["accuracy"][row], right.mean())
        close(record.checkups.training_mode["loss"][row], record.checkups.train["loss"][row])


@pytest.mark.parametrize("number", range(4))
def test_layers(run, number):
    record, (_, _, course) = run
    signs = record.checkups.layers[PATHS[number]]
    bounds = {1: (0, 1), 2: (-1, 1), 3: (0, 1)}.get(number)
    for row, step in enumerate(STEPS):
        output = forward(course[step], np.float64(X[:N]))[number]  # (samples, units)
        at_output, _ = backward(course[step], np.float64(X[:N]), Y[:N])
        close(signs["output_mean"][row], output.mean())
        close(signs["output_rms"][row], np.sqrt(np.square(output).mean()))
        close(signs["output_spread"][row], np.sqrt(output.var(axis=0).mean()))
        assert signs["output_nonfinite"][row] == 0
        close(signs["zero_share"][row], (output == 0).mean())
        close(signs["unit_zero"][row], (output == 0).mean(axis=0))
        slopes = at_output[number] * N
        close(signs["gradient_rms"][row], np.sqrt(np.square(slopes).mean()), rtol=1e-3)
        assert signs["gradient_nonfinite"][row] == 0
        if bounds is not None:
            edge = 0.01 * (bounds[1] - bounds[0])
            at_bound = (output <= bounds[0] + edge) | (output >= bounds[1] - edge)
            close(signs["saturated"][row], at_bound.mean())
            close(signs["unit_saturated"][row], at_bound.mean(axis=0))
        counts, edges = np.histogram(output, 32)
        assert signs["histogram"][row].sum() == output.size
        assert np.abs(signs["histogram"][row] - counts).sum() <= 2  # a number at an edge may move
        close(signs["histogram_range"][row], [edges[0], edges[-1]])
    assert ("saturated" in signs) == (bounds is not None)


def test_layers_looked_at_in_parts_have_the_same_numbers(run, monkeypatch):
    parts = []

    def count(outputs):
        parts.append(len(outputs))
        return side_by_side(outputs)

    # The first two layers have 6 and 4 units.
    monkeypatch.setattr(
        checkup_program, "TOGETHER", N * 10
    )  # the first two layers have 6 and 4 units
    monkeypatch.setattr(checkup_program.measure, "side_by_side", count)
    sharing.forget()  # or the program of the other tests would be taken
    model = make_model()
    data = {"validation_data": (X[N:], Y[N:])}
    found = model.fit(X[:N], Y[:N], batch_size=BATCH, epochs=1, verbose=0, **data).vitals.checkups
    sharing.forget()
    assert parts == [2, 2, 2, 2]  # outputs and gradients of each part
    for path, signs in run[0].checkups.layers.items():
        for name, values in signs.items():
            close(found.layers[path][name][0], values[0])


def test_gradients_that_are_not_finite_are_counted_by_unit():
    gradients = R.normal(size=(5, 4, 3)).astype(np.float32)
    gradients[0, 1, 2], gradients[3, 0, 2], gradients[4, 3, 0] = np.nan, np.inf, -np.inf
    squares, nonfinite = np.asarray(gradient_sums(gradients))
    assert nonfinite.tolist() == [1, 0, 2]
    close(squares[1], np.square(np.float64(gradients[..., 1])).sum())


def test_the_dead_and_the_saturated_unit_are_seen(run):
    layers = run[0].checkups.layers
    assert (layers["first"]["unit_zero"][:, 2] == 1).all()
    assert (layers["second"]["unit_saturated"][:, 1] == 1).all()


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("role", ["kernel", "bias"])
def test_weights(run, number, role):
    record, (_, _, course) = run
    part = ("kernel", "bias").index(role)
    signs = record.checkups.weights[f"{PATHS[number]}/{role}"]
    start = course[0][number][part]
    for row, step in enumerate(STEPS):
        weight = course[step][number][part]
        _, gradients = backward(course[step], np.float64(X[:N]), Y[:N])
        close(signs["norm"][row], norm([weight]))
        close(signs["rms"][row], np.sqrt(np.square(weight).mean()))
        close(signs["maximum"][row], np.abs(weight).max())
        close(signs["gradient_norm"][row], norm([gradients[number][part]]), rtol=1e-3)
        assert signs["nonfinite"][row] == 0
        if row:
            before = course[STEPS[row - 1]][number][part]
            steps = step - STEPS[row - 1]
            ratio = norm([weight - before]) / norm([weight]) / np.sqrt(steps)
            close(signs["update_ratio"][row], ratio, rtol=1e-3)
            with np.errstate(divide="ignore"):
                close(signs["change"][row], norm([weight - start]) / norm([start]), rtol=1e-3)
        counts, edges = np.histogram(weight, 32)
        assert np.abs(signs["histogram"][row] - counts).sum() <= 2
        close(signs["histogram_range"][row], [edges[0], edges[-1]])
    assert np.isnan(signs["update_ratio"][0])
    assert signs["change"][0] == 0


def test_outputs(run):
    record, (_, _, course) = run
    signs = record.checkups.outputs[record.outputs[0].name]
    for row, step in enumerate(STEPS):
        output = forward(course[step], np.float64(X[:N]))[-1]
        close(signs["mean"][row], output.mean())
        close(signs["std"][row], output.std())
        close(signs["minimum"][row], output.min())
        close(signs["maximum"][row], output.max())
        close(signs["spread"][row], np.sqrt(output.var(axis=0).mean()))
        close(signs["row_sum_minimum"][row], 1)
        close(signs["row_sum_maximum"][row], 1)
        close(signs["class_share"][row], np.bincount(output.argmax(1), minlength=3) / N)


def test_the_network_and_the_plan(run):
    record, _ = run
    assert isinstance(record, RunRecord)
    assert [(layer.path, layer.kind, layer.activation) for layer in record.layers] == [
        (path, "Dense", name)
        for path, name in zip(PATHS, ["relu", "sigmoid", "tanh", "softmax"], strict=True)
    ]
    assert record.layers[1].inputs == ["first"]
    assert record.layers[1].output_shape == [None, 4]
    assert record.layers[1].weights == ["second/kernel", "second/bias"]
    assert [weight.path for weight in record.weights][:2] == ["first/kernel", "first/bias"]
    assert all(weight.used and weight.trainable for weight in record.weights)
    assert record.weights[0].initializer["class_name"] == "GlorotUniform"
    output = record.outputs[0]
    assert (output.layer, output.activation) == ("last", "softmax")
    assert (output.loss, output.metrics) == ("sparse_categorical_crossentropy", ["accuracy"])
    plan = record.plan
    assert (plan.optimizer, plan.learning_rate) == ("SGD", pytest.approx(RATE))
    assert (plan.batch_size, plan.epochs, plan.steps_per_epoch) == (BATCH, EPOCHS, N // BATCH)
    assert (plan.samples, plan.validation_samples, plan.shuffle) == (N, HELD_OUT, False)
    assert [plan.interrupted, plan.stopped_early, plan.custom_step] == [False] * 3
    assert record.learning_rates == pytest.approx([RATE, RATE])
    assert record.epochs.tolist() == [0, 1]
    assert set(record.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_statistics_of_outputs_compile_whatever_computed_them():
    # An argmax over repeated values keeps a compiler busy for minutes: none is asked for.
    def statistics(x):
        return measure.output_statistics(jnp.repeat(x, 2, axis=-1), None, None)

    x = jnp.asarray([[0.0, 2.0, 1.0], [3.0, 3.0, 0.0]])
    assert "argmax" not in str(jax.make_jaxpr(statistics)(x))
    np.testing.assert_array_equal(statistics(x)["class_share"], [0.5, 0, 0.5, 0, 0, 0])
