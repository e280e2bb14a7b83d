"""An encoder like BERT over padded sentences: post-norm blocks, dropout, masked attention and mean.

Written for Keras; in Pellucid the word `keras` in its import lines is replaced and nothing else.
"""

from keras import Input, Model, layers, ops


class TokenAndPosition(layers.Layer):
    """What stands there, plus where it stands; zeros are padding and masked from here on."""

    def __init__(self, vocabulary, length, width, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.tokens = layers.Embedding(vocabulary, width)
        self.positions = layers.Embedding(length, width)

    def call(self, tokens):
        return self.tokens(tokens) + self.positions(ops.arange(tokens.shape[-1]))

    def compute_mask(self, inputs, mask=None):
        return ops.not_equal(inputs, 0)


def block(x, width, heads, rate):
    y = layers.MultiHeadAttention(heads, width // heads)(x, x)
    y = layers.Dropout(rate)(y)
    x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, y]))
    y = layers.Dense(4 * width, activation="gelu")(x)
    y = layers.Dropout(rate)(layers.Dense(width)(y))
    return layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, y]))


def build_model(words=5000, length=64, width=128, heads=4, blocks=3, rate=0.1):
    inputs = Input(shape=(length,), dtype="int32")
    x = TokenAndPosition(words, length, width)(inputs)
    x = layers.Dropout(rate)(layers.LayerNormalization(epsilon=1e-6)(x))
    for _ in range(blocks):
        x = block(x, width, heads, rate)
    x = layers.GlobalAveragePooling1D()(x)
    outputs = layers.Dense(1, activation="sigmoid")(x)
    model = Model(inputs, outputs)
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model
