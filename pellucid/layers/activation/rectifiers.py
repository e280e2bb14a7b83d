"""Rectifiers with a setting or two: `ReLU`, `LeakyReLU`, `ELU`."""

from __future__ import annotations

from typing import Any

from ... import activations
from ..._core.specs import family
from .. import checks
from ..base import Layer


@family("layer").register("ReLU")
class ReLU(Layer):
    """Rectified linear unit: ``max(x, 0)``, with a slope, a ceiling or a threshold if wanted.

    Args:
        max_value: the largest value that comes out; None for no limit.
        negative_slope: slope below the threshold.
        threshold: values up to it count as negative.

    Raises:
        ConfigError: a negative value.

    >>> import numpy as np
    >>> ReLU(max_value=1.0)(np.array([-1.0, 0.5, 3.0])).tolist()
    [0.0, 0.5, 1.0]
    """

    traits = frozenset({"activation", "per_step", "same_shape"})
    activates = "relu"
    batch_safe = True
    supports_masking = True

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold
        if max_value is not None:
            checks.number(self, "max_value", max_value, 0)
        checks.number(self, "negative_slope", negative_slope, 0)
        checks.number(self, "threshold", threshold, 0)

    @classmethod
    def last_activation(cls, config: dict[str, Any]) -> str | None:
        return "relu6" if config.get("max_value") == 6 else cls.activates

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


@family("layer").register("LeakyReLU")
class LeakyReLU(Layer):
    """``x`` where positive, ``negative_slope * x`` elsewhere: no unit can die.

    Args:
        negative_slope: 0.3 by default, as in Keras (the function `leaky_relu` has 0.2).

    Raises:
        ConfigError: a negative slope.

    >>> import numpy as np
    >>> LeakyReLU(0.5)(np.array([-1.0, 2.0])).tolist()
    [-0.5, 2.0]
    """

    traits = frozenset({"activation", "per_step", "same_shape"})
    activates = "leaky_relu"
    batch_safe = True
    supports_masking = True

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any):
        super().__init__(**kwargs)
        self.negative_slope = negative_slope
        checks.number(self, "negative_slope", negative_slope, 0)

    def call(self, inputs: Any) -> Any:
        return activations.leaky_relu(inputs, self.negative_slope)


@family("layer").register("ELU")
class ELU(Layer):
    """``x`` where positive, ``alpha * (exp(x) - 1)`` elsewhere.

    Args:
        alpha: minus the value far on the negative side.

    Raises:
        ConfigError: `alpha` is not a number.

    >>> import numpy as np
    >>> ELU()(np.array([0.0, 2.0])).tolist()
    [0.0, 2.0]

    Clevert, Unterthiner and Hochreiter, arXiv:1511.07289.
    """

    traits = frozenset({"activation", "per_step", "same_shape"})
    activates = "elu"
    batch_safe = True
    supports_masking = True

    def __init__(self, alpha: float = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.alpha = alpha
        checks.number(self, "alpha", alpha)

    def call(self, inputs: Any) -> Any:
        return activations.elu(inputs, self.alpha)
