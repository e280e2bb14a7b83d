"""ResNet-20 for 32x32 pictures (He et al. 2016, section 4.2), as in Keras's CIFAR-10 example.

Written for Keras; in Pellucid the word `keras` in its import lines is replaced and nothing else.
"""

from keras import Input, Model, layers


def convolve(x, filters, size=3, strides=1):
    return layers.Conv2D(
        filters, size, strides=strides, padding="same", kernel_initializer="he_normal"
    )(x)


def block(x, filters, strides):
    y = layers.BatchNormalization()(convolve(x, filters, strides=strides))
    y = layers.Activation("relu")(y)
    y = layers.BatchNormalization()(convolve(y, filters))
    if strides > 1:
        x = convolve(x, filters, size=1, strides=strides)
    return layers.Activation("relu")(layers.Add()([x, y]))


def build_model(size=32, filters=16, stages=3, blocks=3, classes=10):
    inputs = Input(shape=(size, size, 3))
    x = layers.BatchNormalization()(convolve(inputs, filters))
    x = layers.Activation("relu")(x)
    for stage in range(stages):
        for number in range(blocks):
            strides = 2 if stage > 0 and number == 0 else 1
            x = block(x, filters * 2**stage, strides)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(classes, activation="softmax")(x)
    model = Model(inputs, outputs)
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model
