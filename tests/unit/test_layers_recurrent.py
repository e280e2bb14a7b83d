"""Recurrent layers: cells of one's own, states, wrappers, dropout, and what wrong use is told."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import pellucid
from pellucid import Input, Model, Sequential, layers
from pellucid._core.errors import ConfigError, DataError, ShapeError, StateError
from pellucid.layers import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    Dense,
    GRUCell,
    LSTMCell,
    SimpleRNN,
    StackedRNNCells,
    TimeDistributed,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 5, 3)).astype("float32")
Y = RNG.normal(size=(8, 2)).astype("float32")


@pellucid.register("layer")
class MinimalCell(layers.Layer):
    """The cell of Keras's documentation."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="uniform", name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, self.units), initializer="uniform", name="recurrent_kernel"
        )

    def call(self, inputs, states):
        h = jnp.matmul(inputs, self.kernel)
        output = h + jnp.matmul(states[0], self.recurrent_kernel)
        return output, [output]


def close(a, b, tolerance=1e-5):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=tolerance, atol=tolerance)


# --- cells


def test_a_cell_of_ones_own_is_the_linear_simple_rnn():
    own = RNN(MinimalCell(4), return_sequences=True)
    theirs = SimpleRNN(4, activation=None, use_bias=False, return_sequences=True)
    expected = theirs(X)
    own(X)
    own.set_weights(theirs.get_weights())
    close(own(X), expected)
    assert own.weights[0].path == "rnn/minimal_cell/kernel"
    model = Sequential([Input((5, 3)), own, LSTM(2)])
    twin = Sequential.from_config(json.loads(json.dumps(model.get_config())))
    twin.set_weights(model.get_weights())
    close(twin.predict(X, verbose=0), model.predict(X, verbose=0))


def test_a_cell_with_another_output_than_its_state():
    class Counting(layers.Layer):
        state_size = (2, 1)
        output_size = 3

        def call(self, inputs, states, training=False):
            total, count = states
            new = (total + inputs[:, :2], count + 1.0)
            return jnp.concatenate([new[0] * 2, new[1]], axis=-1), new

    output, total, count = RNN(Counting(), return_state=True)(X)
    close(output[:, :2], 2 * X[..., :2].sum(1))
    close(total, X[..., :2].sum(1))
    assert count.tolist() == [[5.0]] * 8
    mask = np.ones((8, 5), bool)
    mask[:, 1], mask[:, 4] = False, False
    every, _, count = RNN(Counting(), return_state=True, return_sequences=True)(X, mask=mask)
    close(every[:, 1], every[:, 0])
    close(every[:, 4], every[:, 3])
    assert count.tolist() == [[3.0]] * 8


def test_what_a_cell_draws_remembers_and_penalises_gets_out_of_the_loop():
    class Busy(layers.Layer):
        state_size = 3

        def build(self, input_shape):
            self.noise = layers.Dropout(0.5)
            self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, inputs, states, training=False):
            self.calls = self.calls + 1
            self.add_loss(jnp.mean(inputs))
            return self.noise(jnp.ones_like(inputs)), states

    layer = RNN(Busy(), return_sequences=True)
    layer(X)
    assert float(layer.cell.calls) == 5
    result, context = jax.jit(
        lambda v: (lambda y, c: (y, [*c.updates.values(), *c.losses]))(
            *layer.bound_call(v, (X,), training=True, rng=jax.random.key(0))
        )
    )(layer.variable_tree())
    assert float(context[0]) == 10
    assert float(context[1]) == pytest.approx(X.mean((0, 2)).sum(), abs=1e-5)
    steps = np.asarray(result)
    assert not np.array_equal(steps[:, 0], steps[:, 1])  # every step draws its own numbers


def test_a_subclass_with_its_own_call_runs_by_it():
    class Halved(LSTMCell):
        def call(self, inputs, states, training=False):
            output, states = super().call(inputs, states, training)
            return output / 2, states

    plain, halved = RNN(LSTMCell(4)), RNN(Halved(4))
    expected = plain(X)
    halved(X)
    halved.set_weights(plain.get_weights())
    close(halved(X), expected / 2)


