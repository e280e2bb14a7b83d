"""Preprocessing and augmentation of images."""

from contract.cases.specs import Case, Integers, Uniform, of

FIRST = "channels_first"
FULL = Uniform((6, 7, 3), 40, 255)
UNIT = Uniform((6, 7, 3))
PLANES = Uniform((3, 6, 7), 40, 255)
WHOLE = Integers((6, 7, 3), 256)
DARK = Uniform((6, 7, 3), 0.2, 0.8)  # one level of 256: histograms leave it as it is
# Other keys pass; class numbers cannot be mixed, several classes at once can.
MIXED = {"keys": ("images", "labels", "numbers"), "random": True, "keras": False}
LABELS = [Integers((4,), 2), Integers((2,), 9)]
# Other numbers than Keras's in training, where it pools a whole batch: compared one by one in
# tests/parity/test_images_parity.py, as is everything that is drawn at random.
POOLED = {"random": True}
# Keras returns whole images at inference; the same where the window is the image.
UNCROPPED = {"keras": False, "random": True}


def drawn(layer: str, shape: Uniform = FULL, /, **arguments: object) -> Case:
    return of(layer, shape, random=True, **arguments)


CASES: list = [
    of("Resizing", FULL, height=4, width=5),
    of("Resizing", (6, 5, 2), height=9, width=4, interpolation="bicubic", antialias=True),
    of("Resizing", PLANES, height=4, width=4, crop_to_aspect_ratio=True, data_format=FIRST),
    of("Resizing", WHOLE, height=8, width=8, pad_to_aspect_ratio=True, fill_value=9),
    of("Resizing", WHOLE, height=3, width=5, interpolation="nearest"),
    of("CenterCrop", FULL, height=4, width=4),
    of("CenterCrop", PLANES, height=3, width=2, data_format=FIRST),
    of("CenterCrop", WHOLE, height=9, width=8),
    drawn("RandomCrop", height=6, width=7, seed=1),
    of("RandomCrop", FULL, height=3, width=4, **UNCROPPED),
    of("RandomCrop", PLANES, height=9, width=8, data_format=FIRST, **UNCROPPED),
    drawn("RandomFlip"),
    drawn("RandomFlip", mode="horizontal", seed=1),
    drawn("RandomFlip", PLANES, mode="vertical", data_format=FIRST),
    drawn("RandomRotation", factor=[-0.1, 0.2]),
    drawn("RandomRotation", PLANES, factor=[0.1, 0.5], fill_mode="wrap", data_format=FIRST),
    drawn("RandomRotation", factor=0.3, interpolation="nearest", fill_mode="constant"),
    drawn("RandomZoom", height_factor=0.3),
    drawn("RandomZoom", height_factor=[-0.4, -0.2], width_factor=[0.1, 0.2], fill_mode="nearest"),
    drawn("RandomZoom", PLANES, height_factor=0.2, fill_mode="constant", data_format=FIRST),
    drawn("RandomTranslation", height_factor=0.3, width_factor=[-0.2, 0.4]),
    drawn("RandomTranslation", height_factor=0.2, width_factor=0.2, fill_mode="constant"),
    drawn("RandomTranslation", PLANES, height_factor=0.2, width_factor=0, data_format=FIRST),
    drawn("RandomShear", x_factor=[0.1, 0.3]),
    drawn("RandomShear", x_factor=0.2, y_factor=0.1, fill_mode="constant", fill_value=9.0),
    drawn("RandomShear", PLANES, y_factor=0.3, interpolation="nearest", data_format=FIRST),
    drawn("RandomPerspective", factor=[1.0, 1.0], scale=0.5),
    drawn("RandomPerspective", interpolation="nearest", fill_value=3.0),
    drawn("RandomPerspective", PLANES, factor=0.7, data_format=FIRST),
    drawn("RandomElasticTransform"),
    drawn("RandomElasticTransform", factor=[1.0, 1.0], scale=[0.5, 0.9], fill_mode="constant"),
    drawn("RandomElasticTransform", PLANES, interpolation="nearest", data_format=FIRST),
    drawn("RandomBrightness", factor=[-0.2, 0.3]),
    drawn("RandomBrightness", UNIT, factor=0.5, value_range=[0, 1], seed=3),
    drawn("RandomBrightness", PLANES, factor=[0.1, 0.2]),
    drawn("RandomContrast", UNIT, factor=[0.3, 0.5], value_range=[0, 1]),
    drawn("RandomContrast", UNIT, factor=0.5, value_range=[0, 1]),
    drawn("RandomContrast", PLANES, factor=[0.1, 0.2], seed=5),
    drawn("RandomHue", factor=[0.1, 0.5]),
    drawn("RandomHue", UNIT, factor=0.5, value_range=[0, 1]),
    drawn("RandomHue", PLANES, factor=0.3, data_format=FIRST),
    drawn("RandomSaturation", UNIT, factor=[0.2, 0.7], value_range=[0, 1]),
    drawn("RandomSaturation", UNIT, factor=[0.4, 0.6], value_range=[0, 1]),
    drawn("RandomSaturation", PLANES, factor=[0.3, 0.5], data_format=FIRST),
    drawn(
        "RandomColorJitter", UNIT, value_range=[0, 1], brightness_factor=0.2, contrast_factor=0.3
    ),
    drawn("RandomColorJitter", UNIT, value_range=[0, 1], saturation_factor=0.5, hue_factor=0.2),
    # Keras does not tell the four layers about the layout.
    drawn("RandomColorJitter", PLANES, hue_factor=0.3, data_format=FIRST, keras=False),
    drawn("RandomColorDegeneration", factor=[0.2, 0.7]),
    drawn("RandomColorDegeneration", UNIT, factor=[0.0, 1.0], value_range=[0, 1]),
    drawn("RandomColorDegeneration", PLANES, factor=[0.3, 0.5], data_format=FIRST),
    drawn("RandomGrayscale"),
    drawn("RandomGrayscale", UNIT, factor=0.9),
    drawn("RandomGrayscale", PLANES, factor=0.2, data_format=FIRST),
    drawn("RandomInvert"),
    drawn("RandomInvert", UNIT, factor=[0.2, 0.9], value_range=[0, 1]),
    drawn("RandomInvert", PLANES, data_format=FIRST),
    drawn("RandomSharpness", factor=[0.2, 0.9]),
    drawn("RandomSharpness", UNIT, factor=0.6, value_range=[0, 1]),
    drawn("RandomSharpness", PLANES, factor=[0.2, 0.4], data_format=FIRST),
    drawn("RandomPosterization", factor=[1, 2]),
    of("RandomPosterization", WHOLE, factor=[3, 6], random=True, keras=False),  # it stays whole
    drawn("RandomPosterization", PLANES, factor=[1, 2], data_format=FIRST),
    drawn("RandomGaussianBlur"),
    drawn("RandomGaussianBlur", UNIT, factor=[0.5, 0.9], kernel_size=[3, 5], value_range=[0, 1]),
    drawn("RandomGaussianBlur", PLANES, sigma=[0.4, 0.9], data_format=FIRST),
    drawn("RandomErasing"),
    drawn("RandomErasing", UNIT, factor=[1.0, 1.0], fill_value=0.1, value_range=[0, 1]),
    drawn("RandomErasing", fill_value=[1.0, 2.0, 3.0], keras=False),  # Keras fails on a list
    drawn("RandomErasing", PLANES, scale=[0.2, 0.5], fill_value=9.0, data_format=FIRST),
    of("Solarization", FULL),
    drawn("Solarization", WHOLE, addition_factor=0.3, threshold_factor=[0.3, 0.9]),
    of("Solarization", UNIT, value_range=[0, 1]),
    of("AutoContrast", UNIT, value_range=[0, 1]),
    of("AutoContrast", WHOLE),
    of("AutoContrast", Uniform((4, 5, 1), -1, 1), value_range=[-1, 1]),
    of("Equalization", DARK, **POOLED),
    of("Equalization", WHOLE, keras=False),
    of("Equalization", Integers((3, 6, 7), 256), bins=16, data_format=FIRST, keras=False),
    of("ContrastLimitedAdaptiveHistogramEqualization", WHOLE, tile_grid_size=[2, 2]),
    of("ContrastLimitedAdaptiveHistogramEqualization", WHOLE, clip_limit=0, tile_grid_size=[3, 2]),
    of(
        "ContrastLimitedAdaptiveHistogramEqualization",
        Integers((3, 5, 6), 256),
        clip_limit=1.5,
        tile_grid_size=[1, 3],
        data_format=FIRST,
    ),
    of("MixUp", FULL, *LABELS, **MIXED),
    of("MixUp", UNIT, *LABELS, alpha=1.0, **MIXED),
    of("MixUp", PLANES, *LABELS, alpha=2.5, data_format=FIRST, **MIXED),
    of("CutMix", FULL, *LABELS, **MIXED),
    of("CutMix", UNIT, *LABELS, factor=[0.5, 0.9], **MIXED),
    of("CutMix", PLANES, *LABELS, data_format=FIRST, **MIXED),
    drawn("RandAugment", WHOLE),
    drawn(
        "RandAugment",
        Integers((5, 4, 1), 256),
        num_ops=1,
        factor=[0.1, 0.9],
        interpolation="nearest",
    ),
    drawn("AugMix", WHOLE, num_chains=2, chain_depth=1, factor=[0.1, 0.4], all_ops=False),
    of("MaxNumBoundingBoxes", FULL, max_number=3),
    of("MaxNumBoundingBoxes", UNIT, max_number=1),
    of("MaxNumBoundingBoxes", (2, 3, 1), max_number=9),
]
