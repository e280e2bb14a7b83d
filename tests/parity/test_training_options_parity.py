"""`fit` with averaged weights, accumulated gradients and scaled losses leaves Keras's weights."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import pellucid

R = np.random.default_rng(1)
X = R.normal(size=(48, 3)).astype("float32")
Y = (X @ R.normal(size=(3, 1))).astype("float32")
START = [(0.5 * R.normal(size=shape)).astype("float32") for shape in ((3, 4), (4,), (4, 1), (1,))]


def trained(module, make, callbacks=(), **settings):
    layers = module.layers
    model = module.Sequential(
        [
            layers.Input(shape=(3,)),
            layers.Dense(4, activation="tanh", kernel_constraint="max_norm"),
            layers.Dense(1),
        ]
    )
    model.compile(make(module.optimizers), "mse", **settings)
    model.set_weights(START)
    made = [callback(module.callbacks) for callback in callbacks]
    history = model.fit(
        X,
        Y,
        batch_size=8,
        epochs=3,
        shuffle=False,
        verbose=0,
        callbacks=made,
        validation_data=(X[:10], Y[:10]),
    )
    return model.get_weights(), history.history


CASES = {
    "ema": lambda o: o.Adam(0.02, use_ema=True, ema_momentum=0.8),
    "ema overwrites": lambda o: o.SGD(0.05, use_ema=True, ema_overwrite_frequency=4),
    "accumulation": lambda o: o.Adam(0.05, gradient_accumulation_steps=4),
    "loss scale": lambda o: o.SGD(0.05, momentum=0.9, loss_scale_factor=64.0),
    "dynamic loss scale": lambda o: o.LossScaleOptimizer(o.Adam(0.02), 2.0**10, 5),
    "several": lambda o: o.MultiOptimizer(
        o.OptimizerMap(o.SGD(0.05), {".*/bias": o.Adam(0.02, use_ema=True)})
    ),
    "all": lambda o: o.AdamW(
        0.05, use_ema=True, gradient_accumulation_steps=2, loss_scale_factor=8.0, clipnorm=0.5
    ),
}


def assert_same(mine, theirs):
    for ours, reference in zip(mine[0], theirs[0], strict=True):
        np.testing.assert_allclose(ours, reference, rtol=1e-4, atol=2e-6)
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(mine[1][name], theirs[1][name], rtol=1e-4, err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_fit_leaves_the_same_weights(case):
    assert_same(trained(pellucid, CASES[case]), trained(keras, CASES[case]))


@pytest.mark.slow
@pytest.mark.parametrize("on_epoch", [False, True])
def test_swapping_in_averages_gives_the_same_validation(on_epoch):
    def make(o):
        return o.SGD(0.05, momentum=0.5, use_ema=True, ema_momentum=0.9)

    swap = [lambda callbacks: callbacks.SwapEMAWeights(swap_on_epoch=on_epoch)]
    assert_same(trained(pellucid, make, swap), trained(keras, make, swap))
