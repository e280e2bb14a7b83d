"""Fourier transforms. Complex numbers are pairs of arrays, (real, imaginary), as in Keras.

>>> real, imaginary = rfft([1.0, 0.0, -1.0, 0.0])
>>> real.tolist()
[0.0, 2.0, 0.0]
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from pellucid._core.errors import ArgumentTypeError, ConfigError, ShapeError
from pellucid.kernels.spectrum import frames, window_values

from .op import Tensor, Tensors, floating, op

__all__ = [
    "extract_sequences",
    "fft",
    "fft2",
    "ifft2",
    "irfft",
    "istft",
    "rfft",
    "stft",
]


def _complex(name: str, x: Any) -> jax.Array:
    if not isinstance(x, (tuple, list)) or len(x) != 2 or x[0].shape != x[1].shape:
        raise ShapeError(
            f"ops.{name} takes a pair of arrays of one shape: real and imaginary part.",
            got=f"{[part.shape for part in x]}" if isinstance(x, (tuple, list)) else type(x),
            expected="(real, imaginary)",
            fix="for real numbers: (x, ops.zeros_like(x)), or ops.rfft(x).",
        )
    real, imaginary = (floating(part) for part in x)
    return jax.lax.complex(real, imaginary)


def _pair(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jnp.real(x), jnp.imag(x)


@op
def fft(x: Tensors):
    """The discrete Fourier transform along the last axis, of a pair and as a pair."""
    return _pair(jnp.fft.fft(_complex("fft", x)))


@op
def fft2(x: Tensors):
    """The discrete Fourier transform along the last two axes, of a pair and as a pair."""
    return _pair(jnp.fft.fft2(_complex("fft2", x)))


@op
def ifft2(x: Tensors):
    """The inverse of `fft2`."""
    return _pair(jnp.fft.ifft2(_complex("ifft2", x)))


@op
def rfft(x: Tensor, fft_length=None):
    """The Fourier transform of real numbers along the last axis, as a pair.

    Args:
        x: ``(..., n)``.
        fft_length: how many numbers to transform; longer axes are cut, shorter ones filled with 0.

    Returns:
        (real, imaginary), each ``(..., fft_length // 2 + 1)``.
    """
    return _pair(jnp.fft.rfft(x, n=fft_length))


@op
def irfft(x: Tensors, fft_length=None):
    """The inverse of `rfft`: real numbers, ``(..., fft_length)``."""
    return jnp.fft.irfft(_complex("irfft", x), n=fft_length)


@op
def extract_sequences(x: Tensor, sequence_length, sequence_stride):
    """Pieces of the last axis, one every `sequence_stride` steps: ``(..., pieces, length)``.

    >>> extract_sequences([1, 2, 3, 4], 2, 1).tolist()
    [[1, 2], [2, 3], [3, 4]]
    """
    return frames(x, sequence_length, sequence_stride)


def _taper(name: str, window: Any, length: int, fft_length: int) -> np.ndarray | None:
    """The window in the middle of `fft_length` steps; None for none."""
    if window is None:
        return None
    if isinstance(window, str) and window not in ("hann", "hamming"):
        raise ConfigError(
            f"ops.{name} knows two windows by name.",
            got=repr(window),
            expected="'hann', 'hamming', or the window's values",
        )
    values = window_values(window, length)
    before = (fft_length - length) // 2
    return np.pad(np.asarray(values), (before, fft_length - length - before))


def _check_stride(name: str, stride: Any) -> None:
    whole = isinstance(stride, (int, np.integer)) and not isinstance(stride, bool)
    if not whole or stride < 1:
        raise ConfigError(
            f"The sequence_stride of ops.{name} must be a positive whole number.",
            got=repr(stride),
            fix="sequence_stride=sequence_length // 2, say.",
        )


@op
def stft(x: Tensor, sequence_length, sequence_stride, fft_length, window="hann", center=True):
    """The Fourier transform of short pieces of a signal: what sounds when.

    Args:
        x: ``(..., time)``, floating point.
        sequence_length: steps of a piece.
        sequence_stride: steps from one piece to the next.
        fft_length: steps that are transformed, the piece being in the middle of zeros.
        window: ``"hann"``, ``"hamming"``, the window's values, or None.
        center: whether the signal is continued at both ends, by reflection, so that every piece
            is centred on its time.

    Returns:
        (real, imaginary), each ``(..., pieces, fft_length // 2 + 1)``.
    """
    if fft_length < sequence_length:
        raise ConfigError(
            "ops.stft transforms pieces as a whole: fft_length is sequence_length or more.",
            got=f"sequence_length={sequence_length}, fft_length={fft_length}",
        )
    _check_stride("stft", sequence_stride)
    if not jnp.issubdtype(x.dtype, jnp.floating):
        raise ArgumentTypeError(
            "ops.stft takes floating point numbers.",
            got=str(x.dtype),
            fix='ops.cast(x, "float32").',
        )
    if center:
        ends = [(0, 0)] * (x.ndim - 1) + [(fft_length // 2, fft_length // 2)]
        x = jnp.pad(x, ends, mode="reflect")
    pieces = frames(x, fft_length, sequence_stride)  # (..., pieces, fft_length)
    taper = _taper("stft", window, sequence_length, fft_length)
    if taper is not None:
        pieces = pieces * jnp.asarray(taper, x.dtype)
    return _pair(jnp.fft.rfft(pieces))


@op
def istft(
    x: Tensors,
    sequence_length,
    sequence_stride,
    fft_length,
    length=None,
    window="hann",
    center=True,
):
    """The signal whose `stft` this is: the pieces are laid over each other and weighed.

    Args:
        x: (real, imaginary), each ``(..., pieces, fft_length // 2 + 1)``.
        sequence_length: see `stft`.
        sequence_stride: see `stft`.
        fft_length: see `stft`.
        length: steps of the result; None for all there are.
        window: the one that `stft` used.
        center: whether `stft` continued the signal at both ends.

    Returns:
        ``(..., time)``
    """
    _check_stride("istft", sequence_stride)
    transformed = _complex("istft", x)
    pieces = jnp.fft.irfft(transformed, n=fft_length)  # (..., pieces, fft_length)
    taper = _taper("istft", window, sequence_length, fft_length)
    weights = np.ones(fft_length) if taper is None else taper
    count = pieces.shape[-2]
    total = fft_length + sequence_stride * (count - 1)
    places = np.arange(count)[:, None] * sequence_stride + np.arange(fft_length)
    overlap = np.bincount(places.ravel(), np.tile(weights**2, count), total)
    weighed = pieces * jnp.asarray(weights, pieces.dtype)
    signal = jnp.zeros((*pieces.shape[:-2], total), pieces.dtype).at[..., places].add(weighed)
    signal = signal / jnp.asarray(np.where(overlap > 1e-10, overlap, 1.0), signal.dtype)
    start = fft_length // 2 if center else 0
    end = start + length if length is not None else total - (fft_length // 2 if center else 0)
    return signal[..., start:end]
