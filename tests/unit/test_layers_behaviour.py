"""What single layers do beyond the contract: modes, masks, seeds, formats, adapting, freezing."""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import pellucid
from pellucid import Input, Model, Sequential, layers
from pellucid.layers.context import Context, bind

rng = np.random.default_rng(0)
x = rng.standard_normal((6, 4)).astype("float32")


def test_input_and_its_layer():
    tensor = Input((28, 28), batch_size=5, dtype="uint8", name="picture")
    assert tensor.shape == (5, 28, 28)
    assert (tensor.dtype, tensor.name) == ("uint8", "picture")
    layer = tensor.node.layer
    assert layer.output is tensor
    assert layer.get_config() == {
        "batch_shape": [5, 28, 28],
        "dtype": "uint8",
        "name": "picture",
    }
    assert Input(batch_shape=(None, 3)).shape == (None, 3)
    with pytest.warns(UserWarning, match="now called 'shape'"):
        assert layers.InputLayer(input_shape=(3,)).output.shape == (None, 3)
    assert Input(()).shape == (None,)
    pellucid.config.set_floatx("bfloat16")
    assert Input((3,)).dtype == "bfloat16"


def test_a_functional_model_lists_its_inputs_a_stack_does_not():
    start = Input((4,))
    model = Model(start, layers.Dense(2)(start))
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Dense"]
    stack = Sequential([Input((4,)), layers.Dense(2)])
    assert [type(layer).__name__ for layer in stack.layers] == ["Dense"]


def test_a_layer_as_activation():
    layer = layers.Dense(3, activation=layers.LeakyReLU(0.5), kernel_initializer="ones")
    y = layer(-np.ones((1, 4)))
    assert y.tolist() == [[-2.0, -2.0, -2.0]]
    twin = layers.Dense.from_config(layer.get_config())
    assert twin.activation.negative_slope == 0.5


def test_claims_about_rows_follow_the_arguments():
    def mixes(a):
        return a - a.mean(0)

    assert layers.Dense(3, "relu").batch_safe
    assert not layers.Dense(3, mixes).batch_safe
    assert not layers.Activation(mixes).batch_safe
    assert layers.Softmax().batch_safe
    assert not layers.Softmax(axis=0).batch_safe
    assert not layers.Softmax(axis=[0, 1]).batch_safe
    assert not layers.Concatenate(axis=0).batch_safe
    assert not layers.Lambda(mixes).batch_safe
    assert layers.Dropout(0.5, noise_shape=(None, 1)).batch_safe
    assert not layers.Dropout(0.5, noise_shape=(32, 1)).batch_safe
    assert not layers.GetItem.of(0).batch_safe
    assert not layers.GetItem.of(np.s_[:2]).batch_safe
    assert layers.GetItem.of(np.s_[:, :2]).batch_safe
    assert layers.Operation("add").batch_safe
    assert not layers.Operation("matmul").batch_safe


# --- dropout and noise


def test_dropout_only_in_training_and_new_at_every_step():
    layer = layers.Dropout(0.5)
    assert (layer(x) == x).all()
    a, b = layer(np.ones((4, 100)), training=True), layer(np.ones((4, 100)), training=True)
    assert (a != b).any()


def test_dropout_streams_depend_on_step_path_and_seed():
    ones = np.ones((1, 200), "float32")

    def masks(model, step):
        key = jax.random.fold_in(jax.random.key(0), step)
        return np.asarray(model.apply({}, ones, rng=key, training=True)[0])

    one = Sequential([Input((200,)), layers.Dropout(0.5, name="a")], name="net")
    same = Sequential([Input((200,)), layers.Dropout(0.5, name="a")], name="net")
    other = Sequential([Input((200,)), layers.Dropout(0.5, name="b")], name="net")
    assert (masks(one, 0) == masks(same, 0)).all()
    assert (masks(one, 0) != masks(one, 1)).any()
    assert (masks(one, 0) != masks(other, 0)).any()
    seeded = Sequential([Input((200,)), layers.Dropout(0.5, seed=1, name="a")], name="net")
    again = Sequential([Input((200,)), layers.Dropout(0.5, seed=1, name="a")], name="net")
    assert (masks(seeded, 0) != masks(one, 0)).any()
    assert (masks(seeded, 0) == masks(again, 0)).all()
    assert (masks(seeded, 0) != masks(seeded, 1)).any()


