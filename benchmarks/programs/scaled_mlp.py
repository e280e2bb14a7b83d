"""A multilayer perceptron of any width and depth, for the pictures of how cost grows.

Written for Keras; in Pellucid the word `keras` in its import lines is replaced and nothing else.
"""

from keras import Sequential, layers


def build_model(columns=256, width=256, depth=2, classes=10):
    model = Sequential([layers.Input(shape=(columns,))])
    for _ in range(depth):
        model.add(layers.Dense(width, activation="relu"))
    model.add(layers.Dense(classes, activation="softmax"))
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model
