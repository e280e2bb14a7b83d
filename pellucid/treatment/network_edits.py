"""Changes of the network, each an edit of a recipe's configuration, in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core.errors import ConfigError
from ..layers.symbolic import leaves
from ..layers.traits import class_named, traits_of
from . import wiring
from .recipe import Recipe
from .samples import Samples

DROPPING = ("rate", "dropout", "recurrent_dropout")
STARTS = {"kernel": ("kernel", "depthwise", "pointwise", "embeddings")}


def set_activation(recipe: Recipe, path: str, activation: str) -> None:
    """Another activation of a layer: its argument, the layer itself, or a layer behind it."""
    found, holder = wiring.find(recipe.network, path)
    config = found["config"]
    if "activation" in config:
        config["activation"] = None if activation == "linear" else activation
    elif "activation" in _traits(found):
        name = config["name"]
        found["class_name"] = "Activation"
        found["config"] = {"activation": activation, "name": name}
    elif found is not holder and activation != "linear":
        new = wiring.layer("Activation", activation=activation, name="activation")
        wiring.put_behind(recipe.network, path, new)


def _traits(entry: dict[str, Any]) -> frozenset[str]:
    """The traits of a layer in a configuration; none where its class is not known."""
    cls = class_named(entry["class_name"])
    return (traits_of(cls) if cls is not None else None) or frozenset()


def set_units(recipe: Recipe, path: str, units: int) -> None:
    """Another width of a layer, or of the product that an output comes from."""
    if path in recipe.names:
        path = product_before(recipe, wiring.end_of(recipe.network, recipe.position(path)))
    found, _ = wiring.find(recipe.network, product_before(recipe, path))
    config = found["config"]
    config["filters" if "filters" in config else "units"] = int(units)
    for _, one in wiring.walk(recipe.network):
        if "layers" in one["config"]:  # a nested stack finds its new input's shape by itself
            one["config"].pop("input_shape", None)


def product_before(recipe: Recipe, path: str) -> str:
    """`path`, or the nearest layer before it that has units."""
    here: str | None = path
    while here is not None:
        config = wiring.find(recipe.network, here)[0]["config"]
        if "units" in config or "filters" in config:
            return here
        here = wiring.before(recipe.network, here)
    raise ConfigError(
        f"Nothing before {path!r} has a number of units.", fix="change the network by hand."
    )


def last_activation(recipe: Recipe, output: str) -> str:
    """Path of the layer whose activation an output has passed last."""
    path = wiring.end_of(recipe.network, recipe.position(output))
    while True:
        found, _ = wiring.find(recipe.network, path)
        earlier = wiring.before(recipe.network, path)
        if "keeps_values" not in _traits(found) or earlier is None:
            return path
        path = earlier


def set_initializer(recipe: Recipe, path: str, initializer: str, weight: str = "kernel") -> None:
    """Another initialiser of a layer's kernel, or of its ``"bias"`` or ``"recurrent"`` kernel."""
    config = wiring.find(recipe.network, path)[0]["config"]
    for role in STARTS.get(weight, (weight,)):
        if f"{role}_initializer" in config:
            config[f"{role}_initializer"] = initializer


def set_regularizer(recipe: Recipe, path: str, regularizer: Any = None) -> None:
    """Another penalty on a layer's kernel, or none; no path: of every layer."""
    for config in _configs(recipe, path):
        for name in config:
            if name.endswith("_regularizer"):
                kept = regularizer if name.startswith("kernel") else None
                config[name] = kept


def set_dropout(recipe: Recipe, path: str, rate: float) -> None:
    """Another rate of a dropout layer, or of a recurrent layer's own dropout."""
    for config in _configs(recipe, path):
        for name in DROPPING:
            if isinstance(config.get(name), (int, float)) and (name == "rate" or config[name]):
                config[name] = float(rate)


