"""A convolutional network: handwritten digits, read as pictures."""

import numpy as np

from pellucid import Sequential
from pellucid.datasets import mnist
from pellucid.layers import Conv2D, Dense, Dropout, Flatten, Input, MaxPooling2D
from pellucid.utils import set_random_seed

set_random_seed(1)
(x_train, y_train), (x_test, y_test) = mnist.load_data()  # 28x28 pixels, ink from 0 to 255
x_train = x_train[..., None].astype("float32") / 255  # (60000, 28, 28, 1): one channel, grey
x_test = x_test[..., None].astype("float32") / 255

model = Sequential(
    [
        Input(shape=(28, 28, 1)),
        Conv2D(32, kernel_size=(3, 3), activation="relu"),
        MaxPooling2D(pool_size=(2, 2)),
        Conv2D(64, kernel_size=(3, 3), activation="relu"),
        MaxPooling2D(pool_size=(2, 2)),
        Flatten(),
        Dropout(0.5),
        Dense(10, activation="softmax"),
    ]
)
model.summary()
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=64, epochs=3, validation_split=0.1)

loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"accuracy on {len(x_test)} digits that it has not seen: {accuracy:.2%}")

answers = model.predict(x_test, verbose=0).argmax(axis=1)
wrong = np.flatnonzero(answers != y_test)
print(f"it misreads {len(wrong)} of them; the first is a {y_test[wrong[0]]}, ", end="")
print(f"taken for a {answers[wrong[0]]}")
for row in x_test[wrong[0], ::2, :, 0]:
    print("".join(" .:*#"[int(ink * 4.99)] for ink in row))
