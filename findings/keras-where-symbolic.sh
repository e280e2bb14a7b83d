#!/usr/bin/env bash
# Keras: ops.where(condition) with one argument.
# Expected: the symbolic result has the structure of the real one, a tuple with one array an axis, as
# ops.nonzero has. Seen: one symbolic tensor of the shape of the condition.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import keras
import numpy as np

promised = keras.ops.where(keras.Input((4,)))
real = keras.ops.where(np.eye(4))
print("symbolic:", promised)
print("real:", real)
print("nonzero, symbolic:", keras.ops.nonzero(keras.Input((4,))))
assert not isinstance(promised, tuple) and isinstance(real, tuple), "the behaviour has changed"
END
