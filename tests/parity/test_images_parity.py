"""Image layers under the transformations that Keras drew: images, masks, boxes and labels.

The layers draw their own random numbers; what they do with them is compared by handing ours the
dictionary that Keras's `get_random_transformation` returned.
"""

from __future__ import annotations

import inspect

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from pellucid import layers

FORMATS = ("channels_last", "channels_first")
both_formats = pytest.mark.parametrize("data_format", FORMATS)
# Keras asks for 64-bit numbers, which JAX only has on demand.
pytestmark = [
    pytest.mark.exhaustive,  # two minutes; the contract suite tries these layers too
    pytest.mark.filterwarnings("ignore:.*Explicitly requested dtype int64"),
]
rng = np.random.default_rng(0)
IMAGES = rng.uniform(0, 255, (5, 9, 9, 3)).astype("float32")
WIDE = rng.uniform(0, 255, (4, 8, 12, 3)).astype("float32")
WHOLE = np.floor(IMAGES)
MASKS = rng.integers(0, 4, (5, 9, 9, 1)).astype("int32")
BOXES = np.array([[[1, 2, 5, 6], [3, 1, 8, 8], [4, 4, 9, 9]]] * 5, "float32")
CLASSES = np.array([[1, 2, 3]] * 5, "int32")

MOVING = {
    "RandomFlip": [{}, {"mode": "horizontal"}, {"mode": "vertical"}],
    "RandomRotation": [
        {"factor": 0.2},
        {"factor": (0.3, 0.5), "fill_mode": "wrap", "interpolation": "nearest"},
    ],
    "RandomZoom": [
        {"height_factor": 0.4, "width_factor": (-0.3, 0.2), "fill_mode": "constant"},
        {"height_factor": 0.5, "interpolation": "nearest"},
    ],
    "RandomTranslation": [
        {"height_factor": 0.3, "width_factor": 0.4, "fill_mode": "nearest"},
        {"height_factor": 0.3, "width_factor": (0.1, 0.2), "interpolation": "nearest"},
    ],
    "RandomShear": [
        {"x_factor": 0.4, "fill_mode": "constant", "fill_value": 9.0},
        {"y_factor": (0.2, 0.6), "interpolation": "nearest"},
    ],
    "RandomPerspective": [{}, {"scale": 0.5, "interpolation": "nearest", "fill_value": 3.0}],
}
TONED = {
    "RandomBrightness": [{"factor": 0.3}, {"factor": (0.1, 0.2), "value_range": (0, 300)}],
    "RandomContrast": [{"factor": (0.3, 0.5)}],
    "RandomHue": [{"factor": 0.6}],
    "RandomSaturation": [{"factor": (0.1, 0.5)}],
    "RandomColorDegeneration": [{"factor": (0.2, 0.9)}],
    "RandomInvert": [{}],
    "RandomSharpness": [{"factor": (0.1, 0.9)}],
    "RandomPosterization": [{"factor": (1, 8)}],
    "RandomGaussianBlur": [{"factor": (0.6, 0.9)}, {"kernel_size": (3, 5), "sigma": (0.4, 1.0)}],
    "RandomErasing": [{}, {"fill_value": 7.0, "factor": (0.5, 0.9)}],
    "Solarization": [{"addition_factor": 0.4, "threshold_factor": (0.3, 0.8)}],
}


def table(cases):
    rows = [(name, arguments) for name, several in cases.items() for arguments in several]
    return pytest.mark.parametrize(("name", "arguments"), rows, ids=str)


def pair(name, data_format, **arguments):
    given = {"data_format": data_format, **arguments}
    theirs = getattr(keras.layers, name)(seed=3, **given)
    return getattr(layers, name)(seed=3, **given), theirs


def laid_out(images, data_format):
    return images if data_format == "channels_last" else np.moveaxis(images, -1, -3)


def close(ours, theirs, scale=255.0, rtol=1e-5):
    a, b = np.asarray(ours, "float32"), np.asarray(theirs, "float32")
    assert a.shape == b.shape
    np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * scale)


@pytest.mark.slow
@both_formats
@table(MOVING | TONED)
def test_images(name, arguments, data_format):
    ours, theirs = pair(name, data_format, **arguments)
    for images in (IMAGES, WIDE):
        x = laid_out(images, data_format)
        drawn = theirs.get_random_transformation(x, training=True)
        expected = theirs.transform_images(jnp.asarray(x), drawn)
        got = ours.transform_images(x, drawn)
        assert got.dtype == expected.dtype
        close(got, expected)


