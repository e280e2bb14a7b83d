"""Whole trainings against Keras on JAX: the same weights, the same batches, twenty steps."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import pellucid

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 6)).astype("float32")
LABELS = RNG.integers(0, 3, 50)
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
TARGET = RNG.normal(size=(50, 2)).astype("float32")


def stack(library, *tops, l2=0.0, batch_norm=False):
    layers = library.layers
    body = [
        layers.Input(shape=(6,)),
        # A bias before batch normalisation has a gradient of pure rounding, which Adam scales up.
        layers.Dense(
            8,
            use_bias=not batch_norm,
            kernel_regularizer=library.regularizers.L2(l2) if l2 else None,
        ),
    ]
    if batch_norm:
        body.append(layers.BatchNormalization())
    body += [layers.Activation("tanh"), *tops]
    return library.Sequential(body)


def classifier(library, **options):
    return stack(library, library.layers.Dense(3, activation="softmax"), **options)


def regressor(library, **options):
    return stack(library, library.layers.Dense(2), **options)


CASES = {
    "sgd, mse": (regressor, {}, TARGET, lambda k: k.optimizers.SGD(0.1), "mse"),
    "momentum, huber, l2": (
        regressor,
        {"l2": 0.01},
        TARGET,
        lambda k: k.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        "huber",
    ),
    "adam, sparse, batch norm": (
        classifier,
        {"batch_norm": True, "l2": 0.001},
        LABELS,
        lambda k: k.optimizers.Adam(0.01),
        "sparse_categorical_crossentropy",
    ),
    "rmsprop, categorical": (
        classifier,
        {},
        ONE_HOT,
        lambda k: k.optimizers.RMSprop(0.005),
        "categorical_crossentropy",
    ),
    "adamw with a schedule and clipping": (
        classifier,
        {"batch_norm": True},
        ONE_HOT,
        lambda k: k.optimizers.AdamW(
            k.optimizers.schedules.ExponentialDecay(0.02, 5, 0.9), weight_decay=0.01, clipnorm=0.5
        ),
        "categorical_crossentropy",
    ),
    "adagrad, mae": (regressor, {}, TARGET, lambda k: k.optimizers.Adagrad(0.1), "mae"),
}


def pair(build, options, optimizer, loss, **compile_options):
    theirs, ours = build(keras, **options), build(pellucid, **options)
    ours.set_weights(theirs.get_weights())
    theirs.compile(optimizer=optimizer(keras), loss=loss, **compile_options)
    ours.compile(optimizer=optimizer(pellucid), loss=loss, **compile_options)
    return theirs, ours


def assert_same_weights(ours, theirs, tolerance=2e-5):
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def assert_same_history(ours, theirs, tolerance=2e-5):
    assert list(ours.history) == list(theirs.history)
    for name, values in theirs.history.items():
        np.testing.assert_allclose(ours.history[name], values, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", CASES)
def test_twenty_steps_from_the_same_weights(name):
    build, options, target, optimizer, loss = CASES[name]
    theirs, ours = pair(build, options, optimizer, loss)
    settings = {"batch_size": 16, "epochs": 5, "shuffle": False, "verbose": 0}
    expected = theirs.fit(X, target, **settings)
    found = ours.fit(X, target, **settings)
    assert_same_history(found, expected)
    assert_same_weights(ours, theirs)


def test_logs_metrics_weights_and_validation():
    theirs, ours = pair(
        classifier,
        {"batch_norm": True},
        lambda k: k.optimizers.Adam(0.01),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        weighted_metrics=["sparse_categorical_crossentropy"],
    )
    settings = {
        "batch_size": 16,
        "epochs": 3,
        "shuffle": False,
        "verbose": 0,
        "validation_split": 0.2,
        "class_weight": {0: 1.0, 1: 2.0, 2: 0.5},
    }
    expected = theirs.fit(X, LABELS, **settings)
    found = ours.fit(X, LABELS, **settings)
    assert set(found.history) == set(expected.history)
    for name, values in expected.history.items():
        np.testing.assert_allclose(found.history[name], values, rtol=3e-5, atol=3e-5)
    np.testing.assert_allclose(
        ours.evaluate(X, LABELS, verbose=0), theirs.evaluate(X, LABELS, verbose=0), rtol=3e-5
    )
    np.testing.assert_allclose(
        ours.predict(X, verbose=0), theirs.predict(X, verbose=0), rtol=1e-4, atol=1e-6
    )


def two_headed(library):
    layers = library.layers
    a = layers.Input(shape=(6,), name="a")
    b = layers.Input(shape=(2,), name="b")
    hidden = layers.Dense(8, activation="tanh", name="hidden")(
        layers.Concatenate(name="both")([a, b])
    )
    kind = layers.Dense(3, activation="softmax", name="kind")(hidden)
    size = layers.Dense(2, name="size")(hidden + 0.5 * layers.Dense(8, name="side")(b))
    return library.Model([a, b], [kind, size])


def test_several_inputs_and_outputs_with_their_own_losses():
    theirs, ours = two_headed(keras), two_headed(pellucid)
    assert [layer.name for layer in ours.layers if layer.weights] == [
        layer.name for layer in theirs.layers if layer.weights
    ]
    ours.set_weights(theirs.get_weights())
    for model, library in ((theirs, keras), (ours, pellucid)):
        model.compile(
            optimizer=library.optimizers.Adam(0.01),
            loss={"kind": "sparse_categorical_crossentropy", "size": "mse"},
            loss_weights={"kind": 1.0, "size": 0.3},
            metrics={"kind": ["accuracy"], "size": ["mae"]},
        )
    settings = {"batch_size": 16, "epochs": 3, "shuffle": False, "verbose": 0}
    data = ({"a": X, "b": TARGET}, {"kind": LABELS, "size": TARGET})
    expected, found = theirs.fit(*data, **settings), ours.fit(*data, **settings)
    assert set(found.history) == set(expected.history)
    for name, values in expected.history.items():
        np.testing.assert_allclose(found.history[name], values, rtol=3e-5, atol=3e-5)
    assert_same_weights(ours, theirs)


def test_train_on_batch_returns_keras_numbers():
    theirs, ours = pair(
        classifier, {}, lambda k: k.optimizers.SGD(0.1), "categorical_crossentropy",
        metrics=["accuracy"],
    )  # fmt: skip
    for start in (0, 16, 32):
        batch = slice(start, start + 16)
        expected = theirs.train_on_batch(X[batch], ONE_HOT[batch])
        np.testing.assert_allclose(
            ours.train_on_batch(X[batch], ONE_HOT[batch]), expected, rtol=2e-5
        )
    assert_same_weights(ours, theirs)
