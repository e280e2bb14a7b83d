"""`SpectralNormalization`: a layer whose kernel stretches no input by more than 1."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ..._core import settings
from ..._core.errors import ConfigError
from ..._core.specs import family
from ...initializers import TruncatedNormal
from ...kernels.vector_norm import unit_norm
from .. import checks
from ..core.wrapper import Wrapper
from ..weight import Weight


@family("layer").register("SpectralNormalization")
class SpectralNormalization(Wrapper):
    """In training, divide the kernel of a layer by its largest singular value before each use.

    The value is followed by power iteration, one or a few rounds a step, in the state `vector_u`.
    As in Keras the kernel itself is replaced, so that evaluation finds it as training left it.

    Args:
        layer: a layer with a `kernel` (dense, convolution) or `embeddings`.
        power_iterations: rounds of power iteration a step.

    Raises:
        ConfigError: the layer has no kernel, or `power_iterations` is not positive.

    >>> import numpy as np
    >>> from pellucid.layers import Dense
    >>> layer = SpectralNormalization(Dense(2, use_bias=False), power_iterations=20)
    >>> _ = layer(np.ones((1, 3)), training=True)
    >>> bool(abs(np.linalg.norm(layer.layer.kernel, 2) - 1) < 1e-3)
    True

    Miyato et al., "Spectral normalization for generative adversarial networks", arXiv:1802.05957.
    """

    traits = frozenset()
    wraps = "layer"
    _assigns_variables = False

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.power_iterations = power_iterations
        checks.positive_integer(self, "power_iterations", power_iterations, 1)

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return self.layer.batch_safe

    @property
    def takes_integers(self) -> bool:  # type: ignore[override]
        return self.layer.takes_integers

    @property
    def casts_inputs(self) -> bool:  # type: ignore[override]
        return self.layer.casts_inputs

    @property
    def weights(self) -> list[Weight]:
        """In Keras's order: the kernel that is normalised comes first."""
        if not self.built:
            return super().weights
        kernel = self._kernel()
        return [kernel, *(weight for weight in super().weights if weight is not kernel)]

    def saved_variables(self) -> list[Weight]:
        """As in Keras, the kernel that is normalised stands here too."""
        return [self._kernel(), *super().saved_variables()] if self.built else []

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        kernel = self._kernel()
        self.vector_u = self.add_weight(
            name="vector_u",
            shape=(1, kernel.shape[-1]),
            initializer=TruncatedNormal(stddev=0.02),
            trainable=False,
            dtype=kernel.dtype,
            autocast=False,
        )
        self.input_spec = self.layer.input_spec

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            self._normalize_kernel()
        y = self.layer(inputs)
        # Whole numbers, to be looked up, are no format to answer in.
        return y.astype(self.compute_dtype) if jnp.issubdtype(inputs.dtype, jnp.floating) else y

    def _normalize_kernel(self) -> None:
        weight = self._kernel()
        kernel = weight.value
        matrix = kernel.reshape(-1, kernel.shape[-1])  # (inputs, outputs)
        u = self.vector_u  # (1, outputs)
        for _ in range(self.power_iterations):
            v = unit_norm(u @ matrix.T, None, settings.epsilon())  # (1, inputs)
            u = unit_norm(v @ matrix, None, settings.epsilon())
        u, v = jax.lax.stop_gradient((u, v))
        zero = jnp.all(matrix == 0)  # which has no direction: it stays as it is
        largest = jnp.where(zero, 1, (v @ matrix @ u.T)[0, 0])
        self.vector_u = jnp.where(zero, self.vector_u, u)
        weight.assign(kernel / largest)

    def _kernel(self) -> Weight:
        """The weight that is normalised: at full precision, whatever the policy."""
        for weight in self.layer.weights:
            if weight.name in ("kernel", "embeddings"):
                return weight
        raise ConfigError(
            f"SpectralNormalization {self.name!r} is put around a layer that has a kernel.",
            got=f"{type(self.layer).__name__} {self.layer.name!r}, with neither kernel nor "
            "embeddings",
            expected="a dense, convolution or embedding layer",
            fix="SpectralNormalization(Dense(10)), say.",
        )
