"""Attention layers: what the tables of the contract and parity suites do not reach."""

import numpy as np
import pytest

from pellucid import Input, Model, layers
from pellucid._core.errors import ConfigError, ShapeError
from pellucid.layers import AdditiveAttention, Attention, GroupQueryAttention, MultiHeadAttention
from pellucid.layers.context import Context, bind

X = np.random.default_rng(0).standard_normal((2, 4, 6)).astype("float32")
HEADS = {"num_heads": 2, "key_dim": 3}


def test_names():
    assert layers.GroupedQueryAttention is layers.GroupQueryAttention
    layer = MultiHeadAttention(**HEADS, use_gate=True, name="mha")
    layer(X, X)
    parts = ["query", "key", "gate", "value", "attention_output"]
    assert [w.path for w in layer.weights] == [
        f"mha/{part}/{name}" for part in parts for name in ("kernel", "bias")
    ]
    assert [w.shape for w in layer.weights][::2] == [(6, 2, 3)] * 4 + [(2, 3, 6)]


def test_one_group_for_each_head_is_multi_head_attention():
    grouped = GroupQueryAttention(head_dim=3, num_query_heads=2, num_key_value_heads=2)
    plain = MultiHeadAttention(**HEADS)
    grouped(X, X)
    plain(X, X)
    plain.set_weights(grouped.get_weights())
    np.testing.assert_allclose(plain(X, X), grouped(X, X), rtol=1e-6)


def test_output_shape_is_an_argument_first_and_the_shape_afterwards():
    layer = MultiHeadAttention(**HEADS, output_shape=5)
    assert layer.output_shape == 5
    assert "output_shape=5" in repr(layer)
    y = layer(Input((4, 6)), Input((3, 6)))
    assert y.shape == layer.output_shape == (None, 4, 5)
    assert layer.get_config()["output_shape"] == [5]
    assert "output_shape=5" in repr(layer)
    twin = MultiHeadAttention.from_config(layer.get_config())
    assert twin(X, X).shape == (2, 4, 5)


@pytest.mark.parametrize("name", ["MultiHeadAttention", "Attention"])
def test_only_the_output_gets_the_querys_mask(name):
    """The scores beside it have other axes."""
    context = Context()
    with bind(context):
        context.set_mask(X, np.array([[True, True, False, False], [True] * 4]))
        if name == "Attention":
            y, scores = Attention()([X, X[:, :3]], return_attention_scores=True)
        else:
            layer = MultiHeadAttention(**HEADS)
            y, scores = layer(X, X[:, :3], return_attention_scores=True)
        assert context.mask_of(y).tolist() == [[True, True, False, False], [True] * 4]
        assert context.mask_of(scores) is None


def test_masked_values_count_for_nothing_and_masked_queries_give_nothing():
    layer = MultiHeadAttention(**HEADS, use_bias=False)
    real = np.array([[True, True, False, True], [False] * 4])
    y, scores = layer(X, X, value_mask=real, return_attention_scores=True)
    assert not np.asarray(scores)[0, :, :, 2].any()
    np.testing.assert_allclose(scores[0].sum(-1), 1, rtol=1e-6)
    assert not np.asarray(scores)[1].any()
    assert not np.asarray(y)[1].any()
    y = layer(X, X, query_mask=real)
    assert np.asarray(y).any(axis=-1).tolist() == real.tolist()


def test_a_mask_may_come_without_batch_or_with_heads():
    layer = MultiHeadAttention(**HEADS)
    triangle = np.tri(4, dtype=bool)
    expected = layer(X, X, use_causal_mask=True)
    for mask in (triangle, triangle[None], triangle[None, None], np.tile(triangle, (2, 2, 1, 1))):
        np.testing.assert_allclose(layer(X, X, attention_mask=mask), expected, rtol=1e-5)
    other = layer(X, X, attention_mask=np.stack([np.ones((4, 4)), triangle])[None])  # by head
    assert not np.allclose(other, expected)


def test_a_sliding_window_looks_both_ways_unless_causal():
    layer = MultiHeadAttention(**HEADS, sliding_window=2)
    _, scores = layer(X, X, return_attention_scores=True)
    seen = np.asarray(scores)[0, 0] > 0
    assert (seen == (np.abs(np.subtract.outer(range(4), range(4))) < 2)).all()
    _, scores = layer(X, X, return_attention_scores=True, use_causal_mask=True)
    assert ((np.asarray(scores)[0, 0] > 0) == np.tril(seen)).all()


def test_dropout_has_a_stream_of_its_own():
    """Also with scores asked for, which are those before dropout, as in Keras."""
    layer = MultiHeadAttention(**HEADS, dropout=0.5, seed=4)
    same = MultiHeadAttention(**HEADS, dropout=0.5, seed=4)
    layer(X, X)
    same(X, X)
    same.set_weights(layer.get_weights())
    first = layer(X, X, training=True)
    np.testing.assert_array_equal(first, same(X, X, training=True))
    assert not np.array_equal(first, layer(X, X, training=True))
    _, scores = layer(X, X, training=True, return_attention_scores=True)
    np.testing.assert_allclose(np.asarray(scores).sum(-1), 1, rtol=1e-5)
    assert not np.array_equal(layer(X, X), first)


