"""A Transformer encoder that tells praise from blame, with blocks written as tutorials do."""

import sys

from keras import Input, Model, Sequential, layers, ops
from keras.callbacks import EarlyStopping
from keras.optimizers import Adam
from keras.utils import set_random_seed

from benchmarks.data import sst2

WORDS = 8000
LENGTH = 40
WIDTH = 64


class TransformerBlock(layers.Layer):
    def __init__(self, width, heads, inner, rate=0.3):
        super().__init__()
        self.width, self.heads, self.inner, self.rate = width, heads, inner, rate
        self.attention = layers.MultiHeadAttention(num_heads=heads, key_dim=width // heads)
        self.feed_forward = Sequential(
            [layers.Dense(inner, activation="relu"), layers.Dense(width)]
        )
        self.norm_1 = layers.LayerNormalization(epsilon=1e-6)
        self.norm_2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout_1 = layers.Dropout(rate)
        self.dropout_2 = layers.Dropout(rate)

    def call(self, inputs, training=False):
        attended = self.dropout_1(self.attention(inputs, inputs), training=training)
        x = self.norm_1(inputs + attended)
        changed = self.dropout_2(self.feed_forward(x), training=training)
        return self.norm_2(x + changed)


class TokenAndPositionEmbedding(layers.Layer):
    def __init__(self, length, words, width):
        super().__init__()
        self.length, self.words, self.width = length, words, width
        self.tokens = layers.Embedding(input_dim=words, output_dim=width)
        self.positions = layers.Embedding(input_dim=length, output_dim=width)

    def call(self, x):
        positions = ops.arange(0, ops.shape(x)[-1], 1)
        return self.tokens(x) + self.positions(positions)


def load():
    return sst2(WORDS, LENGTH)


def build_model():
    inputs = Input(shape=(LENGTH,), dtype="int32")
    x = TokenAndPositionEmbedding(LENGTH, WORDS, WIDTH)(inputs)
    x = layers.Dropout(0.5)(x)
    x = TransformerBlock(WIDTH, heads=4, inner=64)(x)
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(20, activation="relu")(x)
    outputs = layers.Dense(1, activation="sigmoid")(x)
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
        epochs=12,
        verbose=2,
        validation_data=(x_dev, y_dev),
        callbacks=[EarlyStopping("val_accuracy", patience=4, restore_best_weights=True)],
    )
    score = model.evaluate(x_test, y_test, verbose=0)
    print("Test loss:", score[0])
    print("Test accuracy:", score[1])
