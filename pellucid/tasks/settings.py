"""What `pellucid train` can be told, and what is chosen where it is told nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .._core.errors import ConfigError
from .network import NetworkSettings, default_layers
from .targets import Targets

UPDATES = 3000
"""Without `--epochs`, so many updates of the weights, in 10 to 200 epochs."""


@dataclass(frozen=True)
class TrainSettings:
    """What `pellucid train` can be told; None means "as suits the data".

    Attributes:
        source: a built-in data set's name, or the path of a file.
        network: the hidden layers.
        task, target, data_dir: see `read_samples` and `find_targets`.
        epochs, batch_size: of `fit`.
        optimizer, learning_rate, loss: of `compile`, by name.
        patience: epochs without a better validation loss before training stops; 0 for never.
        seed: of the split, the initial weights, dropout and shuffling.
        validation_split, test_split: see `make_parts`.
    """

    source: str
    network: NetworkSettings = field(default_factory=NetworkSettings)
    task: str | None = None
    target: str | None = None
    data_dir: str | None = None
    epochs: int | None = None
    batch_size: int | None = None
    optimizer: str = "adam"
    learning_rate: float | None = None
    loss: str | None = None
    patience: int | None = None
    seed: int = 0
    validation_split: float = 0.1
    test_split: float | None = None

    def check(self) -> None:
        """Refuse what cannot work, before any data is read or downloaded.

        Raises:
            ConfigError: naming the option and a fix.
        """
        from .. import losses, optimizers

        self.network.check()
        for option, value, least in (
            ("--epochs", self.epochs, 1),
            ("--batch-size", self.batch_size, 1),
            ("--patience", self.patience, 0),
            ("--seed", self.seed, 0),
        ):
            if value is not None and (value < least or (option == "--seed" and value >= 2**32)):
                raise ConfigError(
                    f"{option} is out of range.",
                    got=f"{option} {value}",
                    expected=f"a whole number of at least {least}",
                    fix=f"pass {option} {max(least, 10)}, say.",
                )
        for option, share in (
            ("--validation-split", self.validation_split),
            ("--test-split", self.test_split),
        ):
            if share is not None and not 0 <= share < 1:
                raise ConfigError(
                    f"{option} is the share of the samples to hold out.",
                    got=f"{option} {share:g}",
                    expected="at least 0 and below 1",
                    fix=f"pass {option} 0.2 for a fifth.",
                )
        if self.learning_rate is not None and not 0 < self.learning_rate < float("inf"):
            raise ConfigError(
                "The learning rate must be positive.",
                got=f"--learning-rate {self.learning_rate:g}",
                fix="pass --learning-rate 0.001, say.",
            )
        optimizers.get(self.optimizer_spec())
        losses.as_loss(self.loss)

    def optimizer_spec(self) -> Any:
        """What `compile` takes: a name, or a configuration with the learning rate."""
        if self.learning_rate is None:
            return self.optimizer
        return {"class_name": self.optimizer, "config": {"learning_rate": self.learning_rate}}


def default_loss(targets: Targets) -> str:
    """Cross-entropy for classes, the mean squared error for numbers."""
    if targets.task == "classification":
        return "sparse_categorical_crossentropy"
    return "mean_squared_error"


def fill_in(settings: TrainSettings, x: np.ndarray) -> TrainSettings:
    """`settings` with no None left where the training samples `x` decide."""
    network = settings.network
    if network.layers is None:
        network = replace(network, layers=default_layers(math.prod(x.shape[1:])))
    batch = settings.batch_size or (32 if len(x) < 10_000 else 128)
    epochs = settings.epochs
    if epochs is None:
        epochs = min(200, max(10, round(UPDATES / -(-len(x) // batch))))
    patience = settings.patience
    if patience is None:
        patience = max(5, epochs // 5)
    return replace(settings, network=network, batch_size=batch, epochs=epochs, patience=patience)