def test_cells_one_after_the_other_equal_layers_one_after_the_other():
    stacked = RNN([LSTMCell(4), GRUCell(3)], return_state=True)
    output, (h, c), (last,) = stacked(X)
    first = LSTM(4, return_sequences=True, return_state=True)
    second = GRU(3)
    first(X)
    second(np.zeros((1, 2, 4)))
    first.set_weights(stacked.get_weights()[:3])
    second.set_weights(stacked.get_weights()[3:])
    sequence, expected_h, expected_c = first(X)
    close(output, second(sequence))
    close(h, expected_h)
    close(c, expected_c)
    close(last, output)

    class Residual(StackedRNNCells):
        def call(self, inputs, states, training=False):
            output, states = super().call(inputs, states, training)
            return output * 2, states

    own = RNN(Residual([LSTMCell(4), GRUCell(3)]))
    own(X)
    own.set_weights(stacked.get_weights())
    close(own(X), 2 * output)


def test_a_cell_called_step_by_step_equals_the_layer():
    for layer in (LSTM(4), GRU(4), GRU(4, reset_after=False), SimpleRNN(4)):
        expected = layer(X)
        states = layer.get_initial_state(8)
        for step in range(5):
            output, states = layer.cell(X[:, step], states)
        close(output, expected)


@pytest.mark.parametrize("kind", [LSTM, GRU, SimpleRNN])
def test_other_machines_give_the_same_by_the_plain_loop(kind, monkeypatch):
    layer = kind(4, return_sequences=True, return_state=True)
    mask = RNG.random((8, 5)) < 0.7
    expected = layer(X, mask=mask)
    monkeypatch.setattr("pellucid.layers.recurrent.cell.on_cpu", lambda: False)
    for a, b in zip(layer(X, mask=mask), expected, strict=True):
        close(a, b)


def test_zeros_for_masked_steps_are_for_the_outputs_of_every_step():
    """The last output is that of the last real step, as Keras's words have it, not its code."""
    mask = np.arange(5)[None] < np.array([2, 3, 5, 1, 4, 2, 5, 1])[:, None]
    for kind in (LSTM, GRU):
        layer = kind(4, zero_output_for_mask=True)
        last = layer(X, mask=mask)
        layer.return_sequences = True
        every = np.asarray(layer(X, mask=mask))
        assert (every[~mask] == 0).all()
        close(last, every[np.arange(8), mask.sum(1) - 1])


# --- states


def test_the_last_states_are_where_the_next_sequence_goes_on():
    for layer in (LSTM(4, return_state=True), GRU(4, return_state=True)):
        expected = layer(X)
        _, *states = layer(X[:, :2])
        close(layer(X[:, 2:], initial_state=states)[0], expected[0])


