"""Changes of how a network is trained: optimiser, loss, batches, epochs."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from .. import losses as _losses
from .. import optimizers as _optimizers
from .._core.errors import ConfigError, PellucidError
from .._core.specs import serialize
from ..losses.traits import written_traits
from . import network_edits, wiring
from .recipe import Recipe
from .samples import Samples

CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")
MOST_CLASSES = 1000


def set_optimizer(recipe: Recipe, optimizer: str, learning_rate: float | None = None) -> Any:
    """Another optimiser with its own settings; the same one keeps its learning rate."""
    config: dict[str, Any] = {}
    if learning_rate is not None:
        config["learning_rate"] = float(learning_rate)
    elif isinstance(recipe.optimizer, dict) and recipe.optimizer["class_name"] == optimizer:
        config["learning_rate"] = recipe.optimizer["config"].get("learning_rate")
    made = _optimizers.get({"class_name": optimizer, "config": config})
    return serialize(made)


def set_learning_rate(recipe: Recipe, learning_rate: float) -> Any:
    """Another learning rate, in place of a number or a schedule."""
    return _with_config(recipe.optimizer, {"learning_rate": float(learning_rate)})


def clip_gradients(recipe: Recipe, norm: float) -> Any:
    """Gradients longer than `norm`, all together, are shortened to it; no other clipping."""
    return _with_config(recipe.optimizer, {**dict.fromkeys(CLIPS), "global_clipnorm": float(norm)})


def set_weight_decay(recipe: Recipe, weight_decay: float | None) -> Any:
    """Another weight decay, or none."""
    return _with_config(recipe.optimizer, {"weight_decay": weight_decay})


def _with_config(optimizer: Any, changes: dict[str, Any]) -> Any:
    if not isinstance(optimizer, dict):
        raise ConfigError(
            "The settings of a foreign optimiser cannot be changed.",
            got=type(optimizer).__name__,
            fix="use one of pellucid.optimizers.",
        )
    if "inner_optimizer" in optimizer["config"]:
        inner = _with_config(optimizer["config"]["inner_optimizer"], changes)
        return {**optimizer, "config": {**optimizer["config"], "inner_optimizer": inner}}
    return {**optimizer, "config": {**optimizer["config"], **changes}}


def set_output(
    recipe: Recipe,
    samples: Samples,
    output: str,
    activation: str | None = None,
    loss: str | None = None,
    loss_config: dict[str, Any] | None = None,
) -> Recipe:
    """Another last activation and loss of an output, in the form that its targets have."""
    position = recipe.position(output)
    losses = list(recipe.loss)
    if loss is not None:
        losses[position] = loss
    elif loss_config:
        losses[position] = _rebuilt(losses[position], loss_config)
    if activation is not None:
        network_edits.set_activation(
            recipe, network_edits.last_activation(recipe, output), activation
        )
        losses[position] = _without_logits(losses[position], activation)
    recipe = recipe.but(loss=losses)
    return fit_to_targets(recipe, samples, output)


def _rebuilt(loss: Any, changes: dict[str, Any]) -> Any:
    made = _losses.as_loss(loss)
    return type(made).from_config({**made.get_config(), **changes})


def _without_logits(loss: Any, activation: str) -> Any:
    """The loss for an output that ends in an activation: told no more that it gets raw scores."""
    if loss is None or isinstance(loss, str) or activation == "linear":
        return loss
    try:
        made = _losses.as_loss(loss)
        told = made.get_config().get("from_logits")
    except PellucidError:
        return loss
    return _rebuilt(made, {"from_logits": False}) if told else loss


def fit_to_targets(recipe: Recipe, samples: Samples, output: str) -> Recipe:
    """Class numbers for a loss over classes, and a unit for each class.

    "sparse" or not is decided by the targets; an output with one unit, asked to tell several
    classes apart, gets as many units as there are classes, and softmax.
    """
    position, targets = recipe.position(output), target_array(recipe, samples.y, output)
    losses = list(recipe.loss)
    name = recipe.loss_name(output)
    if name is None or targets is None:
        return recipe
    array = np.asarray(targets)
    one_hot = array.ndim > 1 and array.shape[-1] > 1
    classes = class_count(array)
    asks = written_traits(name) or ()
    if {"one_of_several", "crossentropy"} <= set(asks) and not one_hot and classes:
        losses[position] = "sparse_categorical_crossentropy"
        units = units_of(recipe, output)
        if units is not None and units < classes:
            network_edits.set_units(recipe, output, classes)
            path = network_edits.last_activation(recipe, output)
            network_edits.set_activation(recipe, path, "softmax")
    elif "class_numbers" in asks and one_hot:
        losses[position] = "categorical_crossentropy"
    return recipe.but(loss=losses) if losses != recipe.loss else recipe


def target_array(recipe: Recipe, y: Any, output: str) -> Any:
    """The targets of one output."""
    if isinstance(y, dict):
        return y.get(output)
    if isinstance(y, (list, tuple)) and len(y) == len(recipe.names):
        return y[recipe.position(output)]
    return y if len(recipe.names) == 1 else None


def class_count(array: np.ndarray) -> int:
    """The number of classes in whole-numbered targets from 0 on; 0 where they are no classes.

    >>> class_count(np.array([0, 2, 1])), class_count(np.array([0.5])), class_count(np.ones((4, 3)))
    (3, 0, 0)
    """
    flat = array.reshape(len(array), -1)
    if flat.shape[1] != 1 or not len(flat) or array.dtype.kind not in "biuf":
        return 0
    low, high = flat.min(), flat.max()
    if low < 0 or high >= MOST_CLASSES or not np.isfinite(high) or (flat != np.rint(flat)).any():
        return 0
    return int(high) + 1


def units_of(recipe: Recipe, output: str) -> int | None:
    """Units of the product that an output comes from, if it says."""
    try:
        end = wiring.end_of(recipe.network, recipe.position(output))
        path = network_edits.product_before(recipe, end)
    except ConfigError:
        return None
    config = wiring.find(recipe.network, path)[0]["config"]
    return config.get("units", config.get("filters"))


def balanced(y: Any) -> dict[int, float] | None:
    """A factor for each class, so that all weigh alike; None where the targets are no classes.

    >>> balanced(np.array([0, 0, 0, 1]))
    {0: 0.6666666666666666, 1: 2.0}
    """
    arrays = jax.tree.leaves(y)
    array = np.asarray(arrays[0])
    if array.ndim > 1 and array.shape[-1] > 1:
        array = array.argmax(-1)
    if len(arrays) != 1 or not class_count(array):
        return None
    labels, counts = np.unique(array.reshape(-1).astype(int), return_counts=True)
    factors = counts.sum() / (len(labels) * counts)
    return dict(zip(labels.tolist(), factors.tolist(), strict=True))
