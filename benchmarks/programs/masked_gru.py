"""A GRU over sentences of different lengths: zeros are padding, and the mask skips them.

Written for Keras; in Pellucid the word `keras` in its import lines is replaced and nothing else.
"""

from keras import Sequential, layers


def build_model(words=5000, length=60, width=64, units=64):
    model = Sequential(
        [
            layers.Input(shape=(length,), dtype="int32"),
            layers.Embedding(words, width, mask_zero=True),
            layers.GRU(units),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model
