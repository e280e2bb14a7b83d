"""`STFTSpectrogram`: a signal as a picture of its frequencies over time, with weights."""

from __future__ import annotations

import warnings
from typing import Any

import jax.numpy as jnp

from ..._core import settings
from ..._core.errors import ArgumentTypeError, ConfigError, PellucidWarning, ShapeError
from ..._core.specs import family
from ...initializers import STFT
from ...kernels.spectrum import frames, same_padding, window_values
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec
from .values import who

_MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")


@family("layer").register("STFTSpectrogram")
class STFTSpectrogram(Layer):
    """The short-time Fourier transform of signals, computed with weights that can be trained on.

    Args:
        mode: ``"log"`` or plain ``"magnitude"``; ``"psd"``, power; ``"real"``, ``"imag"``,
            ``"angle"``; ``"stft"``, real and imaginary parts one after the other.
        frame_length: samples in a frame.
        frame_step: samples from one frame to the next; half a frame by default.
        fft_length: of the transform, at least `frame_length`; by default the next power of two.
        window: a name that SciPy knows, ``"hann"`` or ``"hamming"`` say, an array, or None.
        periodic: whether the window continues itself; symmetric otherwise.
        scaling: ``"density"`` or ``"spectrum"``, by which norm the window is divided, or None.
        padding: ``"valid"``, whole frames only, or ``"same"``, one for every step.
        expand_dims: keep channels in an axis of their own, as pictures have them.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, time, channels)``, output ``(batch, frames, channels * bins)`` or with
    `expand_dims` ``(batch, frames, bins, channels)``, where bins is ``fft_length // 2 + 1``; with
    channels first ``(batch, channels, time)`` to ``(batch, channels * bins, frames)`` or ``(batch,
    channels, frames, bins)``. ``trainable=False`` keeps the transform as it is.

    Raises:
        ConfigError: a step longer than the frame, a transform shorter than it, an unknown window.
        ShapeError: a signal shorter than a frame.

    >>> import numpy as np
    >>> STFTSpectrogram(frame_length=64)(np.zeros((2, 160, 1))).shape
    (2, 4, 33)
    """

    traits = frozenset()
    batch_safe = True

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Any = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.mode = mode
        self.frame_length = frame_length
        self.frame_step = frame_step
        self.fft_length = fft_length
        self.window = window
        self.periodic = periodic
        self.scaling = scaling
        self.padding = padding
        self.expand_dims = expand_dims
        self.data_format = data_format
        checks.one_of(self, "mode", mode, _MODES)
        checks.one_of(self, "scaling", scaling, ("density", "spectrum", None))
        checks.one_of(self, "padding", padding, ("valid", "same"))
        checks.data_format(self)
        checks.positive_integer(self, "frame_length", frame_length, 256)
        self._check_sizes()
        try:
            window_values(window, frame_length, periodic)
        except ValueError as error:
            raise ConfigError(
                f"The window of {who(self)} cannot be used: {error}.",
                got=repr(window) if isinstance(window, str) else f"{type(window).__name__}",
                expected=f"a name such as 'hann', or {frame_length} numbers",
                fix="window='hann'.",
            ) from None
        self.input_spec = InputSpec(ndim=3)

    def build(self, input_shape: Any) -> None:
        length, bins = self.frame_length, self._fft // 2 + 1
        shape = (length, 1, bins)
        if self.mode != "imag":
            self.real_kernel = self.add_weight(
                name="real_kernel", shape=shape, initializer=self._kernel("real")
            )
        if self.mode != "real":
            self.imag_kernel = self.add_weight(
                name="imag_kernel", shape=shape, initializer=self._kernel("imag")
            )

    def _kernel(self, side: str) -> STFT:
        return STFT(side, self.window, self.scaling, self.periodic)

    def call(self, inputs: Any) -> Any:
        if not jnp.issubdtype(inputs.dtype, jnp.floating):
            raise ArgumentTypeError(
                f"{who(self)} takes signals in floats.",
                got=f"{inputs.dtype} values",
                fix="x.astype('float32') / 32768 for 16-bit sound.",
            )
        signal = inputs if self._first else jnp.swapaxes(inputs, 1, 2)  # (batch, channels, time)
        if self.padding == "same":
            ends = same_padding(signal.shape[-1], self.frame_length, self._step)
            signal = jnp.pad(signal, [(0, 0), (0, 0), ends])
        if signal.shape[-1] < self.frame_length:
            raise ShapeError(
                f"{who(self)} was given a signal shorter than one frame.",
                got=f"{signal.shape[-1]} samples, frame_length={self.frame_length}",
                fix="shorter frames, or padding='same'.",
            )
        pieces = frames(signal, self.frame_length, self._step)  # (batch, channels, frames, length)
        if self.mode in ("real", "imag"):
            return self._arranged(pieces @ getattr(self, f"{self.mode}_kernel")[:, 0])
        real, imag = pieces @ self.real_kernel[:, 0], pieces @ self.imag_kernel[:, 0]
        if self.mode == "angle":
            return self._arranged(jnp.arctan2(imag, real))
        if self.mode == "stft":
            return self._arranged(jnp.concatenate([real, imag], axis=-1))
        power = jnp.square(real) + jnp.square(imag)
        if self.mode == "psd":
            # Every bin but the first and last stands for its mirror image too.
            inner = jnp.pad(power[..., 1:-1], [(0, 0)] * 3 + [(1, 1)])
            return self._arranged(power + inner)
        size = self._arranged(jnp.sqrt(jnp.maximum(power, settings.epsilon())))
        return jnp.log(jnp.maximum(size, settings.epsilon())) if self.mode == "log" else size

    def _arranged(self, bins: Any) -> Any:
        """(batch, channels, frames, bins) in the order that the arguments ask for."""
        if self.expand_dims:
            return bins if self._first else jnp.transpose(bins, (0, 2, 3, 1))
        batch, channels, count, width = bins.shape
        if self._first:
            return jnp.swapaxes(bins, 2, 3).reshape(batch, channels * width, count)
        return jnp.swapaxes(bins, 1, 2).reshape(batch, count, channels * width)

    @property
    def _first(self) -> bool:
        return self.data_format == "channels_first"

    @property
    def _step(self) -> int:
        return self.frame_step or self.frame_length // 2

    @property
    def _fft(self) -> int:
        return self.fft_length or 1 << (self.frame_length - 1).bit_length()

    def _check_sizes(self) -> None:
        if self.frame_step is not None:
            checks.positive_integer(self, "frame_step", self.frame_step, self.frame_length // 2)
        if not 0 < self._step <= self.frame_length:
            raise ConfigError(
                f"The frame_step of {who(self)} must be between 1 and the frame's length.",
                got=f"frame_step={self._step}, frame_length={self.frame_length}",
                fix=f"frame_step={max(1, self.frame_length // 2)}.",
            )
        if self.fft_length is not None:
            checks.positive_integer(self, "fft_length", self.fft_length, self.frame_length)
            if self.fft_length < self.frame_length:
                raise ConfigError(
                    f"The fft_length of {who(self)} must not be shorter than a frame.",
                    got=f"fft_length={self.fft_length}, frame_length={self.frame_length}",
                    fix="leave fft_length out.",
                )
            if self.fft_length & (self.fft_length - 1):
                warnings.warn(
                    f"The fft_length of {who(self)} is {self.fft_length}: a power of two computes "
                    "faster.",
                    PellucidWarning,
                    stacklevel=3,
                )
