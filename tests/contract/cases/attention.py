"""Attention and Transformer blocks."""

from contract.cases.specs import L2, NOISY, Integers, of

HEADS = {"num_heads": 2, "key_dim": 3}
GROUPS = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}
CAUSAL = {"use_causal_mask": True}
SCORES = {"return_attention_scores": True}
TOKENS = {"vocabulary_size": 9, "sequence_length": 5, "embedding_dim": 3}
SIZES = {"intermediate_dim": 6, "num_heads": 2}
BLOCKS = [
    ("TransformerEncoder", (4, 6)),
    ("TransformerDecoder", (4, 6)),
    ("TransformerDecoder", (4, 6), (4, 4)),
]

CASES: list = [
    of("Attention", (4, 3), (4, 3)),
    of("Attention", (2, 3), (4, 5), (4, 3), use_scale=True, call=SCORES),
    of("Attention", (4, 3), (4, 3), score_mode="concat", use_scale=True, call=CAUSAL),
    of("Attention", (4, 3), (4, 3), dropout=0.4, seed=1, random=True),
    of("AdditiveAttention", (4, 3), (4, 3)),
    of("AdditiveAttention", (2, 3), (4, 5), (4, 3), use_scale=False, call=CAUSAL | SCORES),
    of("AdditiveAttention", (4, 3), (4, 3), dropout=0.4, random=True),
    of("MultiHeadAttention", (4, 5), (4, 5), spread=True, **HEADS),
    of(
        "MultiHeadAttention",
        *[(4, 5), (4, 6), (4, 3)],
        spread=True,
        value_dim=4,
        call=SCORES,  # without, Keras on JAX fails where the widths differ
        **HEADS,
    ),
    of("MultiHeadAttention", (4, 5), (4, 5), spread=True, call=CAUSAL, use_gate=True, **HEADS),
    of(
        "MultiHeadAttention",
        *[(4, 5), (4, 5)],
        spread=True,
        call=CAUSAL | SCORES,
        sliding_window=2,
        bias_initializer=NOISY,
        **HEADS,
    ),
    of("MultiHeadAttention", (4, 5), (4, 5), spread=True, dropout=0.3, random=True, **HEADS),
    of(
        "MultiHeadAttention",
        *[(2, 3, 5), (2, 4, 5)],
        spread=True,
        attention_axes=[2],
        output_shape=[3, 2],
        use_bias=False,
        kernel_regularizer=L2,
        **HEADS,
    ),
    of("MultiHeadAttention", (2, 3, 5), (3, 2, 5), spread=True, flash_attention=False, **HEADS),
    of("GroupQueryAttention", (4, 5), (4, 5), spread=True, **GROUPS),
    of("GroupQueryAttention", (2, 5), (4, 5), (4, 3), spread=True, call=SCORES, **GROUPS),
    of(
        "GroupQueryAttention",
        *[(4, 5), (4, 5)],
        spread=True,
        call=CAUSAL,
        use_gate=True,
        sliding_window=3,
        use_bias=False,
        **GROUPS,
    ),
    of("GroupQueryAttention", (4, 5), (4, 5), spread=True, dropout=0.3, random=True, **GROUPS),
    # The rest is KerasHub's, which the tests do not install.
    of("CachedMultiHeadAttention", (4, 5), (4, 5), spread=True, keras=False, **HEADS),
    of("CachedMultiHeadAttention", (4, 5), (3, 5), spread=True, keras=False, **HEADS),
    of(
        "CachedMultiHeadAttention",
        (4, 5),
        (4, 5),
        spread=True,
        keras=False,
        use_bias=False,
        **HEADS,
    ),
    *[
        of(name, *shapes, spread=len(shapes) > 1, keras=False, **SIZES, **arguments)
        for name, *shapes in BLOCKS
        for arguments in (
            {},
            {"normalize_first": True, "activation": "gelu", "kernel_initializer": NOISY},
            {"dropout": 0.2, "random": True},
        )
    ],
    of("PositionEmbedding", (4, 5), sequence_length=6, keras=False),
    of("PositionEmbedding", (4, 5), sequence_length=4, initializer="uniform", keras=False),
    of("PositionEmbedding", (4, 5), sequence_length=6, keras=False, call={"start_index": 2}),
    of("SinusoidalPositionEncoding", (4, 6), keras=False),
    of("SinusoidalPositionEncoding", (4, 5), max_wavelength=100, keras=False),
    of("SinusoidalPositionEncoding", (4, 6), keras=False, call={"start_index": 2}),
    of("RotaryEmbedding", (4, 6), keras=False),
    of("RotaryEmbedding", (4, 2, 6), max_wavelength=100, scaling_factor=2.0, keras=False),
    of("RotaryEmbedding", (6, 4), sequence_axis=2, feature_axis=1, keras=False, mixes_steps=True),
    of("TokenAndPositionEmbedding", Integers((4,), 9), keras=False, **TOKENS),
    of("TokenAndPositionEmbedding", Integers((4,), 9), keras=False, mask_zero=True, **TOKENS),
    of(
        "TokenAndPositionEmbedding",
        Integers((2,), 9),
        keras=False,
        embeddings_initializer=NOISY,
        call={"start_index": 3},
        **TOKENS,
    ),
]