@pytest.mark.slow
@both_formats
@table(MOVING)
def test_masks_and_boxes(name, arguments, data_format):
    ours, theirs = pair(name, data_format, bounding_box_format="xyxy", **arguments)
    x, masks = laid_out(IMAGES, data_format), laid_out(MASKS, data_format)
    drawn = theirs.get_random_transformation(x, training=True)
    got = ours.transform_segmentation_masks(masks, drawn)
    assert got.dtype == masks.dtype
    close(got, theirs.transform_segmentation_masks(jnp.asarray(masks), drawn))
    boxes = {"boxes": jnp.asarray(BOXES), "labels": jnp.asarray(CLASSES)}
    got = ours.transform_bounding_boxes(dict(boxes), drawn)
    expected = theirs.transform_bounding_boxes(dict(boxes), drawn)
    close(got["boxes"], expected["boxes"], scale=9.0)
    np.testing.assert_array_equal(got["labels"], expected["labels"])


@pytest.mark.parametrize(
    "form", ["yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx", "rel_xywh"]
)
def test_formats_of_boxes(form):
    """Written in any format, the boxes mean the same to both."""
    convert = keras.utils.bounding_boxes.convert_format
    given = convert(BOXES, source="xyxy", target=form, height=9, width=9)
    for name in ("RandomFlip", "RandomZoom", "RandomTranslation", "CenterCrop", "Resizing"):
        arguments = {"height_factor": 0.3} if name == "RandomZoom" else {}
        if name == "RandomTranslation":
            arguments = {"height_factor": 0.3, "width_factor": 0.2}
        if name in ("CenterCrop", "Resizing"):
            arguments = {"height": 5, "width": 7}
        ours = getattr(layers, name)(bounding_box_format=form, **arguments)
        theirs = getattr(keras.layers, name)(bounding_box_format=form, **arguments)
        drawn = theirs.get_random_transformation(IMAGES, training=True)
        ours_drawn = drawn if isinstance(drawn, dict) else {"input_shape": IMAGES.shape}
        parts = {"boxes": jnp.asarray(given), "labels": jnp.asarray(CLASSES)}
        got = ours.transform_bounding_boxes(dict(parts), ours_drawn)
        expected = theirs.transform_bounding_boxes(dict(parts), drawn)
        close(got["boxes"], expected["boxes"], scale=9.0)
        np.testing.assert_array_equal(got["labels"], expected["labels"])


@pytest.mark.parametrize("size", [(4, 6), (6, 3), (12, 7), (20, 20), (8, 12)])
@pytest.mark.parametrize("way", [{}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True}])
def test_resizing(size, way):
    ours, theirs = (
        module.Resizing(*size, bounding_box_format="xyxy", **way)
        for module in (layers, keras.layers)
    )
    close(ours(WIDE), theirs(WIDE))
    whole = WIDE.astype("uint8")
    assert ours(whole).dtype == theirs(whole).dtype == "uint8"
    close(ours(whole), theirs(whole), rtol=0)
    masks = rng.integers(0, 5, (4, 8, 12, 1)).astype("int32")
    close(ours.transform_segmentation_masks(masks), theirs.transform_segmentation_masks(masks))
    boxes = {"boxes": jnp.asarray(BOXES[:4]), "labels": jnp.asarray(CLASSES[:4])}
    got = ours.transform_bounding_boxes(dict(boxes), {"input_shape": WIDE.shape})
    expected = theirs.transform_bounding_boxes(dict(boxes), (8, 12))
    close(got["boxes"], expected["boxes"], scale=9.0)
    np.testing.assert_array_equal(got["labels"], expected["labels"])


@pytest.mark.parametrize("size", [(4, 6), (8, 3), (12, 7), (9, 20)])
@both_formats
def test_center_crop(size, data_format):
    ours, theirs = (
        module.CenterCrop(*size, data_format=data_format, bounding_box_format="xyxy")
        for module in (layers, keras.layers)
    )
    x = laid_out(WIDE, data_format)
    close(ours(x), theirs(x))
    boxes = {"boxes": jnp.asarray(BOXES[:4]), "labels": jnp.asarray(CLASSES[:4])}
    got = ours.transform_bounding_boxes(dict(boxes), {"input_shape": x.shape})
    expected = theirs.transform_bounding_boxes(dict(boxes), {"input_shape": x.shape})
    close(got["boxes"], expected["boxes"], scale=9.0)
    np.testing.assert_array_equal(got["labels"], expected["labels"])


def test_random_crop():
    """The window that Keras drew for the whole batch; where both axes are larger than it."""
    ours, theirs = layers.RandomCrop(4, 5, seed=1), keras.layers.RandomCrop(4, 5, seed=1)
    top, left = theirs.get_random_transformation(IMAGES, training=True)
    drawn = {"h_start": top, "w_start": left, "input_shape": IMAGES.shape}
    close(ours.transform_images(IMAGES, drawn), theirs.transform_images(IMAGES, (top, left)))
    smaller = layers.RandomCrop(12, 12), keras.layers.RandomCrop(12, 12)
    close(*(layer(IMAGES, training=True) for layer in smaller))


