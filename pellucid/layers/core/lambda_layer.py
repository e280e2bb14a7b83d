"""`Lambda`: any function as a layer."""

from __future__ import annotations

import inspect
import warnings
from typing import Any, Self

from ..._core.custom import knowing
from ..._core.errors import ConfigError, MaskLostWarning
from ..._core.live import stays_here
from ..._core.specs import family, serialize
from ..base import Layer
from .written_functions import FUNCTIONS, code_is_refused, read, write


@family("layer").register("Lambda")
class Lambda(Layer):
    """Apply a function, written with `jax.numpy`, in the middle of a network.

    Args:
        function: takes the input and returns the output; it may also take `mask` and `training`.
            A name stands for a function registered with ``@pellucid.register("function")``.
        output_shape: accepted for Keras's programs; shapes are found by tracing the function.
        mask: of the output: an array, or a function of (inputs, mask).
        arguments: further keyword arguments for the function.

    For anything with weights, write a subclass of `Layer` instead. A configuration holds the name
    of a function, which `from_config` finds among the registered ones and in `custom_objects`; of a
    lambda it holds the code, which is read with ``safe_mode=False`` alone.

    Raises:
        ConfigError: `function` cannot be called.

    >>> import numpy as np
    >>> Lambda(lambda x: x ** 2)(np.array([[3.0]])).tolist()
    [[9.0]]
    """

    traits = frozenset({"opaque"})
    batch_safe = False  # the function may mix rows

    holds_code = True
    """It does what a function of the user's does, which no configuration tells."""

    def __init__(
        self,
        function: Any,
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.function = function
        self._output_shape = output_shape
        self.mask = mask
        self.arguments = arguments
        self.supports_masking = mask is not None
        resolved = self._resolved()
        if not callable(resolved):
            raise ConfigError(
                f"Lambda {self.name!r} takes a function.",
                got=f"{function!r} ({type(function).__name__})",
                expected="a function of one array",
                fix="Lambda(lambda x: x / 255).",
            )

    def call(self, inputs: Any, mask: Any = None, training: bool = False) -> Any:
        function = self._resolved()
        extra = dict(self.arguments or {})
        takes = _argument_names(function)
        if "mask" in takes:
            extra["mask"] = mask
        elif mask is not None and self.mask is None:
            warnings.warn(
                f"Lambda {self.name!r} drops the mask that reaches it: padded steps count like "
                "real ones from here on.\n  fix: let the function take `mask`, or give "
                "Lambda(..., mask=lambda inputs, mask: mask) where every step is treated alike.",
                MaskLostWarning,
                stacklevel=2,
            )
        if "training" in takes:
            extra["training"] = training
        return function(inputs, **extra)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """`mask`, or what it returns where it is a function."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    @property
    def output_shape(self) -> Any:
        return super().output_shape if "_gave" in self.__dict__ else self._output_shape

    def _written(self, name: str, value: Any) -> Any:
        value = self._output_shape if name == "output_shape" else value
        if callable(value):
            return value if stays_here() else write(value)
        return serialize(value)

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None, safe_mode: bool | None = None
    ) -> Self:
        """A layer from what `get_config` returned.

        Args:
            config: the constructor's arguments as JSON-ready values.
            custom_objects: name -> function of your own that it may name.
            safe_mode: False reads the code of lambdas, which can do anything: for configurations
                whose origin you trust.

        Raises:
            ConfigError: the code of a lambda in safe mode, or a function that is not known.
        """
        name, refused = config.get("name", "lambda"), code_is_refused(safe_mode)
        with knowing(custom_objects):
            config = {key: read(name, value, refused) for key, value in config.items()}
            return super().from_config(config)

    def _resolved(self) -> Any:
        return FUNCTIONS.get(self.function) if isinstance(self.function, str) else self.function


def _argument_names(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # builtins without a signature
        return []
