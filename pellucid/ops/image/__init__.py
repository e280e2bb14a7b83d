"""Operations on pictures, ``(height, width, channels)`` or with a batch before.

>>> from pellucid import ops
>>> ops.image.resize(ops.ones((4, 4, 3)), (2, 2)).shape
(2, 2, 3)
"""

from .pixels import gaussian_blur, hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv, sobel_edges, ssim
from .sizes import crop_images, extract_patches, extract_patches_3d, pad_images, resize
from .warping import (
    affine_transform,
    elastic_transform,
    map_coordinates,
    perspective_transform,
    scale_and_translate,
)

__all__ = [
    "affine_transform",
    "crop_images",
    "elastic_transform",
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "hsv_to_rgb",
    "map_coordinates",
    "pad_images",
    "perspective_transform",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "sobel_edges",
    "ssim",
]
