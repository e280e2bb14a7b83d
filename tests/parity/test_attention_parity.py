"""Attention under masks, and Transformer blocks, against Keras's layers."""

from __future__ import annotations

import jax
import keras
import numpy as np
import pytest

from pellucid import layers
from pellucid.layers.context import Context, bind

STEPS = 5
rng = np.random.default_rng(0)
X = rng.standard_normal((3, STEPS, 6)).astype("float32")
SOURCE = rng.standard_normal((3, 4, 6)).astype("float32")
REAL = np.arange(STEPS) < np.array([[5], [3], [1]])
SOURCE_REAL = np.arange(4) < np.array([[2], [4], [3]])
HEADS = {"num_heads": 2, "key_dim": 3}
GROUPS = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}


def pair(name, *shapes, **arguments):
    """Both layers with the same weights."""
    ours, theirs = getattr(layers, name)(**arguments), getattr(keras.layers, name)(**arguments)
    ours.build(*shapes)
    theirs.build(*shapes)
    copied(ours, theirs)
    return ours, theirs


def copied(ours, theirs, spread=0.3):
    """Give both the same weights, away from zeros and ones."""
    draw = np.random.default_rng(1)
    values = [w + draw.normal(0, spread, w.shape).astype("float32") for w in ours.get_weights()]
    ours.set_weights(values)
    weights = [w for w in theirs.weights if "seed_generator" not in w.path]
    for weight, value in zip(weights, values, strict=True):
        assert weight.path.split("/")[-1] == weight.name
        weight.assign(value)


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize(
    ("name", "arguments"), [("MultiHeadAttention", HEADS), ("GroupQueryAttention", GROUPS)]
)
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("with_scores", [False, True])
def test_masks_of_query_value_and_key(name, arguments, causal, with_scores):
    """Given by hand; at real queries always, at masked ones where Keras gives zeros too."""
    ours, theirs = pair(name, X.shape, SOURCE.shape, SOURCE.shape, **arguments)
    call = {
        "value_mask": SOURCE_REAL,
        "key_mask": np.arange(4) > 0,  # for every sample alike
        "attention_mask": np.tri(STEPS, 4, 1, dtype=bool) & (np.arange(STEPS) != 2)[:, None],
        "use_causal_mask": causal,
        "return_attention_scores": with_scores,
    }
    call["key_mask"] = np.broadcast_to(call["key_mask"], SOURCE_REAL.shape)
    got = ours(X, SOURCE, SOURCE, **call)
    expected = theirs(X, SOURCE, SOURCE, **call)
    if with_scores:
        close(got[1], expected[1])
        close(got[0], expected[0])
        return
    sees = call["value_mask"][:, None] & call["key_mask"][:, None] & call["attention_mask"]
    sees = (sees & np.tri(STEPS, 4, dtype=bool) if causal else sees).any(-1)
    assert not sees.all()
    close(got[sees], np.asarray(expected)[sees])


@pytest.mark.parametrize(
    ("name", "arguments"), [("MultiHeadAttention", HEADS), ("GroupQueryAttention", GROUPS)]
)
@pytest.mark.filterwarnings("ignore:(?s).*destroy the mask")  # Keras's, of its own sublayers
@pytest.mark.parametrize("causal", [False, True])
def test_masks_that_travel(name, arguments, causal):
    ours, theirs = pair(name, X.shape, X.shape, **arguments)
    padded = np.where(REAL[..., None], X, 0).astype("float32")
    masked = keras.layers.Masking()(padded)
    expected = theirs(masked, masked, use_causal_mask=causal)
    context = Context()
    with bind(context):
        masked = layers.Masking()(jax.numpy.asarray(padded))
        y = ours(masked, masked, use_causal_mask=causal)
        mask = context.mask_of(y)
    close(y[REAL], np.asarray(expected)[REAL])
    np.testing.assert_array_equal(mask, keras.src.backend.get_keras_mask(expected))


@pytest.mark.parametrize("axes", [1, (2,), (1, 2)], ids=str)
@pytest.mark.parametrize("with_scores", [False, True])
def test_attention_over_axes_of_a_picture(axes, with_scores):
    x = rng.standard_normal((2, 3, 4, 5)).astype("float32")
    ours, theirs = pair(
        "MultiHeadAttention", x.shape, x.shape, attention_axes=axes, **HEADS, value_dim=2
    )
    got = ours(x, x, return_attention_scores=with_scores)
    expected = theirs(x, x, return_attention_scores=with_scores)
    jax.tree.map(close, got, expected)
    if axes == (2,):  # a mask for each row of the picture alike, without an axis for rows or heads
        mask = np.broadcast_to(np.tri(4, dtype=bool), (2, 4, 4))
        got = ours(x, x, attention_mask=mask)
        close(got, theirs(x, x, attention_mask=mask))


