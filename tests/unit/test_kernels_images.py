"""The functions under the image layers, against NumPy, `colorsys` and their own definitions."""

from __future__ import annotations

import colorsys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid.kernels.images import blur, boxes, color, crop, draws, histogram, warp

KEY = jax.random.key(3)
rng = np.random.default_rng(0)


def test_draws_of_a_row_do_not_depend_on_how_many_rows_there_are():
    for rows in (3, 8):
        many = draws.uniform(KEY, (20, 2)), draws.beta(KEY, 20, 0.4), draws.happens(KEY, 20, 0, 1)
        few = (
            draws.uniform(KEY, (rows, 2)),
            draws.beta(KEY, rows, 0.4),
            draws.happens(KEY, rows, 0, 1),
        )
        for one, other in zip(few, many, strict=True):
            np.testing.assert_array_equal(one, other[:rows])


def test_draws_follow_their_distributions():
    even = np.asarray(draws.uniform(KEY, (20000,), -1.0, 3.0))
    assert -1 <= even.min() < -0.99
    assert 2.99 < even.max() < 3
    assert abs(even.mean() - 1) < 0.03
    whole = np.asarray(draws.integers(KEY, (20000,), 2, 5))
    np.testing.assert_allclose(np.bincount(whole)[2:] / 20000, 0.25, atol=0.02)
    assert abs(np.mean(np.asarray(draws.happens(KEY, 20000, 0.2, 0.6))) - 0.4) < 0.02


@pytest.mark.parametrize("alpha", [0.2, 0.5, 1.0, 4.0])
def test_beta_against_numpy(alpha):
    ours = np.sort(np.asarray(draws.beta(KEY, 20000, alpha)))
    theirs = np.sort(np.random.default_rng(1).beta(alpha, alpha, 20000))
    np.testing.assert_allclose(ours, theirs, atol=0.03)  # quantile by quantile
    assert np.isfinite(np.asarray(draws.beta(KEY, 1000, 1e-6))).all()


@pytest.mark.parametrize("alpha", [1.0, 2.5])
def test_dirichlet(alpha):
    drawn = np.stack([draws.dirichlet(key, 3, alpha) for key in jax.random.split(KEY, 300)])
    np.testing.assert_allclose(drawn.sum(axis=1), 1, rtol=1e-5)
    variance = 2 / 9 / (3 * alpha + 1)
    np.testing.assert_allclose(drawn.var(axis=0), variance, rtol=0.35)


def test_permutation_keeps_to_the_real_rows():
    valid = jnp.array([True, False, True, True, False, True])
    for key in jax.random.split(KEY, 5):
        order = np.asarray(draws.permutation(key, 6, valid))
        assert order[[1, 4]].tolist() == [1, 4]
        assert sorted(order[[0, 2, 3, 5]].tolist()) == [0, 2, 3, 5]
    full = draws.permutation(KEY, 4)
    padded = draws.permutation(KEY, 9, jnp.arange(9) < 4)
    np.testing.assert_array_equal(padded[:4], full)


def test_hue_saturation_value_against_colorsys():
    pixels = rng.uniform(0, 1, (50, 3)).astype("float32")
    pixels[0], pixels[1] = 0.5, [0.2, 0.9, 0.9]
    hue, saturation, value = color.rgb_to_hsv(jnp.asarray(pixels))
    expected = np.array([colorsys.rgb_to_hsv(*map(float, pixel)) for pixel in pixels])
    np.testing.assert_allclose(np.stack([hue, saturation, value], -1), expected, atol=2e-6)
    np.testing.assert_allclose(color.hsv_to_rgb(hue, saturation, value), pixels, atol=2e-6)


def test_ranges_and_tones():
    x = jnp.asarray(rng.uniform(-1, 1, (2, 4, 5, 3)), "float32")
    there = color.rescale(x, (-1, 1), (0, 255))
    np.testing.assert_allclose(color.rescale(there, (0, 255), (-1, 1)), x, atol=1e-6)
    np.testing.assert_allclose(there, (np.asarray(x) + 1) * 127.5, rtol=1e-4, atol=1e-4)
    levels = jnp.arange(256.0)
    for bits in range(1, 9):
        kept = color.posterize(levels, jnp.array(8 - bits))
        np.testing.assert_array_equal(kept, np.arange(256) >> (8 - bits) << (8 - bits))


@pytest.mark.parametrize(
    "numbers",
    [
        warp.rotation(jnp.array([30.0]), 7, 9),
        warp.zoom(jnp.array([0.7]), jnp.array([1.3]), 7, 9),
        warp.translation(jnp.array([2.0]), jnp.array([-1.5])),
        warp.shear(jnp.array([0.3]), jnp.array([0.2])),
        jnp.array([[1.0, 0.1, 2.0, 0.05, 0.9, 1.0, 0.01, -0.005]]),
    ],
)
def test_the_inverse_undoes(numbers):
    x, y = warp.grid(7, 9)
    back = warp.carried(warp.inverse(numbers), *warp.carried(numbers, x, y))
    np.testing.assert_allclose(back[0], x, atol=2e-4)
    np.testing.assert_allclose(back[1], y, atol=2e-4)


