#!/usr/bin/env bash
# Keras: the layer Equalization in a functional model, as the other layers of augmentation.
# Expected: a model. Seen: ValueError, the tensor "is part of a cycle": on a symbolic tensor the layer
# returns the tensor that it was given.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import keras

start = keras.Input((8, 8, 3))
try:
    keras.Model(start, keras.layers.Equalization(value_range=(0, 1))(start))
    seen = "a model"
except ValueError as error:
    seen = str(error).strip()
print("seen:", seen)
assert "part of a cycle" in seen, "the behaviour has changed"
END
