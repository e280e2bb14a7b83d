"""The deep autoencoder of Keras's own tutorial: 784 points through 32 numbers and back.

Written for Keras; in Pellucid the word `keras` in its import lines is replaced and nothing else.
"""

from keras import Sequential, layers


def build_model(points=784, units=(128, 64, 32, 64, 128)):
    model = Sequential([layers.Input(shape=(points,))])
    for count in units:
        model.add(layers.Dense(count, activation="relu"))
    model.add(layers.Dense(points, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam")
    return model