@pytest.mark.parametrize("cls", [layers.Dropout, layers.GaussianDropout, layers.GaussianNoise])
def test_a_seed_of_its_own_repeats_a_sequence_of_draws(cls):
    ones = np.ones((4, 50), "float32")
    first, second = cls(0.5, seed=3), cls(0.5, seed=3)
    runs = [np.asarray(first(ones, training=True)) for _ in range(2)]
    assert (runs[0] != runs[1]).any()
    for run in runs:
        assert (run == second(ones, training=True)).all()


def test_noise_has_the_moments_it_promises():
    ones = np.ones((400, 500), "float32")
    added = np.asarray(layers.GaussianNoise(0.3, seed=0)(ones, training=True)) - 1
    assert added.mean() == pytest.approx(0, abs=0.005)
    assert added.std() == pytest.approx(0.3, abs=0.005)
    times = np.asarray(layers.GaussianDropout(0.2, seed=0)(ones, training=True))
    assert times.mean() == pytest.approx(1, abs=0.005)
    assert times.std() == pytest.approx(0.5, abs=0.005)


def test_spatial_dropout_drops_whole_features():
    y = np.asarray(layers.SpatialDropout1D(0.5, seed=0)(np.ones((8, 5, 16)), training=True))
    assert ((y == 0).all(1) | (y == 2).all(1)).all()
    assert 0 < (y == 0).mean() < 1


# --- normalisation


def test_batch_statistics_of_a_padded_batch_are_those_of_its_rows():
    layer = layers.BatchNormalization(momentum=0.5)
    layer(x)
    variables = layer.variable_tree()
    padded = np.concatenate([x, 100 + rng.standard_normal((10, 4)).astype("float32")])
    out, context = layer.bound_call(
        variables, (jnp.asarray(padded),), training=True, valid=jnp.arange(16) < 6
    )
    np.testing.assert_allclose(out[:6], (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-3), atol=1e-5)
    updates = {weight.name: np.asarray(value) for weight, value in context.updates.items()}
    np.testing.assert_allclose(updates["moving_mean"], 0.5 * x.mean(0), atol=1e-6)
    np.testing.assert_allclose(updates["moving_variance"], 0.5 + 0.5 * x.var(0), atol=1e-6)


def test_batch_statistics_of_sequences_respect_rows_and_mask_together():
    sequences = rng.standard_normal((3, 4, 2)).astype("float32")
    mask = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]], bool)
    layer = layers.BatchNormalization(momentum=0.0)
    layer(sequences)
    context = Context(training=True, valid=jnp.asarray([True, True, False]))
    with bind(context):
        layer(jnp.asarray(sequences), mask=jnp.asarray(mask))
    real = sequences[:2][mask[:2]]  # (6, 2)
    updates = {weight.name: np.asarray(value) for weight, value in context.updates.items()}
    np.testing.assert_allclose(updates["moving_mean"], real.mean(0), atol=1e-6)
    np.testing.assert_allclose(updates["moving_variance"], real.var(0), atol=1e-6)


def test_frozen_batch_normalisation_uses_and_keeps_its_averages():
    frozen = layers.BatchNormalization(trainable=False)
    np.testing.assert_allclose(frozen(x, training=True), frozen(x, training=False))
    inner = Sequential([Input((4,)), layers.BatchNormalization()])
    outer = Sequential([Input((4,)), inner, layers.Dense(1)])
    inner.trainable = False
    _, updates = outer.apply(outer.variable_tree(), x, training=True)
    assert updates == {}
    inner.trainable = True
    _, updates = outer.apply(outer.variable_tree(), x, training=True)
    assert len(updates) == 2


def test_normalisation_in_half_precision_keeps_its_statistics_wide():
    wide = 300 + rng.standard_normal((64, 4)).astype("float32")
    layer = layers.BatchNormalization(dtype="mixed_bfloat16", momentum=0.0)
    y = layer(wide, training=True)
    assert y.dtype == jnp.bfloat16
    assert {w.dtype for w in layer.weights} == {"float32"}
    np.testing.assert_allclose(layer.moving_mean, wide.mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, wide.var(0), rtol=1e-3)
    narrow = layers.LayerNormalization(dtype="mixed_bfloat16")(wide)
    exact = layers.LayerNormalization()(wide)
    np.testing.assert_allclose(narrow.astype("float32"), exact, atol=0.02)


# --- embedding


