#!/usr/bin/env bash
# Keras on JAX: what can be called inside of tf.data.Dataset.map.
# Expected: operations as well as preprocessing layers, or neither. Seen: layers run as TensorFlow's
# graph; ops.cast and ops.mean raise NotImplementedError, because they see a symbolic TensorFlow tensor.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 tensorflow-cpu==2.21.0 <<'END'
import keras
import numpy as np
import tensorflow as tf

data = tf.data.Dataset.from_tensor_slices(np.arange(4, dtype="float32"))
print("layer:", [float(x) for x in data.map(keras.layers.Rescaling(0.5))])
for name, function in {
    "cast": lambda x: keras.ops.cast(x, "int32"),
    "mean": lambda x: keras.ops.mean(x),
}.items():
    try:
        data.map(function)
    except NotImplementedError as error:
        print(name, "raised NotImplementedError:", str(error).strip().splitlines()[-1])
    else:
        raise SystemExit("the behaviour has changed")
END