def test_in_a_functional_model_with_an_embedding_that_masks():
    words = Input((None,), dtype="int32")
    x = layers.Embedding(10, 6, mask_zero=True)(words)
    x = MultiHeadAttention(**HEADS)(x, x)
    model = Model(words, layers.GlobalAveragePooling1D()(x))
    short, long = np.array([[3, 4]]), np.array([[3, 4, 0, 0, 0]])
    np.testing.assert_allclose(model(short), model(long), rtol=1e-5, atol=1e-6)
    twin = Model.from_config(model.get_config())
    twin.set_weights(model.get_weights())
    np.testing.assert_array_equal(twin(long), model(long))


def test_attention_with_masks_from_upstream():
    context = Context()
    value = X[:, :3].copy()
    real = np.array([[True, False, True], [True, True, False]])
    with bind(context):
        context.set_mask(value, real)
        y, scores = Attention()([X, value], return_attention_scores=True)
    assert (np.asarray(scores)[0, :, 1] == 0).all()
    assert (np.asarray(scores)[1, :, 2] == 0).all()
    other = np.where(real[..., None], value, 7).astype("float32")
    np.testing.assert_allclose(Attention()([X, other], mask=[None, real]), y, rtol=1e-6)


class TestMistakes:
    """Each in words, before anything is computed."""

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ({"num_heads": 0, "key_dim": 3}, "num_heads"),
            ({"num_heads": 2, "key_dim": 2.5}, "key_dim"),
            ({**HEADS, "value_dim": -1}, "value_dim"),
            ({**HEADS, "dropout": 20}, "share, not a percentage"),
            ({**HEADS, "output_shape": [0]}, "output_shape"),
            ({**HEADS, "output_shape": "wide"}, "output_shape"),
            ({**HEADS, "sliding_window": 0}, "sliding_window"),
            ({**HEADS, "seed": 1.5}, "seed"),
            ({**HEADS, "kernel_initializer": "glorot"}, "glorot"),
            ({**HEADS, "flash_attention": True, "dropout": 0.1}, "fused kernel"),
        ],
    )
    def test_arguments(self, arguments, words):
        with pytest.raises(ConfigError, match=words):
            MultiHeadAttention(**arguments)

    def test_heads_that_do_not_divide(self):
        with pytest.raises(ConfigError, match="evenly"):
            GroupQueryAttention(head_dim=3, num_query_heads=3, num_key_value_heads=2)

    @pytest.mark.parametrize("axes", [0, 2, -1, (1, 1), 5])
    def test_axes(self, axes):
        with pytest.raises((ConfigError, ShapeError), match="attention_axes"):
            MultiHeadAttention(**HEADS, attention_axes=axes)(X, X)

    @pytest.mark.parametrize(
        ("value", "key"),
        [(X[:1], None), (X, X[:, :2]), (X[..., None], None), (X[:, 0], None)],
    )
    def test_inputs(self, value, key):
        with pytest.raises(ShapeError, match="fit together"):
            MultiHeadAttention(**HEADS)(X, value, key)

    def test_rank(self):
        with pytest.raises(ShapeError, match="rank"):
            MultiHeadAttention(**HEADS)(X[:, 0], X[:, 0])

    def test_width_of_the_value(self):
        layer = MultiHeadAttention(**HEADS)
        layer(X, X)
        with pytest.raises(ShapeError, match=r"'value'|'key'"):
            layer(X, X[..., :2])

    @pytest.mark.parametrize(
        "call",
        [{"attention_mask": np.ones((2, 4, 3))}, {"attention_mask": np.ones((3, 4, 4))}],
    )
    def test_attention_masks(self, call):
        with pytest.raises(ShapeError, match="attention_mask"):
            MultiHeadAttention(**HEADS)(X, X, **call)

    def test_masks_per_step(self):
        with pytest.raises(ShapeError, match="one value per step"):
            MultiHeadAttention(**HEADS)(X, X, value_mask=np.ones((2, 3), bool))

    def test_the_fused_kernel_where_there_is_none(self):
        with pytest.raises(ConfigError, match="leave flash_attention out"):
            MultiHeadAttention(**HEADS, flash_attention=True)(X, X)

    @pytest.mark.parametrize("cls", [Attention, AdditiveAttention])
    def test_lists(self, cls):
        for inputs in (X, [X], [X] * 4):
            with pytest.raises(ShapeError, match="list of two or three"):
                cls()(inputs)
        more = np.concatenate([X, X[:1]])
        for inputs in ([X, X[..., :2]], [X, X, X[:, :2]], [X, more], [X[:, 0], X[:, 0]]):
            with pytest.raises(ShapeError, match="fit together"):
                cls()(inputs)
        with pytest.raises(ShapeError, match="list of masks"):
            cls()([X, X], mask=np.ones((2, 4), bool))

    @pytest.mark.parametrize("cls", [Attention, AdditiveAttention])
    def test_one_query_for_the_whole_batch(self, cls):
        layer, many = cls(), np.repeat(X[:1], len(X), axis=0)
        np.testing.assert_allclose(layer([X[:1], X]), layer([many, X]), rtol=1e-6)

    def test_score_mode(self):
        with pytest.raises(ConfigError, match="score_mode"):
            Attention(score_mode="cosine")
