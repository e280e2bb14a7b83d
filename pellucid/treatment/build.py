"""From a recipe to a model of its own: built, compiled, with the user's initial weights."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from .. import optimizers as _optimizers
from .._core.errors import PellucidError
from .._core.rng import own_seeds
from .._core.specs import deserialize
from ..layers import tree
from ..training import preparation
from . import wiring
from .recipe import Recipe, _no_copy


def build(recipe: Recipe, original: Any, x: Any) -> Any:
    """A compiled model by a recipe, that begins as the original began.

    Weights are drawn as the original's were: from its seed and their paths. Where the original
    was not trained yet, and in layers that are frozen, its numbers are copied (they may have been
    loaded), unless the recipe draws them by another initialiser.

    Args:
        recipe: says what to build.
        original: the user's model; it is only read.
        x: training inputs, for the shapes.

    Raises:
        ConfigError: a network that cannot be made from its configuration.
    """
    with own_seeds():  # also where a caller has not seen to it
        try:
            model = deserialize(recipe.network)
        except PellucidError:
            raise
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise _no_copy(original, error) from error
        if not model.built or model.graph is None:
            output_shapes(model, x)
        _begin_alike(model, original)
        settings = dict(recipe.settings)
        model.compile(
            optimizer=_optimizers.get(recipe.optimizer),
            loss=recipe.loss if len(recipe.loss) > 1 else recipe.loss[0],
            **settings,
        )
        return model


def output_shapes(model: Any, x: Any) -> Any:
    """The structure of a model's outputs, with shapes; the model is built if it was not."""
    if model.takes_raw:
        rows = preparation.first_batch(preparation.make_source(model, x))[0]
    else:
        rows = jax.tree.map(
            lambda a: jax.ShapeDtypeStruct(
                (2, *np.shape(a)[1:]), jax.dtypes.canonicalize_dtype(np.asarray(a).dtype)
            ),
            x,
        )
    return preparation.output_shapes(model, rows)


def _begin_alike(model: Any, original: Any) -> None:
    model.__dict__["_seed"] = original.root_seed
    trained = original.optimizer is not None and original.optimizer.iterations > 0
    theirs = {_short(original, path): weight for path, weight in tree.index(original).items()}
    flags = {_short(original, path): flag for path, flag in original.trainable_flags().items()}
    learning = {path.rpartition("/")[0] for path, flag in flags.items() if flag}

    def held(path: str) -> bool:
        """Whether training leaves a weight alone; batch statistics move with their layer."""
        layer, _, name = path.rpartition("/")
        return not flags[path] and not (name.startswith("moving_") and layer in learning)

    for full, weight in tree.index(model).items():
        path = _short(model, full)
        other = theirs.get(path)
        if other is None or other.shape != weight.shape:
            weight.seed, weight.stream = model.root_seed, full
            continue
        weight.seed = model.root_seed if other.seed is None else other.seed
        weight.stream = full if other.seed is None else other.stream
        same = _same(weight.initializer, other.initializer)
        loaded = other._value is not None and (not trained or held(path))
        if same and loaded:
            value = np.array(other.host_value())
            if np.isfinite(value.astype(np.float32)).all():  # what a bad run has spoiled is not
                weight.assign(value)


def _short(model: Any, path: str) -> str:
    return path[len(model.name) + 1 :]


def _same(one: Any, other: Any) -> bool:
    """Whether two initialisers are written alike."""
    return type(one) is type(other) and repr(one) == repr(other)


def in_original_units(recipe: Recipe, model: Any, original: Any, x: Any) -> Any:
    """The trained model with what turns scaled answers back; itself where nothing was scaled."""
    if not recipe.target_scale:
        return model
    unscaled = recipe.but(target_scale={})
    for name, (mean, deviation) in recipe.target_scale.items():
        wiring.put_at_end(
            unscaled.network,
            recipe.position(name),
            wiring.layer("Rescaling", scale=_plain(deviation), offset=_plain(mean),
                         name="original_units"),
        )  # fmt: skip
    whole = build(unscaled, original, x)
    ours = {_short(model, path): weight for path, weight in tree.index(model).items()}
    for path, weight in tree.index(whole).items():
        other = ours.get(_short(whole, path))
        if other is not None:
            weight.assign(np.array(other.host_value()))
    return whole


def _plain(value: Any) -> Any:
    array = np.asarray(value)
    return float(array) if array.ndim == 0 else array.tolist()