def test_perspective_carries_four_points():
    end = jnp.array([[[0.0, 0.0], [190.0, 3.0], [5.0, 99.0], [210.0, 120.0]]])
    start = jnp.array([[[0.0, 0.0], [199.0, 0.0], [0.0, 99.0], [199.0, 99.0]]])
    x, y = warp.carried(warp.perspective(start, end), end[..., 0], end[..., 1])
    np.testing.assert_allclose(jnp.stack([x, y], -1), start, atol=0.02)


@pytest.mark.parametrize("mode", warp.FILL_MODES)
def test_beyond_the_border(mode):
    """Five pixels, seen from -7 to 11, against NumPy's padding."""
    row = np.arange(1.0, 6.0, dtype="float32")
    names = {"reflect": "symmetric", "nearest": "edge", "mirror": "reflect"}
    extra = {"constant_values": 9} if mode == "constant" else {}
    padded = np.pad(row, 7, mode=names.get(mode, mode), **extra)
    x = jnp.arange(-7.0, 12.0).reshape(1, 1, -1)
    image = jnp.asarray(row).reshape(1, 1, 5, 1)
    for interpolation in warp.INTERPOLATIONS:
        got = warp.sample(image, x, jnp.zeros_like(x), interpolation, mode, 9.0)
        np.testing.assert_allclose(got.ravel(), padded)


def test_whole_numbers_stay_whole():
    image = jnp.array([0, 10], "uint8").reshape(1, 1, 2, 1)
    got = warp.sample(image, jnp.full((1, 1, 1), 0.26), jnp.zeros((1, 1, 1)))
    assert got.dtype == jnp.uint8
    assert got.item() == 3


@pytest.mark.parametrize("form", boxes.FORMATS)
def test_formats_there_and_back(form):
    corners = jnp.array([[[1.0, 2.0, 5.0, 8.0], [0.0, 0.0, 20.0, 10.0]]])
    there = boxes.from_corners(corners, form, 10, 20)
    np.testing.assert_allclose(boxes.to_corners(there, form, 10, 20), corners, atol=1e-5)
    if form.startswith("rel"):
        assert float(there.max()) <= 1


def test_blur_against_a_loop():
    x = rng.uniform(0, 1, (1, 6, 7, 2)).astype("float32")
    sigma = np.array([[0.8, 0.5]], "float32")
    wide, high = (
        np.exp(-0.5 * ((np.arange(n) - n // 2) / s) ** 2)
        for n, s in zip((3, 5), sigma[0], strict=True)
    )
    kernel = np.outer(high / high.sum(), wide / wide.sum())  # 5 rows, 3 columns
    padded = np.pad(x, ((0, 0), (2, 2), (1, 1), (0, 0)))
    expected = sum(
        kernel[i, j] * padded[:, i : i + 6, j : j + 7] for i in range(5) for j in range(3)
    )
    np.testing.assert_allclose(
        blur.gaussian_blur(jnp.asarray(x), (3, 5), sigma), expected, atol=1e-6
    )
    matrix = np.asarray(blur.gaussian_matrix(6, 5, jnp.float32(0.5)))
    along = blur.gaussian_blur(jnp.asarray(x), (1, 3), np.array([[1.0, 0.5]], "float32"))
    np.testing.assert_allclose(np.einsum("ij,bjwc->biwc", matrix, x), along, atol=1e-6)


def test_equalization_by_counting():
    x = rng.integers(0, 256, (2, 9, 8, 2)).astype("float32")
    x[1, :, :, 0] = 7.0  # one level only: stays
    got = np.asarray(histogram.equalize(jnp.asarray(x)))
    for image in range(2):
        for channel in range(2):
            level = x[image, :, :, channel].astype(int)
            total = np.cumsum(np.bincount(level.ravel(), minlength=256))
            low = total[total > 0][0]
            if total[-1] == low:
                np.testing.assert_array_equal(got[image, :, :, channel], level)
                continue
            exact = (total - low) * 255 / (total[-1] - low)
            assert np.abs(got[image, :, :, channel] - exact[level]).max() <= 0.5001


def test_stretch():
    x = jnp.array([[10.0, 5.0], [30.0, 5.0]]).reshape(1, 1, 2, 2)
    assert histogram.stretch(x).ravel().tolist() == [0.0, 5.0, 255.0, 5.0]
    gradient = jax.grad(lambda v: histogram.stretch(v).sum())(x)
    assert jnp.isfinite(gradient).all()


def test_windows():
    assert crop.widest_window(9, 20, (4, 4)) == (0, 5, 9, 9)
    assert crop.widest_window(20, 9, (2, 4)) == (8, 0, 4, 9)
    images = jnp.arange(2 * 4 * 5.0).reshape(2, 4, 5, 1)
    got = crop.cut(images, jnp.array([0, 2]), jnp.array([3, 1]), (2, 2))
    np.testing.assert_array_equal(got[0], images[0, 0:2, 3:5])
    np.testing.assert_array_equal(got[1], images[1, 2:4, 1:3])
