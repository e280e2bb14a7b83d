"""A U-Net (Ronneberger et al. 2015) that outlines shapes in 96x96 pictures.

Written for Keras; in Pellucid the word `keras` in its import lines is replaced and nothing else.
"""

from keras import Input, Model, layers


def two_convolutions(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return layers.Conv2D(filters, 3, padding="same", activation="relu")(x)


def build_model(size=96, filters=16, levels=3):
    inputs = Input(shape=(size, size, 3))
    x, kept = inputs, []
    for level in range(levels):
        x = two_convolutions(x, filters * 2**level)
        kept.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = two_convolutions(x, filters * 2**levels)
    for level in reversed(range(levels)):
        x = layers.Conv2DTranspose(filters * 2**level, 2, strides=2)(x)
        x = layers.Concatenate()([kept[level], x])
        x = two_convolutions(x, filters * 2**level)
    outputs = layers.Conv2D(1, 1, activation="sigmoid")(x)
    model = Model(inputs, outputs)
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model
