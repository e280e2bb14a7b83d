"""The vocabularies that Keras's files keep beside the configuration, put into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._core.registry import snake_case
from . import operations
from .members import Members

_ASSETS = "assets"


def with_vocabularies(
    entry: dict[str, Any], file: Members, arrays: Mapping[str, Mapping[str, np.ndarray]]
) -> dict[str, Any]:
    """The configuration of a model whose lookup layers know the vocabularies that they adapted to.

    How wide the output of such a layer is hangs on its vocabulary, so that a network cannot be put
    together without it.

    Args:
        entry: of a model, from the file.
        file: the file.
        arrays: its groups of arrays, by place.
    """
    return _filled(entry, "", file, arrays)


def _filled(entry: Any, place: str, file: Members, arrays: Any) -> Any:
    config = entry.get("config") if isinstance(entry, dict) else None
    if not isinstance(config, dict):
        return entry
    config = dict(config)
    words = f"{_ASSETS}/{place}/vocabulary.txt"
    if words in file and config.get("vocabulary", 0) is None:
        config["vocabulary"] = _tokens(file.read(words), config)
        if "idf_weights" in arrays.get(place, {}):
            config["idf_weights"] = arrays[place]["idf_weights"].tolist()
    layers = config.get("layers")
    if isinstance(layers, list):
        config["layers"] = _filled_layers(layers, place, file, arrays)
    return {**entry, "config": config}


def _filled_layers(layers: list[Any], place: str, file: Members, arrays: Any) -> list[Any]:
    taken: dict[str, int] = {}
    filled = []
    for entry in layers:
        if not isinstance(entry, dict) or operations.is_entry(entry):
            filled.append(entry)
            continue
        name = snake_case(str(entry.get("class_name")))
        taken[name] = number = taken.get(name, -1) + 1
        inner = f"layers/{name}_{number}" if number else f"layers/{name}"
        filled.append(_filled(entry, f"{place}/{inner}" if place else inner, file, arrays))
    return filled


def _tokens(content: bytes, config: Mapping[str, Any]) -> list[Any]:
    lines = content.decode("utf-8").split("\n")
    while lines and not lines[-1]:
        lines.pop()
    whole = str(config.get("vocabulary_dtype", "string")).startswith("int")
    return [int(line) for line in lines] if whole else lines
