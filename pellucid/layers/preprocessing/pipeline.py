"""`Pipeline`: several layers as one, for preprocessing."""

from __future__ import annotations

from typing import Any

from ..._core import foreign
from ..._core.errors import ConfigError
from ..._core.specs import family
from ..base import Layer
from ..context import current
from ..foreign_calls import call_on_foreign, has_foreign
from ..prepared import Prepared
from .values import as_values


@family("layer").register("Pipeline")
class Pipeline(Layer):
    """Applies layers one after the other; unlike `Sequential`, only a layer, not a model.

    Args:
        layers: list of layers.

    >>> import numpy as np
    >>> from pellucid import layers
    >>> steps = Pipeline([layers.Rescaling(0.5), layers.Discretization([1.0, 2.0])])
    >>> steps(np.array([[1.0, 3.0, 5.0]])).tolist()
    [[0, 1, 2]]
    """

    traits = frozenset({"opaque"})
    casts_inputs = False
    takes_raw = True

    def __init__(self, layers: Any, name: str | None = None):
        super().__init__(name=name)
        self.layers = layers
        wrong = [step for step in layers or () if not isinstance(step, Layer)]
        if not isinstance(layers, (list, tuple)) or wrong:
            raise ConfigError(
                f"Pipeline {self.name!r} takes a list of layers.",
                got=repr(wrong[0] if wrong else layers),
                fix="Pipeline([Rescaling(1 / 255), RandomFlip()]).",
            )

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return True  # as far as its layers are, each of which is asked for itself

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if foreign.loaded() and has_foreign(inputs):
            return call_on_foreign(self, (inputs, *args), kwargs)
        return super().__call__(as_values(inputs), *args, **kwargs)

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        context = current()
        if mask is not None and context is not None and hasattr(inputs, "shape"):
            context.set_mask(inputs, mask)
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    # --- where the first layer takes text, it begins on the host

    def needs_host(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self.layers) and self.layers[0].needs_host(*args)

    def on_host(self, inputs: Any) -> Prepared:
        return self.layers[0].on_host(inputs)

    def symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not self.needs_host(*args):
            return super().symbolic_outputs(args, kwargs)
        value = args[0]
        for layer in self.layers:
            value = layer.symbolic_outputs((value,), {})
        self.built = True
        return value
