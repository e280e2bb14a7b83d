"""A recurrent network (LSTM) that reads each MNIST digit row by row, as in Keras tutorials."""

import sys

from keras.layers import LSTM, Dense, Input
from keras.models import Sequential
from keras.utils import set_random_seed

from benchmarks.data import mnist_files

BATCH_SIZE = 128
EPOCHS = 5


def load():
    (x_train, y_train), (x_test, y_test) = mnist_files()
    x_train = x_train.astype("float32") / 255  # (samples, 28 rows as steps, 28 features)
    x_test = x_test.astype("float32") / 255
    return (x_train, y_train), (x_test, y_test)


def build_model():
    model = Sequential()
    model.add(Input(shape=(28, 28)))
    model.add(LSTM(128))
    model.add(Dense(10, activation="softmax"))
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


if __name__ == "__main__":
    set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    (x_train, y_train), (x_test, y_test) = load()
    model = build_model()
    model.fit(x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=2)
    score = model.evaluate(x_test, y_test, verbose=0)
    print("Test loss:", score[0])
    print("Test accuracy:", score[1])
