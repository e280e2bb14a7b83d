"""Transformer blocks, positions, and generation: cached equals uncached, token by token."""

import logging
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid import Input, Model, Sequential, layers
from pellucid._core.errors import ConfigError, DataError, ShapeError, StateError
from pellucid.losses import SparseCategoricalCrossentropy
from pellucid.models import Greedy, Sample, generate

rng = np.random.default_rng(0)
X = rng.standard_normal((2, 5, 8)).astype("float32")
SOURCE = rng.standard_normal((2, 3, 6)).astype("float32")
SIZES = {"intermediate_dim": 12, "num_heads": 2}
WORDS = 11


def close(a, b, rtol=1e-5, atol=2e-6):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=rtol, atol=atol)


def noisy(layer):
    """Weights away from zeros and ones, so that each of them matters."""
    draw = np.random.default_rng(3)
    layer.set_weights(
        [w + draw.normal(0, 0.3, w.shape).astype(w.dtype) for w in layer.get_weights()]
    )
    return layer


class TestEncoder:
    @pytest.mark.slow
    def test_padding_changes_no_real_step_and_the_mask_travels(self):
        model = Sequential(
            [
                Input((None,), dtype="int32"),
                layers.Embedding(10, 8, mask_zero=True),
                layers.TransformerEncoder(**SIZES),
                layers.TransformerEncoder(**SIZES, normalize_first=True),
                layers.GlobalAveragePooling1D(),
            ]
        )
        short, long = np.array([[3, 4, 5]]), np.array([[3, 4, 5, 0, 0]])
        close(model(short), model(long))

    @pytest.mark.slow
    def test_fit_keeps_the_mask(self):
        """Words after the padding starts are rubbish; no warning, and a task that is learned."""
        x = rng.integers(1, 10, (64, 6))
        x[:, 4:] = 0
        y = (x[:, :1] > x[:, 1:2]).astype("float32")
        model = Sequential(
            [
                Input((6,), dtype="int32"),
                layers.TokenAndPositionEmbedding(10, 6, 16, mask_zero=True),
                layers.TransformerEncoder(**SIZES),
                layers.TransformerEncoder(**SIZES),
                layers.GlobalAveragePooling1D(),
                layers.Dense(1),
            ]
        )
        model.compile("adam", "mse")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            losses = model.fit(x, y, epochs=25, batch_size=24, verbose=0).history["loss"]
        assert losses[-1] < 0.5 * losses[0]

    def test_attention_mask_and_scores(self):
        layer = layers.TransformerEncoder(**SIZES)
        triangle = np.broadcast_to(np.tri(5, dtype=bool), (2, 5, 5))
        y, scores = layer(X, attention_mask=triangle, return_attention_scores=True)
        assert y.shape == X.shape
        assert scores.shape == (2, 2, 5, 5)
        assert (np.asarray(scores)[:, :, ~np.tri(5, dtype=bool)] == 0).all()
        y = layer(X, padding_mask=np.arange(5) < np.array([[5], [2]]))
        changed = X.copy()
        changed[1, 2:] = 7
        other = layer(changed, padding_mask=np.arange(5) < np.array([[5], [2]]))
        close(other[1, :2], y[1, :2])

    def test_dropout_only_in_training(self):
        layer = layers.TransformerEncoder(**SIZES, dropout=0.3)
        np.testing.assert_array_equal(layer(X), layer(X))
        assert not np.array_equal(layer(X, training=True), layer(X, training=True))

    def test_frozen_layers_stay_frozen_when_they_are_built_later(self):
        layer = layers.TransformerEncoder(**SIZES, trainable=False)
        layer(X)
        assert layer.trainable_weights == []

    def test_precision_reaches_the_parts(self):
        layer = layers.TransformerEncoder(**SIZES, dtype="mixed_bfloat16")
        assert layer(X).dtype == jnp.bfloat16
        assert {w.dtype for w in layer.weights} == {"float32"}

    def test_mistakes(self):
        for arguments in ({"num_heads": 0}, {"intermediate_dim": 1.5}, {"dropout": -1}):
            with pytest.raises(ConfigError, match=next(iter(arguments))):
                layers.TransformerEncoder(**{**SIZES, **arguments})
        with pytest.raises(ConfigError, match="more heads than its input has features"):
            layers.TransformerEncoder(8, num_heads=9)(X)
        with pytest.raises(ShapeError, match="rank"):
            layers.TransformerEncoder(**SIZES)(X[0])


