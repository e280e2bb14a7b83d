"""Weights told apart by what they are, where their paths do not: decay, parts, learning rates."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import pellucid
from pellucid import Variable, callbacks, layers, optimizers
from pellucid._core.errors import ConfigError

GRADIENTS = [np.zeros(1, np.float32)] * 2


def test_a_spared_variable_is_that_one_not_all_of_its_path():
    decaying, spared = Variable([2.0]), Variable([2.0])
    assert decaying.path == spared.path
    optimizer = optimizers.SGD(1.0, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[spared])
    optimizer.apply(GRADIENTS, [decaying, spared])
    assert (float(decaying[0]), float(spared[0])) == (1.0, 2.0)


def test_a_spared_kernel_is_spared_when_its_layer_joins_a_model_later():
    dense = layers.Dense(1, kernel_initializer="ones", bias_initializer="ones")
    dense.build((None, 1))
    optimizer = optimizers.SGD(1.0, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[dense.kernel])
    model = pellucid.Sequential([layers.Input((1,)), layers.Dense(1, trainable=False), dense])
    model.compile(optimizer, lambda y, p: 0.0 * (p - y))
    model.fit(np.ones((1, 1)), np.ones((1, 1)), verbose=0, doctor=None, checkup=False)
    assert (float(dense.kernel[0, 0]), float(dense.bias[0])) == (1.0, 0.5)


def test_a_wrapped_optimizer_spares_too():
    decaying, spared = Variable([2.0]), Variable([2.0])
    inner = optimizers.SGD(1.0, weight_decay=0.5)
    optimizer = optimizers.LossScaleOptimizer(optimizers.MultiOptimizer(lambda weight: inner))
    inner.exclude_from_weight_decay(var_list=[spared])
    optimizer.apply(GRADIENTS, [decaying, spared])
    assert (float(decaying[0]), float(spared[0])) == (1.0, 2.0)


def test_a_scope_tells_variables_of_one_name_apart():
    with pellucid.name_scope("slow"):
        slow = Variable([1.0], name="kernel")
    with pellucid.name_scope("fast"):
        fast = Variable([1.0], name="kernel")
    assert [slow.path, fast.path] == ["slow/kernel", "fast/kernel"]
    parts = optimizers.OptimizerMap(optimizers.SGD(1.0), {"slow/.*": optimizers.SGD(0.1)})
    optimizer = optimizers.MultiOptimizer(parts)
    optimizer.apply([np.ones(1)] * 2, [slow, fast])
    np.testing.assert_allclose([slow[0], fast[0]], [0.9, 0.0], rtol=1e-6)
    assert int(optimizer.optimizers[0].iterations) == 1


def test_a_part_without_weights_makes_no_steps():
    weight = Variable([1.0], name="kernel")
    parts = optimizers.OptimizerMap(optimizers.SGD(), {"kernel": optimizers.Adam()})
    optimizer = optimizers.MultiOptimizer(parts)
    optimizer.apply([np.ones(1)], [weight])
    assert [int(part.iterations) for part in optimizer.optimizers] == [1, 0]


@pytest.mark.parametrize("wrap", [lambda o: o, optimizers.LossScaleOptimizer])
def test_callbacks_set_every_learning_rate(wrap):
    parts = [optimizers.SGD(0.1), optimizers.SGD(0.01)]
    chosen = optimizers.OptimizerMap(parts[1], {".*bias": parts[0]})
    model = pellucid.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile(wrap(optimizers.MultiOptimizer(chosen)), "mse")
    halved = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    reduced = callbacks.ReduceLROnPlateau("loss", factor=0.1, patience=1)
    for callback in (halved, reduced):
        callback.set_model(model)
        callback.on_train_begin()
    halved.on_epoch_begin(0)
    np.testing.assert_allclose([o.learning_rate for o in parts], [0.05, 0.005], rtol=1e-6)
    logs = {"loss": 1.0}
    halved.on_epoch_end(0, logs)
    assert set(logs) == {"loss", "learning_rate_sgd", "learning_rate_sgd_1"}
    for epoch in range(2):
        reduced.on_epoch_end(epoch, {"loss": 1.0})
    np.testing.assert_allclose([o.learning_rate for o in parts], [0.005, 0.0005], rtol=1e-6)


def test_a_schedule_is_not_overridden():
    model = pellucid.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile(optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 1, 0.9)), "mse")
    callback = callbacks.LearningRateScheduler(lambda epoch, rate: rate)
    callback.set_model(model)
    with pytest.raises(TypeError, match="follows a schedule"):
        callback.on_train_begin()


def test_settings_of_older_configurations():
    optimizer = optimizers.LossScaleOptimizer(optimizers.SGD(), dynamic=True, clipnorm=None)
    assert set(optimizer.get_config()) == {
        "inner_optimizer",
        "initial_scale",
        "dynamic_growth_steps",
        "name",
    }
    for wrong in ({"dynamic": False}, {"clipnorm": 0.5}, {"use_ema": True}, {"foo": 1}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            optimizers.LossScaleOptimizer(optimizers.SGD(), **wrong)


def test_a_copy_spares_the_same():
    weight = Variable([2.0])
    optimizer = optimizers.SGD(1.0, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[weight])
    copy.copy(optimizer).apply([np.zeros(1, np.float32)], [weight])
    assert float(weight[0]) == 2.0


def test_what_callbacks_say_goes_to_the_log_where_printing_is_off(capsys, caplog):
    model = pellucid.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile(optimizers.SGD(0.1), "mse")
    callback = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=1)
    callback.set_model(model)
    pellucid.config.disable_interactive_logging()
    try:
        with caplog.at_level("INFO", logger="pellucid"):
            callback.on_epoch_begin(0)
    finally:
        pellucid.config.enable_interactive_logging()
    assert "0.1 -> 0.05" in caplog.text
    assert capsys.readouterr().out == ""
