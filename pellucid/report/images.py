"""Samples as small PNG pictures inside the page."""

from __future__ import annotations

import base64
import io

import numpy as np

LARGEST = 160
"""Points along a side; larger pictures are made smaller."""


def looks_like_image(shape: tuple[int, ...]) -> bool:
    """Whether one sample of this shape is best seen as a picture.

    >>> looks_like_image((28, 28)), looks_like_image((32, 32, 3)), looks_like_image((30,))
    (True, True, False)
    """
    if len(shape) == 3 and shape[-1] not in (1, 3, 4):
        return False
    return len(shape) in (2, 3) and min(shape[:2]) >= 6


def as_square(samples: np.ndarray) -> np.ndarray | None:
    """Rows of numbers that are flattened grey pictures, as pictures; None where they are not.

    Args:
        samples: (k, numbers)

    They are taken for pictures where numbers one row of the square apart are far more alike than
    others.
    """
    side = round(samples.shape[1] ** 0.5)
    if side < 8 or side * side != samples.shape[1] or limits(samples)[0] != 0.0:
        return None
    numbers = np.asarray(samples, np.float64)
    apart = np.abs(numbers[:, side:] - numbers[:, :-side]).mean()
    mixed = np.random.default_rng(0).permutation(numbers.shape[1])
    anyhow = np.abs(numbers - numbers[:, mixed]).mean()
    return numbers.reshape(-1, side, side) if apart < 0.75 * anyhow else None


def png(sample: np.ndarray, low: float, high: float) -> str:
    """One sample as a `data:` address.

    Args:
        sample: (height, width) or (height, width, 1, 3 or 4).
        low, high: numbers that become black and white.
    """
    from PIL import Image

    numbers = np.nan_to_num(np.asarray(sample, np.float64), nan=low, posinf=high, neginf=low)
    if numbers.ndim == 3 and numbers.shape[-1] == 1:
        numbers = numbers[..., 0]
    bytes_ = np.clip((numbers - low) / (high - low or 1.0) * 255, 0, 255).round().astype(np.uint8)
    picture = Image.fromarray(bytes_)
    if max(picture.size) > LARGEST:
        picture.thumbnail((LARGEST, LARGEST))
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def limits(samples: np.ndarray) -> tuple[float, float]:
    """What to draw black and white: 0 and 1 or 255 where the numbers fit, else their range.

    >>> limits(np.array([0.0, 0.9])), limits(np.array([3, 200])), limits(np.array([-1.0, 2.0]))
    ((0.0, 1.0), (0.0, 255.0), (-1.0, 2.0))
    """
    numbers = np.asarray(samples, np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return 0.0, 1.0
    low, high = float(numbers.min()), float(numbers.max())
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    if low >= 0 and 16 < high <= 255:
        return 0.0, 255.0
    return low, high