class TestDecoder:
    def test_no_step_sees_what_comes_later(self):
        layer = layers.TransformerDecoder(**SIZES)
        changed = X.copy()
        changed[:, 3:] = 5
        close(layer(changed)[:, :3], layer(X)[:, :3])
        free = layer(X, use_causal_mask=False)
        assert not np.allclose(layer(changed, use_causal_mask=False)[:, :3], free[:, :3])

    @pytest.mark.parametrize("normalize_first", [False, True])
    @pytest.mark.parametrize("at_once", [1, 2])
    def test_cached_equals_uncached_step_by_step(self, normalize_first, at_once):
        layer = layers.TransformerDecoder(**SIZES, normalize_first=normalize_first)
        layer(X)
        whole = noisy(layer)(X)
        cache = layer.empty_cache(batch=2, length=7)  # longer than what comes

        @jax.jit
        def step(new, cache, index):
            return layer.apply(
                layer.variable_tree(),
                new,
                self_attention_cache=cache,
                self_attention_cache_update_index=index,
            )[0]

        for start in range(0, 4, at_once):
            new = slice(start, start + at_once)
            y, cache = step(X[:, new], cache, start)
            close(y, whole[:, new])

    @pytest.mark.slow
    def test_cached_with_a_source_and_masks(self):
        layer = layers.TransformerDecoder(**SIZES)
        layer(X, SOURCE)
        noisy(layer)
        real = np.array([[True, True, False, True, True], [True] * 5])
        source_real = np.array([[True, False, True], [True, True, True]])
        whole = layer(X, SOURCE, decoder_padding_mask=real, encoder_padding_mask=source_real)
        cache, cross = layer.empty_cache(2, 5), layer.empty_cross_cache(2, 3)
        for step in range(5):
            first = step == 0
            y, cache, cross = layer(
                X[:, step : step + 1],
                SOURCE if first else None,
                decoder_padding_mask=real[:, step : step + 1],
                encoder_padding_mask=source_real if first else None,
                self_attention_cache=cache,
                self_attention_cache_update_index=step,
                cross_attention_cache=cross,
                cross_attention_cache_update_index=0 if first else None,
            )
            close(y[:, 0], whole[:, step])

    @pytest.mark.slow
    def test_masks_that_travel_from_both_sides(self):
        layer = layers.TransformerDecoder(**SIZES)
        words, source = Input((None,), dtype="int32"), Input((None,), dtype="int32")
        embed = [layers.Embedding(10, 8, mask_zero=True) for _ in range(2)]
        model = Model([words, source], layer(embed[0](words), embed[1](source)))
        x, s = np.array([[1, 2]]), np.array([[3, 4, 5]])
        padded = np.array([[1, 2, 0, 0]]), np.array([[3, 4, 5, 0]])
        close(model(list(padded))[:, :2], model([x, s]))

    def test_a_source_or_none_but_always_the_same(self):
        layer = layers.TransformerDecoder(**SIZES)
        layer(X)
        with pytest.raises(StateError, match="without a source"):
            layer(X, SOURCE)
        layer = layers.TransformerDecoder(**SIZES)
        layer(X, SOURCE)
        with pytest.raises(StateError, match="got none"):
            layer(X)


