"""A network's layers with shapes, parameters and connections: what summary and diagram show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import jax

from ..layers import building, traits, tree
from ..layers.base import Layer
from ..layers.context import Context, bind
from ..layers.shape_inference import infer
from ..layers.symbolic import leaves, tree_map

UNKNOWN = "?"


@dataclass(frozen=True)
class Entry:
    """One layer of a network.

    Attributes:
        layer: the layer.
        name: unique within the network.
        shape: of its output, nested as the output is; None where it is not known.
        sources: one (name, shape) for each tensor that goes in; empty where that is not known.
        children: the layers inside, where it is a network itself.
    """

    layer: Layer
    name: str
    shape: Any
    sources: list[tuple[str, Any]] = field(default_factory=list)
    children: list[Entry] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return type(self.layer).__name__

    @property
    def parameters(self) -> int:
        return sum(weight.size for weight in weights_in(self.layer))


def outline(model: Any) -> list[Entry]:
    """The layers directly in `model`, in its own order.

    Nothing is changed: weights get no other path or number from being looked at.
    """
    graph = getattr(model, "graph", None)
    layers = list(getattr(model, "layers", None) or model.sublayers())
    if graph is not None:  # arithmetic between tensors is drawn, though it is no layer
        known = set(layers)
        layers = [one for one in graph.layers if one in known or traits.has(one, "operation")]
    if graph is None:
        shapes = _traced_shapes(model)
        taken: set[str] = set()
        entries = []
        for layer in layers:
            name = tree.unique(layer.name, taken)
            taken.add(name)
            entries.append(Entry(layer, name, shapes.get(layer), [], _children(layer)))
        return entries
    origin, outputs, sources = _connections(graph)
    return [
        Entry(
            layer,
            layer.name,
            outputs.get(layer),
            [(origin[id(t)], t.shape) for t in sources.get(layer, []) if id(t) in origin],
            _children(layer),
        )
        for layer in layers
    ]


def _children(layer: Layer) -> list[Entry]:
    return outline(layer) if hasattr(layer, "layers") else []


def _connections(graph: Any) -> tuple[dict[int, str], dict[Layer, Any], dict[Layer, list[Any]]]:
    """Tensor -> the call it comes from; layer -> its last output's shape, and all its inputs."""
    origin: dict[int, str] = {}
    outputs: dict[Layer, Any] = {}
    sources: dict[Layer, list[Any]] = {}
    calls: dict[Layer, int] = {}
    starts = {id(tensor) for tensor in graph.input_leaves}
    for node in graph.nodes:
        calls[node.layer] = calls.get(node.layer, 0) + 1
        again = f"#{calls[node.layer]}" if calls[node.layer] > 1 else ""
        for tensor in leaves(node.outputs):
            origin[id(tensor)] = node.layer.name + again
        outputs[node.layer] = tree_map(_shape_of, node.outputs)
        if not any(id(tensor) in starts for tensor in leaves(node.outputs)):
            sources.setdefault(node.layer, []).extend(node.inputs())
    return origin, outputs, sources


def _shape_of(tensor: Any) -> Any:
    return Shape(tensor.shape)


class Shape(tuple):
    """A shape as one leaf: a plain tuple would be taken for a structure of outputs."""

    __slots__ = ()


def _traced_shapes(model: Any) -> dict[Layer, Any]:
    """Output shapes of the layers of a network without a graph, where its input shape is known."""
    given = getattr(model, "input_shape", None)
    if given is None or not model.built:
        return {}
    met: list[Layer] = []

    def run(inputs: Any) -> Any:
        seen: dict[Layer, Any] = {}

        def tap(layer: Layer, count: int, output: Any) -> Any:
            seen[layer] = output
            return output

        context = Context(abstract=True, training=False, rng=jax.random.key(0), tap=tap)
        with bind(context):
            model(inputs)
        met[:] = seen
        return list(seen.values())

    outputs = infer(run, building.placeholders(given, model.compute_dtype))
    return {layer: tree_map(_shape_of, out) for layer, out in zip(met, outputs, strict=True)}


def shape_text(shape: Any) -> str:
    """A shape, or a structure of them, as text.

    >>> shape_text(Shape((None, 10))), shape_text([Shape((None, 1)), Shape((None, 2))])
    ('(None, 10)', '[(None, 1), (None, 2)]')
    """
    if shape is None:
        return UNKNOWN
    if isinstance(shape, dict):
        return "{" + ", ".join(f"{key}: {shape_text(value)}" for key, value in shape.items()) + "}"
    if isinstance(shape, (Shape, tuple)) and all(s is None or isinstance(s, int) for s in shape):
        return str(tuple(shape))
    return "[" + ", ".join(shape_text(part) for part in shape) + "]"


def is_chain(entries: list[Entry]) -> bool:
    """Whether each layer just takes the output of the one before: no need to say so."""
    previous: str | None = None
    for entry in entries:
        if len(entry.sources) > 1:
            return False
        if entry.sources and previous is not None and entry.sources[0][0] != previous:
            return False
        if not entry.sources and previous is not None and _is_input(entry):
            return False
        previous = entry.name
    return True


def _is_input(entry: Entry) -> bool:
    return entry.kind == "InputLayer"


def weights_in(layer: Layer) -> list[Any]:
    """The weights at or under `layer`, each once, without giving them paths as `weights` does."""
    return [w for _, sub in tree.walk(layer) for w in sub._own_weights if not w.transient]


def trainable_split(model: Layer) -> tuple[list[Any], list[Any]]:
    """The weights that training changes, and the others (a frozen parent freezes all)."""
    trainable: list[Any] = []
    fixed: list[Any] = []
    frozen: list[str] = []
    for path, layer in tree.walk(model):
        if not layer.trainable:
            frozen.append(path + "/")
        off = any((path + "/").startswith(start) for start in frozen)
        for weight in (w for w in layer._own_weights if not w.transient):
            (trainable if weight.trainable and not off else fixed).append(weight)
    return trainable, fixed
