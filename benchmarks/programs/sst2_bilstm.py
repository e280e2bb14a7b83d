"""A bidirectional LSTM that tells praise from blame in film reviews, as in Keras tutorials."""

import sys

from keras import Input, Model
from keras.callbacks import EarlyStopping
from keras.layers import LSTM, Bidirectional, Dense, Dropout, Embedding
from keras.optimizers import Adam
from keras.utils import set_random_seed

from benchmarks.data import sst2

WORDS = 8000
LENGTH = 40


def load():
    return sst2(WORDS, LENGTH)


def build_model():
    inputs = Input(shape=(LENGTH,), dtype="int32")
    x = Embedding(WORDS, 64, mask_zero=True)(inputs)
    x = Dropout(0.5)(x)
    x = Bidirectional(LSTM(32))(x)
    x = Dropout(0.5)(x)
    outputs = Dense(1, activation="sigmoid")(x)
    model = Model(inputs, outputs)
    model.compile(optimizer=Adam(1e-3), loss="binary_crossentropy", metrics=["accuracy"])
    return model


if __name__ == "__main__":
    set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    (x_train, y_train), (x_dev, y_dev), (x_test, y_test) = load()
    model = build_model()
    model.summary()
    model.fit(
        x_train,
        y_train,
        batch_size=32,
        epochs=8,
        verbose=2,
        validation_data=(x_dev, y_dev),
        callbacks=[EarlyStopping("val_accuracy", patience=3, restore_best_weights=True)],
    )
    score = model.evaluate(x_test, y_test, verbose=0)
    print("Test loss:", score[0])
    print("Test accuracy:", score[1])