class TestPositions:
    def test_sines_are_the_papers(self):
        y = np.asarray(layers.SinusoidalPositionEncoding()(np.zeros((1, 50, 6))))[0]
        for position in (0, 1, 49):
            for i in range(3):
                angle = position / 10000 ** (2 * i / 6)
                assert y[position, 2 * i] == pytest.approx(np.sin(angle), abs=1e-5)
                assert y[position, 2 * i + 1] == pytest.approx(np.cos(angle), abs=1e-5)

    @pytest.mark.parametrize(
        "layer",
        [
            layers.SinusoidalPositionEncoding(),
            layers.PositionEmbedding(9),
            layers.RotaryEmbedding(max_wavelength=50),
        ],
        ids=lambda layer: type(layer).__name__,
    )
    def test_start_index_goes_on_where_the_last_call_stopped(self, layer):
        whole = layer(X)
        jitted = jax.jit(lambda x, i: layer.apply(layer.variable_tree(), x, start_index=i)[0])
        close(jitted(X[:, 2:], 2), whole[:, 2:])

    def test_rotation_is_by_angles(self):
        """Against complex numbers in float64, and scaled positions."""
        for scale in (1.0, 2.0):
            got = layers.RotaryEmbedding(max_wavelength=100, scaling_factor=scale)(X)
            frequencies = 100.0 ** -(np.arange(4) / 4)
            turn = np.exp(1j * np.arange(5)[:, None] / scale * frequencies)
            pairs = (X[..., :4] + 1j * X[..., 4:]) * turn
            close(got, np.concatenate([pairs.real, pairs.imag], -1), atol=1e-5)

    def test_rotated_products_depend_on_the_distance_only(self):
        layer = layers.RotaryEmbedding()
        query, key = (np.broadcast_to(X[:1, :1], (1, 9, 8)), np.broadcast_to(X[1:, :1], (1, 9, 8)))
        products = np.einsum("btf,bsf->ts", layer(query), layer(key))
        for distance in range(-3, 4):
            assert np.ptp(np.diagonal(products, distance)) < 1e-4

    def test_heads_and_axes(self):
        layer = layers.RotaryEmbedding()
        heads = X.reshape(2, 5, 2, 4)
        one = layer(heads[:, :, 1])
        close(layer(heads)[:, :, 1], one)
        swapped = layers.RotaryEmbedding(sequence_axis=2, feature_axis=1)
        close(swapped(X.swapaxes(1, 2)).swapaxes(1, 2), layer(X))

    def test_too_long_a_sequence(self):
        with pytest.raises(ShapeError, match="sequence_length=5, or shorter"):
            layers.PositionEmbedding(4)(X)
        with pytest.raises(ShapeError, match="so many positions"):
            layers.PositionEmbedding(5)(X, start_index=1)
        with pytest.raises(ShapeError, match="so many positions"):
            layers.PositionEmbedding(4)(Input((5, 8)))
        assert layers.PositionEmbedding(4)(Input((None, 8))).shape == (None, None, 8)

    def test_mistakes(self):
        with pytest.raises(ShapeError, match="in pairs"):
            layers.RotaryEmbedding()(X[..., :7])
        with pytest.raises(ConfigError, match="axis of steps"):
            layers.RotaryEmbedding(sequence_axis=2)(X)
        with pytest.raises(DataError, match="outside its table"):
            layers.TokenAndPositionEmbedding(5, 4, 3)(np.array([[7]]))


def language_model(length=None, words=WORDS, **last):
    embedding = layers.TokenAndPositionEmbedding(
        words, 16, 8, embeddings_initializer="random_normal", mask_zero=True
    )
    decoders = [layers.TransformerDecoder(**SIZES, normalize_first=first) for first in (0, 1)]
    model = Sequential(
        [Input((length,), dtype="int32"), embedding, *decoders, layers.Dense(words, **last)]
    )
    return noisy(model)


def translator():
    source, words = Input((None,), name="source"), Input((None,), dtype="int32", name="words")
    encoded = layers.TransformerEncoder(**SIZES)(
        layers.TokenAndPositionEmbedding(WORDS, 8, 8, mask_zero=True)(source)
    )
    x = layers.Embedding(WORDS, 8)(words)
    x = x + layers.SinusoidalPositionEncoding()(x)
    x = layers.TransformerDecoder(**SIZES)(x, encoded)
    x = layers.TransformerDecoder(**SIZES)(x, encoder_sequence=encoded)
    return noisy(Model([source, words], layers.Dense(WORDS)(layers.Dropout(0.5)(x))))


PROMPTS = [[1, 2, 3, 4], [5, 0, 6], [7, 8]]  # 0 is masked, also in the middle


def by_hand(model, prompt, length, inputs=None):
    """Greedy, one whole call for each word."""
    text = list(prompt)
    while len(text) < length:
        given = np.array([text]) if inputs is None else [inputs, np.array([text])]
        text.append(int(np.argmax(model(given)[0, -1])))
    return text