def set_trainable(recipe: Recipe, path: str, trainable: bool = True) -> None:
    """Thaw or freeze a layer; no path: every layer."""
    for config in _configs(recipe, path):
        config["trainable"] = bool(trainable)
    if trainable:
        recipe.network["config"]["trainable"] = True


def set_momentum(recipe: Recipe, path: str, momentum: float) -> None:
    """How slowly a batch normalisation's averages move; no path: of every such layer."""
    for config in _configs(recipe, path, "batch_statistics"):
        config["momentum"] = float(momentum)


def _configs(recipe: Recipe, path: str, trait: str | None = None) -> list[dict[str, Any]]:
    if path:
        return [wiring.find(recipe.network, path)[0]["config"]]
    every = [wiring.wrapped(one) for _, one in wiring.walk(recipe.network)]
    return [one["config"] for one in every if trait is None or trait in _traits(one)]


def remove_layer(recipe: Recipe, path: str) -> None:
    """Take a layer out; the model keeps its outputs' names where it is not the last."""
    wiring.take_out(recipe.network, path)


def add_batch_norm(recipe: Recipe, path: str) -> None:
    """Batch normalisation behind a layer."""
    new = wiring.layer("BatchNormalization", momentum=0.9, name="batch_normalization")
    wiring.put_behind(recipe.network, path, new)


def add_dropout(recipe: Recipe, path: str, rate: float) -> None:
    """Dropout behind a layer."""
    wiring.put_behind(
        recipe.network, path, wiring.layer("Dropout", rate=float(rate), name="dropout")
    )


def add_scaling(
    recipe: Recipe,
    samples: Samples,
    path: str,
    how: str = "standardize",
    factor: float | None = None,
) -> None:
    """A layer in front that scales: by mean and deviation of the training samples, or a factor.

    Args:
        path: name of the input.
        how: ``"standardize"`` or ``"divide"``.
        factor: what ``"divide"`` divides by.
    """
    if how == "divide":
        new = wiring.layer("Rescaling", scale=1.0 / float(factor or 1.0), name="scaling")
    else:
        mean, variance = moments(input_array(recipe, samples.x, path))
        new = wiring.layer("Normalization", axis=-1, mean=mean, variance=variance, name="scaling")
    wiring.put_in_front(recipe.network, path, new)


def drop_column(recipe: Recipe, samples: Samples, path: str, column: int) -> None:
    """A layer in front that sets one column to zero: the model still takes every column."""
    array = np.asarray(input_array(recipe, samples.x, path))
    if array.ndim != 2 or array.dtype.kind not in "fiub":
        raise ConfigError(
            f"The input {path!r} is no table of numbers.", got=f"{array.dtype} {array.shape}"
        )
    width = array.shape[-1]
    kept = [0.0 if number == int(column) else 1.0 for number in range(width)]
    new = wiring.layer("Rescaling", scale=kept, name="without_column")
    wiring.put_in_front(recipe.network, path, new)


def moments(array: Any) -> tuple[list[float], list[float]]:
    """Mean and variance of the last axis; columns that never change keep their size.

    >>> moments(np.array([[1.0, 5.0], [3.0, 5.0]]))
    ([2.0, 5.0], [1.0, 1.0])
    """
    wide = np.asarray(array, np.float64)
    wide = wide.reshape(-1, wide.shape[-1] if wide.ndim > 1 else 1)  # (rows, columns)
    variance = wide.var(axis=0)
    variance[variance == 0] = 1.0
    return wide.mean(axis=0).tolist(), variance.tolist()


def input_array(recipe: Recipe, x: Any, name: str) -> Any:
    """The array of one input of the model."""
    if isinstance(x, dict) and name in x:
        return x[name]
    given = leaves(x)
    if len(given) == 1:
        return given[0]
    inputs = wiring.references(recipe.network["config"].get("inputs", []))
    names = [recipe.network["config"]["nodes"][number]["layer"] for number, _ in inputs]
    if name in names:
        return given[names.index(name)]
    raise ConfigError(f"There is no input {name!r}.", got=", ".join(names))
