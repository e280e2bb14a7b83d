"""A model as plain values: its configuration, in our form and in Keras's, and back."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Self

from .._core.custom import knowing
from .._core.specs import Configurable
from ..layers.building import placeholders, shape_of
from ..layers.symbolic import leaves
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
        built: bool
        compute_dtype: Any

        def symbolic_outputs(self, args: Any, kwargs: Any) -> Any: ...

        def _usual_name(self) -> str: ...

    # --- places in files

    @property
    def saved_class_name(self) -> str | None:
        """Keras has a class of its own for functional models."""
        return "Functional" if self._usual_name() == "functional" else None

    # --- configuration

    def note_shapes(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Remember the shapes of a first call, on which a file's model is built again."""
        names = list(inspect.signature(self.call).parameters)  # type: ignore[attr-defined]
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        shapes = {name: shape_of(value) for name, value in given.items() if _has_shapes(value)}
        if len(shapes) == 1:
            self.__dict__["_built_on"] = next(iter(shapes.values()))
        elif shapes:
            self.__dict__["_built_on"] = {f"{name}_shape": s for name, s in shapes.items()}

    def build_from_config(self, config: dict[str, Any] | None) -> None:
        """Build as `get_build_config` says; a model without a `build` of its own by a call."""
        shapes = (config or {}).get("shapes_dict")
        if not shapes or "build" in vars(type(self)):
            super().build_from_config(config)  # type: ignore[misc]
            return
        tensors = {
            name.removesuffix("_shape"): placeholders(shape, self.compute_dtype)
            for name, shape in shapes.items()
        }
        self.built = True
        self.symbolic_outputs((), tensors)

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


def _has_shapes(value: Any) -> bool:
    found = leaves(value)
    return bool(found) and all(getattr(leaf, "shape", None) is not None for leaf in found)


def _takes_ends(cls: type) -> bool:
    """Whether a class is made from inputs and outputs, or hands on all that it is given."""
    parameters = list(inspect.signature(cls).parameters.values())
    kinds = {parameter.kind for parameter in parameters}
    if {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD} == kinds:
        return True
    return [parameter.name for parameter in parameters[:2]] == ["inputs", "outputs"]
