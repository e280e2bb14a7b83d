"""The tutorials' MNIST program, as it stands in Keras tutorials.

Written for Keras. `benchmarks/run_program.py` runs it in Keras as it is, and in Pellucid with the
word `keras` in its import lines replaced and nothing else.
"""

import sys

from keras.layers import Activation, BatchNormalization, Dense, Dropout, Input
from keras.models import Sequential
from keras.regularizers import L2
from keras.utils import set_random_seed, to_categorical

from benchmarks.data import mnist_files

BATCH_SIZE = 128
EPOCHS = 4


def load():
    (x_train, y_train), (x_test, y_test) = mnist_files()
    x_train = x_train.reshape(60000, 784).astype("float32") / 255
    x_test = x_test.reshape(10000, 784).astype("float32") / 255
    y_train = to_categorical(y_train, 10)
    y_test = to_categorical(y_test, 10)
    return (x_train, y_train), (x_test, y_test)


def build_model():
    model = Sequential()
    model.add(Input(shape=(784,)))
    model.add(Dense(512))
    model.add(Activation("relu"))
    model.add(Dropout(0.2))
    model.add(Dense(512, kernel_regularizer=L2(0.001)))
    model.add(BatchNormalization())
    model.add(Activation("relu"))
    model.add(Dropout(0.2))
    model.add(Dense(10))
    model.add(Activation("softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


if __name__ == "__main__":
    set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    (x_train, y_train), (x_test, y_test) = load()
    model = build_model()
    model.summary()
    history = model.fit(
        x_train,
        y_train,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        verbose=2,
        validation_data=(x_test, y_test),
    )
    score = model.evaluate(x_test, y_test, verbose=0)
    print("Test loss:", score[0])
    print("Test accuracy:", score[1])