def test_saturation_of_unit_values():
    """Above 0.5 too: there Keras cuts off at the end of `value_range`, which is 1 here."""
    ours, theirs = pair("RandomSaturation", None, factor=(0.3, 0.9), value_range=(0, 1))
    x = IMAGES / 255
    drawn = theirs.get_random_transformation(x)
    close(ours.transform_images(x, drawn), theirs.transform_images(x, drawn), scale=1.0)


def test_erasing_under_our_own_draw():
    """One value per channel, at which Keras's own drawing fails."""
    ours, theirs = pair("RandomErasing", "channels_last", factor=(1, 1), fill_value=(1, 2, 3))
    drawn = ours.get_random_transformation(IMAGES)
    close(ours.transform_images(IMAGES, drawn), theirs.transform_images(IMAGES, drawn))


def test_grayscale():
    ours, theirs = pair("RandomGrayscale", None, factor=0.5)
    applied = theirs.get_random_transformation(IMAGES)
    expected = theirs.transform_images(jnp.asarray(IMAGES), applied)
    close(ours.transform_images(IMAGES, {"should_apply": applied}), expected)


def test_color_jitter():
    """Keras draws while it transforms: its four layers, one after the other, are the oracle."""
    names = {"brightness": 0.2, "contrast": (0.2, 0.4), "saturation": (0.3, 0.5), "hue": 0.3}
    ours = layers.RandomColorJitter(**{f"{name}_factor": v for name, v in names.items()})
    x, drawn = jnp.asarray(IMAGES), {}
    for name, factor in names.items():
        layer = getattr(keras.layers, f"Random{name.capitalize()}")(factor, seed=1)
        drawn[f"random_{name}"] = layer.get_random_transformation(x)
        x = layer.transform_images(x, drawn[f"random_{name}"])
    close(ours.transform_images(IMAGES, drawn), x)


@pytest.mark.slow
@both_formats
def test_equalization_image_by_image(data_format):
    whole = rng.integers(0, 256, (3, 9, 7, 3)).astype("float32")
    whole[0] //= 64
    for bins in (256, 20):
        ours, theirs = (
            module.Equalization(bins=bins, data_format=data_format)
            for module in (layers, keras.layers)
        )
        x = laid_out(whole, data_format)
        expected = np.stack([np.asarray(theirs(image, training=True)) for image in x])
        difference = np.abs(np.asarray(ours(x, training=True)) - expected)
        # Halves are rounded either way, as a division comes out a bit above or below them.
        assert difference.max() <= 1
        assert np.mean(difference > 0) < 0.05


@pytest.mark.parametrize(
    ("limit", "tiles", "shape"), [(4.0, (8, 8), (16, 24, 3)), (1.5, (3, 2), (10, 9, 1))]
)
def test_clahe(limit, tiles, shape):
    x = rng.uniform(0, 1, (2, *shape)).astype("float32")
    ours, theirs = (
        module.ContrastLimitedAdaptiveHistogramEqualization((0, 1), limit, tiles)
        for module in (layers, keras.layers)
    )
    close(ours(x), theirs(x), scale=1.0)
    close(ours(x[0]), theirs(x[0]), scale=1.0)


@both_formats
@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
def test_mixing(name, data_format):
    ours, theirs = pair(name, data_format)
    x, labels = laid_out(IMAGES, data_format), np.eye(5, dtype="float32")
    drawn = theirs.get_random_transformation(x)
    close(ours.transform_images(x, drawn), theirs.transform_images(jnp.asarray(x), drawn))
    got, expected = (layer.transform_labels(jnp.asarray(labels), drawn) for layer in (ours, theirs))
    close(got, expected, scale=1.0)


def test_cut_mix_masks():
    ours, theirs = pair("CutMix", None)
    drawn = theirs.get_random_transformation(IMAGES)
    drawn["batch_masks"] = drawn["batch_masks"][..., :1]
    expected = theirs.transform_segmentation_masks(jnp.asarray(MASKS), drawn)
    close(ours.transform_segmentation_masks(MASKS, drawn), expected)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(11))
def test_rand_augment(number):
    """Each operation twice; with channels last, as Keras's AutoContrast ignores the layout."""
    ours, theirs = pair("RandAugment", None)
    name = list(ours._operations)[number]
    # Equalization counts a batch together there: image by image it is compared above.
    x = WHOLE[:1] if name == "equalization" else WHOLE
    drawn = theirs.get_random_transformation(x, training=True)
    drawn["layer_idxes"] = jnp.array([number, number])
    assert list(drawn["transforms"])[number] == name
    got, expected = ours.transform_images(x, drawn), theirs.transform_images(jnp.asarray(x), drawn)
    close(got, expected, rtol=1.01 / 255 if name == "equalization" else 1e-5)  # halves, as above


