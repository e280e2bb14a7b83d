"""A recurrent network that reads a series and names its class: 128 units, 50 steps of 32 numbers.

Written for Keras; in Pellucid the word `keras` in its import lines is replaced and nothing else.
"""

from keras import Sequential, layers


def build_model(steps=50, features=32, units=128, classes=10):
    model = Sequential(
        [
            layers.Input(shape=(steps, features)),
            layers.LSTM(units),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model
