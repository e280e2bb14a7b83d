"""A small network on a table, as a Keras user would write it: 20 columns, 64-32-2 units.

Written for Keras; in Pellucid the word `keras` in its import lines is replaced and nothing else.
"""

import sys

from keras.layers import Dense, Input
from keras.models import Sequential
from keras.utils import set_random_seed

from benchmarks.made_up import table_rows

BATCH_SIZE = 32
EPOCHS = 4


def build_model():
    model = Sequential(
        [
            Input(shape=(20,)),
            Dense(64, activation="relu"),
            Dense(32, activation="relu"),
            Dense(2, activation="softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


if __name__ == "__main__":
    set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    (x_train, y_train), (x_test, y_test) = table_rows()
    model = build_model()
    model.fit(
        x_train,
        y_train,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        verbose=2,
        validation_data=(x_test, y_test),
    )
    score = model.evaluate(x_test, y_test, verbose=0)
    print("Test accuracy:", score[1])
