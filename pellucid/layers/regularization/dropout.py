"""`Dropout`: parts of the input set to zero at random in training."""

from __future__ import annotations

from typing import Any

from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import family
from ...kernels.dropout import dropout
from .. import checks
from ..base import Layer
from .streams import check_seed, key_of


@family("layer").register("Dropout")
class Dropout(Layer):
    """In training, set a random share of the values to zero and scale up the others.

    Args:
        rate: the share that is dropped, from 0 to 1; the others are divided by ``1 - rate``.
        noise_shape: shape of the random mask, None where it is the input's: ``(None, 1, None)``
            drops whole features of a sequence, the same at every step.
        seed: for a stream of random numbers of this layer's own.

    The mask of an element depends on the key and its position alone, so that rows added to fill a
    batch leave the others' masks as they are.

    Raises:
        ConfigError: a rate outside 0 to 1, or a noise shape that is not one.

    >>> import numpy as np
    >>> layer = Dropout(0.5, seed=0)
    >>> x = np.ones((1, 1000))
    >>> layer(x).sum().item(), sorted(set(layer(x, training=True).ravel().tolist()))
    (1000.0, [0.0, 2.0])

    Srivastava et al., "Dropout", JMLR 2014.
    """

    traits = frozenset({"dropout", "keeps_values", "linear", "per_step", "same_shape"})
    supports_masking = True

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.rate = rate
        self.noise_shape = tuple(noise_shape) if isinstance(noise_shape, list) else noise_shape
        self.seed = seed
        checks.number(self, "rate", rate, 0, 1)
        check_seed(self, seed)
        if noise_shape is not None:
            self._check_noise_shape(noise_shape)

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return self.noise_shape is None or self.noise_shape[0] in (None, 1)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        return dropout(key_of(self), inputs, self.rate, self.mask_shape(inputs.shape))

    def mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Shape of the random mask for an input of the given shape."""
        if self.noise_shape is None:
            return shape
        wanted = tuple(self.noise_shape)
        sizes = zip(wanted, shape, strict=False)
        mask = tuple(size if entry is None else entry for entry, size in sizes)
        fits = len(wanted) == len(shape) and all(
            entry in (1, size) for entry, size in zip(mask, shape, strict=True)
        )
        if not fits:
            raise ShapeError(
                f"The noise_shape of {type(self).__name__} {self.name!r} does not fit its input.",
                got=f"noise_shape={wanted}, input {shape}",
                expected="one entry per axis, batch included: 1, None, or the input's size",
                fix="write None where the mask varies and 1 where it is shared.",
            )
        return mask

    def _check_noise_shape(self, noise_shape: Any) -> None:
        whole = isinstance(noise_shape, (tuple, list)) and all(
            size is None or (isinstance(size, int) and not isinstance(size, bool) and size > 0)
            for size in noise_shape
        )
        if not whole or not noise_shape:
            raise ConfigError(
                f"The argument 'noise_shape' of {type(self).__name__} {self.name!r} must be a "
                "tuple of sizes.",
                got=repr(noise_shape),
                expected="positive whole numbers, or None where the size is the input's",
                fix="noise_shape=(None, 1, None), say.",
            )
