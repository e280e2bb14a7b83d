#!/usr/bin/env bash
# Keras: ops.istft(ops.stft(x, ..., window=None), ..., window=None).
# Expected: the signal again, as with window="hann". Seen: four times the signal, where each step lies
# in four pieces: without a window the sum of the overlapping pieces is not divided by their number.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import keras
import numpy as np

x = np.random.default_rng(0).normal(size=64).astype("float32")
for window in ("hann", None):
    pieces = keras.ops.stft(x, 32, 8, 32, window=window)
    again = np.asarray(keras.ops.istft(pieces, 32, 8, 32, window=window))
    factor = float(np.median(again[8:-8] / x[8:-8]))
    print("window", window, "factor", round(factor, 3))
assert abs(factor - 4) < 0.01, "the behaviour has changed"
END
