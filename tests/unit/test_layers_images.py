"""Image layers: inputs of every kind, boxes that follow what they enclose, modes, mistakes."""

from __future__ import annotations

import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid import Input, Sequential, layers
from pellucid._core.errors import (
    ConfigError,
    DataError,
    PellucidWarning,
    ShapeError,
    UnknownNameError,
)
from pellucid.layers.context import Context, bind

rng = np.random.default_rng(0)
X = rng.uniform(0, 255, (4, 8, 10, 3)).astype("float32")

# Every layer that draws, with arguments that are sure to change something.
DRAWING = {
    "RandomFlip": {},
    "RandomRotation": {"factor": (0.1, 0.2)},
    "RandomZoom": {"height_factor": (0.2, 0.4)},
    "RandomTranslation": {"height_factor": 0.3, "width_factor": 0.3},
    "RandomShear": {"x_factor": (0.2, 0.4)},
    "RandomPerspective": {"factor": (1, 1)},
    "RandomElasticTransform": {"factor": (1, 1), "scale": (1, 1)},
    "RandomCrop": {"height": 4, "width": 5},
    "RandomBrightness": {"factor": (0.1, 0.3)},
    "RandomContrast": {"factor": 0.5},
    "RandomHue": {"factor": (0.2, 0.5)},
    "RandomSaturation": {"factor": (0.1, 0.3)},
    "RandomColorJitter": {"brightness_factor": (0.1, 0.2), "hue_factor": (0.3, 0.4)},
    "RandomColorDegeneration": {"factor": (0.3, 0.9)},
    "RandomGrayscale": {"factor": 0.5},
    "RandomInvert": {"factor": 0.9},
    "RandomSharpness": {"factor": (0.8, 1.0)},
    "RandomPosterization": {"factor": (2, 5)},
    "RandomGaussianBlur": {"factor": (1, 1), "sigma": (0.5, 1)},
    "RandomErasing": {"factor": (1, 1)},
    "Solarization": {"threshold_factor": (0.2, 0.8)},
    "RandAugment": {"factor": (0.3, 0.5)},
    "AugMix": {"num_chains": 2, "chain_depth": 1},
}
every_drawing = pytest.mark.parametrize("name", DRAWING)


def make(name, **extra):
    return getattr(layers, name)(**DRAWING[name], **extra)


@every_drawing
def test_draws_repeat_with_the_seed_and_go_on(name):
    first, second = make(name, seed=5), make(name, seed=5)
    one, two, three = first(X), second(X), first(X)
    np.testing.assert_array_equal(one, two)
    assert first.get_config()["seed"] == 5
    if name not in ("RandAugment", "AugMix"):  # which may choose alike twice
        assert not np.array_equal(one, three)


@every_drawing
def test_rests_at_inference(name):
    layer = make(name)
    got = layer(X.astype("uint8"), training=False)
    assert got.dtype == jnp.float32
    if name != "RandomCrop":
        np.testing.assert_array_equal(got, X.astype("uint8"))
    assert layer.get_random_transformation(X, training=False) in (None, {"input_shape": X.shape})


@every_drawing
def test_one_image_is_a_batch_of_one(name):
    layer = make(name)
    drawn = layer.get_random_transformation(X[0], seed=1)
    got = layer.transform_images(X[0], drawn)
    assert got.ndim == 3
    np.testing.assert_allclose(got, layer.transform_images(X[:1], drawn)[0], rtol=1e-6)
    assert layer(X[0]).shape == got.shape


@every_drawing
def test_layouts_mean_the_same(name):
    last, first = make(name, seed=1), make(name, seed=1, data_format="channels_first")
    np.testing.assert_allclose(
        jnp.moveaxis(first(np.moveaxis(X, -1, 1)), 1, -1), last(X), rtol=1e-5, atol=1e-3
    )


