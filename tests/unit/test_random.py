"""`pellucid.random`: Keras's numbers, seeds that move on, and what is refused."""

import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import pellucid
from pellucid import Input, Layer, Model, PellucidError, Sequential, initializers, layers, random
from pellucid.random import SeedGenerator

os.environ.setdefault("KERAS_BACKEND", "jax")

CALLS = {
    "normal": lambda r, s: r.normal((3, 4), 1.0, 2.0, seed=s),
    "uniform": lambda r, s: r.uniform((3, 4), -1.0, 2.0, seed=s),
    "truncated_normal": lambda r, s: r.truncated_normal((3, 4), 0.5, 0.1, seed=s),
    "randint": lambda r, s: r.randint((3, 4), 2, 9, seed=s),
    "categorical": lambda r, s: r.categorical(np.log([[0.2, 0.8], [0.5, 0.5]]), 5, seed=s),
    "dropout": lambda r, s: r.dropout(jnp.ones((3, 4)), 0.4, seed=s),
    "dropout of rows": lambda r, s: r.dropout(jnp.ones((3, 4)), 0.4, (None, 1), seed=s),
    "shuffle": lambda r, s: r.shuffle(jnp.arange(12).reshape(3, 4), 1, seed=s),
    "gamma": lambda r, s: r.gamma((3, 4), 2.0, seed=s),
    "beta": lambda r, s: r.beta((3, 4), 2.0, 3.0, seed=s),
    "binomial": lambda r, s: r.binomial((3, 4), 10.0, 0.3, seed=s),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_numbers_are_keras_s(name):
    keras = pytest.importorskip("keras")
    call = CALLS[name]
    ours, theirs = SeedGenerator(7), keras.random.SeedGenerator(7)
    for seeds in ((3, 3), (2**31 + 5, 2**31 + 5), (ours, theirs), (ours, theirs)):
        got, wanted = call(random, seeds[0]), np.asarray(call(keras.random, seeds[1]))
        assert got.dtype == wanted.dtype
        np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(ours.state.numpy(), np.asarray(theirs.state))


def test_unordered_seeds_are_keras_s():
    keras = pytest.importorskip("keras")
    ours, theirs = SeedGenerator(7), keras.random.SeedGenerator(7)
    for _ in range(3):
        got, wanted = ours.next(ordered=False), theirs.next(ordered=False)
        np.testing.assert_array_equal(got, np.asarray(wanted))


def test_without_a_seed_the_program_s_seed_decides():
    pellucid.utils.set_random_seed(1)
    a, b = random.normal((4,)), random.normal((4,))
    pellucid.utils.set_random_seed(1)
    np.testing.assert_array_equal(a, random.normal((4,)))
    assert (a != b).all()


class Noise(Layer):
    def __init__(self, seed=5):
        super().__init__()
        self.seeds = SeedGenerator(seed)

    def call(self, x):
        return x * 0 + random.uniform(x.shape[-1:], seed=self.seeds)


def test_the_state_is_a_variable_and_no_weight():
    layer = Noise()
    first, second = layer(np.zeros((1, 3))), layer(np.zeros((1, 3)))
    assert (np.asarray(first) != np.asarray(second)).all()
    assert [tuple(v.shape) for v in layer.variables] == [(2,)]
    assert layer.weights == []
    assert layer.seeds.state.numpy().tolist() == [5, 2]


def test_every_compiled_step_draws_other_numbers():
    class Net(Model):
        def __init__(self):
            super().__init__()
            self.noise, self.scale = Noise(), layers.Dense(1, use_bias=False)

        def call(self, x):
            return self.scale(self.noise(x))

    model = Net()
    model.compile(pellucid.optimizers.SGD(0.0), lambda y, p: p)
    settings = {"verbose": 0, "doctor": None, "batch_size": 2, "shuffle": False}
    history = model.fit(np.zeros((2, 1)), np.zeros((2, 1)), epochs=4, **settings)
    assert len(set(history.history["loss"])) == 4
    assert model.noise.seeds.state.numpy()[1] >= 4
    a, b = (model.predict(np.zeros((2, 1)), verbose=0) for _ in range(2))
    assert (a != b).all()


def test_steps_in_keras_s_form_and_loops_by_hand_hand_the_state_on():
    class Net(Model):
        def __init__(self):
            super().__init__()
            self.noise, self.scale = Noise(), layers.Dense(1, use_bias=False)

        def call(self, x):
            return self.scale(self.noise(x))

        def train_step(self, state, data):
            own, others, optimizer, held = state
            y, others = self.stateless_call(own, others, data[0])
            return {"loss": jnp.mean(y)}, (own, others, optimizer, held)

        def test_step(self, state, data):
            own, others, held = state
            y, others = self.stateless_call(own, others, data[0])
            return {"loss": jnp.mean(y)}, (own, others, held)

    x = np.ones((2, 1), "float32")
    model = Net()
    model.compile("sgd", "mse")
    settings = {"verbose": 0, "doctor": None, "batch_size": 2}
    history = model.fit(x, x, epochs=3, **settings)
    assert len(set(history.history["loss"])) == 3
    assert len({model.evaluate(x, x, verbose=0) for _ in range(3)}) == 3
    assert [v.shape for v in model.non_trainable_variables] == [(2,)]
    assert model.non_trainable_weights == []
    own, others = ([v.value for v in vs] for vs in (model.trainable_variables, model.variables[:1]))
    step = jax.jit(model.stateless_call)
    first, others = step(own, others, x)
    second, _ = step(own, others, x)
    assert float(first[0, 0]) != float(second[0, 0])


def test_a_loss_of_one_s_own_draws_other_numbers_at_every_step():
    class Net(Model):
        def __init__(self):
            super().__init__()
            self.drop, self.dense = layers.Dropout(0.5), layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            return jnp.mean(self.drop(jnp.ones((2, 50)))) + 0 * jnp.sum(y_pred)

    model = Net()
    model.compile("sgd")
    history = model.fit(np.ones((2, 1)), epochs=4, verbose=0, doctor=None)
    assert len(set(history.history["loss"])) > 1


def test_unseeded_numbers_in_a_step_differ_from_step_to_step():
    class Plain(Layer):
        def call(self, x):
            return x * 0 + random.uniform((1,)) + random.uniform((1,))

    model = Sequential([Input((1,)), Plain(), layers.Dense(1, use_bias=False)])
    model.compile(pellucid.optimizers.SGD(0.0), lambda y, p: p)
    settings = {"verbose": 0, "doctor": None, "batch_size": 2}
    history = model.fit(np.zeros((2, 1)), np.zeros((2, 1)), epochs=4, **settings)
    assert len(set(history.history["loss"])) == 4


def test_one_generator_in_two_layers_is_one_variable():
    shared = SeedGenerator(1)
    model = Sequential([Input((3,)), Noise(), Noise()])
    for layer in model.layers[-2:]:
        layer.seeds = shared
    assert sum(v is shared.state for v in model.variables) == 1
    model.predict(np.zeros((1, 3)), verbose=0)
    assert shared.state.numpy()[1] == 2


def test_it_is_a_seed_of_layers_and_initializers():
    layer = layers.Dropout(0.5, seed=SeedGenerator(3))
    a, b = (np.asarray(layer(np.ones((1, 50)), training=True)) for _ in range(2))
    assert (a != b).any()
    again = layers.Dropout.from_config(layer.get_config())
    np.testing.assert_array_equal(a, again(np.ones((1, 50)), training=True))
    init = initializers.RandomNormal(seed=SeedGenerator(3))
    first, second = init((4,)), init((4,))
    assert (first != second).all()
    np.testing.assert_array_equal(first, init.clone()((4,)))


def test_clones_of_initializers():
    init = initializers.HeNormal(seed=4)
    np.testing.assert_array_equal(init((2, 3)), init.clone()((2, 3)))


REFUSED = {
    "a seed that is text": lambda: random.normal((2,), seed="7"),
    "a generator of text": lambda: SeedGenerator("7"),
    "whole numbers of a float format": lambda: random.randint((2,), 0, 3, dtype="float32"),
    "floats of a whole format": lambda: random.uniform((2,), dtype="int32"),
    "logits of one axis": lambda: random.categorical(jnp.zeros(3), 2, seed=1),
    "a rate above 1": lambda: random.dropout(jnp.ones(3), 1.5, seed=1),
    "no seed while JAX traces": lambda: jax.jit(lambda: random.normal((2,)))(),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    with pytest.raises(PellucidError, match="fix:"):
        REFUSED[name]()
