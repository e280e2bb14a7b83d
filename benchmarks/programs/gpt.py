"""A GPT over bytes: token and position embeddings, pre-norm causal blocks, one logit per byte.

Written for Keras; in Pellucid the word `keras` in its import lines is replaced and nothing else.
"""

from keras import Input, Model, layers, losses, ops


class TokenAndPosition(layers.Layer):
    """What stands there, plus where it stands."""

    def __init__(self, vocabulary, length, width, **kwargs):
        super().__init__(**kwargs)
        self.tokens = layers.Embedding(vocabulary, width)
        self.positions = layers.Embedding(length, width)

    def call(self, tokens):
        return self.tokens(tokens) + self.positions(ops.arange(tokens.shape[-1]))


def block(x, width, heads):
    """Attention to what came before, then two dense layers; each adds to what it was given."""
    y = layers.LayerNormalization(epsilon=1e-5)(x)
    y = layers.MultiHeadAttention(heads, width // heads)(y, y, use_causal_mask=True)
    x = layers.Add()([x, y])
    y = layers.LayerNormalization(epsilon=1e-5)(x)
    y = layers.Dense(4 * width, activation="gelu")(y)
    y = layers.Dense(width)(y)
    return layers.Add()([x, y])


def build_model(vocabulary=256, length=128, width=128, heads=4, blocks=4):
    inputs = Input(shape=(length,), dtype="int32")
    x = TokenAndPosition(vocabulary, length, width)(inputs)
    for _ in range(blocks):
        x = block(x, width, heads)
    x = layers.LayerNormalization(epsilon=1e-5)(x)
    outputs = layers.Dense(vocabulary, use_bias=False)(x)
    model = Model(inputs, outputs)
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=loss, optimizer="adam", metrics=["accuracy"])
    return model
