#!/usr/bin/env bash
# Keras on JAX: fit twice with an optimizer that keeps averages of the weights (use_ema=True).
# Expected: the second fit goes on. Seen: TypeError, 'NoneType' object is not callable, as soon as the
# optimizer's variables are read after the first fit; with TensorFlow it goes on.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import keras
import numpy as np

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
model.compile(keras.optimizers.Adam(use_ema=True), "mse")
x, y = np.ones((4, 3)), np.ones((4, 2))
model.fit(x, y, verbose=0)
try:
    model.fit(x, y, verbose=0)
    seen = "goes on"
except TypeError as error:
    seen = str(error)
print("second fit:", seen)
assert seen == "'NoneType' object is not callable", "the behaviour has changed"
END
