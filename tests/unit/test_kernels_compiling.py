"""How whole programs are compiled, and results that are kept apart."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid.kernels import compiling
from pellucid.kernels.apart import apart
from pellucid.kernels.conv import conv_plain
from pellucid.kernels.conv_geometry import Geometry

MEASURED = pytest.mark.skipif(
    jax.__version_info__[:2] != compiling.MEASURED, reason="another compiler"
)


@MEASURED
def test_convolutions_of_a_program_stay_out_of_the_library_with_one_core():
    geometry = Geometry((1, 1), ((0, 0), (0, 0)), (1, 1))
    x, kernel = jnp.ones((2, 9, 9, 32)), jnp.ones((3, 3, 32, 32))

    def convolve(x, kernel):
        return conv_plain(x, kernel, geometry)

    assert "ynn" in jax.jit(convolve).lower(x, kernel).compile().as_text()
    text = compiling.program(convolve).lower(x, kernel).compile().as_text()
    assert "convolution(" in text
    assert "ynn" not in text


def test_other_machines_and_unknown_compilers_get_no_settings(monkeypatch):
    monkeypatch.setattr(compiling, "on_cpu", lambda: False)
    assert compiling.options() is None
    monkeypatch.setattr(compiling, "on_cpu", lambda: True)
    monkeypatch.setattr(compiling, "_known", lambda: False)
    assert compiling.options() is None


@pytest.mark.parametrize(
    ("settings", "known"),
    [
        pytest.param(compiling._LIBRARIES, True, marks=MEASURED),
        ({"xla_no_such_setting": "1"}, False),
    ],
)
def test_a_newer_compiler_is_asked(settings, known, monkeypatch):
    monkeypatch.setattr(compiling, "MEASURED", (0, 0))
    monkeypatch.setattr(compiling, "_LIBRARIES", settings)
    assert compiling._known.__wrapped__() is known


def test_apart_is_the_function_whatever_decides_the_branch():
    def both(a, b):
        return a - b, a * b

    for last in (-1.0, 2.0):
        a, b = jnp.array([1.0, 3.0]), jnp.full(2, last)
        run = jax.jit(lambda a, b: apart(both, a, b)).lower(a, b).compile()
        assert "conditional(" in run.as_text()  # the branch is still there
        for got, wanted in zip(run(a, b), both(a, b), strict=True):
            np.testing.assert_array_equal(got, wanted)
    assert apart(lambda a: a + 1.0, jnp.zeros((0, 3))).shape == (0, 3)
