"""Short-time spectra: overlapping frames of a signal, windows, and the mel scale."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def window_values(window: Any, length: int, periodic: bool = True) -> np.ndarray | None:
    """A window by name or as given, float64; None for none.

    Raises:
        ValueError: a name that SciPy does not know, or another length.

    >>> window_values("hann", 4).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    if window is None:
        return None
    if isinstance(window, (str, tuple)):
        from scipy.signal import get_window

        return get_window(window, length, fftbins=periodic)
    values = np.asarray(window, np.float64)
    if values.shape != (length,):
        raise ValueError(f"a window of shape {values.shape} for frames of {length}")
    return values


def frames(signal: jax.Array, length: int, step: int) -> jax.Array:
    """Pieces of `length` that begin every `step`: (..., time) -> (..., pieces, length).

    >>> frames(jnp.arange(6), 4, 2).tolist()
    [[0, 1, 2, 3], [2, 3, 4, 5]]
    """
    count = (signal.shape[-1] - length) // step + 1
    starts = np.arange(count)[:, None] * step
    return jnp.take(signal, starts + np.arange(length), axis=-1)


def same_padding(time: int, length: int, step: int) -> tuple[int, int]:
    """Zeros before and after, so that every `step` begins a frame.

    >>> same_padding(10, 4, 3)
    (1, 2)
    """
    missing = max((math.ceil(time / step) - 1) * step + length - time, 0)
    return missing // 2, missing - missing // 2


def spectrum(signal: jax.Array, length: int, step: int, fft_length: int, window: Any) -> jax.Array:
    """Magnitudes of the short-time Fourier transform, frames centred on their time.

    Args:
        signal: (..., time), continued beyond its ends by reflection.

    Returns:
        (..., pieces, fft_length // 2 + 1)
    """
    half = fft_length // 2
    wide = jnp.pad(signal, [(0, 0)] * (signal.ndim - 1) + [(half, half)], mode="reflect")
    values = window_values(window, length)
    left = (fft_length - length) // 2
    taper = np.zeros(fft_length)
    taper[left : left + length] = 1.0 if values is None else values
    if values is None:
        taper[:] = 1.0
    pieces = frames(wide, fft_length, step) * jnp.asarray(taper, signal.dtype)
    return jnp.abs(jnp.fft.rfft(pieces, fft_length))


def mel_matrix(
    bands: int, bins: int, sampling_rate: float, lowest: float, highest: float
) -> np.ndarray:
    """Triangles that are evenly spaced on the mel scale, ``1127 log(1 + hertz / 700)``.

    Returns:
        (bins, bands), float32

    >>> mel_matrix(2, 5, 8000, 100, 4000).argmax(axis=0).tolist()
    [1, 2]
    """

    def mel(hertz: Any) -> Any:
        return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)

    at = mel(np.linspace(0.0, sampling_rate / 2, bins)[1:])[:, None]
    edges = np.linspace(mel(lowest), mel(highest), bands + 2)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (at - low) / (centre - low), (high - at) / (high - centre)
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    # The constant part of a signal belongs to no band.
    return np.concatenate([np.zeros((1, bands)), triangles]).astype(np.float32)
