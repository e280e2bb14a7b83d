"""The learned scale and offset that follow a normalisation, shared by the layers that have them."""

from __future__ import annotations

from typing import Any

from .. import checks
from ..base import Layer


def check_affine(layer: Layer) -> None:
    """Refuse names of initialisers, regularisers and constraints that do not exist."""
    checks.names(
        layer,
        ("initializer", "beta_initializer"),
        ("initializer", "gamma_initializer"),
        ("regularizer", "beta_regularizer"),
        ("regularizer", "gamma_regularizer"),
        ("constraint", "beta_constraint"),
        ("constraint", "gamma_constraint"),
    )


def add_affine(layer: Any, shape: tuple[int, ...]) -> None:
    """Make `layer.gamma` and `layer.beta` where the layer's `scale` and `center` ask for them."""
    layer.gamma, layer.beta = None, None
    for wanted, name in ((layer.scale, "gamma"), (layer.center, "beta")):
        if wanted:
            weight = layer.add_weight(
                name=name,
                shape=shape,
                initializer=getattr(layer, f"{name}_initializer"),
                regularizer=getattr(layer, f"{name}_regularizer"),
                constraint=getattr(layer, f"{name}_constraint"),
                autocast=False,
            )
            setattr(layer, name, weight)
