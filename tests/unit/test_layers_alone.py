"""A network called by itself runs as one program after a few calls, and nobody can tell."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid import Input, Model, Sequential, layers
from pellucid.layers.alone import AFTER

X = np.linspace(-1, 1, 12, dtype="float32").reshape(3, 4)


def made(*more):
    return Sequential([Input((4,)), layers.Dense(3, activation="tanh"), *more, layers.Dense(2)])


def warm(model, x=X, **how):
    for _ in range(AFTER + 1):
        model(x, **how)
    return model


def programs(model):
    return [p for p in model.__dict__["_structure"].derived("alone", None).programs.values() if p]


def by_hand(model, x=X):
    return np.asarray(model.apply(model.variable_tree(), jnp.asarray(x))[0])


def check(model, x=X):
    for _ in range(AFTER + 2):
        np.testing.assert_allclose(model(x), by_hand(model, x), rtol=1e-5, atol=1e-6)


def test_the_result_is_the_same_and_an_array():
    model = warm(made(layers.Dropout(0.5), layers.BatchNormalization()))
    assert len(programs(model)) == 1
    check(model)
    assert isinstance(model(X), jax.Array)
    check(model, X.astype("float64"))
    check(model, jnp.asarray(X[:2]))


def test_what_changes_is_seen():
    model = warm(made(layers.LeakyReLU(0.1)))
    before = np.asarray(model(X))
    model.layers[0].kernel = np.asarray(model.layers[0].kernel) * 2
    check(model)
    model.layers[1].negative_slope = 0.9
    check(model)
    model.add(layers.Dense(5))
    check(model)
    assert model(X).shape == (3, 5)
    assert before.shape == (3, 2)


def test_training_still_draws_and_updates():
    model = warm(made(layers.Dropout(0.5), layers.BatchNormalization()))
    mean = np.asarray(model.layers[2].moving_mean)
    one, two = model(X, training=True), model(X, training=True)
    assert not np.array_equal(one, two)
    assert not np.array_equal(mean, np.asarray(model.layers[2].moving_mean))


def test_a_layer_that_draws_by_itself_draws_anew():
    model = Sequential([Input((4, 4, 1)), layers.RandomTranslation(0.5, 0.5), layers.Flatten()])
    x = np.arange(16.0, dtype="float32").reshape(1, 4, 4, 1)
    found = {np.asarray(model(x)).tobytes() for _ in range(AFTER + 6)}
    assert len(found) > 1


def test_losses_and_masks_are_there():
    model = warm(made(layers.ActivityRegularization(0.1)))
    assert len(model.losses) == 1
    words = np.array([[1, 2, 0]])
    masked = Sequential(
        [Input((3,), dtype="int32"), layers.Embedding(4, 2, mask_zero=True), layers.Dropout(0.1)]
    )
    warm(masked, words)
    assert np.asarray(masked(words)._keras_mask).tolist() == [[True, True, False]]


class Loud(layers.Layer):
    def __init__(self):
        super().__init__()
        self.seen = []

    def call(self, x):
        self.seen.append(1 if isinstance(x, jax.core.Tracer) else np.asarray(x).sum())
        return x


@pytest.mark.parametrize("way", ["layer", "function", "activation", "subclass"])
def test_code_of_the_users_own_runs_every_time(way):
    seen = []

    def look(x):
        seen.append(1 if isinstance(x, jax.core.Tracer) else float(np.asarray(x).sum()))
        return x

    class Own(Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = layers.Dense(2), layers.Dense(2)

        def call(self, x):
            return self.b(self.a(look(x)))

    loud = Loud()
    model = {
        "layer": lambda: made(loud, layers.Dense(3)),
        "function": lambda: made(layers.Lambda(look), layers.Dense(3)),
        "activation": lambda: made(layers.Dense(3, activation=look)),
        "subclass": Own,
    }[way]()
    model(X)
    del seen[:], loud.seen[:]
    for number in range(AFTER + 4):
        model(X)
        assert len(seen) + len(loud.seen) == number + 1


def test_gradients_pass_through():
    model = warm(made())
    slope = jax.grad(lambda x: model(x).sum())(jnp.asarray(X))
    assert slope.shape == X.shape
    assert float(jnp.abs(slope).sum()) > 0
    inside = jax.jit(lambda s: model(X) * s)(2.0)
    np.testing.assert_allclose(inside, 2 * by_hand(model), rtol=1e-5)


def test_a_wrong_shape_is_told_every_time():
    model = warm(made())
    messages = set()
    for _ in range(AFTER + 3):
        with pytest.raises(Exception, match="shape") as error:
            model(np.ones((2, 7), "float32"))
        messages.add(str(error.value))
    assert len(messages) == 1
