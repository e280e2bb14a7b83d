#!/usr/bin/env bash
# Keras: Model.get_state_tree() of a model that was never compiled.
# Expected: its weights, and nothing of an optimizer. Seen: AttributeError.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import keras

model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
try:
    model.get_state_tree()
except AttributeError as error:
    print("AttributeError:", error)
else:
    raise SystemExit("the behaviour has changed")
END
