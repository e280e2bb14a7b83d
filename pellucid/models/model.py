"""`Model`: a layer that can be trained. From a graph, or as a subclass with its own `call`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from .._core.errors import ConfigError, NotReadyError, ShapeError, UnknownNameError
from .._core.registry import did_you_mean
from .._core.specs import family
from ..layers import building, traits, tree
from ..layers.base import Layer
from ..layers.prepared import Prepared
from ..layers.saved import held_attributes, ordered
from ..layers.symbolic import SymbolicTensor, tree_map
from ..layers.weight_owner import reserved
from .arranging import by_name, check_gap, leaves_and_gaps, raise_without_names
from .described import Described
from .graph import Graph, name_layers
from .intermediate import begun_at_inputs
from .reporting import Reporting
from .shape_hints import fix_for_shape
from .trainable import Trainable
from .written import Written


@family("layer").register("Model", "Functional")
class Model(Trainable, Reporting, Described, Written, Layer):
    """A network that can be compiled, trained, evaluated and asked for predictions.

    Either functional, ``Model(inputs, outputs)``, or subclassed, with layers made in `__init__`
    and used in `call`.

    Args:
        inputs: tensor from `Input`, or a list or dictionary of them.
        outputs: tensor, list or dictionary computed from the inputs.
        name: shown by `summary`.
        trainable: False freezes every layer.
        dtype: number format or policy.

    >>> from pellucid import Input, Model, layers
    >>> x = Input(shape=(4,))
    >>> model = Model(x, layers.Dense(3, activation="softmax")(x))
    >>> model.predict(np.zeros((2, 4)), verbose=0).shape
    (2, 3)
    """

    traits = frozenset({"opaque"})
    batch_safe = True  # as far as its layers are; a subclass with its own `call` has to say so
    _not_tracked = frozenset({"_graph", "compile_settings"})
    _layers_first: ClassVar[bool] = False
    """Whether files begin with the list of layers, even where there is no graph."""
    casts_inputs = False  # each layer casts its own: word numbers must not pass through bfloat16
    _unsaved = frozenset({"inputs", "outputs"})

    def __init__(
        self,
        inputs: Any = None,
        outputs: Any = None,
        *,
        name: str | None = None,
        trainable: bool = True,
        dtype: Any = None,
        **layer_arguments: Any,
    ):
        super().__init__(name=name, trainable=trainable, dtype=dtype, **layer_arguments)
        if (inputs is None) != (outputs is None):
            raise ConfigError(
                "A functional model needs both inputs and outputs.",
                got="outputs missing" if outputs is None else "inputs missing",
                fix="Model(inputs=x, outputs=y).",
            )
        self.graph = None
        _ = self.root_seed  # drawn now: models then take their seeds in the order they are made
        if inputs is not None:
            self._adopt(begun_at_inputs(inputs, outputs))
            if name is None and type(self) is Model:
                self._name, self._name_given = None, False

    def _adopt(self, graph: Graph) -> None:
        name_layers(graph.layers, self.name)
        self.graph = graph
        self.built = True
        tree.index(self)

    def _usual_name(self) -> str:
        functional = type(self) is Model and self.__dict__.get("_graph") is not None
        return "functional" if functional else super()._usual_name()

    # --- structure

    @property
    def graph(self) -> Graph | None:
        """The calls of a functional model; None where a subclass writes its own `call`."""
        return self._graph

    @graph.setter
    def graph(self, value: Graph | None) -> None:
        if value is not None and not isinstance(value, Graph):
            raise reserved(self, "graph", value)
        object.__setattr__(self, "_graph", value)

    @property
    def layers(self) -> list[Layer]:
        """The layers directly in the model, inputs first; arithmetic between tensors is none.

        >>> from pellucid import Input, Model, layers
        >>> x = Input(shape=(4,))
        >>> model = Model(x, layers.Dense(4)(x) + x)
        >>> [layer.name for layer in model.layers], [layer.name for layer in model.operations]
        (['input_layer', 'dense'], ['input_layer', 'dense', 'add'])
        """
        if self.graph is not None:
            return [layer for layer in self.graph.layers if not traits.has(layer, "operation")]
        return super().sublayers()

    @property
    def operations(self) -> list[Layer]:
        """The layers, those of arithmetic between tensors included, in the order they run in."""
        return list(self._needs_graph("operations").layers)

    def saved_attributes(self) -> Iterator[tuple[str, Any]]:
        """The layers of a graph or stack come first; else they stand among the attributes."""
        if self._layers_first or self.graph is not None:
            yield "layers", self.layers
        yield from ordered({"layers": self.layers, **held_attributes(self, Model)})

    def sublayers(self) -> list[Layer]:
        first = self.layers if self.graph is None else self.graph.layers
        return [*first, *(layer for layer in super().sublayers() if layer not in first)]

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of the given name or position."""
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise ConfigError(
                    f"{self.name!r} has {len(self.layers)} layers.",
                    got=f"index {index}",
                    fix=f"use an index from 0 to {len(self.layers) - 1}.",
                )
            return self.layers[index]
        among = self.layers if self.graph is None else self.graph.layers
        by_name = {layer.name: layer for layer in among}
        if name not in by_name:
            raise UnknownNameError(
                f"{self.name!r} has no layer called {name!r}.",
                got=repr(name),
                fix=did_you_mean(str(name), by_name),
            )
        return by_name[name]

    def _needs_graph(self, what: str) -> Graph:
        if self.graph is None:
            raise NotReadyError(
                f"{self.name!r} has no symbolic {what}: its input shape is not known.",
                fix="start it with Input(shape=...), or build(input_shape).",
            )
        return self.graph

    @property
    def inputs(self) -> list[SymbolicTensor]:
        return self._needs_graph("inputs").input_leaves

    @property
    def outputs(self) -> list[SymbolicTensor]:
        return self._needs_graph("outputs").output_leaves

    @property
    def input(self) -> Any:
        return self._needs_graph("input").inputs

    @property
    def output(self) -> Any:
        return self._needs_graph("output").outputs

    @property
    def input_shape(self) -> Any:
        if self.graph is None:
            shape = super().input_shape
            return self._needs_graph("input shape") if shape is None else shape
        return tree_map(lambda tensor: tensor.shape, self.graph.inputs)

    @property
    def output_shape(self) -> Any:
        if self.graph is None:
            return super().output_shape
        return tree_map(lambda tensor: tensor.shape, self.graph.outputs)

    @property
    def input_names(self) -> list[str]:
        """The name of each input."""
        return [tensor.node.layer.name for tensor in self.inputs if tensor.node is not None]

    @property
    def output_names(self) -> list[str]:
        """The name of each output, as used by `loss={...}` and in the logs."""
        return self._needs_graph("outputs").output_names()

    # --- calling

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of the given shape, batch included.

        Args:
            input_shape: such as ``(None, 784)``; a list or dictionary of shapes for several inputs.
        """
        if self.graph is None and input_shape is not None:
            placeholders = building.placeholders(input_shape, self.compute_dtype)
            self.built = True
            outputs = self.symbolic_outputs((placeholders,), {})
            self.__dict__["_called_on"] = input_shape
            self.__dict__["_gave"] = tree_map(lambda tensor: tensor.shape, outputs)

    def ensure_built(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if type(self).build is Model.build:
            # Layers made in __init__ build themselves when `call` reaches them.
            self.built = True
            if self.graph is None and "_built_on" not in self.__dict__:
                self.note_shapes(args, kwargs)
        else:
            super().ensure_built(args, kwargs)

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        """The network. A subclass writes its own."""
        if self.graph is None:
            return super().call(inputs)
        if isinstance(inputs, Prepared) and self.graph.host is not None:
            return self.graph.host.run(inputs)
        return self.graph.run(self.arrange_inputs(inputs))

    # --- text and other data that begins on the host

    @property
    def takes_raw(self) -> bool:  # type: ignore[override]
        return self.graph is not None and self.graph.host is not None

    def needs_host(self, *args: Any, **kwargs: Any) -> bool:
        return self.takes_raw

    def on_host(self, inputs: Any) -> Prepared:
        """The part of the network that only the host can compute, on NumPy arrays."""
        host = self._needs_graph("inputs").host
        # A list is in order already: it is made where the data are read.
        given = inputs if isinstance(inputs, list) else self.in_order(inputs)
        return Prepared() if host is None else host.prepare(self._fitted(given))

    def start_on(self, array: Any) -> None:
        """Learn from the data what the input is, where that is not known yet."""

    def symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.takes_raw:
            self.start_on(args[0])
        if self.takes_raw and not isinstance(args[0], Prepared):
            # Drawn already: a trace cannot go through text.
            outputs = self._needs_graph("outputs").outputs
            return tree_map(lambda tensor: SymbolicTensor(tensor.shape, tensor.dtype), outputs)
        return super().symbolic_outputs(args, kwargs)

    def arrange_inputs(self, inputs: Any) -> list[Any]:
        """What the user passed -> one array per input, cast and ranked as `Input` says."""
        return self._fitted(self.in_order(inputs))

    def _fitted(self, given: list[Any]) -> list[Any]:
        tensors = self.inputs
        if len(given) != len(tensors):
            raise ShapeError(
                f"{self.name!r} has {len(tensors)} inputs but was given {len(given)}.",
                got=[tuple(np.shape(array)) for array in given],
                expected=[f"{t.name} {t.shape}" for t in tensors],
                fix="pass a list with one array per input, or a dictionary by input name.",
            )
        return [self.fit_input(array, tensor) for array, tensor in zip(given, tensors, strict=True)]

    def in_order(self, inputs: Any) -> list[Any]:
        """One array per input, from an array, a list, or a dictionary by input name."""
        if isinstance(inputs, (list, tuple)) and inputs and isinstance(inputs[0], (str, bytes)):
            inputs = np.asarray(inputs)
        structure = self._needs_graph("inputs").inputs
        if isinstance(inputs, dict):
            return by_name(self.name, structure, self.input_names, inputs)
        if isinstance(structure, dict) and len(structure) > 1:
            raise_without_names(self.name, sorted(structure), inputs)
        return leaves_and_gaps(inputs)

    def fit_input(self, array: Any, tensor: SymbolicTensor) -> Any:
        """`array` in the rank and format of the input `tensor`; raises where it cannot be that."""
        if array is None:
            return check_gap(self.name, tensor)
        if isinstance(array, SymbolicTensor):
            return array
        shape, wanted = tuple(np.shape(array)), tensor.shape
        if len(shape) == len(wanted) - 1 and wanted[-1] == 1:
            array, shape = array[..., None], (*shape, 1)
        elif len(shape) == len(wanted) + 1 and shape[-1] == 1:
            array, shape = array[..., 0], shape[:-1]
        if len(shape) != len(wanted) or any(
            size is not None and size != actual
            for size, actual in zip(wanted[1:], shape[1:], strict=False)
        ):
            raise ShapeError(
                f"The input {tensor.name!r} of {self.name!r} does not have the expected shape.",
                got="(" + ", ".join(["batch", *map(str, shape[1:])]) + ")",
                expected="(" + ", ".join(["batch", *map(str, wanted[1:])]) + ")",
                fix=fix_for_shape(shape, wanted),
            )
        if tensor.dtype == "string":
            return array
        # Floats for whole numbers are cast, as Keras does; numbers of 64 bits stay what they are.
        dtype = jax.dtypes.canonicalize_dtype(tensor.dtype)
        if array.dtype != dtype and _is_cast(array.dtype, dtype):
            array = array.astype(dtype)
        return array

    def reset_states(self) -> None:
        """Let every stateful layer forget the last batch."""
        for _, layer in tree.walk(self):
            if layer is not self and hasattr(layer, "reset_state"):
                layer.reset_state()

    # --- showing

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Any = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Print the layers, their output shapes and how many parameters each has.

        The arguments are those of `pellucid.models.summary.summary`.
        """
        from .summary import summary

        summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def diagram(self, to_file: Any = None) -> str:
        """The network as Mermaid text; with `to_file` also as .svg, .png or .mmd.

        Args:
            to_file: path to write to; SVG and PNG need Graphviz's `dot` on the machine.
        """
        from .diagram import diagram

        return diagram(self, to_file)

    def diagnose(self, x: Any = None, y: Any = None) -> Any:
        """What is wrong with the network, its data or its run, as far as can be told.

        During and after training it reads what the run measured (`history.vitals`). Before, it
        looks at the configuration, and with data also at these and at the first forward pass.

        Args:
            x, y: training data, as for `fit`.

        Returns:
            A `Diagnosis`: findings with evidence and fix, the worst first; prints as text.

        >>> from pellucid import Input, Model, layers
        >>> x = Input(shape=(4,))
        >>> model = Model(x, layers.Dense(1, activation="softmax")(x))
        >>> [finding.rule for finding in model.diagnose().problems]
        ['softmax-over-one-unit']
        """
        from .diagnosis import diagnose

        return diagnose(self, x, y)


def _is_cast(given: Any, wanted: Any) -> bool:
    """Whether an input is cast: to floats always, to whole numbers from floats."""
    if jnp.issubdtype(wanted, jnp.floating):
        return True
    return jnp.issubdtype(wanted, jnp.integer) and jnp.issubdtype(given, jnp.floating)
