"""What a training can be told, and what is chosen where it is told nothing.

Loads nothing heavy: the command line reads its options from here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .._core.errors import ConfigError
from .setting import DATA, NETWORK, TRAINING, check_ranges, setting

if TYPE_CHECKING:
    import numpy as np

    from .targets import Targets

MOST_LAYERS = 64
UPDATES = 3000
"""Without `epochs`, so many updates of the weights, in 10 to 200 epochs."""


@dataclass(frozen=True)
class NetworkSettings:
    """The hidden layers.

    Attributes:
        layers: units of each; none at all is a linear model; None leaves it to the data.
        activation: of each.
        dropout: share of their outputs dropped in training.
        batch_norm: normalise before each activation.
        l2: penalty on the squared weights.
        dtype: number format or policy.
    """

    layers: tuple[int, ...] | None = setting(
        None,
        "Units of each hidden layer, separated by commas; 'none' for a linear model.",
        NETWORK,
        unset="128,64; 512,512 from 256 numbers per sample on",
    )
    activation: str = setting("relu", "Of the hidden layers: relu, tanh, gelu, selu, ...", NETWORK)
    dropout: float = setting(
        0.2,
        "Share (0 to 1) of a hidden layer's outputs set to zero in training.",
        NETWORK,
        least=0,
        below=1,
        example=0.2,
    )
    batch_norm: bool = setting(
        False, "Normalise each hidden layer's outputs over the batch.", NETWORK
    )
    l2: float = setting(
        0.0, "Penalty on the squared weights, added to the loss.", NETWORK, least=0, example=0.0001
    )
    dtype: str = setting(
        "float32",
        "Number format: float32, or mixed_bfloat16 for speed on newer hardware.",
        NETWORK,
    )

    def check(self) -> None:
        """Refuse what cannot work, before any data is read.

        Raises:
            ConfigError: naming the argument and a fix.
        """
        from .. import activations
        from .._core.dtypes import DTypePolicy

        layers = self.layers or ()
        if len(layers) > MOST_LAYERS:
            raise ConfigError(
                f"{len(layers)} hidden layers are too many for a plain stack to learn.",
                got=f"`layers` with {len(layers)} numbers",
                expected=f"at most {MOST_LAYERS}; one to three are the rule",
                fix="start with layers=(128, 64).",
            )
        if any(units < 1 for units in layers):
            raise ConfigError(
                "Every hidden layer needs at least one unit.",
                got=f"layers={tuple(layers)}",
                expected="positive whole numbers",
                fix="start with layers=(128, 64).",
            )
        check_ranges(self)
        activations.get(self.activation)
        DTypePolicy(self.dtype)


@dataclass(frozen=True)
class TrainSettings:
    """What a training can be told; None means "as suits the data".

    Attributes:
        source: a built-in data set's name, or the path of a file.
        network: the hidden layers.
        task, target, data_dir: see `read_samples` and `find_targets`.
        epochs, batch_size: of `fit`.
        optimizer, learning_rate, loss: of `compile`, by name.
        patience: epochs without a better validation loss before training stops; 0 for never.
        seed: of the split, the initial weights, dropout and shuffling.
        validation_split, test_split: see `make_parts`.
        checkpoint: of `fit`; removed when the run has ended well.
    """

    source: str
    network: NetworkSettings = field(default_factory=NetworkSettings)
    epochs: int | None = setting(
        None,
        "Passes over the training samples, at most.",
        TRAINING,
        unset="about 3,000 updates: 10 to 200",
        least=1,
        example=10,
    )
    batch_size: int | None = setting(
        None,
        "Samples per update of the weights.",
        TRAINING,
        unset="32; 128 from 10,000 samples on",
        least=1,
        example=32,
    )
    optimizer: str = setting("adam", "adam, sgd, rmsprop, adamw, ...", TRAINING)
    learning_rate: float | None = setting(
        None,
        "The step size.",
        TRAINING,
        unset="the optimizer's own: 0.001 for adam",
        above=0,
        example=0.001,
    )
    loss: str | None = setting(
        None,
        "What training makes small.",
        TRAINING,
        unset="cross-entropy for classes, mean squared error for numbers",
    )
    patience: int | None = setting(
        None,
        "Epochs without a better validation loss before training stops; the best epoch's "
        "weights are kept. 0 trains to the end and keeps the last.",
        TRAINING,
        unset="a fifth of the epochs, at least 5",
        least=0,
        example=10,
    )
    seed: int = setting(
        0,
        "Of everything random: the same seed, the same run.",
        TRAINING,
        least=0,
        below=2**32,
        example=10,
    )
    validation_split: float = setting(
        0.1,
        "Share (0 to 1) of the samples to watch the training with.",
        DATA,
        least=0,
        below=1,
        example=0.2,
    )
    test_split: float | None = setting(
        None,
        "Share (0 to 1) of the samples to hold out for the final result.",
        DATA,
        unset="the data's own test part, else 0.2",
        least=0,
        below=1,
        example=0.2,
    )
    task: str | None = setting(
        None,
        "classification or regression. Texts, true/false and up to 20 different whole "
        "numbers are classes, other numbers a regression.",
        DATA,
        unset="found from the data",
    )
    target: str | None = setting(None, "Of a .csv file: the column to predict.", DATA)
    data_dir: str | None = setting(
        None,
        "Folder with the files of a data set that would be downloaded otherwise.",
        DATA,
        unset="the user's cache",
    )
    checkpoint: str | None = setting(
        None,
        "Folder for the state of the run after every epoch: a run that was broken off goes on from "
        "there when the same command is given again.",
        DATA,
    )

    def check(self) -> None:
        """Refuse what cannot work, before any data is read or downloaded.

        Raises:
            ConfigError: naming the argument and a fix.
        """
        from .. import losses, optimizers

        self.network.check()
        check_ranges(self)
        optimizers.get(self.optimizer_spec())
        losses.as_loss(self.loss)

    def optimizer_spec(self) -> Any:
        """What `compile` takes: a name, or a configuration with the learning rate."""
        if self.learning_rate is None:
            return self.optimizer
        return {"class_name": self.optimizer, "config": {"learning_rate": self.learning_rate}}


def default_layers(inputs: int) -> tuple[int, ...]:
    """Two hidden layers: wider for pictures than for tables."""
    return (512, 512) if inputs >= 256 else (128, 64)


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