def test_embedding_starts_from_given_weights_and_takes_old_arguments():
    table = rng.standard_normal((5, 3)).astype("float32")
    for given in (table, [table]):
        layer = layers.Embedding(5, 3, weights=given)
        np.testing.assert_array_equal(layer(np.array([[4, 0]]))[0], table[[4, 0]])
        assert "weights" not in layer.get_config()
        assert "weights" not in repr(layer)
    model = Sequential([layers.Embedding(5, 3, input_length=7), layers.Flatten()])
    assert model.output_shape == (None, 21)
    assert model.inputs[0].dtype == "int32"


def test_embedding_takes_whole_floats_and_is_exact_in_half_precision():
    layer = layers.Embedding(1000, 2, dtype="mixed_bfloat16")
    layer(np.zeros((1, 1)))
    layer.set_weights([np.stack([np.arange(1000.0), np.ones(1000)], 1).astype("float32")])
    # 999 would be 1000 in bfloat16: the number itself must not pass through it.
    y = layer(np.array([[999.0, 3.0]], "float32"))
    assert y.dtype == jnp.bfloat16
    assert y[0, :, 0].astype("float32").tolist() == [1000.0, 3.0]  # the value does


def test_a_whole_network_in_half_precision_keeps_word_numbers_exact():
    """1999 in bfloat16 is 2000, which is outside the table; in a compiled step that gave NaN."""
    pellucid.config.set_dtype_policy("mixed_bfloat16")
    model = Sequential([Input((3,)), layers.Embedding(2000, 2), layers.Flatten()])
    words = np.full((1, 3), 1999.0)
    expected = np.tile(np.asarray(model.layers[0].embeddings[1999]), 3)
    for y in (model.predict(words, verbose=0), model(words)):
        np.testing.assert_allclose(np.asarray(y, "float32")[0], expected, rtol=0.01)
    years = np.arange(1990.0, 2020.0)[:, None]
    first = layers.Normalization()
    first.adapt(years)
    y = Sequential([first]).predict(years, verbose=0)
    exact = (years - years.mean()) / years.std()
    np.testing.assert_allclose(np.asarray(y, "float32"), exact, atol=0.01)


def test_embedding_masks_zeros_and_pooling_leaves_them_out():
    model = Sequential(
        [
            Input((3,), dtype="int32"),
            layers.Embedding(4, 2, mask_zero=True, name="words"),
            layers.GlobalAveragePooling1D(),
        ]
    )
    table = np.asarray(model.layers[0].embeddings)
    y = model(np.array([[1, 2, 0], [3, 0, 0]]))
    np.testing.assert_allclose(y, [(table[1] + table[2]) / 2, table[3]], atol=1e-6)


def test_a_subclass_inherits_the_making_of_masks():
    class Words(layers.Embedding):
        pass

    y = Sequential([Words(4, 2, mask_zero=True), layers.GlobalAveragePooling1D()])
    a, b = y(np.array([[1, 0], [1, 1]]))
    np.testing.assert_allclose(a, b, atol=1e-6)


# --- masks through arithmetic and indexing


def mask_after(function):
    steps = Input((3, 2))
    model = Model(steps, function(layers.Masking()(steps)))
    context = Context()
    data = jnp.asarray([[[1, 1], [0, 0], [2, 2]]], "float32")
    with bind(context):
        mask = context.mask_of(model(data))
    return None if mask is None else np.asarray(mask).tolist()


def test_masks_pass_through_operators():
    assert mask_after(lambda s: 2 - s) == [[True, False, True]]
    assert mask_after(lambda s: -s) == [[True, False, True]]
    assert mask_after(lambda s: s @ np.ones((2, 4), "float32")) == [[True, False, True]]
    assert mask_after(lambda s: s[:, 1:]) == [[False, True]]
    assert mask_after(lambda s: s[..., 0]) == [[True, False, True]]
    assert mask_after(lambda s: s[:, ::2, :1]) == [[True, True]]
    assert mask_after(lambda s: s[:, 0]) is None


def test_lambda_sees_mode_and_mask_and_can_set_one():
    layer = layers.Lambda(lambda a, training, factor: a * factor if training else a)
    layer = layers.Lambda(layer.function, arguments={"factor": 3})
    assert layer(np.ones((1, 1)), training=True).item() == 3
    assert layer(np.ones((1, 1))).item() == 1
    count = layers.Lambda(lambda a, mask: mask.sum(axis=1))
    steps = Input((3, 2))
    model = Model(steps, count(layers.Masking()(steps)))
    assert model(np.array([[[1, 1], [0, 0], [2, 2]]], "float32")).tolist() == [2]
    assert mask_after(layers.Lambda(lambda a: a, mask=lambda a, mask: ~mask)) == [
        [False, True, False]
    ]