@pytest.mark.slow
@every_drawing
def test_inside_a_device_loop(name):
    """Compiled with its key traced, as training runs it."""
    layer = make(name)

    def step(number, images):
        with bind(Context(training=True, rng=jax.random.fold_in(jax.random.key(0), number))):
            changed = layer(images)
        return changed if changed.shape == images.shape else images + changed.sum()

    looped = jax.jit(lambda x: jax.lax.fori_loop(0, 2, step, x))(jnp.asarray(X))
    by_hand = step(1, step(0, jnp.asarray(X)))
    assert jnp.isfinite(looped).all()
    if name not in ("RandAugment", "AugMix", "RandomPosterization"):  # steps amplify rounding
        np.testing.assert_allclose(looped, by_hand, rtol=1e-3, atol=0.1)


def test_every_image_has_its_own_draw():
    same = np.repeat(X[:1], 30, axis=0)
    for name in ("RandomRotation", "RandomBrightness", "RandomCrop", "RandomErasing", "RandomHue"):
        got = np.asarray(make(name)(same))
        assert len(np.unique(got.reshape(30, -1).round(3), axis=0)) >= 15, name


def test_factors_draw_where_they_say():
    many = np.zeros((2000, 2, 2, 3), "float32")

    def span(name, key, *arguments, **more):
        layer = getattr(layers, name)(*arguments, **more)
        values = np.asarray(layer.get_random_transformation(many, seed=0)[key])
        return values.min().round(2), values.max().round(2)

    assert span("RandomRotation", "angle", 0.25) == pytest.approx((-90, 90), abs=0.5)
    assert span("RandomRotation", "angle", (0, 0.25)) == pytest.approx((0, 90), abs=0.5)
    assert span("RandomZoom", "height_zoom", 0.2) == pytest.approx((0.8, 1.2), abs=0.01)
    assert span("RandomTranslation", "translations", (0.5, 1), 1) == pytest.approx((-2, 2), abs=0.1)
    assert span("RandomShear", "shear_factor", 0.3, 0.1) == pytest.approx((-0.3, 0.3), abs=0.01)
    assert span("RandomContrast", "contrast_factor", 0.2) == pytest.approx((0.8, 1.2), abs=0.01)
    assert span("RandomContrast", "contrast_factor", (0.5, 0.2)) == pytest.approx((0.5, 1.2))
    assert span("RandomBrightness", "rgb_delta", 0.1) == pytest.approx((-25.5, 25.5), abs=0.1)
    assert span("RandomHue", "factor", 0.4) == pytest.approx((-0.2, 0.2), abs=0.01)
    assert span("RandomSharpness", "factor", 0.4) == pytest.approx((0, 0.4), abs=0.01)
    assert span("RandomPosterization", "shift_factor", (2, 4)) == (4, 6)
    assert span("Solarization", "thresholds", 0.0, (0.2, 0.6)) == pytest.approx((51, 153), abs=1)
    applied = layers.RandomInvert(0.5).get_random_transformation(many, seed=0)["apply_inversion"]
    assert np.mean(np.asarray(applied)) == pytest.approx(0.25, abs=0.03)


def test_both_flips_are_drawn_by_themselves():
    drawn = layers.RandomFlip().get_random_transformation(np.zeros((400, 2, 2, 1)), seed=0)
    across, down = (np.asarray(drawn[name]) for name in ("flips", "vertical_flips"))
    pairs = {(bool(a), bool(d)): 0 for a, d in zip(across, down, strict=True)}
    assert len(pairs) == 4
    for mode, axis in (("horizontal", 2), ("vertical", 1)):
        layer = layers.RandomFlip(mode, seed=0)
        for got, image in zip(np.asarray(layer(X)), X, strict=True):
            assert np.array_equal(got, image) or np.array_equal(got, np.flip(image, axis - 1))


# --- boxes, masks, labels


def spot(height, width, top, left, high, wide):
    image = np.zeros((1, height, width, 1), "float32")
    image[0, top : top + high, left : left + wide] = 200.0
    return image


MOVING = {
    "RandomFlip": {},
    "RandomRotation": {"factor": 0.15},
    "RandomZoom": {"height_factor": 0.2, "width_factor": 0.2},
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
    "RandomShear": {"x_factor": 0.2, "y_factor": 0.2},
    "RandomPerspective": {"factor": (1, 1), "scale": 0.2},
    "CenterCrop": {"height": 40, "width": 60},
    "RandomCrop": {"height": 50, "width": 76},
    "Resizing": {"height": 64, "width": 60},
}


