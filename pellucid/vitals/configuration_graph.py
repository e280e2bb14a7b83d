"""The calls of a network in a configuration, as Keras 3, Keras 2 or Pellucid write it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Key = tuple[str, int]
"""A layer's name, and which of its calls."""
Shape = list[int | None] | None
NETWORKS = frozenset({"Functional", "Model", "Sequential"})


@dataclass
class Call:
    """One call of a layer in a network.

    Attributes:
        key: of this call.
        entry: the layer as it is written: class name, configuration.
        inputs: the calls that it reads.
        given: shape of its first input, if it is written down.
    """

    key: Key
    entry: dict[str, Any]
    inputs: list[Key] = field(default_factory=list)
    given: Shape = None


@dataclass
class Network:
    """A network's calls in the order of computation, with those that begin and end it.

    Attributes:
        shapes: of what a call gives, as far as it is written down.
        names: of the inputs.
    """

    calls: list[Call]
    inputs: list[Key]
    outputs: list[Key]
    shapes: dict[Key, Shape]
    names: list[str]


def is_network(entry: Any) -> bool:
    """Whether a written layer is made of others."""
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("config"), dict)
        and isinstance(entry["config"].get("layers"), (list, dict))
    )


def read(config: dict[str, Any]) -> Network:
    """The calls of a network from its configuration, the part beneath ``"config"``."""
    listed = config["layers"]
    if "nodes" in config and isinstance(listed, dict):
        return _by_node(config)
    if "input_layers" in config or any("inbound_nodes" in entry for entry in listed):
        return _by_layer(config)
    return _stack(config)


def _name(entry: dict[str, Any], number: int) -> str:
    name = entry.get("name") or entry["config"].get("name")
    return str(name or f"{entry['class_name'].lower()}_{number}")


def _stack(config: dict[str, Any]) -> Network:
    before: Key = ("input", 0)
    found = Network([], [before], [], {}, ["input_layer"])
    if isinstance(config.get("input_shape"), list):
        found.shapes[before] = [None, *config["input_shape"]]
    for number, entry in enumerate(config["layers"]):
        if entry["class_name"] == "InputLayer":
            found.names = [_name(entry, number)]
            found.shapes[before] = _input_shape(entry)
            continue
        key = (_name(entry, number), 0)
        given = (entry.get("build_config") or {}).get("input_shape")
        given = _shape(given) or _shape(entry["config"].get("batch_input_shape"))
        if given is not None:
            found.shapes.setdefault(before, given)
        found.calls.append(Call(key, entry, [before], given or found.shapes.get(before)))
        before = key
    found.outputs = [before]
    return found


def _input_shape(entry: dict[str, Any]) -> Shape:
    config = entry["config"]
    return _shape(config.get("batch_shape") or config.get("batch_input_shape"))


def _shape(value: Any) -> Shape:
    sizes = isinstance(value, list) and all(size is None or type(size) is int for size in value)
    return list(value) if sizes and value else None


def _by_layer(config: dict[str, Any]) -> Network:
    """Keras's form: each layer lists its calls, and what each of them reads."""
    found = Network([], [], [], {}, [])
    for number, entry in enumerate(config["layers"]):
        name = _name(entry, number)
        if entry["class_name"] == "InputLayer":
            found.shapes[name, 0] = _input_shape(entry)
            continue
        for count, node in enumerate(entry.get("inbound_nodes") or []):
            tensors = list(_tensors(node))
            for key, shape in tensors:
                if shape is not None:
                    found.shapes[key] = shape
            given = tensors[0][1] if tensors else None
            found.calls.append(Call((name, count), entry, [key for key, _ in tensors], given))
    found.inputs = [key for key, _ in _tensors(config["input_layers"])]
    found.outputs = [key for key, _ in _tensors(config["output_layers"])]
    found.names = [key[0] for key in found.inputs]
    found.calls = _in_order(found.calls, set(found.inputs))
    return found


def _tensors(value: Any) -> Iterator[tuple[Key, Shape]]:
    """The tensors named anywhere in a call's arguments: Keras 3's dictionaries, Keras 2's lists."""
    if isinstance(value, dict):
        config = value.get("config")
        if value.get("class_name") == "__keras_tensor__" and isinstance(config, dict):
            name, node, _ = config["keras_history"]
            yield (str(name), int(node)), _shape(config.get("shape"))
            return
        for item in value.values():
            yield from _tensors(item)
    elif isinstance(value, list):
        if len(value) in (3, 4) and isinstance(value[0], str) and type(value[1]) is int:
            yield (value[0], value[1]), None
            value = value[3:]
        for item in value:
            yield from _tensors(item)


def _in_order(calls: list[Call], known: set[Key]) -> list[Call]:
    """The calls, each behind what it reads; what cannot be reached comes last."""
    ordered: list[Call] = []
    waiting, done = list(calls), set(known)
    while waiting:
        ready = [call for call in waiting if done.issuperset(call.inputs)]
        if not ready:
            return ordered + waiting
        ordered += ready
        done |= {call.key for call in ready}
        waiting = [call for call in waiting if call.key not in done]
    return ordered


def _by_node(config: dict[str, Any]) -> Network:
    """Pellucid's form: a list of calls, which name what they read by number."""
    counts: dict[str, int] = {}
    keys: list[Key] = []
    found = Network([], [], [], {}, [])
    for node in config["nodes"]:
        name = str(node["layer"])
        key = (name, counts.get(name, 0))
        counts[name] = key[1] + 1
        keys.append(key)
        entry = config["layers"][name]
        if entry["class_name"] == "InputLayer":
            found.shapes[key] = _input_shape(entry)
            continue
        inputs = [keys[number] for number in _numbers([node.get("args"), node.get("kwargs")])]
        found.calls.append(
            Call(key, entry, inputs, found.shapes.get(inputs[0]) if inputs else None)
        )
    found.inputs = [keys[number] for number in _numbers(config["inputs"])]
    found.outputs = [keys[number] for number in _numbers(config["outputs"])]
    found.names = [key[0] for key in found.inputs]
    return found


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        if isinstance(value.get("__tensor__"), list):
            yield int(value["__tensor__"][0])
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _numbers(item)
