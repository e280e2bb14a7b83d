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


def add_affine(
    layer: Any, shape: tuple[int, ...], scale: bool | None = None, center: bool | None = None
) -> None:
    """Make `layer.gamma` and `layer.beta` where `scale` and `center`, the layer's, ask for them."""
    layer.gamma, layer.beta = None, None
    scale = layer.scale if scale is None else scale
    center = layer.center if center is None else center
    for wanted, name in ((scale, "gamma"), (center, "beta")):
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
