#!/usr/bin/env bash
# Keras: fit(generator, epochs=3) without steps_per_epoch, where the generator gives 5 batches and ends.
# Expected: three epochs of 5, or an end after the first. Seen: 5, 2 and 2 steps. The first two batches
# were kept and are given again in every later epoch; the only word of it is a warning.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import keras
import numpy as np

seen = []


class Note(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        seen.append(0)

    def on_train_batch_end(self, batch, logs=None):
        seen[-1] += 1


def batches():
    for number in range(5):
        yield np.full((2, 1), number, "float32"), np.zeros((2, 1), "float32")


model = keras.Sequential(
    [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
)
model.compile(keras.optimizers.SGD(0.0), "mse")  # the loss of an epoch tells which batches it had
losses = model.fit(batches(), epochs=3, verbose=0, callbacks=[Note()]).history["loss"]
print("steps:", seen, "loss:", losses)
assert seen == [5, 2, 2] and losses == [6.0, 0.5, 0.5], "the behaviour has changed"
END