@pytest.mark.parametrize("name", MOVING)
@pytest.mark.parametrize("form", ["xyxy", "rel_yxyx"])
def test_boxes_and_masks_follow_the_image(name, form):
    """A bright rectangle: where it is afterwards, read off the pixels, its box says too."""
    image = spot(60, 90, 22, 35, 16, 20)
    fill = (
        {}
        if name in ("RandomFlip", "CenterCrop", "RandomCrop", "Resizing")
        else {"fill_mode": "constant"}
    )
    if name == "RandomPerspective":
        fill = {}
    layer = getattr(layers, name)(bounding_box_format=form, **fill, **MOVING[name])
    given = [35, 22, 55, 38] if form == "xyxy" else [22 / 60, 35 / 90, 38 / 60, 55 / 90]
    for _ in range(4):
        data = {
            "images": image,
            "bounding_boxes": {
                "boxes": np.array([[given, [-1] * 4]], "float32"),
                "labels": np.array([[7, -1]]),
            },
            "segmentation_masks": (image[..., 0] > 0).astype("int32"),
        }
        got = layer(data, training=True)
        pixels = np.asarray(got["images"])[0, :, :, 0] > 100
        rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
        seen = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], "float32")
        box, padding = np.asarray(got["bounding_boxes"]["boxes"])[0]
        height, width = pixels.shape
        if form == "rel_yxyx":
            box = box[[1, 0, 3, 2]] * [width, height, width, height]
        np.testing.assert_allclose(box, seen, atol=2.0)
        assert padding.tolist() == [-1] * 4
        assert np.asarray(got["bounding_boxes"]["labels"]).tolist() == [[7, -1]]
        masks = got["segmentation_masks"]
        assert masks.dtype == jnp.int32
        assert masks.shape == (1, height, width)
        assert np.mean((np.asarray(masks)[0] > 0) != pixels) < 0.02
        assert isinstance(data["images"], np.ndarray), "what was given stays as it was"


def test_a_box_that_leaves_the_image_loses_its_label():
    layer = layers.RandomTranslation(0, (0.5, 0.5), bounding_box_format="xyxy")
    boxes = {"boxes": [[[0, 0, 2, 2], [6, 0, 9, 3]]], "labels": [[4, 5]]}
    got = layer({"images": X[:1], "bounding_boxes": boxes})["bounding_boxes"]
    assert got["labels"].tolist() == [[4, -1]]
    assert got["boxes"][0, 0].tolist() == [5.0, 0.0, 7.0, 2.0]
    assert got["boxes"][0, 1, 0] == got["boxes"][0, 1, 2] == 10


def test_lists_of_boxes_are_filled_up():
    layer = layers.RandomFlip(bounding_box_format="xywh")
    boxes = {"boxes": [[[1, 1, 2, 2]], [[0, 0, 3, 3], [4, 4, 2, 2]]], "labels": [[1], [2, 3]]}
    got = layer({"images": X[:2], "bounding_boxes": boxes}, training=False)["bounding_boxes"]
    assert got["labels"].tolist() == [[1, -1], [2, 3]]
    assert got["boxes"][0, 1].tolist() == [-1] * 4


def test_a_single_image_with_everything():
    layer = layers.RandomRotation(0.2, bounding_box_format="xyxy")
    data = {
        "images": X[0],
        "labels": np.array([0.0, 1.0]),
        "bounding_boxes": {"boxes": np.array([[1.0, 1, 5, 5]]), "labels": np.array([3])},
        "segmentation_masks": np.ones((8, 10, 1), "uint8"),
        "name": np.array(7),
    }
    got = layer(data)
    assert got["images"].shape == (8, 10, 3)
    assert got["labels"].tolist() == [0.0, 1.0]
    assert got["bounding_boxes"]["boxes"].shape == (1, 4)
    assert got["segmentation_masks"].shape == (8, 10, 1)
    assert got["segmentation_masks"].dtype == jnp.uint8
    assert got["name"] == 7


