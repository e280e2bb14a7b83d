"""A functional model as plain JSON types, and back: layers once, calls as edges between them."""

from __future__ import annotations

from typing import Any

from .._core.errors import FileFormatError
from .._core.specs import deserialize, serialize
from ..layers.base import Layer
from ..layers.symbolic import SymbolicTensor, leaves


def functional_config(model: Any) -> dict[str, Any]:
    """Layers by name, then one entry per call with its arguments; tensors are (call, position)."""
    graph = model.graph
    where: dict[int, list[int]] = {}
    for number, node in enumerate(graph.nodes):
        for position, tensor in enumerate(leaves(node.outputs)):
            where[id(tensor)] = [number, position]

    def encode(tree: Any) -> Any:
        if isinstance(tree, SymbolicTensor):
            return {"__tensor__": where[id(tree)]}
        if isinstance(tree, dict):
            return {key: encode(value) for key, value in tree.items()}
        if isinstance(tree, tuple):
            return {"__tuple__": [encode(value) for value in tree]}
        if isinstance(tree, list):
            return [encode(value) for value in tree]
        return serialize(tree)

    names = {layer: layer.name for layer in graph.layers}
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": {names[layer]: serialize(layer) for layer in graph.layers},
        "nodes": [
            {
                "layer": names[node.layer],
                "args": encode(list(node.args)),
                "kwargs": encode(node.kwargs),
            }
            for node in graph.nodes
        ],
        "inputs": encode(graph.inputs),
        "outputs": encode(graph.outputs),
    }


def functional_from_config(cls: type, config: dict[str, Any]) -> Any:
    """The model that `functional_config` described, with fresh weights."""
    made: dict[str, Layer] = {name: deserialize(spec) for name, spec in config["layers"].items()}
    results: list[list[SymbolicTensor]] = []

    def decode(tree: Any) -> Any:
        if isinstance(tree, dict):
            if "__tensor__" in tree:
                number, position = tree["__tensor__"]
                return results[number][position]
            if "__tuple__" in tree:
                return tuple(decode(value) for value in tree["__tuple__"])
            if "class_name" in tree and "config" in tree:
                return deserialize(tree)
            return {key: decode(value) for key, value in tree.items()}
        if isinstance(tree, list):
            return [decode(value) for value in tree]
        return tree

    for node in config["nodes"]:
        if node["layer"] not in made:
            raise FileFormatError(
                f"The model's configuration calls a layer {node['layer']!r} that it does not hold.",
                expected=f"one of {sorted(made)}",
                fix="write the configuration again with model.get_config().",
            )
        layer = made[node["layer"]]
        args, kwargs = decode(node["args"]), decode(node["kwargs"])
        outputs = layer(*args, **kwargs) if args or kwargs else layer.output
        results.append(leaves(outputs))
    model = cls(decode(config["inputs"]), decode(config["outputs"]), name=config.get("name"))
    if not config.get("trainable", True):
        model.trainable = False
    return model
