"""A model as plain values: its configuration, in our form and in Keras's, and back."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Self

from .._core.custom import knowing
from .._core.specs import Configurable
from .config import functional_config, functional_from_config
from .graph import Graph

if TYPE_CHECKING:
    from ..network.writer import Write


class Described(Configurable):
    """The part of `Model` that says what the network is."""

    if TYPE_CHECKING:
        name: Any
        trainable: Any
        graph: Graph | None

        def _usual_name(self) -> str: ...

    # --- places in files

    @property
    def saved_class_name(self) -> str | None:
        """Keras has a class of its own for functional models."""
        return "Functional" if self._usual_name() == "functional" else None

    # --- configuration

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes that the model was built or called on; None before."""
        known = super().get_build_config()  # type: ignore[misc]
        called = self.__dict__.get("_called_on")
        if known is not None or called is None or self.graph is not None:
            return known
        return {"input_shape": called}

    def is_drawn(self) -> bool:
        """Whether the graph says all, so that ``type(model)(inputs, outputs)`` is the network."""
        return self.graph is not None and _takes_ends(type(self))

    def get_config(self) -> dict[str, Any]:
        """The architecture as JSON-ready values; weights are not part of it."""
        if self.is_drawn():
            return functional_config(self)
        return super().get_config()

    def file_entry(self, write: Write) -> dict[str, Any] | None:
        """The entry of a functional model in a file; None for others."""
        from ..network.graphs import graph_config
        from ..network.writer import entry_of

        if self.graph is None or not self.is_drawn():
            return None
        config = {"name": self.name, "trainable": self.trainable, **graph_config(self.graph, write)}
        if self.saved_class_name is None:
            return entry_of(self, config)
        return {
            "module": "keras.src.models.functional",
            "class_name": "Functional",
            "config": config,
            "registered_name": "Functional",
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        """A new model, with fresh weights, from what `get_config` returned, here or in Keras.

        Args:
            config: the architecture.
            custom_objects: name -> class or function of your own that it may name.
        """
        if "nodes" in config:
            with knowing(custom_objects):
                return functional_from_config(cls, config)
        if "input_layers" in config:
            from ..network.graphs import graph_of

            with knowing(custom_objects):
                inputs, outputs = graph_of(config)
                own = ("layers", "input_layers", "output_layers", "trainable")
                more = {key: value for key, value in config.items() if key not in own}
                made: Any = cls
                model = made(inputs, outputs, **more)
            if config.get("trainable") is False:
                model.trainable = False
            return model
        return super().from_config(config, custom_objects)


def _takes_ends(cls: type) -> bool:
    """Whether a class is made from inputs and outputs, or hands on all that it is given."""
    parameters = list(inspect.signature(cls).parameters.values())
    kinds = {parameter.kind for parameter in parameters}
    if {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD} == kinds:
        return True
    return [parameter.name for parameter in parameters[:2]] == ["inputs", "outputs"]
