"""Layers in a network's configuration: find one by its path, put one in, take one out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core.errors import ConfigError
from ..layers.tree import unique

Spec = dict[str, Any]


def find(spec: Spec, path: str) -> tuple[Spec, Spec]:
    """The configuration at a layer's path, and that of the model that holds it.

    Args:
        spec: of the whole network, ``{"class_name", "config"}``.
        path: as in the record: ``"dense_1"``, ``"block/conv"``, ``"dense#2"``.

    Raises:
        ConfigError: there is no such layer, or it is made inside a class of the user's own.
    """
    holder, parts = spec, path.split("#")[0].split("/")
    while parts:
        held = layer_list(holder)
        found = next((one for one in held if one["config"].get("name") == parts[0]), None)
        if found is None:
            raise ConfigError(
                f"The configuration of this network holds no layer {path!r}.",
                got=", ".join(str(one["config"].get("name")) for one in held) or "no layers",
                fix="a layer made inside a class of your own is changed in that class.",
            )
        parts = parts[1:]
        if not parts or not layer_list(found):
            return wrapped(found) if parts else found, holder
        holder = found
    return spec, spec


def layer_list(spec: Spec) -> list[Spec]:
    """The layers that a Sequential or functional model's configuration holds; else none."""
    held = spec["config"].get("layers", ())
    held = list(held.values()) if isinstance(held, dict) else held
    return [one for one in held if isinstance(one, dict) and "config" in one]


def wrapped(spec: Spec) -> Spec:
    """What a wrapper such as `Bidirectional` wraps, else the layer itself."""
    inner = spec["config"].get("layer")
    return wrapped(inner) if isinstance(inner, dict) and "config" in inner else spec


def walk(spec: Spec, prefix: str = "") -> list[tuple[str, Spec]]:
    """Every layer with its path, those of nested models after the model."""
    found = []
    for one in layer_list(spec):
        path = f"{prefix}{one['config'].get('name')}"
        found += [(path, one), *walk(one, f"{path}/")]
    return found


def layer(class_name: str, **config: Any) -> Spec:
    """The configuration of one layer."""
    return {"class_name": class_name, "family": "layer", "config": config}


def put_behind(spec: Spec, path: str, new: Spec) -> None:
    """Put a layer behind another, in place; a layer that is used twice is followed both times."""
    found, holder = find(spec, path)
    config, name = holder["config"], path.split("#")[0].split("/")[-1]
    new["config"]["name"] = _free_name(holder, new["config"]["name"])
    if isinstance(config["layers"], dict):
        for number in reversed([i for i, n in enumerate(config["nodes"]) if n["layer"] == name]):
            _insert_node(config, number, new["config"]["name"])
        config["layers"][new["config"]["name"]] = new
    else:
        config["layers"].insert(config["layers"].index(found) + 1, new)


def put_in_front(spec: Spec, input_name: str, new: Spec) -> None:
    """Put a layer right behind an input of the model, in place."""
    config = spec["config"]
    if isinstance(config.get("layers"), dict):
        put_behind(spec, input_name, new)
    elif isinstance(config.get("layers"), list):
        new["config"]["name"] = _free_name(spec, new["config"]["name"])
        config["layers"].insert(0, new)
    else:
        raise ConfigError(
            f"Nothing can be put in front of a {spec['class_name']}, a class of your own.",
            fix="scale the data itself.",
        )


def put_at_end(spec: Spec, output: int, new: Spec) -> None:
    """Put a layer behind an output of the model, in place; its own output comes in its place."""
    config = spec["config"]
    if isinstance(config.get("layers"), list):
        new["config"]["name"] = _free_name(spec, new["config"]["name"])
        config["layers"].append(new)
        return
    number, position = references(config["outputs"])[output]
    new["config"]["name"] = _free_name(spec, new["config"]["name"])
    config["layers"][new["config"]["name"]] = new
    config["nodes"].append(
        {"layer": new["config"]["name"], "args": [_tensor(number, position)], "kwargs": {}}
    )
    count, end = iter(range(10**6)), len(config["nodes"]) - 1
    config["outputs"] = _mapped(
        config["outputs"],
        lambda where: [end, 0] if next(count) == output else where,
    )


