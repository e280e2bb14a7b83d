"""A training step of one's own: digits that are changed to mislead the network (Goodfellow 2015).

For each batch the pixels move a little in the direction that raises the loss most, and the network
learns from those. The step is plain JAX, and `fit` compiles it into its loop like its own.
"""

import jax
import jax.numpy as jnp
import numpy as np

from pellucid import Sequential
from pellucid.datasets import digits
from pellucid.layers import Dense, Input
from pellucid.utils import set_random_seed

STRENGTH = 0.1  # how far a pixel, 0 to 1, may move


class Hardened(Sequential):
    """Trains on misleading inputs."""

    def train_step(self, state, batch):
        x = mislead(self, state.variables, batch.x, batch.y)  # (batch, 64)

        def loss_of(trainable):
            variables = {**state.fixed, **trainable}
            y_pred, updates = self.apply(variables, x, rng=state.rng, training=True)
            return self.compute_loss(x=x, y=batch.y, y_pred=y_pred), updates

        (loss, updates), gradients = jax.value_and_grad(loss_of, has_aux=True)(state.trainable)
        return self.apply_gradients(state, gradients, updates), {"loss": loss}


def mislead(model, variables, x, y):
    """`x` moved against the network by at most STRENGTH a pixel."""

    def loss_at(x):
        y_pred, _ = model.apply(variables, x)
        return model.compute_loss(x=x, y=y, y_pred=y_pred)

    return jnp.clip(x + STRENGTH * jnp.sign(jax.grad(loss_at)(x)), 0, 1)


(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train, x_test = x_train.reshape(-1, 64) / 16, x_test.reshape(-1, 64) / 16

for kind in (Sequential, Hardened):
    set_random_seed(1)
    model = kind(
        [Input(shape=(64,)), Dense(128, activation="relu"), Dense(10, activation="softmax")]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=30, verbose=0)
    plain = model.evaluate(x_test, y_test, verbose=0)[1]
    misleading = np.asarray(mislead(model, model.variable_tree(), x_test, y_test))
    attacked = model.evaluate(misleading, y_test, verbose=0)[1]
    print(f"{kind.__name__:<12} accuracy {plain:.1%}, on misleading digits {attacked:.1%}")
