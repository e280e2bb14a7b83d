"""Wrong input gets one sentence that says what is wrong, with the values, and a fix."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import pellucid
from pellucid import Sequential, layers
from pellucid._core.errors import (
    ConfigError,
    DataError,
    PellucidError,
    ShapeError,
    StateError,
    UnknownNameError,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 4)).astype("float32")
LABELS = RNG.integers(0, 3, 20)


def classifier(loss="sparse_categorical_crossentropy", units=3):
    model = Sequential([layers.Input(shape=(4,)), layers.Dense(units, activation="softmax")])
    model.compile(optimizer="adam", loss=loss)
    return model


def regressor():
    model = Sequential([layers.Input(shape=(4,)), layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    return model


def refusal(kind, call, *words):
    """The error of `call`: of the given kind, with a fix, and with all `words` in it."""
    with pytest.raises(kind) as caught:
        call()
    error = caught.value
    assert isinstance(error, PellucidError)
    text = str(error)
    assert error.fix, text
    assert "fix: " in text
    for word in words:
        assert str(word) in text, text
    assert "tracer" not in text.lower()
    assert "jax._src" not in text
    return error


def fit(model, x, y, **options):
    return lambda: model.fit(x, y, verbose=0, **options)


def test_wrong_input_width():
    refusal(ShapeError, fit(classifier(), X[:, :3], LABELS), "3", "4")
    refusal(ShapeError, lambda: classifier().predict(X[:, :3], verbose=0), "3", "4")


def test_wrong_input_rank():
    error = refusal(ShapeError, fit(classifier(), X.reshape(20, 2, 2), LABELS), "(batch, 2, 2)")
    assert "x.reshape(-1, 4)" in error.fix


def test_labels_out_of_range():
    labels = LABELS.copy()
    labels[7] = 3
    refusal(DataError, fit(classifier(), X, labels), "3", "7")
    refusal(DataError, fit(classifier(), X, labels - 1), "-1")


def test_one_hot_labels_with_the_sparse_loss():
    one_hot = np.eye(3)[LABELS]
    error = refusal(PellucidError, fit(classifier(), X, one_hot))
    assert "categorical_crossentropy" in error.fix or "argmax" in error.fix


def test_class_numbers_with_the_categorical_loss():
    error = refusal(PellucidError, fit(classifier("categorical_crossentropy"), X, LABELS))
    assert "sparse_categorical_crossentropy" in error.fix or "to_categorical" in error.fix


def test_flat_targets_against_a_column_of_predictions():
    """The same as a column of targets, in loss and metric; other programs make an (n, n) table."""
    model = regressor()
    model.compile("sgd", "mse", metrics=["mae"])
    column = model.evaluate(X, X[:, :1], verbose=0)
    assert model.evaluate(X, X[:, 0], verbose=0) == pytest.approx(column)
    batches = ((X[i : i + 5], X[i : i + 5, 0]) for i in range(0, len(X), 5))
    assert model.evaluate(batches, verbose=0) == pytest.approx(column, rel=1e-5)


def test_flat_binary_labels_train_as_in_keras():
    model = Sequential([layers.Input(shape=(4,)), layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    run = model.fit(X, LABELS > 0, verbose=0)
    assert 0 <= run.history["accuracy"][0] <= 1


def test_missing_values():
    bad = X.copy()
    bad[3, 2] = np.nan
    refusal(DataError, fit(classifier(), bad, LABELS), "3", "2")
    target = X[:, :1].copy()
    target[5] = np.inf
    refusal(DataError, fit(regressor(), X, target), "5")


def test_mismatched_lengths():
    refusal(DataError, fit(classifier(), X, LABELS[:19]), "20", "19")
    refusal(DataError, fit(classifier(), X, LABELS, sample_weight=np.ones(7)), "sample_weight", "7")


def test_mismatched_lengths_in_the_validation_data():
    refusal(
        DataError,
        fit(classifier(), X, LABELS, validation_data=(X, LABELS[:5])),
        "validation_data",
        "20",
        "5",
    )


def test_empty_data():
    refusal(DataError, fit(classifier(), X[:0], LABELS[:0]))


def test_text_is_not_data():
    refusal(DataError, fit(classifier(), np.array([["a"] * 4] * 20), LABELS))
    refusal(DataError, fit(classifier(), "train.csv", LABELS))


def test_unknown_names():
    def build(**options):
        return lambda: Sequential([layers.Input(shape=(4,))]).compile(**options)

    error = refusal(UnknownNameError, build(loss="sparse_categorical_crossentrpy"))
    assert "sparse_categorical_crossentropy" in error.fix
    assert "adam" in refusal(UnknownNameError, build(optimizer="adm", loss="mse")).fix
    assert "auc" in refusal(UnknownNameError, build(loss="mse", metrics=["aucc"])).fix.lower()
    error = refusal(UnknownNameError, lambda: layers.Dense(units=4, activaton="relu"), "Dense")
    assert "activation" in error.fix
    error = refusal(UnknownNameError, lambda: layers.Dense(4, activation="rleu")(X))
    assert "relu" in error.fix
    model = classifier()
    assert "dense" in refusal(UnknownNameError, lambda: model.get_layer("dence")).fix


def test_an_unknown_monitor():
    from pellucid.callbacks import EarlyStopping

    error = refusal(
        UnknownNameError,
        fit(
            classifier(), X, LABELS, epochs=3, validation_split=0.2,
            callbacks=[EarlyStopping(monitor="val_los")],
        ),
    )  # fmt: skip
    assert "val_loss" in error.fix


def test_fit_before_compile():
    model = Sequential([layers.Input(shape=(4,)), layers.Dense(3)])
    refusal(StateError, fit(model, X, LABELS), "compile")
    refusal(StateError, lambda: model.evaluate(X, LABELS, verbose=0), "compile")


def test_a_layer_reused_with_another_width():
    shared = layers.Dense(3)
    shared(X)
    refusal(ShapeError, lambda: shared(X[:, :2]), "dense", "4", "2")
    refusal(ShapeError, lambda: shared(layers.Input(shape=(5,))), "dense", "4", "5")


def test_missing_and_unexpected_targets():
    refusal(DataError, lambda: classifier().fit(X, verbose=0), "y")


def test_wrong_counts():
    refusal(ConfigError, fit(classifier(), X, LABELS, epochs=-1), "epochs", "-1")
    refusal(ConfigError, fit(classifier(), X, LABELS, batch_size=0), "batch_size", "0")
    refusal(ConfigError, fit(classifier(), X, LABELS, batch_size=2.5), "batch_size", "2.5")


def test_sequential_takes_layers():
    refusal(ConfigError, lambda: Sequential([layers.Dense]), "Dense")
    refusal(ConfigError, lambda: Sequential([np.tanh]))
    refusal(ConfigError, lambda: Sequential([layers.Dense(2, name="a"), layers.Dense(2, name="a")]))


def test_a_disconnected_graph():
    a, b = layers.Input(shape=(2,), name="a"), layers.Input(shape=(2,), name="b")
    refusal(ConfigError, lambda: pellucid.Model(a, layers.Add()([a, b])), "b")


def test_a_symbolic_tensor_in_a_jax_function():
    import jax.numpy as jnp

    error = refusal(StateError, lambda: jnp.sin(layers.Input(shape=(2,))))
    assert "Lambda" in error.fix


def test_several_inputs_by_name():
    a, b = layers.Input(shape=(2,), name="a"), layers.Input(shape=(3,), name="b")
    model = pellucid.Model([a, b], layers.Concatenate()([a, b]))
    refusal(
        UnknownNameError,
        lambda: model.predict({"a": np.zeros((4, 2)), "bb": np.zeros((4, 3))}, verbose=0),
        "'b'",
    )
    refusal(PellucidError, lambda: model.predict([np.zeros((4, 2))], verbose=0))


def test_no_warning_comes_with_a_refusal():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        refusal(ShapeError, fit(classifier(), X[:, :3], LABELS))
    assert not seen


def test_numbers_outside_an_embedding():
    model = Sequential(
        [layers.Embedding(10, 2), layers.Flatten(), layers.Dense(1, activation="sigmoid")]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    words = RNG.integers(0, 10, (20, 3))
    model.fit(words, LABELS > 0, verbose=0)
    words[4, 1] = 12
    error = refusal(DataError, fit(model, words, LABELS > 0), "embedding", "12")
    assert "13" in error.fix
    refusal(DataError, lambda: model.predict(words, verbose=0), "12")


def test_numbers_outside_a_table_in_single_batches():
    model = Sequential([layers.Input((2,), dtype="int32"), layers.Embedding(5, 3)])
    right, wrong = np.array([[0, 4]]), np.array([[0, 5]])
    refusal(DataError, lambda: model.predict_on_batch(wrong), "5", "input_dim=6")
    assert model.predict_on_batch(right).shape == (1, 2, 3)  # and from now on the quick way
    refusal(DataError, lambda: model.predict_on_batch(wrong), "5", "input_dim=6")
    refusal(DataError, lambda: model.forward(wrong), "5", "input_dim=6")


@pytest.mark.parametrize("given", ["balanced", [1.0, 2.0, 3.0]])
def test_class_weights_that_are_no_dictionary(given):
    refusal(ConfigError, fit(classifier(), X, LABELS, class_weight=given), given, "dict(enumerate")