def take_out(spec: Spec, path: str) -> None:
    """Remove a layer, in place; what followed it follows what was before it."""
    found, holder = find(spec, path)
    config, name = holder["config"], path.split("#")[0].split("/")[-1]
    if not isinstance(config["layers"], dict):
        config["layers"].remove(found)
        return
    for number in reversed([i for i, n in enumerate(config["nodes"]) if n["layer"] == name]):
        before = references(config["nodes"][number]["args"])
        if len(before) != 1:
            raise ConfigError(
                f"The layer {path!r} reads several others and cannot simply be left out.",
                fix="take it out of the network by hand.",
            )

        def without(where: list[int], gone: int = number, now: Any = before[0]) -> list[int]:
            if where[0] == gone:
                where = list(now)
            return [where[0] - (where[0] > gone), where[1]]

        del config["nodes"][number]
        _rewire(config, without)
    del config["layers"][name]


def end_of(spec: Spec, output: int) -> str:
    """Path of the layer that gives an output of the model."""
    config = spec["config"]
    if isinstance(config.get("layers"), dict):
        number, _ = references(config["outputs"])[output]
        name = config["nodes"][number]["layer"]
        inner = config["layers"][name]
    elif config.get("layers"):
        inner = config["layers"][-1]
        name = inner["config"]["name"]
    else:
        raise ConfigError(
            f"A {spec['class_name']}, a class of your own, does not tell its last layer.",
            fix="change the output in that class.",
        )
    return f"{name}/{end_of(inner, 0)}" if inner["config"].get("layers") else name


def before(spec: Spec, path: str) -> str | None:
    """Path of the one layer that a layer reads; None at an input, or where there are several."""
    _, holder = find(spec, path)
    config, (*outer, name) = holder["config"], path.split("#")[0].split("/")
    if isinstance(config["layers"], dict):
        number = next(i for i, n in enumerate(config["nodes"]) if n["layer"] == name)
        sources = references(config["nodes"][number]["args"])
        if len(sources) != 1:
            return None
        name = config["nodes"][sources[0][0]]["layer"]
        inner = config["layers"][name]
        if inner["class_name"] == "InputLayer":
            return None
    else:
        names = [one["config"]["name"] for one in config["layers"]]
        position = names.index(name)
        if position == 0:
            return None
        name, inner = names[position - 1], config["layers"][position - 1]
    path = "/".join([*outer, name])
    return f"{path}/{end_of(inner, 0)}" if inner["config"].get("layers") else path


def references(tree: Any) -> list[list[int]]:
    """The tensors, as (call, position), in a part of a functional model's configuration."""
    found: list[list[int]] = []

    def note(where: list[int]) -> list[int]:
        found.append(where)
        return where

    _mapped(tree, note)
    return found


def _tensor(number: int, position: int) -> dict[str, Any]:
    return {"__tensor__": [number, position]}


def _mapped(tree: Any, change: Callable[[list[int]], list[int]]) -> Any:
    if isinstance(tree, dict):
        if "__tensor__" in tree:
            return {"__tensor__": change(tree["__tensor__"])}
        return {key: _mapped(tree[key], change) for key in sorted(tree)}
    if isinstance(tree, list):
        return [_mapped(value, change) for value in tree]
    return tree


def _rewire(config: Spec, change: Callable[[list[int]], list[int]]) -> None:
    for part in ("nodes", "inputs", "outputs"):
        config[part] = _mapped(config[part], change)


def _insert_node(config: Spec, number: int, name: str) -> None:
    """A call of the layer `name` right behind call `number`, whose output it takes over."""
    inputs = references(config["inputs"])

    def moved(where: list[int]) -> list[int]:
        if where[0] > number or where == [number, 0]:
            return [where[0] + 1, where[1]]
        return where

    starts = config["inputs"]
    _rewire(config, moved)
    if [number, 0] in inputs:  # the model's input stays the input itself
        config["inputs"] = _mapped(
            starts, lambda where: [where[0] + 1, where[1]] if where[0] > number else where
        )
    config["nodes"].insert(number + 1, {"layer": name, "args": [_tensor(number, 0)], "kwargs": {}})


def _free_name(holder: Spec, name: str) -> str:
    return unique(name, {str(one["config"].get("name")) for one in layer_list(holder)})