@pytest.mark.slow
class TestGenerate:
    def test_cached_uncached_and_by_hand_agree(self):
        model = language_model()
        cached = generate(model, PROMPTS, 9, use_cache=True)
        np.testing.assert_array_equal(cached, generate(model, PROMPTS, 9, use_cache=False))
        np.testing.assert_array_equal(cached, generate(model, PROMPTS, 9))
        for row, prompt in zip(cached, PROMPTS, strict=True):
            assert row.tolist() == by_hand(model, prompt, 9)
        assert len({tuple(row) for row in cached.tolist()}) == 3

    def test_drawn_words_agree_too_and_follow_the_seed(self):
        model = language_model()
        settings = {"sampler": Sample(0.9, top_k=6, top_p=0.95), "end_token": 3}
        first = generate(model, PROMPTS, 12, seed=1, **settings)
        again = generate(model, PROMPTS, 12, seed=1, use_cache=False, **settings)
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, generate(model, PROMPTS, 12, seed=2, **settings))
        # A row's words do not depend on the rows after it.
        alone = generate(model, PROMPTS[:1], 12, seed=1, **settings)
        np.testing.assert_array_equal(alone[0], first[0])
        for row, prompt in zip(first.tolist(), PROMPTS, strict=True):
            assert row[: len(prompt)] == prompt
            rest = row[len(prompt) :]
            if 3 in rest:
                assert set(rest[rest.index(3) :]) == {3}

    def test_a_softmax_at_the_end_changes_nothing(self):
        scores, shares = language_model(), language_model(activation="softmax")
        shares.set_weights(scores.get_weights())
        for sampler in ("greedy", Sample(0.5)):
            got = [generate(m, PROMPTS, 9, sampler=sampler, seed=0) for m in (scores, shares)]
            np.testing.assert_array_equal(*got)

    def test_a_translator_reads_its_source_once(self):
        model = translator()
        source = np.array([[3, 4, 5, 0], [6, 7, 8, 9]], "float32")
        settings = {"max_length": 8, "inputs": {"source": source}}
        got = generate(model, [[1], [1]], use_cache=True, **settings)
        expected = generate(model, [[1], [1]], use_cache=False, **settings)
        np.testing.assert_array_equal(got, expected)
        for row, own in zip(got.tolist(), source, strict=True):
            assert row == by_hand(model, [1], 8, own[None])

    def test_models_that_cannot_remember(self):
        """A fixed length, a layer that needs all steps, and a subclass: computed as a whole."""
        fixed = language_model(length=10)
        np.testing.assert_array_equal(
            generate(fixed, PROMPTS, 9, use_cache=False), generate(fixed, PROMPTS, 9)
        )
        words = Input((None,), dtype="int32")
        x = layers.Embedding(WORDS, 8)(words)
        x = layers.MultiHeadAttention(2, 4, name="all")(x, x, use_causal_mask=True)
        model = noisy(Model(words, layers.Dense(WORDS)(x)))
        assert generate(model, [[1, 2]], 8)[0].tolist() == by_hand(model, [1, 2], 8)
        with pytest.raises(ConfigError, match="'all' needs all steps"):
            generate(model, [[1, 2]], 8, use_cache=True)

        class Own(Model):
            def __init__(self):
                super().__init__()
                self.embedding = layers.Embedding(WORDS, 8)
                self.decoder = layers.TransformerDecoder(**SIZES)
                self.head = layers.Dense(WORDS)

            def call(self, words):
                return self.head(self.decoder(self.embedding(words)))

        model = Own()
        assert generate(model, [1, 2], 8)[0].tolist() == by_hand(model, [1, 2], 8)

    def test_a_second_text_compiles_nothing(self, caplog):
        model = language_model()
        generate(model, PROMPTS, 9)
        with jax.log_compiles(), caplog.at_level(logging.WARNING, logger="jax"):
            generate(model, [[2, 2, 2], [3, 3], [4, 4, 4, 4]], 9)
            assert "_generate" not in caplog.text
            generate(model, [[2, 2, 2], [3, 3], [4, 4, 4, 4]], 10)
            assert "_generate" in caplog.text

    def test_a_trained_model_goes_on_counting(self):
        """Learned, then generated: 1 2 3 4 ..., from wherever it starts."""
        start = rng.integers(1, 6, 256)
        x = start[:, None] + np.arange(10)  # 1..14
        model = language_model(words=16)
        model.compile("adam", SparseCategoricalCrossentropy(from_logits=True))
        model.fit(x[:, :-1], x[:, 1:], epochs=30, batch_size=32, verbose=0)
        text = generate(model, [[1, 2], [4, 5], [5, 6, 7]], 8)
        assert text.tolist() == [list(range(s, s + 8)) for s in (1, 4, 5)]

    def test_mistakes(self):
        model = language_model()
        for prompt in ([], [[]], [[1], []], np.zeros((2, 0), int)):
            with pytest.raises(DataError, match="first word"):
                generate(model, prompt, 5)
        with pytest.raises(DataError, match="word numbers"):
            generate(model, [[0.5]], 5)
        with pytest.raises(DataError, match="outside its table"):
            generate(model, [[WORDS]], 5)
        with pytest.raises(ConfigError, match="shorter than its start"):
            generate(model, PROMPTS, 3)
        with pytest.raises(ConfigError, match="at most 16"):
            generate(model, PROMPTS, 17)
        with pytest.raises(ConfigError, match="inputs"):
            generate(model, PROMPTS, 9, inputs={"sauce": X})
        with pytest.raises(ConfigError, match="by name"):
            generate(translator(), [[1]], 9)
        pooled = Sequential(
            [Input((4,), dtype="int32"), layers.Embedding(5, 3), layers.GlobalAveragePooling1D()]
        )
        with pytest.raises(ShapeError, match="every word at every step"):
            generate(pooled, [[1]], 3)


