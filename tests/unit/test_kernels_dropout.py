"""The hash behind dropout: is it as random as a dropout mask needs?"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from pellucid.kernels.dropout import dropout, keep_mask, random_bits, random_normal


def keys(count, seed=0):
    """Keys of consecutive steps of one run, as the engine derives them."""
    return [jax.random.fold_in(jax.random.key(seed), step) for step in range(count)]


def correlation(a, b):
    return float(np.corrcoef(np.asarray(a).ravel(), np.asarray(b).ravel())[0, 1])


def test_bits_are_uniform():
    bits = np.asarray(random_bits(jax.random.key(1), (1000, 1000))).ravel()
    for low in (0, 12, 24):  # every byte position, not only the leading one
        counts = np.bincount((bits >> low) & 255, minlength=256)
        assert stats.chisquare(counts).pvalue > 1e-4
    ones = np.unpackbits(bits.view(np.uint8)).reshape(-1, 32).mean(axis=0)
    assert np.abs(ones - 0.5).max() < 5 * 0.5 / np.sqrt(bits.size)


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.5, 0.9])
def test_share_of_zeros_in_total_and_in_every_row_and_column(rate):
    keep = np.asarray(keep_mask(jax.random.key(3), rate, (2000, 500)))
    assert keep.mean() == pytest.approx(1 - rate, abs=5 * np.sqrt(rate * (1 - rate) / keep.size))
    for axis, length in ((0, 2000), (1, 500)):
        z = (keep.mean(axis=axis) - (1 - rate)) / np.sqrt(rate * (1 - rate) / length)
        assert np.abs(z).max() < 6
        assert 0.8 < z.var() < 1.25  # more spread than chance, or less, would be a pattern


def test_neighbours_steps_and_keys_are_unrelated():
    limit = 5 / np.sqrt(512 * 512)
    masks = [np.asarray(keep_mask(key, 0.5, (512, 512)), float) for key in keys(4)]
    other_seed = np.asarray(keep_mask(keys(1, seed=1)[0], 0.5, (512, 512)), float)
    for a, b in ((0, 1), (1, 2), (0, 3)):
        assert abs(correlation(masks[a], masks[b])) < limit
    assert abs(correlation(masks[0], other_seed)) < limit
    first = masks[0]
    for shift in (1, 2, 3, 7, 64, 511):  # along a row, and around the position one row later
        assert abs(correlation(first.ravel()[:-shift], first.ravel()[shift:])) < limit
    for shift in (1, 2, 8):
        assert abs(correlation(first[:-shift], first[shift:])) < limit
        assert abs(correlation(masks[0].ravel()[:-shift], masks[1].ravel()[shift:])) < limit


def test_pairs_of_bits_fill_the_plane():
    """The spectral weakness of simple generators: successive values lying on few lines."""
    bits = np.asarray(random_bits(jax.random.key(5), (2**20,))) >> 27
    counts = np.bincount(bits[:-1].astype(int) * 32 + bits[1:], minlength=1024)
    assert stats.chisquare(counts).pvalue > 1e-4


def test_one_element_over_many_steps_is_a_fair_coin():
    """Consecutive keys, fixed position: the sequence that a single unit sees in training."""
    mask = jax.jit(
        jax.vmap(lambda step: keep_mask(jax.random.fold_in(jax.random.key(0), step), 0.5, (8,)))
    )
    seen = np.asarray(mask(jnp.arange(4000)), float)  # (steps, units)
    assert np.abs(seen.mean(0) - 0.5).max() < 5 * 0.5 / np.sqrt(4000)
    lagged = [correlation(seen[:-1, unit], seen[1:, unit]) for unit in range(8)]
    assert np.abs(lagged).max() < 5 / np.sqrt(4000)


def test_bits_depend_on_the_position_alone():
    key = jax.random.key(2)
    small, large = random_bits(key, (5, 3, 4)), random_bits(key, (9, 3, 4))
    assert (small == large[:5]).all()
    assert (random_bits(key, (60,)) == random_bits(key, (5, 3, 4)).ravel()).all()


def test_half_keys_both_matter():
    words = jnp.asarray([[1, 2], [1, 3], [4, 2]], "uint32")
    a, b, c = (random_bits(jax.random.wrap_key_data(w), (64,)) for w in words)
    assert (a != b).mean() > 0.9
    assert (a != c).mean() > 0.9


def test_normal_numbers_are_normal():
    sample = np.asarray(random_normal(jax.random.key(0), (200_000,)))
    assert np.isfinite(sample).all()
    assert stats.kstest(sample, "norm").pvalue > 1e-4


def test_dropout_scales_keeps_the_format_and_shares_along_noise_axes():
    x = jnp.ones((50, 8, 40), "bfloat16")
    y = dropout(jax.random.key(0), x, 0.25, (50, 1, 40))
    assert y.dtype == x.dtype
    assert set(np.unique(np.asarray(y, "float32"))) == {0.0, np.float32(jnp.bfloat16(4 / 3))}
    assert (y == y[:, :1]).all()
    assert float(jnp.mean(y.astype("float32"))) == pytest.approx(1.0, abs=0.06)


def test_dropout_gradient_goes_through_what_was_kept():
    key, x = jax.random.key(0), jnp.arange(1.0, 101.0)
    gradient = jax.grad(lambda x: dropout(key, x, 0.5).sum())(x)
    assert jnp.allclose(gradient, dropout(key, x, 0.5) / x)
    assert jnp.isfinite(jax.grad(lambda x: dropout(key, x, 1.0).sum())(x)).all()


def test_infinities_that_are_dropped_stay_out():
    y = dropout(jax.random.key(0), jnp.full(100, jnp.inf), 0.5)
    assert set(y.tolist()) == {0.0, float("inf")}
