"""The functional graph: which layer calls lead from the inputs to the outputs, and running them."""

from __future__ import annotations

import functools
from typing import Any

from .._core.errors import ConfigError, StateError
from ..layers.base import Layer
from ..layers.symbolic import Node, SymbolicTensor, leaves, tree_map
from ..layers.tree import unique
from .hosted import HostPart


class Graph:
    """The calls between `inputs` and `outputs`, in an order in which they can run.

    Args:
        inputs: symbolic tensors made by `Input`, nested as the model takes them.
        outputs: symbolic tensors, nested as the model returns them.
    """

    def __init__(self, inputs: Any, outputs: Any):
        self.inputs = inputs
        self.outputs = outputs
        self.input_leaves = leaves(inputs)
        self.output_leaves = leaves(outputs)
        for what, tensors in (("inputs", self.input_leaves), ("outputs", self.output_leaves)):
            for tensor in tensors:
                if not isinstance(tensor, SymbolicTensor):
                    raise ConfigError(
                        f"The {what} of a functional model must be symbolic tensors.",
                        got=type(tensor).__name__,
                        expected="tensors that started from pellucid.Input(shape=...)",
                        fix="x = Input(shape=(784,)); y = Dense(10)(x); Model(x, y).",
                    )
        self.nodes = self._collect()
        self.layers = self._order_layers()

    def _collect(self) -> list[Node]:
        """Nodes in the order of a depth-first walk from the outputs: each after its inputs."""
        given = {id(tensor) for tensor in self.input_leaves}
        done: dict[Node, None] = {}

        def visit(tensor: SymbolicTensor) -> None:
            stack: list[tuple[SymbolicTensor, bool]] = [(tensor, False)]
            while stack:
                item, expanded = stack.pop()
                node = item.node
                if node is None:
                    raise StateError(
                        "A tensor of this graph has no origin.",
                        got=repr(item),
                        fix="start the graph from pellucid.Input(shape=...).",
                    )
                if node in done:
                    continue
                if expanded:
                    done[node] = None
                    continue
                sources = [] if id(item) in given else node.inputs()
                if not sources and id(item) not in given:
                    raise ConfigError(
                        f"The outputs depend on an input that is not among the model's inputs: "
                        f"{item.name!r}.",
                        got=f"inputs {[t.name for t in self.input_leaves]}",
                        fix=f"add {item.name!r} to the inputs of the model.",
                    )
                stack.append((item, True))
                stack += [(source, False) for source in reversed(sources)]

        for tensor in self.output_leaves:
            visit(tensor)
        for tensor in self.input_leaves:  # an input that no output uses is still an input
            if tensor.node is not None:
                done.setdefault(tensor.node)
        return list(done)

    def _order_layers(self) -> list[Layer]:
        """Layers as Keras lists them: by distance from the outputs, then as the walk met them."""
        depth: dict[Node, int] = {}
        origin = {id(leaf): node for node in self.nodes for leaf in leaves(node.outputs)}
        for node in reversed(self.nodes):
            depth.setdefault(node, 0)
            for tensor in node.inputs():
                source = origin.get(id(tensor))
                if source is not None:
                    depth[source] = max(depth.get(source, 0), depth[node] + 1)
        first_met: dict[Layer, int] = {}
        layer_depth: dict[Layer, int] = {}
        for position, node in enumerate(self.nodes):
            first_met.setdefault(node.layer, position)
            layer_depth[node.layer] = max(layer_depth.get(node.layer, 0), depth[node])
        deepest = max(layer_depth.values(), default=0)
        for tensor in self.input_leaves:
            layer_depth[tensor.node.layer] = deepest
            first_met[tensor.node.layer] = -1
        inputs = [tensor.node.layer for tensor in self.input_leaves]
        rank = {layer: number for number, layer in enumerate(inputs)}
        return sorted(
            layer_depth,
            key=lambda layer: (-layer_depth[layer], first_met[layer], rank.get(layer, 0)),
        )

    def run(self, arrays: list[Any]) -> Any:
        """The outputs for one array per input, in the order of `input_leaves`."""
        values = {
            id(tensor): array for tensor, array in zip(self.input_leaves, arrays, strict=True)
        }
        starts = {tensor.node for tensor in self.input_leaves}
        return self.evaluate(values, [node for node in self.nodes if node not in starts])

    def evaluate(
        self, values: dict[int, Any], nodes: list[Node], begun: dict[Node, Any] | None = None
    ) -> Any:
        """Run some calls, in order; the outputs, as far as they are known then.

        Args:
            values: tensors' arrays by `id`; what the calls give is added.
            nodes: the calls.
            begun: what the host prepared for some of them, in place of their arguments.
        """

        def value(leaf: Any) -> Any:
            return values[id(leaf)] if isinstance(leaf, SymbolicTensor) else leaf

        for node in nodes:
            if begun is not None and node in begun:
                results = node.layer(begun[node])
            else:
                results = node.layer(*tree_map(value, node.args), **tree_map(value, node.kwargs))
            for tensor, result in zip(leaves(node.outputs), leaves(results), strict=True):
                values[id(tensor)] = result
        return tree_map(lambda leaf: values.get(id(leaf)), self.outputs)

    @functools.cached_property
    def host(self) -> HostPart | None:
        """The part that only the host can compute, if there is one."""
        part = HostPart(self)
        return part if part.cut or part.whole else None

    def output_names(self) -> list[str]:
        """One name per output: its layer's, made unique."""
        taken: set[str] = set()
        names = []
        for tensor in self.output_leaves:
            names.append(unique(tensor.node.layer.name, taken))
            taken.add(names[-1])
        return names


def name_layers(layers: list[Layer], model_name: str) -> None:
    """Give every layer that has no name yet one that is unique among `layers`.

    Raises:
        ConfigError: two layers were given the same name.
    """
    taken: set[str] = set()
    for layer in layers:
        if layer._name is not None:
            if layer.name in taken:
                raise ConfigError(
                    f"Two layers of {model_name!r} have the same name {layer.name!r}.",
                    fix="give each layer its own name=..., or leave the name out.",
                )
            taken.add(layer.name)
    for layer in layers:
        if layer._name is None:
            layer._name = unique(layer.name, taken)
            taken.add(layer._name)
