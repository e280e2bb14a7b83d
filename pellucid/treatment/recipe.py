"""`Recipe`: everything that one training depends on, as plain values. A change edits a recipe."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import Any

from .. import losses as _losses
from .._core.errors import ConfigError, PellucidError
from .._core.specs import serialize
from ..optimizers import OptaxOptimizer
from ..vitals.network import describe_loss
from . import wiring

EPOCHS, BATCH = 10, 32  # where neither the caller nor an earlier run says


@dataclass(frozen=True)
class Recipe:
    """A network's configuration and how it is trained.

    Attributes:
        network: ``{"class_name", "config"}`` of the model.
        names: of its outputs.
        optimizer: a configuration; an Optax transformation as it is.
        loss: by output, as `compile` takes it.
        settings: the other arguments of `compile`.
        epochs, batch_size, shuffle: of `fit`.
        class_weight: label -> factor, or None.
        patience: of early stopping; None trains to the end.
        target_scale: output name -> (mean, deviation) that its targets are brought to 0 and 1 by.
    """

    network: dict[str, Any]
    names: list[str]
    optimizer: Any
    loss: list[Any]
    settings: dict[str, Any] = field(default_factory=dict)
    epochs: int = EPOCHS
    batch_size: int = BATCH
    shuffle: bool = True
    class_weight: dict[int, float] | None = None
    patience: int | None = None
    target_scale: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def but(self, **changes: Any) -> Recipe:
        """A recipe with other values in some fields; nothing is shared with this one."""
        return replace(self.copied(), **changes)

    def copied(self) -> Recipe:
        """The same, with a network of its own to edit."""
        return replace(
            self,
            network=copy.deepcopy(self.network),
            optimizer=copy.deepcopy(self.optimizer)
            if isinstance(self.optimizer, dict)
            else self.optimizer,
            loss=list(self.loss),
            target_scale=dict(self.target_scale),
        )

    def position(self, output: str) -> int:
        """The number of an output; a model with one output takes any name."""
        if output in self.names:
            return self.names.index(output)
        if len(self.names) == 1:
            return 0
        raise ConfigError(
            f"There is no output {output!r}.", got=", ".join(self.names), fix="name one of them."
        )

    def loss_name(self, output: str) -> str | None:
        """Snake-case name of an output's loss."""
        loss = self.loss[self.position(output)]
        if isinstance(loss, str) and loss.lower() in ("crossentropy", "ce"):
            return loss
        return None if loss is None else describe_loss(_losses.as_loss(loss))[0]


def recipe_of(model: Any, names: list[str], **fit: Any) -> Recipe:
    """The recipe by which a model is trained.

    Args:
        model: compiled.
        names: of its outputs, in order.
        fit: epochs, batch_size, shuffle, class_weight; what is None is taken from the model's
            latest run, else as `fit` has it (but 10 epochs).

    Raises:
        ConfigError: a network that has no configuration to copy it from.
    """
    try:
        network = serialize(model)
        wiring.layer_list(network)
    except (PellucidError, TypeError, AttributeError, KeyError) as error:
        raise _no_copy(model, error) from error
    settings = dict(model.compile_settings)
    optimizer = model.optimizer
    settings.pop("optimizer")
    losses = _by_output(settings.pop("loss"), names)
    settings["run_eagerly"] = model.run_eagerly
    plan = getattr(getattr(getattr(model, "history", None), "vitals", None), "plan", None)

    def chosen(name: str, default: Any) -> Any:
        if fit.get(name) is not None:
            return fit[name]
        known = getattr(plan, name, None)
        return default if known is None else known

    foreign = isinstance(optimizer, OptaxOptimizer)
    return Recipe(
        network=network,
        names=names,
        optimizer=optimizer if foreign else serialize(optimizer),
        loss=losses,
        settings=settings,
        epochs=int(chosen("epochs", EPOCHS)),
        batch_size=int(chosen("batch_size", BATCH)),
        shuffle=bool(chosen("shuffle", True)),
        class_weight=fit.get("class_weight"),
    )


def _no_copy(model: Any, error: Exception) -> ConfigError:
    return ConfigError(
        f"{model.name!r} cannot be copied, so nothing can be tried on a copy.",
        got=f"{type(model).__name__}: {str(error).splitlines()[0]}",
        expected="a model that get_config() describes",
        fix=getattr(error, "fix", None)
        or "store every argument of __init__ under its own name, or write get_config().",
    )


def _by_output(value: Any, names: list[str]) -> list[Any]:
    """A loss for each output, from the forms that `compile` takes."""
    if isinstance(value, dict) and "class_name" not in value:
        return [value.get(name) for name in names]
    if isinstance(value, (list, tuple)) and len(value) == len(names):
        return list(value)
    return [value] * len(names)