def test_rand_augment_moves_boxes_with_its_geometry():
    layer = layers.RandAugment(num_ops=1, factor=(0.2, 0.2), bounding_box_format="xyxy")
    image = np.repeat(spot(60, 60, 22, 25, 16, 10), 3, axis=-1)
    drawn = layer.get_random_transformation(image, seed=0)
    parts = {"boxes": np.array([[[25.0, 22, 35, 38]]]), "labels": np.array([[1]])}
    names = list(layer._operations)
    for name in ("random_translation", "random_brightness"):
        drawn["layer_idxes"] = jnp.array([names.index(name)])
        got = layer.transform_bounding_boxes(parts, drawn)["boxes"][0, 0]
        traced = jax.jit(
            lambda d: layer.transform_bounding_boxes(parts, {**d, "input_shape": image.shape})
        )({k: v for k, v in drawn.items() if k != "input_shape"})["boxes"][0, 0]
        np.testing.assert_allclose(got, traced, atol=1e-4)
        moved = 12 if name == "random_translation" else 0
        np.testing.assert_allclose(got, np.array([25, 22, 35, 38]) + moved, atol=1e-3)
        masks = layer.transform_segmentation_masks(image[..., :1].astype("int32"), drawn)
        assert masks[0, 22 + moved, 25 + moved, 0] == 200


def test_only_the_chosen_operation_runs():
    """A batch makes one choice, so that the program branches rather than computing all."""
    layer = layers.RandAugment()

    def augmented(x, key):
        with bind(Context(training=True, rng=key)):
            return layer(x)

    text = str(jax.make_jaxpr(augmented)(jnp.asarray(X), jax.random.key(0)))
    assert text.count("cond[") == 1
    assert text.count("scatter-add") == 1  # the histogram of Equalization, in its branch alone


def test_mixing_labels_masks_and_boxes():
    data = {
        "images": X,
        "labels": np.eye(4, dtype="float32"),
        "segmentation_masks": X / 255,
    }
    for name in ("MixUp", "CutMix"):
        layer = getattr(layers, name)(seed=1)
        drawn = layer.get_random_transformation(X, seed=2)
        order = np.asarray(drawn["permutation_order"])
        labels = np.asarray(layer.transform_labels(data["labels"], drawn))
        np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-5)
        own = np.asarray(drawn["mix_weight"])
        for row in range(4):
            if order[row] != row:
                assert labels[row, row] == pytest.approx(own[row], abs=1e-6)
                assert labels[row, order[row]] == pytest.approx(1 - own[row], abs=1e-6)
        got = layer(data)
        np.testing.assert_allclose(got["images"] / 255, got["segmentation_masks"], atol=1e-5)
    boxes = {"boxes": np.arange(32.0).reshape(4, 2, 4), "labels": np.arange(8).reshape(4, 2)}
    got = layers.MixUp()({"images": X, "bounding_boxes": boxes})["bounding_boxes"]
    assert got["boxes"].shape == (4, 4, 4)
    np.testing.assert_array_equal(got["labels"][:, :2], boxes["labels"])


def test_the_share_of_cut_mix_is_that_of_the_pixels():
    drawn = layers.CutMix().get_random_transformation(X, seed=3)
    inside = np.asarray(drawn["batch_masks"]).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(drawn["mix_weight"], 1 - inside, atol=1e-6)


@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
def test_rows_that_fill_a_batch_mix_with_no_real_one(name):
    layer = getattr(layers, name)()
    ones = np.eye(4, dtype="float32")
    padded = {
        "images": np.concatenate([X, np.full_like(X[:3], np.nan)]),
        "labels": np.concatenate([ones, np.full((3, 4), np.nan, "float32")]),
    }
    key = jax.random.key(1)
    with bind(Context(training=True, rng=key, valid=jnp.arange(7) < 4)):
        got = layer(padded)
    with bind(Context(training=True, rng=key)):
        expected = layer({"images": X, "labels": ones})
    np.testing.assert_allclose(got["images"][:4], expected["images"], rtol=1e-6)
    np.testing.assert_allclose(got["labels"][:4], expected["labels"], rtol=1e-6)