class TestSampling:
    logits = jnp.log(jnp.array([[0.5, 0.25, 0.15, 0.1]]))

    def shares(self, sampler, logits=None):
        rows = jnp.repeat(self.logits if logits is None else logits, 4000, axis=0)
        drawn = np.asarray(sampler(rows, jax.random.key(1)))
        return np.bincount(drawn, minlength=4) / len(drawn)

    def expect(self, sampler, shares, logits=None):
        np.testing.assert_allclose(self.shares(sampler, logits), shares, atol=0.03)

    def test_shares(self):
        self.expect(Greedy(), [1, 0, 0, 0])
        self.expect(Sample(), [0.5, 0.25, 0.15, 0.1])
        squares = np.array([0.5, 0.25, 0.15, 0.1]) ** 2
        self.expect(Sample(0.5), squares / squares.sum())
        self.expect(Sample(0.001), [1, 0, 0, 0])
        self.expect(Sample(top_k=2), [2 / 3, 1 / 3, 0, 0])
        self.expect(Sample(top_k=9), [0.5, 0.25, 0.15, 0.1])
        self.expect(Sample(top_p=0.6), [2 / 3, 1 / 3, 0, 0])  # the word that crosses stays in
        self.expect(Sample(top_p=0.4), [1, 0, 0, 0])
        self.expect(Sample(top_p=1.0), [0.5, 0.25, 0.15, 0.1])
        # The share is of what top_k leaves: 0.5 / 0.75 is below 0.7, so both stay.
        self.expect(Sample(top_k=2, top_p=0.7), [2 / 3, 1 / 3, 0, 0])
        self.expect(Sample(top_k=2, top_p=0.6), [1, 0, 0, 0])

    def test_words_that_cannot_come(self):
        never = jnp.array([[0.0, -jnp.inf, 0.0, -jnp.inf]])
        for sampler in (Sample(), Sample(top_k=3), Sample(top_p=0.9)):
            self.expect(sampler, [0.5, 0, 0.5, 0], never)

    @pytest.mark.parametrize(
        "arguments",
        [
            {"temperature": 0},
            {"temperature": -1},
            {"top_k": 0},
            {"top_k": 1.5},
            {"top_p": 0.0},
            {"top_p": 1.1},
        ],
        ids=str,
    )
    def test_mistakes(self, arguments):
        with pytest.raises(ConfigError, match="sampler='greedy'"):
            Sample(**arguments)
