"""Arguments for the operations on matrices, signals and networks."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from .arguments import (
    COUNTS,
    CUBE,
    DEFINITE,
    FIRST,
    HALF,
    INTS,
    LABELS,
    ONE_HOT,
    OTHER,
    PICTURE,
    POSITIVE,
    PROBABILITIES,
    SCORES,
    SERIES,
    SQUARE,
    STACK,
    UNIT,
    VECTOR,
    VOLUME,
    X,
    Y,
    call,
    draw,
    each,
)

CASES: dict[str, list] = {
    # matrices
    "det": [call(SQUARE), call(STACK)],
    "slogdet": [call(SQUARE), call(STACK)],
    "logdet": [call(SQUARE), call(STACK)],
    "inv": [call(SQUARE), call(STACK)],
    "pinv": [call(X), call(CUBE), call(X, rcond=0.1)],
    "matrix_rank": [call(X), call(STACK), call(SQUARE, tol=0.1)],
    "cholesky": [call(DEFINITE), call(DEFINITE, upper=True)],
    "cholesky_inverse": [
        call(np.linalg.cholesky(DEFINITE)),
        call(np.linalg.cholesky(DEFINITE).T, upper=True),
    ],
    "eigh": [call(DEFINITE)],
    "eig": [call(SQUARE)],
    "svd": [call(X), call(X, full_matrices=False), call(STACK, compute_uv=False)],
    "qr": [call(X), call(X.T, mode="complete")],
    "lu_factor": [call(SQUARE), call(STACK)],
    "solve": [call(SQUARE, VECTOR[:3]), call(SQUARE, X), call(STACK, CUBE)],
    "solve_triangular": [call(np.tril(SQUARE), X, lower=True), call(np.triu(SQUARE), X)],
    "lstsq": [call(X.T, VECTOR[:4]), call(X.T, draw(4, 2))],
    # signals
    **each("fft fft2 ifft2", [call((X, Y)), call((CUBE, 2 * CUBE))]),
    "rfft": [call(X), call(X, fft_length=6), call(X, 3)],
    "irfft": [call((X, Y)), call((X, Y), fft_length=5)],
    "extract_sequences": [call(VECTOR, 3, 1), call(X, 2, 2), call(CUBE, 2, 1)],
    "stft": [
        call(draw(2, 20), 6, 3, 8),
        call(draw(20), 6, 2, 6, window="hamming", center=False),
        call(draw(20), 4, 2, 8, window=None),
        call(draw(20), 4, 2, 5, window=np.array([1.0, 2, 2, 1], "f")),
    ],
    "istft": [
        call((draw(2, 7, 5), draw(2, 7, 5, seed=1)), 6, 3, 8),
        call((draw(7, 5), draw(7, 5, seed=1)), 8, 4, 8, window="hamming", length=20),
    ],
    # networks
    **each("softmax log_softmax", [call(X), call(X, axis=0), call(CUBE, axis=(1, 2)), call(HALF)]),
    "glu": [call(X), call(CUBE, axis=0)],
    "binary_crossentropy": [
        call(ONE_HOT, PROBABILITIES),
        call(ONE_HOT, SCORES, from_logits=True),
        call(ONE_HOT.astype(jnp.bfloat16), PROBABILITIES.astype(jnp.bfloat16)),
    ],
    "categorical_crossentropy": [
        call(ONE_HOT, PROBABILITIES),
        call(ONE_HOT, SCORES, from_logits=True),
        call(ONE_HOT.T, PROBABILITIES.T, axis=0),
    ],
    "sparse_categorical_crossentropy": [
        call(LABELS, PROBABILITIES),
        call(LABELS[:, None], SCORES, from_logits=True),
    ],
    "ctc_loss": [
        call(np.array([[1, 2, 2], [3, 0, 0]]), draw(2, 9, 4), np.array([3, 1]), np.array([9, 7])),
        call(
            np.array([[0, 2], [1, 0]]),
            draw(2, 6, 4),
            np.array([2, 1]),
            np.array([6, 6]),
            mask_index=3,
        ),
    ],
    "ctc_decode": [
        call(2 * draw(3, 8, 4), np.array([8, 5, 8])),
        call(2 * draw(3, 8, 4), np.array([8, 5, 8]), merge_repeated=False, mask_index=None),
        call(
            2 * draw(2, 6, 4), np.array([6, 4]), strategy="beam_search", beam_width=30, top_paths=3
        ),
        call(
            2 * draw(2, 6, 4), np.array([6, 5]), strategy="beam_search", beam_width=5, mask_index=2
        ),
    ],
    "psnr": [call(UNIT, UNIT + 0.1, 1.0)],
    "one_hot": [
        call(LABELS, 5),
        call(INTS, 4, axis=0),
        call(LABELS, 4, dtype="int32"),
        call([-1, 9], 4),
    ],
    "multi_hot": [
        call(COUNTS, 8),
        call(LABELS, 4),
        call(COUNTS, 8, dtype="int32"),
        call(COUNTS, num_tokens=8),
    ],
    "batch_normalization": [
        call(X, VECTOR[:4], POSITIVE[0], -1),
        call(CUBE, VECTOR[:3], POSITIVE[0, :3], 1, offset=OTHER[:3], scale=VECTOR[:3], epsilon=0.1),
    ],
    "layer_normalization": [
        call(X),
        call(X, VECTOR[:4], OTHER[:4]),
        call(CUBE, axis=(1, 2), epsilon=0.1),
        call(CUBE, VECTOR[:3], OTHER[:3], axis=1),
        call(HALF),
    ],
    "rms_normalization": [
        call(X),
        call(X, VECTOR[:4]),
        call(CUBE, axis=(1, 2), epsilon=0.1),
        call(HALF),
    ],
    "dot_product_attention": [
        call(draw(2, 5, 4, 3), draw(2, 6, 2, 3), draw(2, 6, 2, 3, seed=1)),
        call(
            draw(2, 5, 2, 3), draw(2, 5, 2, 3), draw(2, 5, 2, 3, seed=1), is_causal=True, scale=0.7
        ),
        call(
            draw(2, 5, 2, 3),
            draw(2, 6, 2, 3),
            draw(2, 6, 2, 3, seed=1),
            mask=np.arange(6)[None, None, None] < np.array([4, 6])[:, None, None, None],
        ),
        call(draw(2, 5, 2, 3), draw(2, 6, 2, 3), draw(2, 6, 2, 3, seed=1), bias=draw(1, 2, 5, 6)),
    ],
    "conv": [
        call(SERIES, draw(3, 4, 5)),
        call(SERIES, draw(3, 2, 6), strides=2, padding="same"),
        call(PICTURE, draw(3, 2, 3, 5), dilation_rate=2),
        call(PICTURE.transpose(0, 3, 1, 2), draw(3, 3, 3, 5), (2, 1), "same", **FIRST),
        call(VOLUME, draw(2, 2, 2, 2, 3)),
    ],
    "depthwise_conv": [
        call(SERIES, draw(3, 4, 2)),
        call(PICTURE, draw(3, 2, 3, 2), strides=2, padding="same"),
        call(PICTURE.transpose(0, 3, 1, 2), draw(3, 3, 3, 1), **FIRST),
    ],
    "separable_conv": [
        call(SERIES, draw(3, 4, 2), draw(1, 8, 5)),
        call(PICTURE, draw(3, 2, 3, 2), draw(1, 1, 6, 4), strides=2, padding="same"),
        call(PICTURE.transpose(0, 3, 1, 2), draw(3, 3, 3, 1), draw(1, 1, 3, 4), **FIRST),
    ],
    "conv_transpose": [
        call(SERIES, draw(3, 5, 4)),
        call(PICTURE, draw(3, 2, 5, 3), strides=2, padding="same"),
        call(PICTURE, draw(3, 3, 5, 3), strides=2, padding="same", output_padding=1),
        call(PICTURE.transpose(0, 3, 1, 2), draw(3, 3, 5, 3), 2, "valid", **FIRST),
    ],
    **each(
        "max_pool average_pool",
        [
            # With strides: Keras's default of None fails on JAX.
            call(SERIES, 2, 2),
            call(PICTURE, (3, 2), strides=1),
            call(PICTURE, 3, strides=2, padding="same"),
            call(PICTURE.transpose(0, 3, 1, 2), 2, (2, 1), **FIRST),
            call(VOLUME, 2, 2),
        ],
    ),
    **each(
        "adaptive_max_pool adaptive_average_pool",
        [
            call(SERIES, 4),
            call(PICTURE, (3, 2)),
            call(PICTURE.transpose(0, 3, 1, 2), 3, **FIRST),
            call(VOLUME, 2),
        ],
    ),
    "unfold": [
        call(draw(2, 3, 6, 5), 2),
        call(draw(2, 3, 6, 5), (2, 3), dilation=2, padding=1, stride=2),
    ],
    "fold": [
        call(draw(2, 12, 20), (6, 5), 2),
        call(draw(2, 12, 6), (5, 6), 2, padding=1, stride=(3, 3)),
        call(draw(2, 8, 12), (5, 6), 2, dilation=2),
    ],
    "space_to_depth": [call(draw(2, 4, 6, 3), 2), call(draw(2, 3, 4, 6), 2, "channels_first")],
    "depth_to_space": [call(draw(2, 2, 3, 12), 2), call(draw(2, 12, 2, 3), 2, "channels_first")],
}
