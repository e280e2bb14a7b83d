#!/usr/bin/env bash
# Keras: a model compiled with Huber(delta=0.5), saved as .keras and loaded.
# Expected: the same loss. Seen: the file does not hold delta; the loaded model evaluates and trains with
# delta 1.0, and no warning says so. (So it is with the `axis` of SparseCategoricalCrossentropy and of
# CosineSimilarity, loss and metric, and with the `gain` of the initializer Identity.)
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import keras
import numpy as np

model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
model.compile("sgd", keras.losses.Huber(delta=0.5))
x, y = np.array([[2.0]]), np.array([[0.0]])
before = model.evaluate(x, y, verbose=0)
model.save("model.keras")
after = keras.models.load_model("model.keras").evaluate(x, y, verbose=0)
print("loss before:", before, "after loading:", after)
assert (before, after) == (0.875, 1.5), "the behaviour has changed"
END