def test_outputs_stay_in_the_range_of_values():
    for name in (
        "RandomBrightness",
        "RandomContrast",
        "RandomSharpness",
        "RandomSaturation",
        "AugMix",
    ):
        for scale in (1.0, 255.0):
            layer = getattr(layers, name)(**DRAWING[name], value_range=(0, scale))
            got = np.asarray(layer(X / 255 * scale))
            assert got.min() >= -1e-4
            assert got.max() <= scale * 1.0001


def test_resizing_keeps_whole_numbers_and_crop_its_shape():
    whole = X.astype("uint8")
    assert layers.Resizing(4, 4)(whole).dtype == jnp.uint8
    crop = layers.RandomCrop(5, 5)
    assert crop(X, training=False).shape == crop(X, training=True).shape == (4, 5, 5, 3)
    assert layers.RandomCrop(12, 20)(X).shape == (4, 12, 20, 3)
    window = np.asarray(crop(X[:1]))[0]
    places = [(r, c) for r in range(4) for c in range(6)]
    assert any(np.array_equal(window, X[0, r : r + 5, c : c + 5]) for r, c in places)


def test_copies_draw_alike():
    layer = layers.RandomColorJitter(brightness_factor=0.3, hue_factor=0.1, seed=4)
    twin = copy.deepcopy(layer)
    np.testing.assert_array_equal(layer(X), twin(X))
    again = layers.RandomColorJitter.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


# --- in a model


@pytest.mark.slow
def test_training_with_augmentation_inside_the_model():
    images = rng.uniform(0, 255, (50, 8, 8, 3)).astype("float32")
    labels = (images[:, :, :, 0].mean(axis=(1, 2)) > 127).astype("int32")
    model = Sequential(
        [
            Input((8, 8, 3)),
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.1),
            layers.RandomBrightness(0.05),
            layers.RandAugment(num_ops=1, factor=0.1),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(images, labels, epochs=3, batch_size=16, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    np.testing.assert_array_equal(
        model.predict(images, verbose=0), model.predict(images, verbose=0)
    )
    plain = Sequential(model.layers[-3:])
    np.testing.assert_allclose(
        model.predict(images, verbose=0), plain(images, training=False), rtol=1e-5, atol=1e-6
    )
    assert model.evaluate(images, labels, verbose=0) == model.evaluate(images, labels, verbose=0)
    assert not np.allclose(model(images, training=True), model(images, training=False))


def test_a_model_called_by_hand_augments():
    """As tutorials show nine versions of one picture: nobody said that it is inference."""
    model = Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.2)])
    versions = [np.asarray(model(X)) for _ in range(3)]
    assert not np.allclose(versions[0], versions[1])
    np.testing.assert_array_equal(model(X, training=False), X)


def test_images_outside_the_range_are_refused_before_training():
    for divide, value_range, suggested in ((255, (0, 255), "(0, 1)"), (1, (0, 1), "(0, 255)")):
        model = Sequential(
            [
                Input((8, 10, 3)),
                layers.RandomBrightness(0.2, value_range=value_range),
                layers.Flatten(),
                layers.Dense(1),
            ]
        )
        model.compile("sgd", "mse")
        with pytest.raises(DataError) as caught:
            model.fit(X / divide, np.zeros((4, 1)), verbose=0)
        assert "RandomBrightness" in str(caught.value)
        assert f"value_range={suggested}" in str(caught.value)


# --- mistakes


def refused(kind, function, *words):
    with pytest.raises(kind) as caught:
        function()
    for word in (*words, "fix:"):
        assert word in str(caught.value)


