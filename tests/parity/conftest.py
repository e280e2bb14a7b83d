"""Keras on JAX is the oracle here: its backend is chosen before anything imports it."""

import os
import warnings

os.environ["KERAS_BACKEND"] = "jax"

with warnings.catch_warnings():  # what Keras warns about while loading is not ours to mend
    warnings.simplefilter("ignore")
    import keras

if keras.backend.backend() != "jax":
    raise RuntimeError(f"parity tests need Keras on JAX, not on {keras.backend.backend()}")
