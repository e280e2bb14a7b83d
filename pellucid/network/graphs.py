"""A functional model in Keras's form: layers with their calls, which name tensors by origin."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Protocol

from .._core.errors import FileFormatError
from ..layers.base import Layer
from ..layers.symbolic import Node, SymbolicTensor, leaves
from . import operations
from .reader import plain, read
from .writer import Write


class Drawn(Protocol):
    """What is written of a graph."""

    nodes: list[Node]
    layers: list[Layer]
    inputs: Any
    outputs: Any


def graph_config(graph: Drawn, write: Write) -> dict[str, Any]:
    """The layers, calls, inputs and outputs of a graph, for a configuration.

    Args:
        graph: of a functional model.
        write: writes the layers.
    """
    calls: dict[Layer, list[Node]] = defaultdict(list)
    for node in graph.nodes:
        calls[node.layer].append(node)
    places: dict[int, list[Any]] = {
        id(tensor): [layer.name, number, position]
        for layer, nodes in calls.items()
        for number, node in enumerate(nodes)
        for position, tensor in enumerate(leaves(node.outputs))
    }

    def encode(value: Any) -> Any:
        if isinstance(value, SymbolicTensor):
            return {
                "class_name": "__keras_tensor__",
                "config": {
                    "shape": list(value.shape),
                    "dtype": value.dtype,
                    "keras_history": places[id(value)],
                },
            }
        if isinstance(value, dict):
            return {str(key): encode(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [encode(item) for item in value]
        return write(value)

    def end(tensor: Any) -> Any:
        if isinstance(tensor, SymbolicTensor):
            name, number, position = places[id(tensor)]
            # Keras counts a functional model's own graph as its first call, here alone.
            layer = tensor.node.layer if tensor.node is not None else None
            return [name, number + _own_calls(layer), position]
        if isinstance(tensor, dict):
            return {key: end(item) for key, item in tensor.items()}
        return [end(item) for item in tensor]

    entries = []
    for layer in graph.layers:
        own = operations.entry(layer, calls[layer])
        entry = write(layer) if own is None else own
        arguments = [
            operations.arguments(node) if own is not None else (node.args, node.kwargs)
            for node in calls[layer]
        ]
        entry["name"] = layer.name
        entry["inbound_nodes"] = [
            {"args": encode(list(args)), "kwargs": encode(kwargs)}
            for args, kwargs in arguments
            if args or kwargs
        ]
        entries.append(entry)
    return {
        "layers": entries,
        "input_layers": end(graph.inputs),
        "output_layers": end(graph.outputs),
    }


def _own_calls(layer: Any) -> int:
    """How many calls Keras counts before those of the graph."""
    return 1 if getattr(layer, "saved_class_name", None) == "Functional" else 0


def graph_of(config: dict[str, Any]) -> tuple[Any, Any]:
    """Inputs and outputs of the graph that a configuration in Keras's form describes.

    Args:
        config: with ``layers``, ``input_layers`` and ``output_layers``.

    Raises:
        FileFormatError: a call of a layer that is not there, calls that go round in circles.
    """
    made: dict[str, Any] = {}
    waiting: dict[str, list[Any]] = {}
    results: dict[str, list[list[SymbolicTensor]]] = defaultdict(list)
    for entry in config["layers"]:
        name = entry.get("name") or entry["config"]["name"]
        alone = {k: item for k, item in entry.items() if k not in ("name", "inbound_nodes")}
        made[name] = operations.function(entry) or read(alone)
        if not operations.is_entry(entry) and hasattr(made[name], "name"):
            made[name].name = name
        waiting[name] = list(entry.get("inbound_nodes") or [])
        if not waiting[name]:
            results[name].append(leaves(made[name].output))

    def tensor(history: Any) -> SymbolicTensor:
        name, number, position = history[:3]
        if name not in made:
            raise FileFormatError(
                f"The file's network uses a layer {name!r} that it does not hold.",
                expected=f"one of {sorted(made)}",
                fix="save the model again.",
            )
        return results[name][number][position]

    def decode(value: Any) -> Any:
        if isinstance(value, dict):
            if value.get("class_name") == "__keras_tensor__":
                return tensor(value["config"]["keras_history"])
            return {key: decode(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [decode(item) for item in value]
        return value

    while any(waiting.values()):
        before = sum(map(len, waiting.values()))
        for name, calls in waiting.items():
            while calls:
                try:
                    args, kwargs = _call_of(calls[0], decode)
                except IndexError:  # of a tensor that is not there yet
                    break
                outputs = operations.called(made[name], args, kwargs)
                results[name].append(leaves(outputs))
                calls.pop(0)
        if sum(map(len, waiting.values())) == before:
            raise FileFormatError(
                "The file's network cannot be put together: its calls wait for each other.",
                got=f"calls of {sorted(name for name, calls in waiting.items() if calls)}",
                fix="save the model again.",
            )
    operations.rename(results, made)

    def ends(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: ends(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            if len(value) == 3 and isinstance(value[0], str):
                return tensor([value[0], value[1] - _own_calls(made.get(value[0])), value[2]])
            return [ends(item) for item in value]
        raise FileFormatError("The file's network has no inputs and outputs.", got=repr(value))

    return ends(config["input_layers"]), ends(config["output_layers"])


def _call_of(call: Any, decode: Any) -> tuple[list[Any], dict[str, Any]]:
    """Arguments of one call, in Keras 3's form or in the lists of Keras 2."""
    if isinstance(call, dict):
        return decode(plain(call["args"])), decode(plain(call["kwargs"]))
    tensors = [
        decode({"class_name": "__keras_tensor__", "config": {"keras_history": item}})
        for item in call
    ]
    extra: dict[str, Any] = next((item[3] for item in call if len(item) > 3), {})
    return [tensors[0] if len(tensors) == 1 else tensors], dict(extra)
