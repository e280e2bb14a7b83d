"""Convolutions to try, and their definition in float64: what every form is compared with."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from pellucid.kernels.conv_geometry import Geometry, paddings, per_axis


def drawn(shape, seed=0):
    return jnp.asarray(np.random.default_rng(seed).standard_normal(shape), "float32")


def by_definition(x, kernel, dy, geometry):
    """The convolution and its two gradients at output gradient `dy`, position by position."""
    x, kernel, dy = (np.asarray(a, "float64") for a in (x, kernel, dy))
    cut = (
        [max(-low, 0) for low, _ in geometry.padding],
        [max(-high, 0) for _, high in geometry.padding],
    )
    inside = tuple(slice(a, n - b) for a, b, n in zip(*cut, x.shape[1:-1], strict=True))
    zeros = [(max(low, 0), max(high, 0)) for low, high in geometry.padding]
    padded = np.pad(x[:, *inside], [(0, 0), *zeros, (0, 0)])
    y, dpadded, dkernel = np.zeros(dy.shape), np.zeros(padded.shape), np.zeros(kernel.shape)
    inputs, filters = kernel.shape[-2], kernel.shape[-1] // geometry.groups
    for position in np.ndindex(kernel.shape[:-2]):
        met = tuple(
            slice(p * d, p * d + (n - 1) * s + 1, s)
            for p, d, n, s in zip(
                position, geometry.dilation, dy.shape[1:-1], geometry.strides, strict=True
            )
        )
        for group in range(geometry.groups):
            seen = (slice(None), *met, slice(group * inputs, (group + 1) * inputs))
            made = (..., slice(group * filters, (group + 1) * filters))
            y[made] += padded[seen] @ kernel[position][made]
            dpadded[seen] += dy[made] @ kernel[position][made].T
            rows, columns = (a.reshape(-1, a.shape[-1]) for a in (padded[seen], dy[made]))
            dkernel[position][made] += rows.T @ columns
    dx = np.zeros(x.shape)
    core = tuple(
        slice(low, low + i.stop - i.start) for (low, _), i in zip(zeros, inside, strict=True)
    )
    dx[:, *inside] = dpadded[:, *core]
    return y, dkernel, dx


def agree(got, wanted):
    for a, b in zip(got, wanted, strict=True):
        assert a.shape == b.shape
        assert a.dtype == jnp.float32
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5 * max(np.abs(b).max(initial=0), 1))


def vjp_of(form):
    """Value, kernel's and input's gradient, through automatic differentiation."""

    @jax.jit
    def run(x, kernel, dy):
        y, back = jax.vjp(form, x, kernel)
        dx, dkernel = back(dy)
        return y, dkernel, dx

    return run


def case_of(x_shape, kernel_shape, strides=1, padding="valid", dilation=1, groups=1):
    """Operands, an output gradient, and the geometry."""
    *kernel, _, filters = kernel_shape
    strides, dilation = per_axis(strides, len(kernel)), per_axis(dilation, len(kernel))
    pads = paddings(padding, x_shape[1:-1], kernel, strides, dilation)
    geometry = Geometry(strides, pads, dilation, groups)
    sizes = geometry.output_sizes(x_shape[1:-1], kernel)
    return (
        drawn(x_shape, 1),
        drawn(kernel_shape, 2),
        drawn((x_shape[0], *sizes, filters), 3),
        geometry,
    )
