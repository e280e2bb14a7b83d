"""Losses of several outputs together, second losses of an output, targets for some outputs only."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid
from pellucid import layers, ops
from pellucid._core.errors import ConfigError, ShapeError

X = np.arange(6, dtype=np.float32).reshape(3, 2)
QUIET = {"verbose": 0, "doctor": None, "checkup": False}


def model_of(outputs):
    x = layers.Input((2,))
    ones = {"kernel_initializer": "ones", "use_bias": False}
    first = layers.Dense(1, name="first", **ones)(x)
    second = layers.Dense(1, name="second", **ones)(2.0 * x)
    return pellucid.Model(x, outputs(first, second))


def distance(y_true, y_pred):
    """The sum over outputs of the mean absolute distance, per row."""
    assert set(y_true) == set(y_pred) == {"a", "b"}
    return sum(ops.mean(ops.abs(y_true[key] - y_pred[key]), axis=-1) for key in y_true)


def test_one_loss_of_all_outputs_and_one_of_each():
    model = model_of(lambda a, b: {"a": a, "b": b})
    model.compile("sgd", loss=[distance, {"a": "mse", "b": "mae"}], loss_weights=[1.0, 10.0, 100.0])
    sums = X.sum(axis=1, keepdims=True)
    y = {"a": np.zeros((3, 1)), "b": np.ones((3, 1))}
    found = model.evaluate(X, y, return_dict=True, batch_size=2, verbose=0)
    whole = np.mean(sums + abs(2 * sums - 1))
    mse, mae = np.mean(sums**2), np.mean(abs(2 * sums - 1))
    assert set(found) == {"loss", "a_b_loss", "a_loss", "b_loss"}
    np.testing.assert_allclose(found["a_b_loss"], whole, rtol=1e-6)
    np.testing.assert_allclose(found["loss"], whole + 10 * mse + 100 * mae, rtol=1e-6)


def test_a_list_is_not_spread_over_outputs_that_have_keys_within():
    """Two entries for two outputs: the first is of both, and not of the first output alone."""
    model = model_of(lambda a, b: {"a": a, "b": b})
    model.compile("sgd", loss=[distance, {"b": "mse"}])
    history = model.fit(X, {"a": X[:, :1], "b": X[:, :1]}, **QUIET)
    assert set(history.history) == {"loss", "a_b_loss", "b_loss"}


def test_several_losses_of_one_output_add_up():
    model = model_of(lambda a, b: [a, b])
    model.compile("sgd", loss=["mse", ["mse", "mae"]])
    zeros = np.zeros((3, 1))
    found = model.evaluate(X, [zeros, zeros], return_dict=True, verbose=0)
    sums = 2 * X.sum(axis=1)
    np.testing.assert_allclose(found["second_loss"], np.mean(sums**2) + np.mean(sums), rtol=1e-6)
    assert set(found) == {"loss", "first_loss", "second_loss"}


def test_a_loss_of_a_part_of_nested_outputs():
    model = model_of(lambda a, b: {"pair": {"a": a, "b": b}, "alone": b})
    model.compile("sgd", loss={"pair": distance, "alone": "mse"})
    y = {"pair": {"a": X[:, :1], "b": X[:, :1]}, "alone": X[:, :1]}
    assert set(model.fit(X, y, **QUIET).history) == {"loss", "pair_loss", "alone_loss"}


@pytest.mark.parametrize("targets", [X[:, :1], [X[:, :1]]])
def test_targets_for_the_outputs_that_have_a_loss(targets):
    model = model_of(lambda a, b: [a, b])
    model.compile("sgd", loss=[None, "mse"])
    found = model.evaluate(X, targets, verbose=0)
    np.testing.assert_allclose(found, np.mean((2 * X.sum(1) - X[:, 0]) ** 2), rtol=1e-6)


def test_one_array_of_targets_is_not_used_for_every_output():
    model = model_of(lambda a, b: [a, b])
    model.compile("sgd", loss="mse")
    with pytest.raises(ShapeError, match="2 outputs but y has 1"):
        model.fit(X, X[:, :1], **QUIET)


@pytest.mark.parametrize(
    ("loss", "error"),
    [
        ({"a": "mse", "c": "mse"}, KeyError),
        ([distance, {"a": "mse", "c": "mse"}], KeyError),
        (["mse", {"a": "mse", "b": "mse"}], ConfigError),
        ({"a": {"b": "mse"}}, ConfigError),
    ],
)
def test_structures_that_do_not_fit(loss, error):
    model = model_of(lambda a, b: {"a": a, "b": b})
    model.compile("sgd", loss=loss)
    with pytest.raises(error, match=r"loss|output"):
        model.evaluate(X, {"a": X[:, :1], "b": X[:, :1]}, verbose=0)


def test_the_state_tree_of_a_functional_model_leaves_out_its_name():
    model = model_of(lambda a, b: [a, b])
    tree = model.get_state_tree("numpy_array")["trainable_variables"]
    assert set(tree) == {"first", "second"}
    model.set_state_tree({"trainable_variables": {"first": {"kernel": [[2.0], [3.0]]}}})
    np.testing.assert_array_equal(model.get_layer("first").kernel, [[2.0], [3.0]])


class HandsOn(pellucid.Model):
    def train_step(self, *args):
        return super().train_step(*args)

    def test_step(self, state, data):
        logs, state = super().test_step(state, data)
        return {**logs, "added": 5.0}, state


def test_steps_that_hand_on_and_add_a_number():
    x = layers.Input((2,))
    model = HandsOn(x, layers.Dense(1)(x))
    model.compile("sgd", "mse", metrics=["mae"])
    assert set(model.fit(X, X[:, :1], **QUIET).history) == {"loss", "mae"}
    found = model.evaluate(X, X[:, :1], verbose=0)
    assert (len(found), found[-1]) == (3, 5.0)
