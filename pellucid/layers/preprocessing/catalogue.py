"""Every preprocessing layer but the two that most networks begin with: loaded when one is used."""

from .category_encoding import CategoryEncoding
from .discretization import Discretization
from .hashed_crossing import HashedCrossing
from .hashing import Hashing
from .images.affine import (
    RandomRotation,
    RandomShear,
    RandomTranslation,
    RandomZoom,
)
from .images.blur import RandomGaussianBlur
from .images.color import (
    RandomBrightness,
    RandomContrast,
    RandomHue,
    RandomSaturation,
)
from .images.crop import CenterCrop, RandomCrop
from .images.distort import RandomElasticTransform, RandomPerspective
from .images.erasing import RandomErasing
from .images.flip import RandomFlip
from .images.jitter import RandomColorJitter
from .images.levels import (
    AutoContrast,
    ContrastLimitedAdaptiveHistogramEqualization,
    Equalization,
)
from .images.max_boxes import MaxNumBoundingBoxes
from .images.mixing import CutMix, MixUp
from .images.rand_augment import AugMix, RandAugment
from .images.resizing import Resizing
from .images.tones import (
    RandomColorDegeneration,
    RandomGrayscale,
    RandomInvert,
    RandomPosterization,
    RandomSharpness,
    Solarization,
)
from .integer_lookup import IntegerLookup
from .mel_spectrogram import MelSpectrogram
from .pipeline import Pipeline
from .stft_spectrogram import STFTSpectrogram
from .string_lookup import StringLookup
from .text_vectorization import TextVectorization

__all__ = [
    "CategoryEncoding",
    "Discretization",
    "HashedCrossing",
    "Hashing",
    "RandomRotation",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "RandomGaussianBlur",
    "RandomBrightness",
    "RandomContrast",
    "RandomHue",
    "RandomSaturation",
    "CenterCrop",
    "RandomCrop",
    "RandomElasticTransform",
    "RandomPerspective",
    "RandomErasing",
    "RandomFlip",
    "RandomColorJitter",
    "AutoContrast",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "Equalization",
    "MaxNumBoundingBoxes",
    "CutMix",
    "MixUp",
    "AugMix",
    "RandAugment",
    "Resizing",
    "RandomColorDegeneration",
    "RandomGrayscale",
    "RandomInvert",
    "RandomPosterization",
    "RandomSharpness",
    "Solarization",
    "IntegerLookup",
    "MelSpectrogram",
    "Pipeline",
    "STFTSpectrogram",
    "StringLookup",
    "TextVectorization",
]
