"""Back-propagation by hand: forward, backward, update. Then `fit` does the same, faster."""

import numpy as np

from pellucid import Sequential
from pellucid.datasets import digits
from pellucid.layers import Dense, Input
from pellucid.optimizers import SGD
from pellucid.utils import set_random_seed

LEARNING_RATE, BATCH, EPOCHS = 0.5, 32, 5

(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train, x_test = x_train.reshape(-1, 64) / 16, x_test.reshape(-1, 64) / 16


def make_network():
    set_random_seed(1)  # the same initial weights every time
    model = Sequential(
        [
            Input(shape=(64,)),
            Dense(32, activation="sigmoid", name="hidden"),
            Dense(10, activation="softmax", name="output"),
        ],
        name="digits",
    )
    model.compile(
        optimizer=SGD(LEARNING_RATE), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


# One step, laid open: what each layer gave, and how the loss changes with it.
model = make_network()
x, y = x_train[:BATCH], y_train[:BATCH]
probabilities = model.forward(x)  # (32, 10)
print("before training, the right answers get probability", probabilities[range(BATCH), y].mean())
step = model.backward(x, y)
print(step)

# Training by hand.
for epoch in range(EPOCHS):
    losses = []
    for start in range(0, len(x_train), BATCH):
        step = model.backward(x_train[start : start + BATCH], y_train[start : start + BATCH])
        model.update_parameters(LEARNING_RATE)  # weight -= learning rate * gradient
        losses.append(step.loss)
    print(f"epoch {epoch + 1}: mean loss {np.mean(losses):.4f}")
accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
print(f"accuracy on digits that it has not seen: {accuracy:.1%}")

# The same by `fit`, with the samples in the same order.
fitted = make_network()
fitted.fit(x_train, y_train, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0)
difference = max(
    np.abs(ours - theirs).max()
    for ours, theirs in zip(model.get_weights(), fitted.get_weights(), strict=True)
)
print(f"largest difference between any two weights: {difference:.1e}")
