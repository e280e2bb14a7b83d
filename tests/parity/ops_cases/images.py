"""Arguments for the operations on pictures."""

from __future__ import annotations

import numpy as np

from .arguments import FIRST, INTS, VOLUME, X, call, draw

IMAGES = draw(2, 6, 8, 3, low=0.0, high=1.0)
POINTS = np.array([[0, 0], [7, 0], [0, 5], [7, 5]], "f")
MOVED = POINTS + draw(4, 2, low=-1, high=1)
CASES: dict[str, list] = {
    "resize": [
        call(IMAGES, (3, 4)),
        call(IMAGES[0], (9, 5), interpolation="nearest"),
        call(IMAGES, (3, 4), "bicubic", antialias=True),
        call(IMAGES, (4, 4), crop_to_aspect_ratio=True),
        call(IMAGES, (4, 4), pad_to_aspect_ratio=True, fill_value=0.5),
        call((255 * IMAGES).astype("uint8"), (3, 4)),
        call(IMAGES.transpose(0, 3, 1, 2), (3, 4), **FIRST),
    ],
    "crop_images": [
        call(IMAGES, 1, 2, 1, 0),
        call(IMAGES[0], top_cropping=1, left_cropping=2, target_height=3, target_width=4),
        call(IMAGES.transpose(0, 3, 1, 2), None, 1, 1, None, 3, 4, **FIRST),
    ],
    "pad_images": [
        call(IMAGES, 1, 2, 1, 0),
        call(IMAGES[0], top_padding=1, left_padding=2, target_height=9, target_width=12),
        call(IMAGES.transpose(0, 3, 1, 2), 1, 1, 2, 0, **FIRST),
    ],
    "extract_patches": [
        call(IMAGES, 2),
        call(IMAGES, (3, 2), strides=1, padding="same"),
        call(IMAGES[0], 2, dilation_rate=2, strides=1),
        call(IMAGES.transpose(0, 3, 1, 2), 2, **FIRST),
        call(VOLUME, (2, 2, 2)),
    ],
    "extract_patches_3d": [call(VOLUME, 2), call(VOLUME, (1, 2, 2), strides=1)],
    "rgb_to_grayscale": [
        call(IMAGES),
        call(IMAGES[0]),
        call((255 * IMAGES).astype("uint8")),
        call(IMAGES.transpose(0, 3, 1, 2), **FIRST),
    ],
    "rgb_to_hsv": [call(IMAGES), call(IMAGES.transpose(0, 3, 1, 2), **FIRST)],
    "hsv_to_rgb": [call(IMAGES), call(IMAGES[0])],
    "gaussian_blur": [
        # Keras takes None for channels first here, against its documentation.
        call(IMAGES, data_format="channels_last"),
        call(IMAGES[0], (5, 3), (2.0, 1.0), data_format="channels_last"),
        call(IMAGES.transpose(0, 3, 1, 2), **FIRST),
    ],
    "sobel_edges": [call(IMAGES), call(IMAGES.transpose(0, 3, 1, 2), **FIRST)],
    "ssim": [
        call(draw(2, 14, 13, 3, low=0, high=1), draw(2, 14, 13, 3, low=0, high=1, seed=1)),
        call(IMAGES[0], 0.5 * IMAGES[0], filter_size=3, max_val=2.0),
        call(IMAGES, IMAGES, filter_size=4),
    ],
    "affine_transform": [
        call(IMAGES[0], np.array([1.0, 0.1, 0.5, -0.1, 0.9, 1.0, 0, 0], "f"), "nearest", "reflect"),
        call(IMAGES, np.array([[1.0, 0, 2.0, 0, 1.0, -1.0, 0, 0]] * 2, "f"), fill_value=0.3),
        call(
            IMAGES.transpose(0, 3, 1, 2),
            np.array([[1.0, 0, 2.0, 0, 1.0, 1.0, 0, 0]] * 2, "f"),
            fill_mode="wrap",
            **FIRST,
        ),
    ],
    "perspective_transform": [
        call(IMAGES[0], POINTS, MOVED),
        call(IMAGES, np.stack([POINTS] * 2), np.stack([MOVED, POINTS]), "nearest", 0.2),
    ],
    "map_coordinates": [
        call(X, np.array([[0.5, 1.2], [2.9, 5.0]], "f"), 1),
        call(X, np.array([[0.4, 1.2], [2.9, 5.0]], "f"), order=0, fill_mode="nearest"),
        call(INTS, np.array([[0.4, 1.2], [2.9, 1.0]], "f"), order=1),
    ],
    "scale_and_translate": [
        call(
            IMAGES,
            (2, 12, 10, 3),
            np.array([2.0, 1.2], "f"),
            np.array([0.5, -1.0], "f"),
            (1, 2),
            "linear",
        ),
    ],
}
