"""Public signatures of Keras beside ours: which arguments differ in name, order, default or kind.

    python -m parity.signatures     # in tests/: lists what differs, reasons or not

`test_signatures.py` holds the list to what `signature_reasons.py` says.
"""

from __future__ import annotations

import importlib
import inspect
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

MODULES = (
    "",
    "layers",
    "activations",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "initializers",
    "regularizers",
    "constraints",
    "callbacks",
    "ops",
    "ops.image",
    "ops.linalg",
    "ops.nn",
    "ops.numpy",
    "models",
    "random",
    "tree",
    "config",
    "backend",
    "dtype_policies",
    "mixed_precision",
    "saving",
    "preprocessing",
    "preprocessing.image",
    "preprocessing.sequence",
    "utils",
    "utils.bounding_boxes",
    "datasets.boston_housing",
    "datasets.california_housing",
    "datasets.cifar10",
    "datasets.cifar100",
    "datasets.fashion_mnist",
    "datasets.imdb",
    "datasets.mnist",
    "datasets.reuters",
)
# What a layer or metric does inside: named alike, but called by the engine, which passes what fits.
INSIDE = {"call", "build", "call_and_collect"}

Arguments = list[tuple[str, str, str]]  # (name, kind, default)


def module(library: str, name: str) -> Any:
    """`keras.NAME` or `pellucid.NAME`; None where there is no such module."""
    try:
        return importlib.import_module(f"{library}.{name}" if name else library)
    except ImportError:
        return None


def arguments(function: Any) -> Arguments | None:
    """Names, kinds and defaults, without `self`; None where Python cannot tell."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    return [
        (p.name, p.kind.name, _shown(p.default))
        for p in parameters
        if p.name not in ("self", "cls")
    ]


def _shown(default: Any) -> str:
    if default is inspect.Parameter.empty:
        return ""
    if callable(default) and hasattr(default, "__name__"):
        return default.__name__
    return repr(default)


def text(found: Arguments | None) -> str:
    """Arguments as they would be written."""
    if found is None:
        return "?"
    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
    parts = [stars.get(k, "") + n + (f"={d}" if d else "") for n, k, d in found]
    keywords = [i for i, (_, k, _) in enumerate(found) if k == "KEYWORD_ONLY"]
    if keywords and not any(k == "VAR_POSITIONAL" for _, k, _ in found):
        parts.insert(keywords[0], "*")
    return f"({', '.join(parts)})"


def fits(ours: Arguments | None, theirs: Arguments | None) -> bool:
    """Whether every call that Keras takes means the same here.

    The names, order, defaults and kinds are Keras's; arguments of our own may follow, and an
    argument that Keras requires may have a default.
    """
    if ours is None or theirs is None:
        return True
    mine = [a for a in ours if not a[1].startswith("VAR_")]
    wanted = [a for a in theirs if not a[1].startswith("VAR_")]
    by_place = [a for a in wanted if a[1] != "KEYWORD_ONLY"]
    taken = mine[: len(by_place)]
    if len(taken) < len(by_place):
        return False
    for (name, kind, default), (there, kind_there, default_there) in zip(
        taken, by_place, strict=True
    ):
        if name != there or kind != kind_there or (default_there and default != default_there):
            return False
    rest = {name: default for name, _, default in mine[len(by_place) :]}
    for name, kind, default in wanted:
        if kind == "KEYWORD_ONLY" and (name not in rest or rest.pop(name) != default):
            return False
    return all(rest.values())  # what is ours alone must not be required


def methods(cls: Any) -> Iterator[str]:
    """The public methods of a class of Keras, inherited ones too."""
    for name in dir(cls):
        value = inspect.getattr_static(cls, name)
        plain = inspect.isfunction(value) or isinstance(value, (classmethod, staticmethod))
        if plain and not name.startswith("_") and name not in INSIDE:
            yield name


def full(module: str, path: str) -> str:
    """A path within a module with the module's name before it."""
    return f"{module}.{path}" if module else path


@cache
def differences(name: str) -> dict[str, str]:
    """Public name in the module -> Keras's and our arguments, where they differ."""
    theirs, ours = module("keras", name), module("pellucid", name)
    found: dict[str, str] = {}
    if ours is None or theirs is None:
        return found  # the table of names says why

    def compare(path: str, a: Any, b: Any) -> None:
        if not fits(arguments(a), arguments(b)):
            found[path] = f"{text(arguments(b))} here {text(arguments(a))}"

    for public in dir(theirs):
        there = getattr(theirs, public)
        if public.startswith("_") or inspect.ismodule(there) or not hasattr(ours, public):
            continue
        here = getattr(ours, public)
        compare(public, here, there)
        if not inspect.isclass(there):
            continue
        for method in methods(there):
            if hasattr(here, method):
                compare(f"{public}.{method}", getattr(here, method), getattr(there, method))
            else:
                found[f"{public}.{method}"] = "not here"
    return found


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "jax"
    for each in MODULES:
        for path, what in differences(each).items():
            print(f"{full(each, path)}: {what}")
