"""`Change`: one machine-applicable step of a treatment, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .._core.errors import ConfigError
from .._core.registry import did_you_mean

# kind -> what `path` names, and the arguments it takes.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "set_activation": ("layer", ("activation",)),
    "set_output": ("output", ("activation", "loss", "loss_config")),
    "set_units": ("layer", ("units",)),
    "set_initializer": ("layer", ("initializer", "weight")),
    "set_regularizer": ("layer", ("regularizer",)),
    "set_dropout": ("layer", ("rate",)),
    "set_momentum": ("layer", ("momentum",)),
    "set_trainable": ("layer", ("trainable",)),
    "remove_layer": ("layer", ()),
    "add_batch_norm": ("layer", ()),
    "add_dropout": ("layer", ("rate",)),
    "set_optimizer": ("", ("optimizer", "learning_rate")),
    "set_learning_rate": ("", ("learning_rate",)),
    "clip_gradients": ("", ("norm",)),
    "set_weight_decay": ("", ("weight_decay",)),
    "set_batch_size": ("", ("batch_size",)),
    "set_epochs": ("", ("epochs",)),
    "set_metrics": ("output", ("metrics",)),
    "class_weight": ("output", ("weights",)),
    "add_early_stopping": ("", ("patience",)),
    "shuffle": ("", ()),
    "add_scaling": ("input", ("how", "factor")),
    "scale_targets": ("output", ("how", "factor")),
    "shift_labels": ("output", ("by",)),
    "drop_column": ("input", ("column",)),
    "drop_rows": ("", ("which",)),
}


@dataclass(frozen=True)
class Change:
    """One step that `treat` can take on a copy of the network, its settings or its data.

    Args:
        kind: a key of `KINDS`, such as ``"set_learning_rate"``.
        path: the layer, input or output that it is about; "" where it is about the whole run.
        arguments: values by name, ready for JSON.

    Raises:
        ConfigError: an unknown kind, or an argument that the kind does not take.

    >>> print(Change("set_learning_rate", arguments={"learning_rate": 0.001}))
    set_learning_rate(learning_rate=0.001)
    >>> print(Change("set_activation", "dense", {"activation": "relu"}))
    set_activation("dense", activation="relu")
    """

    kind: str
    path: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ConfigError(
                "No change of this kind is known.",
                got=repr(self.kind),
                fix=did_you_mean(self.kind, KINDS),
            )
        for name in self.arguments:
            if name not in KINDS[self.kind][1]:
                raise ConfigError(
                    f"A change {self.kind!r} takes no argument {name!r}.",
                    got=sorted(self.arguments),
                    expected=list(KINDS[self.kind][1]),
                )

    def __str__(self) -> str:
        given = [f'"{self.path}"'] if self.path else []
        for name, value in self.arguments.items():
            given.append(f'{name}="{value}"' if isinstance(value, str) else f"{name}={value}")
        return f"{self.kind}({', '.join(given)})"

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"kind": self.kind, "path": self.path, "arguments": dict(self.arguments)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Change:
        """What `to_dict` gave, back."""
        return cls(values["kind"], values.get("path", ""), dict(values.get("arguments", {})))