def test_an_encoder_hands_its_states_to_a_decoder():
    source, target = Input((None, 3), name="source"), Input((None, 2), name="target")
    _, *states = LSTM(4, return_state=True)(source)
    decoded = LSTM(4, return_sequences=True)(target, initial_state=states)
    model = Model([source, target], Dense(2)(decoded))
    twin = Model.from_config(json.loads(json.dumps(model.get_config())))
    twin.set_weights(model.get_weights())
    z = RNG.normal(size=(8, 6, 2)).astype("float32")
    out = model.predict([X, z], verbose=0)
    assert out.shape == (8, 6, 2)
    close(twin.predict([X, z], verbose=0), out)
    model.compile("adam", "mse")
    history = model.fit([X, z], z, epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_models_that_return_states_can_be_trained():
    x = Input((5, 3))
    model = Model(x, list(LSTM(2, return_state=True)(x)))
    model.compile("adam", ["mse", None, "mse"])
    assert np.isfinite(model.fit(X, [Y, Y, Y], verbose=0).history["loss"]).all()
    assert [part.shape for part in model.predict(X, verbose=0)] == [(8, 2)] * 3


def stateful(batch=4, **options):
    return Sequential(
        [
            Input((5, 3), batch_size=batch),
            LSTM(4, stateful=True, return_sequences=True, **options),
            Bidirectional(GRU(2, stateful=True)),
        ]
    )


def test_stateful_layers_go_on_where_the_last_batch_ended():
    model = stateful()
    whole = LSTM(4, return_sequences=True)
    longer = np.concatenate([X[:4], X[4:]], axis=1)
    whole(longer)
    whole.set_weights(model.layers[0].get_weights())
    expected = whole(longer)
    first, second = (model.layers[0](part) for part in (X[:4], X[4:]))
    close(np.concatenate([first, second], 1), expected)
    model.reset_states()
    close(model.layers[0](X[:4]), first)


@pytest.mark.slow
def test_fit_evaluate_and_predict_keep_the_states():
    model = stateful()
    model.compile(pellucid.optimizers.SGD(0.0), "mse")
    target = np.concatenate([Y, Y], 1)

    def by_hand():
        model.reset_states()
        return np.concatenate([np.asarray(model(part)) for part in (X[:4], X[4:])])

    expected = by_hand()
    states = [np.asarray(s) for s in model.layers[0].states]
    for run in (
        lambda: model.predict(X, batch_size=4, verbose=0),
        lambda: model.evaluate(X, target, batch_size=4, verbose=0),
        lambda: model.fit(X, target, batch_size=4, shuffle=False, verbose=0),
        lambda: [model.predict_on_batch(part) for part in (X[:4], X[4:])],
        lambda: [model.test_on_batch(X[i : i + 4], target[i : i + 4]) for i in (0, 4)],
    ):
        model.reset_states()
        run()
        for a, b in zip(model.layers[0].states, states, strict=True):
            close(a, b)
    model.reset_states()
    close(model.predict(X, batch_size=4, verbose=0), expected)
    with_states = model.predict(X, batch_size=4, verbose=0)
    assert not np.allclose(with_states, expected)


def test_states_are_no_weights(tmp_path):
    """So that a network trained on batches can be run on one sequence at a time."""
    model, single = stateful(4), stateful(1)
    assert len(model.weights) == 9
    assert len(model.variables) == 9 + 2 + 2
    assert model.count_params() == sum(w.size for w in model.weights)
    single.set_weights(model.get_weights())
    model.save_weights(tmp_path / "model.weights.safetensors")
    single.load_weights(tmp_path / "model.weights.safetensors")
    close(single.predict(X[:1], batch_size=1, verbose=0), model.predict(X[:4], verbose=0)[:1])
    twin = Sequential.from_config(json.loads(json.dumps(model.get_config())))
    assert twin.layers[0].fixed_batch == 4
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    assert f"Total params: {model.count_params()}" in "\n".join(lines)
    assert not model.pads_rows()
    assert Sequential([Input((5, 3)), LSTM(2)]).pads_rows()


def test_stateful_training_is_compiled_once_for_models_alike():
    for _ in range(2):
        model = stateful()
        model.compile("sgd", "mse")
        model.fit(X, np.concatenate([Y, Y], 1), batch_size=4, epochs=2, verbose=0)
    assert any(np.abs(np.asarray(s)).max() > 0 for s in model.layers[0].states)


# --- dropout


@pytest.mark.parametrize("kind", [LSTM, GRU, SimpleRNN])
def test_dropout_is_the_same_at_every_step_and_differs_by_row(kind):
    """On inputs of one, with the identity as kernel, the gates show the mask."""
    layer = kind(6, dropout=0.5, recurrent_dropout=0.0, return_sequences=True, seed=1)
    cell = layer.cell
    x = np.ones((64, 4, 6), "float32")
    layer(x)
    factors, _ = cell.drops(jnp.asarray(x[:, 0]), True)
    assert len(factors) == 1
    assert set(np.unique(np.asarray(factors[0]))) == {0.0, 2.0}
    assert 0.4 < (np.asarray(factors[0]) == 0).mean() < 0.6
    assert len({tuple(row) for row in np.asarray(factors[0]).tolist()}) > 30
    recurrent = np.zeros_like(layer.get_weights()[1])
    layer.set_weights([layer.get_weights()[0], recurrent, *layer.get_weights()[2:]])
    if kind is SimpleRNN:  # without recurrence every step then gives the same
        y = np.asarray(layer(x, training=True))
        close(y[:, 1:], y[:, :-1])
        assert not np.allclose(y, np.asarray(layer(x)))


def test_recurrent_dropout_has_a_mask_for_each_gate():
    layer = LSTM(4, dropout=0.5, recurrent_dropout=0.5)
    inputs, state = layer.cell.drops(jnp.ones((16, 3)), True)
    assert [f.shape for f in inputs] == [(16, 3)] * 4
    assert [f.shape for f in state] == [(16, 4)] * 4
    assert not np.array_equal(state[0], state[1])
    assert layer.cell.drops(jnp.ones((16, 3)), False) == (None, None)
    first, second = (np.asarray(layer(X, training=True)) for _ in range(2))
    assert not np.allclose(first, second)
    close(layer(X), layer(X))


# --- wrappers


def test_bidirectional_is_two_layers():
    both = Bidirectional(LSTM(4, return_sequences=True), merge_mode=None)
    forward, backward = both(X)
    one, other = LSTM(4, return_sequences=True), LSTM(4, return_sequences=True, go_backwards=True)
    one(X), other(X)
    one.set_weights(both.forward_layer.get_weights())
    other.set_weights(both.backward_layer.get_weights())
    close(forward, one(X))
    close(backward, other(X)[:, ::-1])
    assert [layer.name for layer in both.sublayers()] == ["forward_lstm", "backward_lstm"]
    assert not np.allclose(*(w.get_weights()[0] for w in both.sublayers()))


def test_bidirectional_takes_states_and_weights():
    both = Bidirectional(LSTM(2, return_state=True))
    output, *states = both(X)
    again, *_ = both(X, initial_state=states)
    assert not np.allclose(output, again)
    twin = Bidirectional(LSTM(2, return_state=True), weights=both.get_weights())
    close(twin(X)[0], output)
    half = [states[0], states[1]]
    close(
        again[:, :2], both.forward_layer(X, initial_state=half)[0],
    )  # fmt: skip


def test_bidirectional_goes_around_any_recurrent_layer():
    y = Bidirectional(RNN([LSTMCell(2), GRUCell(3)]))(X)
    assert y.shape == (8, 6)
    y = Bidirectional(layers.ConvLSTM1D(2, 1, return_sequences=True))(X[..., None])
    assert y.shape == (8, 5, 3, 4)

    class Unregistered(layers.Layer):
        state_size = 3

        def call(self, inputs, states):
            return states[0] + inputs, [states[0] + inputs]

    close(Bidirectional(RNN(Unregistered()), merge_mode="sum")(X), 2 * X.sum(1))


def test_time_distributed_is_the_layer_at_every_step():
    dense = Dense(4, activation="relu")
    y = TimeDistributed(dense)(X)
    close(y, np.stack([np.asarray(dense(X[:, step])) for step in range(5)], 1))
    inner = Sequential([layers.Flatten(), Dense(2)])
    z = RNG.normal(size=(2, 3, 4, 2)).astype("float32")
    outer = TimeDistributed(inner)
    close(outer(z), np.stack([np.asarray(inner(z[:, step])) for step in range(3)], 1))
    words = TimeDistributed(layers.Embedding(9, 2))(np.ones((2, 3, 4), "int32"))
    assert words.shape == (2, 3, 4, 2)
    parts = TimeDistributed(LSTM(2, return_state=True))(z)
    assert [part.shape for part in parts] == [(2, 3, 2)] * 3


def test_time_distributed_calls_layers_that_mix_rows_step_by_step():
    class Centred(layers.Layer):
        def call(self, inputs):
            return inputs - inputs.mean(0)

    close(TimeDistributed(Centred())(X), X - X.mean(0))


# --- training


@pytest.mark.slow
def test_a_small_lstm_learns_to_remember():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (512, 8, 1)).astype("float32")
    y = x[:, 0, 0].astype("int32")  # what stood at the first step
    model = Sequential([Input((8, 1)), LSTM(16), Dense(1, activation="sigmoid")])
    model.compile(pellucid.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=25, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] > 0.95


