"""The tutorials' convolutional network on MNIST, as it stands in Keras tutorials."""

import sys

from keras import Sequential, layers
from keras.optimizers import Adam
from keras.optimizers.schedules import CosineDecay
from keras.utils import set_random_seed, to_categorical

from benchmarks.data import mnist_files

BATCH_SIZE = 64
EPOCHS = 3


def load():
    (x_train, y_train), (x_test, y_test) = mnist_files()
    x_train = x_train.reshape(60000, 28, 28, 1).astype("float32") / 255
    x_test = x_test.reshape(10000, 28, 28, 1).astype("float32") / 255
    return (x_train, to_categorical(y_train, 10)), (x_test, to_categorical(y_test, 10))


def build_model():
    model = Sequential(
        [
            layers.Input(shape=(28, 28, 1)),
            layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Flatten(),
            layers.Dropout(0.25),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    learning_rate = CosineDecay(2e-3, decay_steps=EPOCHS * -(-60000 // BATCH_SIZE))
    model.compile(
        loss="categorical_crossentropy", optimizer=Adam(learning_rate), metrics=["accuracy"]
    )
    return model


if __name__ == "__main__":
    set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    (x_train, y_train), (x_test, y_test) = load()
    model = build_model()
    model.summary()
    model.fit(x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=2)
    score = model.evaluate(x_test, y_test, verbose=0)
    print("Test loss:", score[0])
    print("Test accuracy:", score[1])