def test_a_registered_lambda_is_saved_by_name():
    @pellucid.register("function")
    def double_for_test(a):
        return a * 2

    layer = layers.Lambda(double_for_test)
    assert layer.get_config()["function"] == "double_for_test"
    twin = layers.Lambda.from_config(layer.get_config())
    assert twin(np.ones((1, 1))).item() == 2


def test_functional_forms_of_the_merging_layers():
    a, b = Input((3,)), Input((3,))
    for name in ("add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate"):
        y = getattr(layers, name)([a, b], name="joined")
        assert type(y.node.layer).__name__.lower() == name
        assert y.name == "joined"
    assert layers.concatenate([a, b], axis=1).shape == (None, 6)


def test_arithmetic_takes_constants_on_either_side():
    start = Input((4,))
    constant = np.arange(4, dtype="float32")
    model = Model(start, [constant + start, [1, 2, 3, 4] * start, 1 - start])
    first, second, third = model(x)
    np.testing.assert_allclose(first, constant + x)
    np.testing.assert_allclose(second, x * [1, 2, 3, 4], rtol=1e-6)
    np.testing.assert_allclose(third, 1 - x)


# --- preprocessing


def frame(a):
    return pd.DataFrame(a, columns=["a", "b", "c", "d"])


@pytest.mark.parametrize(
    "form",
    [
        lambda a: a,
        lambda a: a.tolist(),
        lambda a: jnp.asarray(a),
        frame,
        lambda a: [a[:1], a[1:5], a[5:]],
        lambda a: ((part, None) for part in (a[:3], a[3:])),
        lambda a: (list(part) for part in (a[:2], a[2:])),
    ],
    ids=["array", "lists", "jax", "frame", "batches", "pairs", "lists of rows"],
)
def test_adapt_measures_any_form_of_the_data(form):
    layer = layers.Normalization()
    layer.adapt(form(x * 50 + 1000))
    np.testing.assert_allclose(layer.mean, (x * 50 + 1000).mean(0)[None], rtol=1e-5)
    np.testing.assert_allclose(layer.variance, (x * 50).var(0)[None], rtol=1e-4)
    np.testing.assert_allclose(layer(x * 50 + 1000).mean(0), 0, atol=1e-4)


def test_normalisation_over_one_column_then_a_network():
    """The tutorials' regression: one feature, a one-dimensional array, axis=None."""
    power = np.array([100.0, 150.0, 200.0])
    layer = layers.Normalization(input_shape=[1], axis=None)
    layer.adapt(power)
    model = Sequential([layer, layers.Dense(1, kernel_initializer="ones")])
    np.testing.assert_allclose(
        model.predict(power, verbose=0)[:, 0], (power - 150) / power.std(), atol=1e-5
    )


def test_normalisation_inverts_and_keeps_a_constant_column_finite():
    data = np.stack([x[:, 0], np.full(6, 7.0)], 1).astype("float32")
    forward = layers.Normalization()
    forward.adapt(data)
    y = forward(data)
    assert jnp.isfinite(y).all()
    back = layers.Normalization(invert=True)
    back.adapt(data)
    np.testing.assert_allclose(back(y), data, atol=1e-5)


def test_normalisation_of_large_values_in_half_precision():
    years = np.arange(1990, 2020, dtype="float32")[:, None]
    layer = layers.Normalization(dtype="mixed_bfloat16")
    layer.adapt(years)
    exact = (years - years.mean()) / years.std()
    np.testing.assert_allclose(layer(years).astype("float32"), exact, atol=0.01)


def test_rescaling_takes_bytes_and_arrays():
    pixels = np.array([[0, 51, 255]], "uint8")
    np.testing.assert_allclose(layers.Rescaling(1 / 255)(pixels), [[0, 0.2, 1]], atol=1e-6)
    y = layers.Rescaling(scale=[1.0, 2.0, 3.0], offset=np.array([1.0, 0.0, 0.0]))(pixels)
    assert y.tolist() == [[1.0, 102.0, 765.0]]
    config = layers.Rescaling(1.0, offset=np.array([1.0, 2.0])).get_config()
    assert layers.Rescaling.from_config(config)(np.zeros((1, 2))).tolist() == [[1.0, 2.0]]
