#!/usr/bin/env bash
# Keras on JAX: ops.max_pool and ops.average_pool with strides left at their default, None.
# Expected: strides of the window's size, as in the layers. Seen: TypeError from inside of JAX.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import keras
import numpy as np

x = np.ones((1, 8, 8, 3), "float32")
print("strides given:", keras.ops.max_pool(x, 2, strides=2).shape)
for pool in (keras.ops.max_pool, keras.ops.average_pool):
    try:
        pool(x, 2)
    except TypeError as error:
        print(f"{pool.__name__}:", error)
    else:
        raise SystemExit("the behaviour has changed")
END