@pytest.mark.slow
def test_aug_mix():
    """Chains of our choosing, the operations' numbers drawn by Keras."""
    ours, theirs = pair("AugMix", None, num_chains=2, chain_depth=2)
    names = list(ours._operations)
    chosen = np.array([[0, 7], [len(names), 3]])  # the number after the last: no operation
    steps = [
        [
            {
                name: getattr(theirs, name).get_random_transformation(IMAGES, seed=theirs.generator)
                or {}
                for name in names
            }
            for _ in row
        ]
        for row in chosen
    ]
    arrays = [
        [
            {n: {k: v for k, v in t.items() if hasattr(v, "dtype")} for n, t in step.items()}
            for step in row
        ]
        for row in steps
    ]
    shared = {"chain_mixing_weights": jnp.array([0.3, 0.7]), "weight_sample": jnp.array(0.4)}
    stacked = jax.tree.map(
        lambda *leaves: jnp.stack(leaves).reshape(2, 2, *leaves[0].shape),
        *[step for row in arrays for step in row],
    )
    chains = [
        [
            {"layer_name": names[number], "transformation": step[names[number]] or None}
            for number, step in zip(numbers, row, strict=True)
            if number < len(names)
        ]
        for numbers, row in zip(chosen, steps, strict=True)
    ]
    expected = theirs.transform_images(jnp.asarray(IMAGES), {**shared, "chain_transforms": chains})
    drawn = {**shared, "layer_idxes": jnp.asarray(chosen), "transforms": stacked}
    close(ours.transform_images(IMAGES, drawn), expected)
    traced = jax.jit(lambda drawn: ours.transform_images(IMAGES, drawn))(drawn)
    close(traced, expected)


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_elastic_transform(mode):
    """Keras's noise is drawn inside, and is the same for both directions."""
    ours, theirs = pair("RandomElasticTransform", None, scale=1.0, interpolation=mode)
    x = np.tile(IMAGES, (1, 4, 4, 1))  # large enough for a kernel wider than one pixel
    applied = jnp.array([True, False, True, True, True])
    strength = jnp.float32(0.8)
    noise = jax.random.normal(jnp.array([7, 0], "uint32"), x.shape[:3])
    drawn = {"apply_transform": applied, "distortion_factor": strength}
    expected = theirs.transform_images(jnp.asarray(x), {**drawn, "seed": 7})
    got = ours.transform_images(x, {**drawn, "noise": jnp.stack([noise, noise], axis=1)})
    close(got, expected, rtol=3e-5)


def test_max_num_bounding_boxes():
    for number in (2, 5):
        ours, theirs = (
            module.MaxNumBoundingBoxes(number, bounding_box_format="xyxy")
            for module in (layers, keras.layers)
        )
        parts = {"boxes": jnp.asarray(BOXES), "labels": jnp.asarray(CLASSES)}
        got = ours({"images": IMAGES, "bounding_boxes": dict(parts)})["bounding_boxes"]
        expected = theirs({"images": IMAGES, "bounding_boxes": dict(parts)})["bounding_boxes"]
        for part in parts:
            np.testing.assert_array_equal(got[part], expected[part])


@pytest.mark.parametrize("name", ["RandomCrop", "MixUp", "CutMix", "Equalization"])
def test_arguments(name):
    """Of those that the general suite cannot call as Keras's."""
    ours, theirs = (
        [
            (p.name, p.default)
            for p in list(inspect.signature(getattr(module, name).__init__).parameters.values())
            if p.kind is not p.VAR_KEYWORD
        ]
        for module in (layers, keras.layers)
    )
    assert ours == theirs


@pytest.mark.parametrize("name", ["RandomFlip", "RandomRotation", "RandomBrightness", "MixUp"])
def test_modes(name):
    """Called by hand without a mode they work; at inference they rest, in both."""
    arguments = {} if name in ("RandomFlip", "MixUp") else {"factor": (0.2, 0.3)}
    data = {"images": IMAGES, "labels": np.eye(5, dtype="float32")}
    for module in (layers, keras.layers):
        layer = getattr(module, name)(seed=1, **arguments)
        assert not np.allclose(layer(dict(data))["images"], IMAGES)
        assert np.allclose(layer(dict(data), training=False)["images"], IMAGES)


def test_a_single_image_and_its_parts():
    ours, theirs = pair("RandomZoom", None, height_factor=0.4, bounding_box_format="xyxy")
    drawn = theirs.get_random_transformation(IMAGES[0])
    expected = theirs.transform_single_image(jnp.asarray(IMAGES[0]), drawn)
    close(ours.transform_images(IMAGES[0], drawn), expected)
