"""A first network: handwritten digits, from pixels to answers."""

import numpy as np

from pellucid import Sequential
from pellucid.callbacks import EarlyStopping
from pellucid.datasets import digits
from pellucid.layers import Dense, Dropout, Flatten, Input, Rescaling
from pellucid.utils import set_random_seed

set_random_seed(1)
(x_train, y_train), (x_test, y_test) = digits.load_data()  # 8x8 pixels, ink from 0 to 16

model = Sequential(
    [
        Input(shape=(8, 8)),
        Rescaling(1 / 16),
        Flatten(),
        Dense(128, activation="relu"),
        Dropout(0.2),
        Dense(64, activation="relu"),
        Dense(10, activation="softmax"),
    ]
)
model.summary()
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    x_train,
    y_train,
    batch_size=32,
    epochs=40,
    validation_split=0.1,
    callbacks=[EarlyStopping(patience=8, restore_best_weights=True)],
)

loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"accuracy on {len(x_test)} digits that it has not seen: {accuracy:.1%}")

probabilities = model.predict(x_test, verbose=0)  # (360, 10)
answers = probabilities.argmax(axis=1)
worst = int(np.argmax(np.where(answers != y_test, probabilities.max(axis=1), 0)))
print(f"its surest mistake: a {y_test[worst]}, taken for a {answers[worst]}")
for row in x_test[worst]:
    print("".join(" .:*#"[int(ink) // 4] * 2 for ink in row))
