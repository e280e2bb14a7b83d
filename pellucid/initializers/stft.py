"""The short-time Fourier transform as the kernel of a convolution along time."""

from __future__ import annotations

import numpy as np

from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.specs import family

from .base import Initializer, resolve_dtype

_register = family("initializer").register
_SCALINGS = ("density", "spectrum", None)


@_register("STFT", "stft", "STFTInitializer")
class STFT(Initializer):
    """Cosines (or sines) under a window: a convolution with them is a spectrogram.

    The weights have the shape ``(frame length, 1, frequencies)``; the frequencies are those of a
    Fourier transform of ``2 * (frequencies - 1)`` steps, from 0 up to half the sampling rate.

    Args:
        side: ``"real"`` for cosines, ``"imag"`` for sines.
        window: name of a window of `scipy.signal`, such as ``"hann"`` or ``"hamming"``, or the
            window's values, one per step of the frame; None for no window.
        scaling: ``"density"`` divides by the root of the window's squares, ``"spectrum"`` by its
            sum; None does not.
        periodic: whether a named window is one period of a longer wave, rather than symmetric.

    Raises:
        ConfigError: a side, window or scaling that there is not.
        ShapeError: weights of another shape, or a window of another length than the frame.

    >>> STFT(window=None)((2, 1, 3)).round(2)[:, 0].tolist()
    [[1.0, 1.0, 1.0], [1.0, 0.0, -1.0]]
    """

    def __init__(self, side="real", window="hann", scaling="density", periodic=False):
        if side not in ("real", "imag"):
            raise ConfigError(
                "STFT makes cosines or sines.", got=repr(side), expected="'real' or 'imag'"
            )
        if scaling not in _SCALINGS:
            raise ConfigError(
                "STFT does not know this scaling.",
                got=repr(scaling),
                expected="one of " + ", ".join(map(repr, _SCALINGS)),
            )
        self.side = side
        self.window = window
        self.scaling = scaling
        self.periodic = periodic
        if isinstance(window, str):
            self._window(1)

    def __call__(self, shape, dtype=None, *, rng=None):
        if len(shape) != 3:
            raise ShapeError(
                "STFT initialises the kernel of a convolution along one axis.",
                got=tuple(shape),
                expected="(frame length, 1, frequencies)",
            )
        steps, _, frequencies = shape
        time = np.arange(steps)[:, None, None]  # (steps, 1, 1)
        turns = np.arange(frequencies) / max(2 * (frequencies - 1), 1)  # per step
        angle = -2 * np.pi * time * turns  # (steps, 1, frequencies)
        waves = np.cos(angle) if self.side == "real" else np.sin(angle)
        if self.window is not None:
            window = self._window(steps)
            if window.shape != (steps,):
                raise ShapeError(
                    "The window of STFT has another length than the frame.",
                    got=f"window {window.shape}",
                    expected=f"({steps},), the first axis of the weights {tuple(shape)}",
                )
            waves = waves * (window / self._scale(window))[:, None, None]
        return np.broadcast_to(waves, shape).astype(resolve_dtype(dtype))

    def _window(self, steps: int) -> np.ndarray:
        if not isinstance(self.window, str):
            return np.asarray(self.window, np.float64)
        from scipy.signal import get_window  # JAX brings SciPy; this part of it loads slowly

        try:
            return get_window(self.window, steps, self.periodic)
        except ValueError as error:
            raise ConfigError(
                f"There is no window called {self.window!r}.",
                got=str(error),
                fix='use one of scipy.signal.windows, for example "hann".',
            ) from None

    def _scale(self, window: np.ndarray) -> float:
        if self.scaling == "density":
            return float(np.sqrt(np.sum(np.square(window))))
        return float(np.sum(np.abs(window))) if self.scaling == "spectrum" else 1.0