def test_wrong_arguments():
    cases = [
        (lambda: layers.RandomRotation(2.0), "RandomRotation", "'factor'", "2.0"),
        (lambda: layers.RandomRotation((0.3, 0.1)), "reversed", "(0.1, 0.3)"),
        (lambda: layers.RandomRotation("0.2"), "RandomRotation", "'0.2'"),
        (lambda: layers.RandomZoom(-1.0), "'height_factor'"),
        (lambda: layers.RandomZoom(0.2, 3), "'width_factor'"),
        (lambda: layers.RandomTranslation(20, 0.1), "percentage", "height_factor=0.2"),
        (lambda: layers.RandomShear((-0.1, 0.2)), "'x_factor'", "from 0 to 1"),
        (lambda: layers.RandomRotation(0.1, fill_mode="mirror"), "'fill_mode'", "'reflect'"),
        (lambda: layers.RandomRotation(0.1, interpolation="bicubic"), "'interpolation'"),
        (lambda: layers.RandomFlip("sideways"), "'mode'", "'horizontal'"),
        (lambda: layers.RandomFlip(data_format="last"), "'data_format'"),
        (lambda: layers.RandomFlip(bounding_box_format="xxyy"), "'bounding_box_format'"),
        (lambda: layers.RandomFlip(seed=1.5), "seed"),
        (lambda: layers.RandomBrightness(0.1, value_range=(255, 0)), "value_range", "(0, 255)"),
        (lambda: layers.RandomHue(0.1, value_range=255), "value_range"),
        (lambda: layers.RandomGrayscale(1.5), "'factor'"),
        (lambda: layers.RandomPosterization(0), "from 1 to 8"),
        (lambda: layers.RandomGaussianBlur(kernel_size=4), "odd"),
        (lambda: layers.RandomErasing(fill_value="noise"), "fill_value"),
        (lambda: layers.RandomErasing(scale=(0.5, 2)), "'scale'"),
        (lambda: layers.RandomCrop(0, 3), "'height'"),
        (lambda: layers.CenterCrop(3, 2.5), "'width'"),
        (lambda: layers.Resizing(3, 3, interpolation="area"), "'interpolation'"),
        (
            lambda: layers.Resizing(3, 3, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True),
            "both",
        ),
        (lambda: layers.MixUp(alpha=0), "'alpha'"),
        (lambda: layers.CutMix(2), "'factor'"),
        (lambda: layers.RandAugment(num_ops=-1), "'num_ops'"),
        (lambda: layers.AugMix(alpha=-1), "'alpha'"),
        (lambda: layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=8), "tile"),
        (lambda: layers.MaxNumBoundingBoxes(-1), "'max_number'"),
        (lambda: layers.RandomColorJitter(hue_factor=3), "'factor'"),
    ]
    for function, *words in cases:
        refused(ConfigError, function, *words)


def test_wrong_images():
    refused(ShapeError, lambda: layers.RandomFlip()(X[0, :, :, 0]), "random_flip", "rank 2")
    refused(ShapeError, lambda: layers.RandomHue(0.2)(X[..., :1]), "RandomHue", "1 channels")
    refused(
        ShapeError,
        lambda: layers.RandomErasing(fill_value=[1.0, 2.0])(X),
        "RandomErasing",
        "2 values for 3 channels",
    )


def test_wrong_parts():
    flip = layers.RandomFlip(bounding_box_format="xyxy")
    refused(DataError, lambda: flip({"labels": X}), "no images", "'labels'")
    refused(
        UnknownNameError, lambda: flip({"images": X, "segmentation_mask": X}), "segmentation_masks"
    )
    refused(DataError, lambda: flip({"images": X, "bounding_boxes": X}), "dictionary of boxes")
    bad = {"boxes": np.zeros((4, 2, 5)), "labels": np.zeros((4, 2))}
    refused(ShapeError, lambda: flip({"images": X, "bounding_boxes": bad}), "four numbers")
    bad = {"boxes": np.zeros((4, 2, 4)), "labels": np.zeros((4, 3))}
    refused(ShapeError, lambda: flip({"images": X, "bounding_boxes": bad}), "label each")
    boxes = {"boxes": np.zeros((4, 2, 4)), "labels": np.zeros((4, 2), int)}
    data = {"images": X, "bounding_boxes": boxes}
    for name in ("RandomFlip", "Resizing", "CenterCrop"):
        size = {} if name == "RandomFlip" else {"height": 3, "width": 3}
        layer = getattr(layers, name)(**size)
        refused(ConfigError, lambda layer=layer: layer(data), name, "bounding_box_format='xyxy'")
    refused(ConfigError, lambda: layers.CutMix()(data), "CutMix", "bounding boxes")
    refused(ConfigError, lambda: layers.RandomElasticTransform()(data), "bounding boxes")
    drawn = {"flips": np.ones(4, bool)}
    refused(DataError, lambda: flip.transform_bounding_boxes(boxes, drawn), "'input_shape'")


