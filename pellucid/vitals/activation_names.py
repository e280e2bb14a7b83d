"""Which activation a layer's output has passed last, read off its class name and configuration."""

from __future__ import annotations

from typing import Any

# Layers that are an activation themselves.
ACTIVATION_LAYERS = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "PReLU": "prelu",
    "ELU": "elu",
    "SELU": "selu",
    "GELU": "gelu",
    "Softmax": "softmax",
    "ThresholdedReLU": "thresholded_relu",
}
# Layers that pass numbers on, or leave them out, without changing any when the network predicts.
KEEPS_VALUES = frozenset(
    {
        "ActivityRegularization",
        "AlphaDropout",
        "Cropping1D",
        "Cropping2D",
        "Cropping3D",
        "Dropout",
        "Flatten",
        "GaussianDropout",
        "GaussianNoise",
        "Identity",
        "InputLayer",
        "Masking",
        "Permute",
        "RepeatVector",
        "Reshape",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
    }
)
# Layers of several parts, whose `activation` is not the last thing they do.
_INSIDE = frozenset({"TransformerDecoder", "TransformerEncoder"})
# Layers that do whatever they were given.
_ANYTHING = frozenset(
    {"JaxLayer", "Functional", "Lambda", "Model", "Operation", "Pipeline", "Sequential"}
)
# Wrappers whose output is their inner layer's, or made of several calls of it.
_WRAPPERS = ("Bidirectional", "SpectralNormalization", "TimeDistributed")
BOUNDS = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "sparse_sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "hard_tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "relu6": (0.0, 6.0),
}
"""The range of the bounded activations."""


def activation_name(kind: str, config: dict[str, Any], ours: bool = True) -> str | None:
    """Lower-case name of the activation that a layer's output has passed last.

    Args:
        kind: class name of the layer.
        config: its configuration, as Pellucid or Keras writes it.
        ours: whether the class is one of the library's own.

    Returns:
        ``"linear"`` where there is none, None where it cannot be said.

    >>> activation_name("Dense", {"activation": "ReLU"}), activation_name("LeakyReLU", {})
    ('relu', 'leaky_relu')
    >>> activation_name("Dense", {"activation": None}), activation_name("Lambda", {})
    ('linear', None)
    """
    if kind in ACTIVATION_LAYERS:
        six = kind == "ReLU" and config.get("max_value") == 6
        return "relu6" if six else ACTIVATION_LAYERS[kind]
    if kind in _WRAPPERS and isinstance(config.get("layer"), dict):
        inner = config["layer"]
        return activation_name(str(inner.get("class_name")), inner.get("config") or {}, ours)
    if "activation" in config and kind not in _INSIDE:
        return _name(config["activation"])
    if kind == "RNN" and isinstance(config.get("cell"), dict):
        cell = config["cell"]
        return activation_name(str(cell.get("class_name")), cell.get("config") or {}, ours)
    return "linear" if ours and kind not in _ANYTHING else None


def _name(value: Any) -> str | None:
    """The name that stands for an activation in a configuration."""
    from .._core.registry import snake_case

    if value is None:
        return "linear"
    if isinstance(value, str):
        lower = value if value.islower() else snake_case(value)
        return {"swish": "silu", "re_lu": "relu"}.get(lower, lower)
    if isinstance(value, dict):
        inner = value.get("config")
        name = str(value.get("class_name", ""))
        if name == "function" and isinstance(inner, str):  # Keras's form of a function
            return _name(inner)
        return ACTIVATION_LAYERS.get(name)
    return None
