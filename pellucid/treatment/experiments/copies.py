"""A copy of the user's model and its data, ready for an experiment."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..._core.errors import DataError
from ..._core.rng import own_seeds
from ...training.arguments import check_counts
from ..build import build
from ..recipe import Recipe, recipe_of
from ..samples import Samples, whole_samples
from ..treating import output_names


def begin(
    model: Any, x: Any, y: Any, what: str, least: int = 2, **counts: Any
) -> tuple[Recipe, Samples]:
    """The recipe of a compiled model, and all its samples to train on.

    Args:
        model: the user's, only read.
        x, y: as for `fit`.
        what: name of the experiment.
        least: samples that it needs.
        counts: whole numbers to be checked.

    Raises:
        StateError: not compiled. ConfigError: a model that cannot be copied, or a wrong count.
        DataError: data that cannot be trained on.
    """
    model.must_be_compiled(what)
    check_counts(**counts)
    with own_seeds():
        samples = whole_samples(model, (x, y))
        if samples.size < least:
            raise DataError(
                f"{what} needs at least {least} samples.", got=f"{samples.size}", fix="pass more."
            )
        if samples.y is None:
            raise DataError(f"{what} needs targets.", got="y=None", fix="pass y.")
        return recipe_of(model, output_names(model, samples.x)), samples


def copy_of(recipe: Recipe, model: Any, samples: Samples) -> Any:
    """A compiled copy that begins as the model began."""
    with own_seeds():
        return build(recipe, model, samples.x)


def some(tree: Any, rows: np.ndarray) -> Any:
    """Some rows of every array."""
    return jax.tree.map(lambda array: np.asarray(array)[rows], tree)
