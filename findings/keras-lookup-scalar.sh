#!/usr/bin/env bash
# Keras: StringLookup(output_mode="one_hot") of a single string, a scalar, as tf.data maps it.
# Expected: (depth,): one axis is appended to the input's. Seen: (1, depth), so that .batch(2) gives
# (2, 1, depth), while the layer after .batch(2) gives (2, depth).
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 tensorflow-cpu==2.21.0 <<'END'
import keras
import tensorflow as tf

layer = keras.layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")
data = tf.data.Dataset.from_tensor_slices(["a", "b"])
before = tuple(next(iter(data.map(layer).batch(2))).shape)
after = tuple(next(iter(data.batch(2).map(layer))).shape)
print("map then batch:", before, "batch then map:", after)
assert (before, after) == ((2, 1, 3), (2, 3)), "the behaviour has changed"
END