def test_a_padded_last_batch_changes_nothing():
    def trained(rows):
        pellucid.utils.set_random_seed(0)
        model = Sequential([Input((5, 3)), LSTM(4, dropout=0.3), Dense(2)])
        model.compile("sgd", "mse")
        model.fit(X[:rows], Y[:rows], batch_size=4, epochs=2, shuffle=False, verbose=0)
        return model

    a, b = trained(7), trained(7)
    for one, other in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


# --- messages

INPUT = (5, 3)
WRONG = {
    "no steps": (lambda: LSTM(3)(X[:, 0]), ShapeError, r"x\[:, None\].*Reshape"),
    "no steps, drawn": (lambda: GRU(3)(Input((3,))), ShapeError, r"GRU 'gru' takes sequences"),
    "too many axes": (lambda: LSTM(3)(X[..., None]), ShapeError, "rank 4"),
    "a list of inputs": (lambda: LSTM(3)([X, X]), ShapeError, "initial_state="),
    "one state of two": (
        lambda: LSTM(3)(X, initial_state=[X[:, 0]]),
        ShapeError,
        r"2 of shape \[\(8, 3\), \(8, 3\)\]",
    ),
    "a state of another width": (
        lambda: GRU(4)(X, initial_state=X[:, 0]),
        ShapeError,
        r"GRU 'gru'.*\n.*\(8, 3\).*\n.*\(8, 4\)",
    ),
    "a mask that does not fit": (
        lambda: LSTM(3)(X, mask=np.ones((8, 4), bool)),
        ShapeError,
        "mask \\(8, 4\\)",
    ),
    "not a cell": (lambda: RNN(3), ConfigError, r"call\(inputs, states\)"),
    "a class for a cell": (lambda: RNN(LSTMCell), ConfigError, "LSTMCell\\(...\\)"),
    "no state_size": (lambda: RNN(Dense(3)), ConfigError, "self.state_size = units"),
    "a layer for a cell": (lambda: RNN(LSTM(3)), ConfigError, "LSTMCell"),
    "no cells": (lambda: StackedRNNCells([]), ConfigError, "a list of cells"),
    "unrolled without an end": (
        lambda: LSTM(3, unroll=True)(Input((None, 3))),
        ConfigError,
        "leave unroll out",
    ),
    "no units": (lambda: LSTM(0), ConfigError, "units"),
    "a percentage": (lambda: GRU(3, dropout=20), ConfigError, "dropout=0.2"),
    "an activation that is none": (lambda: LSTM(3, activation="tan"), ConfigError, "tanh"),
    "use_cudnn": (lambda: LSTM(3, use_cudnn="yes"), ConfigError, "use_cudnn"),
    "a seed that is none": (lambda: LSTM(3, seed="a"), ConfigError, "seed"),
    "another merge mode": (
        lambda: Bidirectional(LSTM(2), merge_mode="max"),
        ConfigError,
        "'concat', 'sum', 'mul', 'ave', None",
    ),
    "not recurrent": (lambda: Bidirectional(Dense(2)), ConfigError, r"Bidirectional\(LSTM\(32\)\)"),
    "one direction twice": (
        lambda: Bidirectional(LSTM(2), backward_layer=LSTM(2)),
        ConfigError,
        "go_backwards=True",
    ),
    "two that differ": (
        lambda: Bidirectional(
            LSTM(2), backward_layer=LSTM(2, go_backwards=True, return_sequences=True)
        ),
        ConfigError,
        "return_sequences",
    ),
    "three states for two layers": (
        lambda: Bidirectional(GRU(3))(X, initial_state=[X[:, 0]] * 3),
        ShapeError,
        "forward layer's states",
    ),
    "not a layer": (lambda: TimeDistributed(len), ConfigError, "around a layer"),
    "nothing to distribute": (lambda: TimeDistributed(Dense(2))(X[:, 0]), ShapeError, "rank 3"),
    "steps of unknown batches": (
        lambda: Sequential([Input(INPUT), LSTM(2, stateful=True)]),
        StateError,
        "batch_size=32",
    ),
    "steps of unknown batches, inside": (
        lambda: Bidirectional(LSTM(2, stateful=True))(Input(INPUT)),
        StateError,
        "batch_size=32",
    ),
    "another batch": (lambda: stateful()(X), ShapeError, "batch_size=4"),
    "a kernel larger than its input": (
        lambda: layers.ConvLSTM1D(2, 4)(X[..., None]),
        ShapeError,
        "padding='same'",
    ),
    "strides and dilation": (
        lambda: layers.ConvLSTM2D(2, 2, strides=2, dilation_rate=2),
        ConfigError,
        "cannot both",
    ),
    "a picture without its size": (
        lambda: layers.ConvLSTM2D(2, 2)(Input((3, None, None, 1))),
        ShapeError,
        "sizes",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_messages(name):
    make, error, message = WRONG[name]
    with pytest.raises(error, match=f"(?s){message}") as caught:
        make()
    assert "fix:" in str(caught.value)


def test_a_cell_that_returns_other_states_is_named():
    class Wrong(layers.Layer):
        state_size = 3

        def call(self, inputs, states):
            return inputs, [inputs, inputs]

    with pytest.raises(StateError, match="Wrong 'wrong'"):
        RNN(Wrong())(X)


def test_batches_that_a_stateful_model_cannot_take_are_refused_before_training():
    model = stateful()
    model.compile("sgd", "mse")
    with pytest.raises(ConfigError, match="pass batch_size=4 to fit"):
        model.fit(X, np.concatenate([Y, Y], 1), verbose=0)
    with pytest.raises(DataError, match=r"x\[:4\]"):
        model.fit(X[:6], np.concatenate([Y, Y], 1)[:6], batch_size=4, verbose=0)
    with pytest.raises(DataError, match=r"x\[:4\]"):
        model.predict(X[:7], batch_size=4, verbose=0)
    unknown = Sequential([LSTM(2, stateful=True)])
    unknown.compile("sgd", "mse")
    with pytest.raises(StateError, match="batch's size is not known"):
        unknown.fit(X, Y, verbose=0)
    fresh = Sequential([LSTM(2, stateful=True)])
    assert fresh(X).shape == (8, 2)
    assert fresh.layers[0].fixed_batch == 8