def test_penalties_on_the_projections():
    arguments = {"kernel_regularizer": "l2", "activity_regularizer": "l2", **HEADS}
    ours, theirs = pair("MultiHeadAttention", X.shape, X.shape, **arguments)
    theirs(X, X)
    _, context = ours.bound_call(ours.variable_tree(), (X, X))
    total = sum(context.losses) + sum(ours.losses)
    assert float(total) == pytest.approx(float(sum(theirs.losses)), rel=1e-5)


def keras_block(x, weights, normalize_first, activation, padding, source=None, source_real=None):
    """KerasHub's Transformer block as its documentation describes it, of Keras's own layers."""
    supply = iter(weights)

    def loaded(layer, *shapes):
        layer.build(*shapes)
        for weight in layer.weights:
            weight.assign(next(supply))
        return layer

    def attention(to):
        layer = keras.layers.MultiHeadAttention(2, 3)
        return loaded(layer, x.shape, to.shape)

    def norm():
        return loaded(keras.layers.LayerNormalization(epsilon=1e-5), x.shape)

    def dense(units, width, activation=None):
        return loaded(keras.layers.Dense(units, activation), (None, width))

    def around(x, norm, part):
        if normalize_first:
            return x + part(norm(x))
        return norm(x + part(x))

    own, own_norm = attention(x), norm()
    causal = source is not None or padding is None
    x = around(
        x,
        own_norm,
        lambda x: own(
            x,
            x,
            attention_mask=None if padding is None else padding[:, None],
            use_causal_mask=causal,
        ),
    )
    if source is not None:
        cross, cross_norm = attention(source), norm()
        x = around(x, cross_norm, lambda x: cross(x, source, attention_mask=source_real[:, None]))
    if causal:  # a decoder, which lists its last norm after the dense layers
        hidden, output = dense(7, 6, activation), dense(6, 7)
        last = norm()
    else:
        last = norm()
        hidden, output = dense(7, 6, activation), dense(6, 7)
    return around(x, last, lambda x: output(hidden(x)))


@pytest.mark.parametrize("normalize_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_transformer_blocks_are_made_of_kerass_layers(normalize_first, activation):
    arguments = {
        "intermediate_dim": 7,
        "num_heads": 2,
        "normalize_first": normalize_first,
        "activation": activation,
    }

    def noisy(layer, *shapes):
        layer.build(*shapes)
        draw = np.random.default_rng(2)
        layer.set_weights([w + draw.normal(0, 0.3, w.shape) for w in layer.get_weights()])
        return layer

    encoder = noisy(layers.TransformerEncoder(**arguments), X.shape)
    y = encoder(X, padding_mask=REAL)
    settings = normalize_first, activation
    close(y, keras_block(X, encoder.get_weights(), *settings, REAL))

    decoder = noisy(layers.TransformerDecoder(**arguments), X.shape)
    close(decoder(X), keras_block(X, decoder.get_weights(), *settings, None))

    both = noisy(layers.TransformerDecoder(**arguments), X.shape, SOURCE.shape)
    y = both(X, SOURCE, decoder_padding_mask=REAL, encoder_padding_mask=SOURCE_REAL)
    expected = keras_block(X, both.get_weights(), *settings, REAL, SOURCE, SOURCE_REAL)
    close(y, expected)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Attention", {}),
        ("Attention", {"score_mode": "concat", "use_scale": True}),
        ("AdditiveAttention", {"use_scale": False}),
    ],
)
def test_attention_of_each_head(name, arguments, causal):
    draw = np.random.default_rng(2)
    query, key, value = (
        draw.standard_normal((3, 2, *shape)).astype("float32")  # (batch, heads, steps, features)
        for shape in ((STEPS, 6), (4, 6), (4, 3))
    )
    ours, theirs = (getattr(m, name)(**arguments) for m in (layers, keras.layers))
    wide, source = REAL[:, None].repeat(2, 1), SOURCE_REAL[:, None].repeat(2, 1)
    # Keras's layer takes the value's mask with an axis for the queries unless it is causal, too.
    right = theirs(
        [query, value, key],
        mask=[wide, source if causal else source[:, :, None]],
        return_attention_scores=True,
        use_causal_mask=causal,
    )
    # For all heads, for each of them, and (of the value's) for each query.
    value_masks = SOURCE_REAL, source, source[:, :, None].repeat(STEPS, 2)
    for query_mask, value_mask in zip((REAL, wide, wide), value_masks, strict=True):
        got = ours(
            [query, value, key],
            mask=[query_mask, value_mask],
            return_attention_scores=True,
            use_causal_mask=causal,
        )
        for a, b in zip(got, right, strict=True):
            np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)
    with pytest.raises(ValueError, match="value mask"):
        ours([query, value, key], mask=[REAL, SOURCE_REAL[:, :3]])
