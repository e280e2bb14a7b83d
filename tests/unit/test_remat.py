"""`Sequential(..., remat=...)`: the same numbers, in less memory."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid import Input, Model, Sequential, layers, losses
from pellucid._core.errors import ConfigError
from pellucid.optimizers import SGD
from pellucid.utils import set_random_seed

ROWS, STEPS, WIDTH = 8, 6, 5


class PenalisedScale(layers.Layer):
    """Adds a loss of its own, and counts its calls in a state."""

    supports_masking = True

    def build(self, input_shape):
        self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="ones")
        self.calls = self.add_weight(
            name="calls", shape=(), initializer="zeros", trainable=False, dtype="float32"
        )

    def call(self, inputs, training=False):
        self.add_loss(0.01 * jnp.sum(jnp.square(inputs)) + jnp.sum(self.scale))
        if training:
            self.calls = self.calls + 1.0
        return inputs * self.scale


def everything(remat):
    """A block of which every part leaves something behind beside its output."""
    return Sequential(
        [
            Input(shape=(STEPS,)),
            layers.Embedding(7, WIDTH, mask_zero=True, name="words"),
            Sequential(
                [
                    layers.Dense(WIDTH, activation="tanh", kernel_regularizer="l2", name="a"),
                    layers.Dropout(0.4, name="drop"),
                    layers.BatchNormalization(name="norm"),
                    PenalisedScale(name="scale"),
                    layers.Dense(WIDTH, activity_regularizer="l2", name="b"),
                ],
                name="block",
                remat=remat,
            ),
            layers.GlobalAveragePooling1D(name="mean"),  # reads the mask that passed the block
            layers.Dense(1, name="out"),
        ],
        name="net",
    )


@pytest.fixture
def words():
    generator = np.random.default_rng(0)
    x = generator.integers(1, 7, (ROWS, STEPS))
    x[:, -2:] = 0
    return x.astype(np.int32), generator.random((ROWS, 1), np.float32)


def trained(remat, data, **settings):
    set_random_seed(5)
    model = everything(remat)
    for number, weight in enumerate(model.weights):
        if weight.trainable:
            start = np.random.default_rng(number).uniform(-0.5, 0.5, weight.shape)
            weight.assign(start.astype(np.float32))
    model.compile(SGD(0.05, **settings), "mse")
    history = model.fit(*data, batch_size=4, epochs=2, shuffle=False, verbose=0, checkup=False)
    return history.history["loss"], {weight.path: weight.numpy() for weight in model.weights}


def test_training_gives_the_same_numbers_also_with_gradient_accumulation(words):
    loss, weights = trained(False, words, gradient_accumulation_steps=2)
    again, same = trained(2, words, gradient_accumulation_steps=2)
    np.testing.assert_allclose(again, loss, rtol=1e-5)
    assert loss[1] < loss[0]
    assert weights.keys() == same.keys()
    for path, value in weights.items():
        np.testing.assert_allclose(same[path], value, rtol=2e-4, atol=1e-6, err_msg=path)
    # the state was updated once a step, not once more when the block was computed again
    assert same["net/block/scale/calls"] == 4


def test_gradients_updates_losses_and_masks_leave_the_block(words):
    plain, lean = everything(False), everything(True)
    key, x = jax.random.key(3), jnp.asarray(words[0])

    def both(model, variables):
        def loss(trained):
            outputs, context = model.bound_call(
                {**variables, **trained}, (x,), training=True, rng=key
            )
            return jnp.sum(jnp.sin(outputs)) + sum(context.losses), list(context.updates.values())

        wanted = {path: value for path, value in variables.items() if "calls" not in path}
        return jax.jit(jax.value_and_grad(loss, has_aux=True))(wanted)

    variables = plain.variable_tree()
    with jax.checking_leaks():
        (value, updates), gradients = both(lean, variables)
    (wanted, wanted_updates), wanted_gradients = both(plain, variables)
    np.testing.assert_allclose(value, wanted, rtol=1e-6)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5), updates, wanted_updates)
    assert len(updates) == 3
    for path, gradient in wanted_gradients.items():
        np.testing.assert_allclose(gradients[path], gradient, rtol=1e-4, atol=1e-6, err_msg=path)


def temporary_bytes(remat):
    """What a training step needs beside its arguments and results."""
    block = [layers.Dense(256, activation="tanh") for _ in range(8)]
    model = Sequential([Input(shape=(256,)), *block, layers.Dense(1)], remat=remat)
    variables, x = model.variable_tree(), jnp.zeros((4096, 256))

    def loss(variables):
        return jnp.sum(model.apply(variables, x, training=True, rng=jax.random.key(0))[0])

    compiled = jax.jit(jax.grad(loss)).lower(variables).compile()
    return compiled.memory_analysis().temp_size_in_bytes


def test_it_takes_less_memory():
    assert temporary_bytes(3) < 0.75 * temporary_bytes(False)


def test_inside_a_functional_model():
    x = Input(shape=(4,))
    block = Sequential([layers.Dense(8, activation="gelu"), layers.Dropout(0.5)], remat=True)
    model = Model(x, layers.Dense(2)(layers.Concatenate()([x, block(x)])))
    model.compile("adam", losses.MeanSquaredError())
    data = np.ones((6, 4), np.float32), np.ones((6, 2), np.float32)
    before = model.evaluate(*data, verbose=0)
    model.fit(*data, epochs=30, verbose=0)
    assert model.evaluate(*data, verbose=0) < before
    assert model.predict(data[0], verbose=0).shape == (6, 2)


def test_observers_still_see_every_layer(words):
    model = everything(True)
    model.compile("sgd", "mse")
    found = model.backward(*words)
    assert "net/block/b" in found.outputs
    assert "net/block/b" in found.output_gradients


def test_it_is_part_of_the_configuration():
    model = Sequential([Input(shape=(3,)), layers.Dense(2)], remat=4)
    assert Sequential.from_config(model.get_config()).remat == 4
    assert model.get_config()["remat"] == 4
    assert Sequential([layers.Dense(2)]).remat is False


@pytest.mark.parametrize("wrong", [0, -1, 2.5, "yes", None])
def test_a_wrong_number_is_refused(wrong):
    with pytest.raises(ConfigError, match="remat"):
        Sequential([layers.Dense(2)], remat=wrong)