def test_mixing_without_labels():
    for name in ("MixUp", "CutMix"):
        layer = getattr(layers, name)()
        with pytest.warns(PellucidWarning, match="labels"):
            assert layer(X).shape == X.shape
        refused(
            DataError,
            lambda layer=layer: layer({"images": X, "labels": np.arange(4)}),
            name,
            "class numbers",
            "to_categorical",
        )
        np.testing.assert_array_equal(layer(X, training=False), X)
    masks = {"images": X, "segmentation_masks": np.zeros((4, 8, 10, 1), int)}
    refused(DataError, lambda: layers.MixUp()(masks), "MixUp", "masks")
    refused(DataError, lambda: layers.AugMix()(masks), "AugMix", "masks")


def test_colour_layers_leave_boxes_alone_and_need_no_format():
    boxes = {"boxes": np.ones((4, 1, 4), "float32"), "labels": np.ones((4, 1), int)}
    got = layers.RandomBrightness(0.2)({"images": X, "bounding_boxes": boxes})["bounding_boxes"]
    np.testing.assert_array_equal(got["boxes"], boxes["boxes"])


def test_transformations_as_keras_writes_them():
    x = X.astype("float32")
    order = [1, 0, 2, 3]
    for layer in (layers.MixUp(), layers.MixUp(data_format="channels_first")):
        got = layer.transform_images(x, {"mix_weight": 0.2, "permutation_order": order})
        np.testing.assert_allclose(got, 0.2 * x + 0.8 * x[order], rtol=1e-5)
    mask = np.zeros((4, 8, 10, 1), bool)
    mask[:, 2] = True
    drawn = {"apply_erasing": [True] * 4, "batch_masks": mask, "fill_value": 0}
    got = layers.RandomErasing().transform_images(x, drawn)
    np.testing.assert_array_equal(got, np.where(mask, 0, x))
    elastic = layers.RandomElasticTransform()
    drawn = {"apply_transform": np.ones(4, bool), "distortion_factor": 0.9, "seed": 42}
    first, second = (np.asarray(elastic.transform_images(x, drawn)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - x).max() > 1


def test_a_single_image_has_methods_of_its_own():
    flip = layers.RandomFlip("horizontal", bounding_box_format="xyxy")
    drawn = {"flips": np.ones(1, bool), "input_shape": (1, 8, 10, 3)}
    np.testing.assert_array_equal(flip.transform_single_image(X[0], drawn), X[0, :, ::-1])
    np.testing.assert_array_equal(flip.transform_single_label(np.eye(3)[1], drawn), [0, 1, 0])
    mask = X[0, :, :, :1]
    got = flip.transform_single_segmentation_mask(mask, drawn)
    np.testing.assert_array_equal(got, mask[:, ::-1])
    boxes = {"boxes": np.array([[1.0, 2, 3, 4]]), "labels": np.array([5])}
    got = flip.transform_single_bounding_box(boxes, drawn)
    np.testing.assert_allclose(got["boxes"], [[7, 2, 9, 4]])
    assert got["labels"].tolist() == [5]


def test_labels_of_boxes_may_have_other_axes():
    boxes = {"boxes": [[[0.0, 0, 2, 2], [3, 3, 5, 6]]], "labels": np.array([[[1, 2]]])}
    boxes["boxes"] = np.array(boxes["boxes"])
    crop = layers.CenterCrop(4, 4, bounding_box_format="xyxy")
    got = crop({"images": X[:1], "bounding_boxes": boxes})["bounding_boxes"]
    assert got["labels"].tolist() == [[[-1, 2]]]


def test_factors_that_keras_takes():
    assert layers.RandomZoom((-0.4, -0.5))(X).shape == X.shape
    np.testing.assert_allclose(layers.RandAugment(num_ops=0)(X), X)


def test_what_is_drawn_for_each_image_broadcasts_against_it():
    for name, key in (("Brightness", "rgb_delta"), ("Contrast", "contrast_factor")):
        layer = getattr(layers, f"Random{name}")(0.3)
        assert layer.get_random_transformation(X)[key].shape == (4, 1, 1, 1)
