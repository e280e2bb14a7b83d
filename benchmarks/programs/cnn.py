"""The usual first convolutional network: 32 and 64 filters of 3x3, pools, 128 units, 10 classes.

Written for Keras; in Pellucid the word `keras` in its import lines is replaced and nothing else.
"""

from keras import Sequential, layers


def build_model(size=28, channels=1, filters=(32, 64), units=128, classes=10):
    model = Sequential([layers.Input(shape=(size, size, channels))])
    for count in filters:
        model.add(layers.Conv2D(count, (3, 3), activation="relu"))
        model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Flatten())
    model.add(layers.Dense(units, activation="relu"))
    model.add(layers.Dense(classes, activation="softmax"))
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model
