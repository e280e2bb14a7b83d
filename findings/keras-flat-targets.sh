#!/usr/bin/env bash
# Keras: targets (n,) and predictions (n, 1), the usual pair of a binary or regression program.
# compile(loss=...) aligns them. Expected: so do metrics, and losses called by hand.
# Seen: "mae" as a metric is right; a metric function of one's own and the metric "hinge" get the two
# shapes as they are and compute an (n, n) table, silently. A subclass of Loss does the same.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import keras
import numpy as np

y = np.array([1, 0, 1, 0], "float32")
p = np.array([[0.9], [0.2], [0.6], [0.4]], "float32")


def own(y_true, y_pred):
    return keras.ops.abs(y_true - y_pred)


class Own(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return keras.ops.abs(y_true - y_pred)


model = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
model.compile(loss="mae", metrics=["mae", own, "hinge"])
found = model.evaluate(p, y, verbose=0, return_dict=True)
signs = 2 * y[:, None] - 1
right = {"own": np.abs(y[:, None] - p).mean(), "hinge": np.maximum(1 - signs * p, 0).mean()}
print("found:", found, "right:", right)
shapes = [loss(reduction=None)(y[:, None], p[:, 0]).shape for loss in (Own, keras.losses.MeanAbsoluteError)]
print("losses by hand, own and built in:", shapes)
assert abs(found["loss"] - 0.275) < 1e-6 and abs(found["mae"] - 0.275) < 1e-6
assert abs(found["own"] - 0.5) < 1e-6 and abs(found["hinge"] - 1.0) < 1e-6, "the behaviour has changed"
assert shapes == [(4, 4), (4,)], "the behaviour has changed"
END
