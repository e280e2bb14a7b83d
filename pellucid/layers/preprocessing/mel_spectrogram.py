"""`MelSpectrogram`: sound as a picture of its frequencies over time, on the scale of hearing."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import family
from ...kernels.spectrum import mel_matrix, spectrum, window_values
from .. import checks
from .data_layer import DataLayer, numbers
from .values import who


@family("layer").register("MelSpectrogram")
class MelSpectrogram(DataLayer):
    """Sound as mel bands over time, in decibels.

    Args:
        fft_length: of the Fourier transform, samples.
        sequence_stride: samples from one column to the next.
        sequence_length: samples that the window covers; `fft_length` by default.
        window: ``"hann"``, ``"hamming"``, an array of `sequence_length` numbers, or None.
        sampling_rate: of the sound, in hertz.
        num_mel_bins: bands.
        min_freq: where the bands begin, in hertz.
        max_freq: where they end; half the sampling rate by default.
        power_to_db: whether the result is in decibels.
        top_db: decibels below the loudest value of the whole batch where silence begins.
        mag_exp: exponent of the magnitudes: 1 for magnitude, 2 for power.
        min_power: least power that is told from silence.
        ref_power: power of 0 decibels.

    Input ``(time,)`` or ``(batch, time)``, output ``(num_mel_bins, columns)`` or ``(batch,
    num_mel_bins, columns)``.

    Raises:
        ConfigError: a window longer than the transform, or no band between the frequencies.

    >>> import numpy as np
    >>> layer = MelSpectrogram(num_mel_bins=20, sampling_rate=8000, fft_length=256,
    ...     sequence_stride=128)
    >>> layer(np.zeros((2, 1000))).shape
    (2, 20, 8)
    """

    traits = frozenset()
    placeholder = "float32"

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: Any = "hann",
        sampling_rate: int = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.fft_length = fft_length
        self.sequence_stride = sequence_stride
        self.sequence_length = sequence_length or fft_length
        self.window = window
        self.sampling_rate = sampling_rate
        self.num_mel_bins = num_mel_bins
        self.min_freq = min_freq
        self.max_freq = max_freq or int(sampling_rate / 2)
        self.power_to_db = power_to_db
        self.top_db = top_db
        self.mag_exp = mag_exp
        self.min_power = min_power
        self.ref_power = ref_power
        for argument in ("fft_length", "sequence_stride", "sequence_length", "num_mel_bins"):
            checks.positive_integer(self, argument, getattr(self, argument), 256)
        for argument in ("top_db", "min_power", "min_freq"):
            checks.number(self, argument, getattr(self, argument), 0)
        if self.sequence_length > fft_length:
            raise ConfigError(
                f"The window of {who(self)} must not be longer than the transform.",
                got=f"sequence_length={sequence_length}, fft_length={fft_length}",
                fix=f"fft_length={1 << (self.sequence_length - 1).bit_length()}.",
            )
        if not self.min_freq < self.max_freq:
            raise ConfigError(
                f"The bands of {who(self)} lie between min_freq and max_freq.",
                got=f"min_freq={min_freq}, max_freq={self.max_freq}",
                fix="min_freq=20.0, max_freq=None.",
            )
        try:
            window_values(window, self.sequence_length)
        except ValueError as error:
            raise ConfigError(
                f"The window of {who(self)} cannot be used: {error}.",
                got=repr(window) if isinstance(window, str) else type(window).__name__,
                expected=f"'hann', 'hamming' or {self.sequence_length} numbers",
                fix="window='hann'.",
            ) from None

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return not self.power_to_db  # decibels count down from the loudest value of the batch

    def call(self, inputs: Any) -> Any:
        wide = jnp.promote_types(self.compute_dtype, jnp.float32)
        signal = numbers(self, inputs).astype(wide)
        if signal.ndim not in (1, 2) or signal.shape[-1] <= self.fft_length // 2:
            short = signal.ndim in (1, 2)
            raise ShapeError(
                f"{who(self)} takes sound of shape (time,) or (batch, time)"
                + (", longer than half a transform." if short else "."),
                got=f"shape {tuple(signal.shape)}"
                + (f", fft_length={self.fft_length}" if short else ""),
                fix="a shorter fft_length, or longer sound."
                if short
                else "drop the channels: x[..., 0].",
            )
        sizes = spectrum(
            signal, self.sequence_length, self.sequence_stride, self.fft_length, self.window
        )  # (..., columns, bins)
        matrix = mel_matrix(
            self.num_mel_bins,
            self.fft_length // 2 + 1,
            self.sampling_rate,
            self.min_freq,
            self.max_freq,
        )
        bands = jnp.power(sizes, self.mag_exp) @ jnp.asarray(matrix, wide)
        if self.power_to_db:
            bands = 10.0 * jnp.log10(jnp.maximum(bands, self.min_power))
            bands = bands - 10.0 * np.log10(max(abs(self.ref_power), self.min_power))
            bands = jnp.maximum(bands, bands.max() - self.top_db)
        return jnp.swapaxes(bands, -1, -2).astype(self.compute_dtype)
