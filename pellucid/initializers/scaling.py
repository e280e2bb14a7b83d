"""Initialisers that look at a layer's fans so that signals keep their size through the layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pellucid._core.errors import ConfigError
from pellucid._core.specs import family

from .base import RandomInitializer, get
from .simple import normal, truncated_normal, uniform

_register = family("initializer").register
_TRUNCATED_STDDEV = 0.87962566103423978  # of a unit normal cut off at two deviations


def compute_fans(
    shape: Sequence[int],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """How many numbers feed one output, and how many outputs one number feeds.

    Args:
        shape: ``(inputs, outputs)`` of a dense kernel, ``(*window, inputs, outputs)`` of a
            convolution's.
        input_axes: the axes that count as inputs, where they are not the usual ones.
        output_axes: the axes that count as outputs; both or neither.

    >>> compute_fans((3, 3, 8, 16))
    (72, 144)
    """
    shape = tuple(int(size) for size in shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[a] for a in input_axes), math.prod(shape[a] for a in output_axes)
    if len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    window = math.prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


@_register("VarianceScaling", "variance_scaling")
class VarianceScaling(RandomInitializer):
    """Weights whose variance is `scale` divided by a fan: signals keep their size through layers.

    Args:
        scale: positive factor.
        mode: ``"fan_in"``, ``"fan_out"`` or ``"fan_avg"``, their mean; see `compute_fans`.
        distribution: ``"truncated_normal"`` (or ``"normal"``), ``"untruncated_normal"``,
            ``"uniform"``.
        seed: integer; None draws from the model's stream.
        input_axes: the axes counted as inputs; None for the usual ones.
        output_axes: the axes counted as outputs.

    Raises:
        ConfigError: a scale that is not positive, an unknown mode or distribution.

    >>> w = VarianceScaling(scale=2.0, mode="fan_in", distribution="untruncated_normal", seed=0)
    >>> round(float(w((200, 50)).std()), 2)
    0.1
    """

    def __init__(
        self,
        scale=1.0,
        mode="fan_in",
        distribution="truncated_normal",
        seed=None,
        input_axes=None,
        output_axes=None,
    ):
        super().__init__(seed=seed)
        if scale <= 0:
            raise ConfigError("VarianceScaling needs a positive scale.", got=scale, fix="scale=1.0")
        _one_of("mode", mode, ("fan_in", "fan_out", "fan_avg"))
        known = ("truncated_normal", "normal", "untruncated_normal", "uniform")
        _one_of("distribution", distribution.lower(), known)
        self.scale = scale
        self.mode = mode
        self.distribution = distribution
        self.input_axes = input_axes
        self.output_axes = output_axes

    def draw(self, rng, shape, dtype):
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        stddev = math.sqrt(self.scale / max(1.0, fan))
        match self.distribution.lower():
            case "uniform":
                limit = math.sqrt(3.0) * stddev
                return uniform(rng, shape, dtype, -limit, limit)
            case "untruncated_normal":
                return normal(rng, shape, dtype, 0.0, stddev)
            case _:
                return truncated_normal(rng, shape, dtype, 0.0, stddev / _TRUNCATED_STDDEV)


def over_axes(initializer: Any, input_axes: Sequence[int], output_axes: Sequence[int]) -> Any:
    """An initialiser that counts a weight's fans along given axes.

    Args:
        initializer: name or object. One that counts no fans, or knows its axes, stays as it is.
        input_axes: axes of the weight that a product sums over.
        output_axes: axes that it makes.

    >>> w = over_axes(GlorotUniform(seed=0), [0], [1, 2])((64, 4, 16))
    >>> round(float(w.std()), 1)  # as of a kernel (64, 64): sqrt(2 / 128) = 0.125
    0.1
    """
    start = get(initializer)
    if not isinstance(start, VarianceScaling) or start.input_axes is not None:
        return start
    axes = {"input_axes": list(input_axes), "output_axes": list(output_axes)}
    return type(start).from_config({**start.get_config(), **axes})


def _one_of(argument: str, value: Any, known: Sequence[str]) -> None:
    if value not in known:
        raise ConfigError(
            f"VarianceScaling does not know this {argument}.",
            got=repr(value),
            expected="one of " + ", ".join(map(repr, known)),
        )


class _PublishedScaling(VarianceScaling):
    """One published setting of `VarianceScaling`."""

    setting: tuple[float, str, str]  # scale, mode, distribution

    def __init__(self, seed=None, input_axes=None, output_axes=None):
        super().__init__(*self.setting, seed, input_axes, output_axes)


@_register("GlorotUniform", "glorot_uniform")
class GlorotUniform(_PublishedScaling):
    """Uniform with variance ``2 / (inputs + outputs)``; the default of most layers.

    >>> bool(abs(GlorotUniform(seed=0)((3, 3))).max() <= 1.0)
    True

    Glorot and Bengio, "Understanding the difficulty of training deep networks", 2010.
    """

    setting = (1.0, "fan_avg", "uniform")


@_register("GlorotNormal", "glorot_normal")
class GlorotNormal(_PublishedScaling):
    """Truncated normal with variance ``2 / (inputs + outputs)``; see `GlorotUniform`.

    >>> GlorotNormal(seed=0)((3, 2)).shape
    (3, 2)
    """

    setting = (1.0, "fan_avg", "truncated_normal")


@_register("HeUniform", "he_uniform")
class HeUniform(_PublishedScaling):
    """Uniform with variance ``2 / inputs``; see `HeNormal`.

    >>> bool(abs(HeUniform(seed=0)((6, 2))).max() <= 1.0)
    True
    """

    setting = (2.0, "fan_in", "uniform")


@_register("HeNormal", "he_normal")
class HeNormal(_PublishedScaling):
    """Truncated normal with variance ``2 / inputs``, for layers followed by a relu.

    >>> HeNormal(seed=0)((3, 2)).shape
    (3, 2)

    He, Zhang, Ren and Sun, "Delving deep into rectifiers", arXiv:1502.01852.
    """

    setting = (2.0, "fan_in", "truncated_normal")


@_register("LecunUniform", "lecun_uniform")
class LecunUniform(_PublishedScaling):
    """Uniform with variance ``1 / inputs``; see `LecunNormal`.

    >>> bool(abs(LecunUniform(seed=0)((3, 2))).max() <= 1.0)
    True
    """

    setting = (1.0, "fan_in", "uniform")


@_register("LecunNormal", "lecun_normal")
class LecunNormal(_PublishedScaling):
    """Truncated normal with variance ``1 / inputs``, for layers followed by a selu.

    >>> LecunNormal(seed=0)((3, 2)).shape
    (3, 2)

    LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998.
    """

    setting = (1.0, "fan_in", "truncated_normal")
