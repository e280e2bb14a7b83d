"""`apply_change`: one `Change`, as findings carry them, on a recipe and its samples."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from .._core.errors import ConfigError
from ..doctor.change import Change
from . import network_edits as network
from . import plan_edits as plan
from .recipe import Recipe
from .samples import Samples, finite_rows, unseen_rows

# Changes after which the scores before and after do not measure the same.
CORRECTIONS = ("drop_column", "drop_rows", "shift_labels")

_ON_LAYERS = {
    "set_activation": network.set_activation,
    "set_units": network.set_units,
    "set_initializer": network.set_initializer,
    "set_regularizer": network.set_regularizer,
    "set_dropout": network.set_dropout,
    "set_trainable": network.set_trainable,
    "set_momentum": network.set_momentum,
    "remove_layer": network.remove_layer,
    "add_batch_norm": network.add_batch_norm,
    "add_dropout": network.add_dropout,
}
_ON_OPTIMIZER = {
    "set_optimizer": plan.set_optimizer,
    "set_learning_rate": plan.set_learning_rate,
    "clip_gradients": plan.clip_gradients,
    "set_weight_decay": plan.set_weight_decay,
}


def apply_change(change: Change, recipe: Recipe, samples: Samples) -> tuple[Recipe, Samples]:
    """The recipe and the samples with one change; those given stay as they are.

    Raises:
        ConfigError: a change that this network cannot take, with the reason.

    >>> from pellucid import Sequential, layers
    >>> from pellucid.treatment.recipe import recipe_of
    >>> model = Sequential([layers.Input((4,)), layers.Dense(1, "softmax", name="answer")])
    >>> model.compile("sgd", "binary_crossentropy")
    >>> change = Change("set_output", "answer", {"activation": "sigmoid"})
    >>> samples = Samples(np.zeros((2, 4)), np.zeros((2, 1)), None, None, None)
    >>> recipe, _ = apply_change(change, recipe_of(model, ["answer"]), samples)
    >>> recipe.network["config"]["layers"][0]["config"]["activation"]
    'sigmoid'
    """
    kind, given = change.kind, dict(change.arguments)
    recipe = recipe.copied()
    if kind in _ON_LAYERS:
        _ON_LAYERS[kind](recipe, change.path, **given)  # type: ignore[operator]
    elif kind in _ON_OPTIMIZER:
        recipe = recipe.but(optimizer=_ON_OPTIMIZER[kind](recipe, **given))  # type: ignore[operator]
    elif kind == "set_output":
        recipe = plan.set_output(recipe, samples, change.path, **given)
    elif kind == "add_scaling":
        network.add_scaling(recipe, samples, change.path, **given)
    elif kind == "drop_column":
        network.drop_column(recipe, samples, change.path, **given)
    elif kind in ("drop_rows", "shift_labels"):
        return recipe, _other_samples(change, recipe, samples)
    else:
        recipe = recipe.but(**_fields(change, recipe, samples))
    return recipe, samples


def _fields(change: Change, recipe: Recipe, samples: Samples) -> dict[str, Any]:
    kind, given = change.kind, change.arguments
    if kind == "set_batch_size":
        return {"batch_size": int(given["batch_size"])}
    if kind == "set_epochs":
        return {"epochs": int(given["epochs"])}
    if kind == "add_early_stopping":
        return {"patience": int(given["patience"])}
    if kind == "shuffle":
        return {"shuffle": True}
    if kind == "set_metrics":
        return {"settings": {**recipe.settings, "metrics": given["metrics"]}}
    if kind == "class_weight":
        weights = given["weights"]
        weights = plan.balanced(samples.y) if weights == "balanced" else weights
        if weights is None:
            raise ConfigError("The targets are no classes that could be weighted.")
        return {"class_weight": {int(label): float(w) for label, w in weights.items()}}
    if kind == "scale_targets":
        return {"target_scale": {**recipe.target_scale, **_scale(change, recipe, samples)}}
    raise ConfigError(f"A change {kind!r} cannot be tried yet.", fix="make it by hand.")


def _scale(change: Change, recipe: Recipe, samples: Samples) -> dict[str, tuple[Any, Any]]:
    array = plan.target_array(recipe, samples.y, change.path)
    if array is None:
        raise ConfigError(f"The output {change.path!r} has no targets to scale.")
    array = np.asarray(array, np.float64)
    if change.arguments.get("how", "standardize") == "divide":
        return {change.path: (0.0, float(change.arguments["factor"]))}
    flat = array.reshape(len(array), -1)
    single = flat.shape[1] == 1 or array.ndim > 2
    mean, deviation = (flat.mean(), flat.std()) if single else (flat.mean(0), flat.std(0))
    return {change.path: (mean, np.where(deviation == 0, 1.0, deviation))}


def _other_samples(change: Change, recipe: Recipe, samples: Samples) -> Samples:
    if change.kind == "drop_rows":
        if change.arguments["which"] == "shared":
            unseen = unseen_rows(samples.x, samples.x_val)
            return samples.keep(unseen, np.ones(len(jax.tree.leaves(samples.x_val)[0]), bool))
        whole = finite_rows(samples.x, samples.y)
        return samples.keep(whole, finite_rows(samples.x_val, samples.y_val))
    by = int(change.arguments["by"])

    def shifted(y: Any) -> Any:
        if len(recipe.names) == 1:
            return jax.tree.map(lambda array: array + by, y)
        if isinstance(y, dict):
            return {**y, change.path: y[change.path] + by}
        return [part + by if i == recipe.position(change.path) else part
                for i, part in enumerate(y)]  # fmt: skip

    return samples.with_targets(shifted)
