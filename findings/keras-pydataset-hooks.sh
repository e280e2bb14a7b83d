#!/usr/bin/env bash
# Keras on JAX: when a PyDataset's on_epoch_begin and on_epoch_end are called, for two epochs.
# Expected: twice each. Seen: three times. To learn shapes, one batch is read before training begins,
# and both hooks are called around it: a data set that shuffles or counts there has moved on by one.
source "$(dirname "$0")/with.sh"
run keras==3.15.1 jax==0.10.2 <<'END'
import keras
import numpy as np

log = []


class Data(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return np.zeros((1, 1)), np.zeros((1, 1))

    def on_epoch_begin(self):
        log.append("begin")

    def on_epoch_end(self):
        log.append("end")


class Note(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        log.append("TRAINING")


model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(Data(), epochs=2, verbose=0, callbacks=[Note()])
print(log)
assert log == ["begin", "end", "TRAINING", *["begin", "end"] * 2], "the behaviour has changed"
END
