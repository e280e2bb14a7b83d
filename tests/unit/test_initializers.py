"""Initial weights: moments by formula, determinism, seeds, and any callable in their place."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid import initializers
from pellucid._core.errors import ConfigError, ShapeError, UnknownNameError
from pellucid._core.rng import set_random_seed
from pellucid._core.specs import family, resolve

RANDOM = [
    n
    for n, c in family("initializer").entries().items()
    if issubclass(c, initializers.RandomInitializer) and c.__module__.startswith("pellucid.")
]


def generator(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("glorot_uniform", 2 / (400 + 100)),
        ("glorot_normal", 2 / (400 + 100)),
        ("he_uniform", 2 / 400),
        ("he_normal", 2 / 400),
        ("lecun_uniform", 1 / 400),
        ("lecun_normal", 1 / 400),
        ("random_normal", 0.05**2),
        ("random_uniform", 0.1**2 / 12),
        ("truncated_normal", (0.05 * 0.87962566) ** 2),
        ("variance_scaling", 1 / 400),
    ],
)
def test_variance(name, variance):
    weights = resolve("initializer", name)((400, 100), rng=generator())
    assert weights.mean() == pytest.approx(0, abs=5 * np.sqrt(variance / weights.size))
    assert weights.var() == pytest.approx(variance, rel=0.03)


def test_a_convolution_s_fans_count_the_window():
    weights = initializers.HeNormal(seed=0)((3, 3, 40, 50))
    assert weights.std() == pytest.approx(np.sqrt(2 / (9 * 40)), rel=0.02)
    swapped = initializers.HeNormal(seed=0, input_axes=(3,), output_axes=(2,))((3, 3, 40, 50))
    assert swapped.std() == pytest.approx(np.sqrt(2 / 50), rel=0.02)


def test_truncated_draws_stay_within_two_deviations():
    weights = initializers.TruncatedNormal(mean=1.0, stddev=0.5, seed=0)((100_000,))
    assert weights.min() >= 0.0
    assert weights.max() <= 2.0
    assert weights.max() > 1.9  # cut off, not shrunk


@given(st.integers(2, 20), st.integers(1, 20), st.booleans())
def test_orthogonal(rows, columns, extra_axis):
    shape = (2, rows, columns) if extra_axis else (rows, columns)
    w = initializers.Orthogonal(gain=2.0, seed=1)(shape).reshape(-1, columns) / 2.0
    product = w.T @ w if w.shape[0] >= columns else w @ w.T
    np.testing.assert_allclose(product, np.eye(len(product)), atol=2e-6)


@pytest.mark.parametrize("name", RANDOM)
def test_streams(name):
    """A seed of its own fixes the numbers; else the generator does; else the global seed."""
    own, free = family("initializer").get(name)(seed=7), resolve("initializer", name)
    shape = (6, 5)
    np.testing.assert_array_equal(own(shape), own(shape, rng=generator(3)))
    np.testing.assert_array_equal(free(shape, rng=generator(3)), free(shape, rng=generator(3)))
    assert not np.array_equal(free(shape, rng=generator(3)), free(shape, rng=generator(4)))
    set_random_seed(5)
    first, second = free(shape), free(shape)
    assert not np.array_equal(first, second)
    set_random_seed(5)
    np.testing.assert_array_equal(first, free(shape))


@pytest.mark.parametrize("name", family("initializer").primary_names())
@pytest.mark.parametrize("dtype", [None, "float32", "float64", "bfloat16", "float16"])
def test_formats(name, dtype):
    shape = (4, 1, 3) if name == "STFT" else (4, 4)
    weights = resolve("initializer", name)(shape, dtype, rng=generator())
    assert isinstance(weights, np.ndarray)
    assert weights.dtype == jnp.dtype(dtype or "float32")
    assert weights.shape == shape


@pytest.mark.parametrize("window", [None, "hamming", [1.0, 2.0, 2.0, 1.0]], ids=str)
def test_stft_is_a_fourier_transform_of_the_windowed_frame(window):
    from scipy.signal import get_window

    frame = generator().normal(size=4)
    values = {None: np.ones(4), "hamming": get_window("hamming", 4, False)}
    values = values.get(window, window) if not isinstance(window, list) else np.array(window)
    expected = np.fft.rfft(frame * values, 4)
    parts = [
        np.tensordot(frame, initializers.STFT(side, window, scaling=None)((4, 1, 3)), 1)[0]
        for side in ("real", "imag")
    ]
    np.testing.assert_allclose(parts[0] + 1j * parts[1], expected, atol=1e-6)


def test_the_numbers_never_change():
    """Published results depend on them: a change here is a break, not a detail."""
    weights = initializers.GlorotUniform(seed=42)((2, 2))
    frozen = [[0.13803184, -0.95135796], [-0.84958345, -0.70441002]]
    np.testing.assert_allclose(weights, frozen, rtol=1e-7)


def test_draw_accepts_any_callable():
    rng = generator()
    ones = initializers.draw(
        lambda shape, dtype=None: jnp.ones(shape, dtype), (2, 3), "bfloat16", rng
    )
    assert ones.dtype == jnp.bfloat16
    with_rng = initializers.draw(
        lambda shape, dtype, rng: rng.random(shape), (2,), None, generator(1)
    )
    np.testing.assert_array_equal(with_rng, generator(1).random(2).astype("float32"))
    np.testing.assert_array_equal(initializers.draw(np.arange(3), (3,), "float32", rng), [0, 1, 2])
    np.testing.assert_array_equal(
        initializers.draw("glorot_uniform", (2, 2), "float32", generator(1)),
        initializers.GlorotUniform()((2, 2), rng=generator(1)),
    )


def test_draw_refuses_the_wrong_shape():
    with pytest.raises(ShapeError, match=r"(?s)another shape.*got: \(3,\).*expected: \(2,\)"):
        initializers.draw(lambda shape, dtype: np.zeros(3), (2,), None, generator())
    with pytest.raises(ConfigError, match="need an initialiser"):
        initializers.draw(None, (2,), None, generator())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: initializers.VarianceScaling(scale=0), "positive scale"),
        (lambda: initializers.VarianceScaling(mode="fan"), "mode"),
        (lambda: initializers.VarianceScaling(distribution="cauchy"), "distribution"),
        (lambda: initializers.RandomNormal(seed="x"), "must be an integer"),
        (lambda: initializers.Identity()((2,)), "matrix"),
        (lambda: initializers.Orthogonal()((2,)), "two axes"),
        (lambda: initializers.STFT(side="left"), "cosines or sines"),
        (lambda: initializers.STFT(scaling="loud"), "scaling"),
        (lambda: initializers.STFT(window="hannn"), "no window called 'hannn'"),
        (lambda: initializers.STFT()((4, 3)), "frame length"),
        (lambda: initializers.STFT(window=[1.0, 1.0])((4, 1, 3)), "another length"),
    ],
)
def test_mistakes(make, message):
    with pytest.raises((ConfigError, ShapeError), match=message):
        make()


def test_a_misspelt_name_gets_a_suggestion():
    with pytest.raises(UnknownNameError, match=r"(?si)'glorot_unifrom'.*glorot_?uniform"):
        initializers.get("glorot_unifrom")


def test_an_initializer_of_ones_own_in_keras_form():
    """Without `rng`, which layers hand to ours."""
    import pellucid

    class Threes(pellucid.initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return np.full(shape, 3.0)

    class Shifted(pellucid.initializers.Zeros):
        def __call__(self, shape, dtype=None, **kwargs):
            return super().__call__(shape, dtype) + 1

    dense = pellucid.layers.Dense(2, kernel_initializer=Threes(), bias_initializer=Shifted())
    dense.build((None, 1))
    assert dense.kernel.numpy().tolist() == [[3.0, 3.0]]
    assert dense.bias.numpy().tolist() == [1.0, 1.0]
