#!/usr/bin/env bash
# Keras: save_weights of a model, load_weights into one compiled with another learning rate.
# Expected: the weights come, the learning rate is the one that compile was told. Seen: the file's learning
# rate and count of steps are taken too where both models have trained or neither has; where one has, they
# are left out with a warning.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import keras


def made(rate):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model


made(0.1).save_weights("m.weights.h5")
model = made(1e-5)
model.load_weights("m.weights.h5")
rate = round(float(model.optimizer.learning_rate), 6)
print("learning rate after load_weights:", rate)
assert rate == 0.1, "the behaviour has changed"
END
