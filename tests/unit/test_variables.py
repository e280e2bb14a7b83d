"""Variables: made, tracked, assigned; what layers and callbacks do with them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import pellucid
from pellucid import Input, Layer, Sequential, Variable, layers, ops, optimizers
from pellucid._core.errors import NothingTrainsWarning
from pellucid.callbacks import Callback

X = np.ones((4, 3), "float32")
QUIET = {"verbose": 0, "doctor": None, "checkup": False}


def compiled(*parts, optimizer=None):
    model = Sequential([Input((3,)), *parts])
    model.compile(optimizer or optimizers.SGD(0.1), "mse")
    return model


@pytest.mark.parametrize(
    ("arguments", "value", "dtype"),
    [
        ((1.0,), 1.0, "float32"),
        ((3,), 3, "int32"),
        ((True,), True, "bool"),
        ((np.ones(2, "float16"),), [1, 1], "float16"),
        (("ones", (2,)), [1, 1], "float32"),
        ((lambda shape, dtype: np.full(shape, 7, dtype), 2, "int32"), [7, 7], "int32"),
    ],
)
def test_made_from_a_value_or_a_rule(arguments, value, dtype):
    variable = Variable(*arguments)
    assert variable.dtype == dtype
    assert variable.numpy().tolist() == value
    assert variable.shape == np.shape(value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"initializer": "zeros"}, "no shape"),
        ({"initializer": None}, "neither a value"),
        ({"initializer": 1.0, "name": "a/b"}, "slashes"),
        ({"initializer": 1.0, "aggregation": "all"}, "aggregation"),
        ({"initializer": 1.0, "synchronization": "now"}, "synchronization"),
        ({"initializer": "zeros", "shape": (None,)}, "unknown size"),
    ],
)
def test_wrong_arguments_are_told(arguments, words):
    with pytest.raises(ValueError, match=words):
        Variable(**arguments)


def test_it_is_the_array_it_holds():
    variable = Variable([[1.0, 2.0]], name="v")
    assert (variable + 1).tolist() == [[2, 3]]
    assert (np.ones(2) * variable).tolist() == [[1, 2]]
    assert (variable == variable).tolist() == [[True, True]]
    assert {variable: 1}[variable] == 1
    assert ops.sum(variable) == jnp.sum(variable) == jax.jit(jnp.sum)(variable) == 3
    assert jax.grad(lambda v: jnp.sum(v * v))(variable).tolist() == [[2, 4]]
    assert variable.assign_sub([[1.0, 1.0]]).tolist() == [[0, 1]]
    with pytest.raises(ValueError, match="another shape"):
        variable.assign([1.0])


class Plain(Layer):
    """Holds variables that it made without add_weight."""

    def build(self, input_shape):
        self.w = Variable(np.ones((3, 1), "float32"), name="kernel")
        self.others = [Variable(0.0), Variable(1.0, trainable=False)]
        self.named = {"a": Variable(2.0)}

    def call(self, x):
        return x @ self.w + self.others[0] + self.others[1] * self.named["a"]


def test_variables_held_by_a_layer_are_its_weights():
    layer = Plain()
    assert layer(X)[0].tolist() == [5.0]
    assert len(layer.trainable_variables) == 3
    assert layer.weights[0].path == "plain/kernel"
    model = compiled(layer)
    model.fit(X, np.zeros((4, 1)), epochs=1, **QUIET)
    assert layer.w.numpy()[0, 0] != 1
    assert layer.named["a"].numpy() != 2
    assert layer.others[1].numpy() == 1


def test_one_variable_of_two_layers_is_one_weight():
    first = layers.Dense(3, use_bias=False)
    second = layers.Dense(3, use_bias=False)
    model = compiled(first, second)
    second.kernel = first.kernel
    assert second.kernel is first.kernel
    assert sum(weight is first.kernel for weight in model.weights) == 1


class Count(Layer):
    def __init__(self):
        super().__init__()
        self.n = self.add_weight(initializer="zeros", trainable=False, dtype="int32")
        self.total = self.add_weight(initializer="zeros", trainable=False)

    def call(self, x):
        self.n.assign_add(1)
        self.total.assign(self.total + jnp.where(self.n.value > 1, jnp.tanh(self.total) + 1, 1))
        return jax.nn.relu(x * self.n.astype(x.dtype))


def test_assigned_in_call():
    layer = Count()
    assert layer(X)[0, 0] == 1
    assert layer(X)[0, 0] == 2
    model = compiled(layer, layers.Dense(1))
    model.fit(X, X[:, :1], batch_size=2, epochs=2, **QUIET)
    assert layer.n.numpy() == 6
    expected = 0.0
    for call in range(1, 7):
        expected += np.tanh(expected) + 1 if call > 1 else 1
    assert layer.total.numpy() == pytest.approx(expected, rel=1e-5)


def test_assigned_by_a_callback_in_training():
    class Term(Layer):
        def __init__(self):
            super().__init__()
            self.beta = self.add_weight(initializer="zeros", trainable=False)

        def call(self, x):
            self.add_loss(100.0 * self.beta)
            return x

    term = Term()

    class Anneal(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            term.beta.assign(float(epoch))

    model = compiled(term, optimizer=optimizers.SGD(0.0))
    history = model.fit(X, X, epochs=3, callbacks=[Anneal()], **QUIET)
    assert history.history["loss"] == [0.0, 100.0, 200.0]


def test_add_weight_in_all_its_forms():
    layer = Layer()
    layer.n = layer.add_weight(dtype="int32", aggregation="sum")
    layer.on = layer.add_weight(dtype="bool", overwrite_with_gradient=False)
    layer.w = layer.add_variable((2,), "ones", name="w")
    assert [w.numpy().tolist() for w in layer.weights] == [0, False, [1, 1]]
    assert layer.weights[0].aggregation == "sum"
    with pytest.raises(ValueError, match=r"name='w'"):
        layer.add_weight("w", shape=(2,))


def test_thawed_in_a_callback_and_seen_by_the_checkups():
    parts = [layers.Dense(1, use_bias=False, kernel_initializer="ones") for _ in range(2)]
    model = compiled(*parts)
    parts[0].trainable = False
    seen = []

    class Thaw(Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(parts[0].kernel.numpy()[0, 0])
            parts[0].trainable = True

    model.fit(X, np.zeros((4, 1)), epochs=3, verbose=0, callbacks=[Thaw()])
    assert seen[0] == 1
    assert seen[1] < 1
    assert seen[2] < seen[1]


def test_a_frozen_network_says_so_once():
    model = compiled(layers.Dense(1))
    model.trainable = False
    with pytest.warns(NothingTrainsWarning, match="all of its 2 weights are frozen"):
        model.train_on_batch(X, X[:, :1])
    model.train_on_batch(X, X[:, :1])  # a second warning would be an error here


def test_variables_through_jit_as_arguments():
    layer = layers.Dense(1)
    layer.build((None, 3))
    optimizer = optimizers.Adam(0.1)
    optimizer.build(layer.trainable_variables)

    @jax.jit
    def step(trained, own):
        def loss(trained):
            return jnp.sum(layer.stateless_call(trained, [], X)[0] ** 2)

        return optimizer.stateless_apply(own, jax.grad(loss)(trained), trained)

    trained, own = step(layer.trainable_variables, optimizer.variables)
    trained, own = step(trained, own)
    assert int(own[0]) == 2
    assert pellucid.backend.Variable is Variable


def test_what_a_variable_refuses_to_be_set_to():
    variable = Variable([1.0, 2.0])
    variable.constraint = abs
    assert variable.constraint is abs
    for name, value, error in (
        ("constraint", "non_neg", ValueError),
        ("regularizer", 0.1, ValueError),
        ("overwrite_with_gradient", "yes", TypeError),
    ):
        with pytest.raises(error, match=name):
            setattr(variable, name, value)
    with pytest.raises(TypeError, match="truth value"):
        bool(variable)
    assert Variable([1.0])
