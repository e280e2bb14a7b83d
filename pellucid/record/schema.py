"""What a run knows of itself, as plain numbers, names and arrays: the doctor reads nothing else.

A `RunRecord` is filled by `training` while a model trains, is what `History.vitals` holds, lies in
the run folder as one file, and can be made by hand or from a configuration alone. Everything that
is not known is None or missing, and a rule that needs it stays silent. NumPy only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .summary import as_markdown, as_text

SCHEMA = 2  # 2: traits of layers


@dataclass
class LayerRecord:
    """One layer, in the order of computation; a layer used twice has one entry for each call.

    Attributes:
        path: where it stands in the model: ``"dense_1"``, ``"block/conv"``, ``"dense#2"``.
        kind: class name: ``"Dense"``.
        config: its `get_config()`.
        inputs: paths of the layers whose outputs it reads; ``"input:NAME"`` for the model's own.
        output_shape: with None for the batch and for other unknown axes.
        activation: lower-case name of the activation that its output has passed last, looking
            inside (``Dense(activation="relu")``, ``Activation("relu")``, ``ReLU()``: all "relu");
            "linear" where it applies none; None where it cannot be said.
        weights: paths of its own weights.
        trainable: whether its weights are trained.
        adds_loss: it adds a term of its own to the loss (`add_loss`, an activity regularizer).
        traits: what its class says that it is: ``["product"]``, ``["linear", "dropout"]``; None
            where it says nothing.
    """

    path: str
    kind: str
    config: dict[str, Any] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    output_shape: list[int | None] | None = None
    activation: str | None = None
    weights: list[str] = field(default_factory=list)
    trainable: bool = True
    adds_loss: bool = False
    traits: list[str] | None = None

    def has(self, *traits: str) -> bool:
        """Whether the layer has one of `traits`."""
        return self.traits is not None and any(trait in self.traits for trait in traits)


@dataclass
class WeightRecord:
    """One weight.

    Attributes:
        path: ``"dense_1/kernel"``; `layer` is the path of its layer, `role` the last part.
        shape, size: of the array.
        trainable: whether the optimiser moves it.
        initializer: the configuration it was drawn by, or None.
        used: False where the loss does not depend on it at all; None where nobody looked.
    """

    path: str
    layer: str
    role: str
    shape: list[int]
    trainable: bool = True
    initializer: dict[str, Any] | None = None
    used: bool | None = None

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@dataclass
class OutputRecord:
    """One output of the model, with the loss on it.

    Attributes:
        name: as in the logs.
        layer: path of the layer that gives it.
        activation: what its numbers have passed last, through layers that change no values
            (Reshape, Flatten, Dropout): ``"softmax"``, ``"linear"``; None if it cannot be said.
        shape: with None for the batch.
        loss: snake-case name of the loss, ``"sparse_categorical_crossentropy"``; None without one.
        loss_config: its arguments, such as ``{"from_logits": True}``.
        metrics: names as in the logs.
        weight: its factor in the total loss.
        loss_traits: what the loss asks for, as its class says it: ``["distance", "squared"]``;
            None where it says nothing.
    """

    name: str
    layer: str | None = None
    activation: str | None = None
    shape: list[int | None] | None = None
    loss: str | None = None
    loss_config: dict[str, Any] = field(default_factory=dict)
    metrics: list[str] = field(default_factory=list)
    weight: float = 1.0
    loss_traits: list[str] | None = None

    def wants(self, *traits: str) -> bool:
        """Whether the loss has one of `traits`."""
        return self.loss_traits is not None and any(trait in self.loss_traits for trait in traits)


@dataclass
class Plan:
    """How the run was to be trained.

    Attributes:
        optimizer: class name, ``"Adam"``; None for a foreign Optax transformation.
        optimizer_config: its `get_config()`.
        learning_rate: at the start of this run; schedules give `RunRecord.learning_rates`.
        batch_size, samples, validation_samples, epochs, steps_per_epoch: counts; None if unknown.
        callbacks: class names.
        class_weight, sample_weight: whether there were any.
        shuffle: whether samples were visited in a new order every epoch.
        dtype: of computations: ``"float32"``, ``"mixed_bfloat16"``.
        custom_step: a subclass wrote `train_step` or `compute_loss`.
        interrupted: Ctrl-C ended the run.
        stopped_early: a callback ended the run before its last epoch.
    """

    optimizer: str | None = None
    optimizer_config: dict[str, Any] = field(default_factory=dict)
    learning_rate: float | None = None
    batch_size: int | None = None
    samples: int | None = None
    validation_samples: int | None = None
    epochs: int | None = None
    steps_per_epoch: int | None = None
    callbacks: list[str] = field(default_factory=list)
    class_weight: bool = False
    sample_weight: bool = False
    shuffle: bool = True
    dtype: str = "float32"
    custom_step: bool = False
    interrupted: bool = False
    stopped_early: bool = False


@dataclass
class ArrayRecord:
    """One array of inputs, over (a sample of) the training data.

    Attributes:
        name: of the model's input, or of the target's output.
        shape: of one sample.
        dtype: NumPy's name.
        samples: rows looked at.
        minimum, maximum, mean, std: over all finite numbers.
        nonfinite: numbers that are NaN or infinite.
        integers: whether every number is whole.
        embedded: goes straight into a layer that looks integers up, so that scale means nothing.
        normalized: the network's own first layers scale it (Normalization, Rescaling,
            BatchNormalization), so that its raw scale is harmless.
        column_mean, column_std, column_minimum, column_maximum: (columns,) for samples of rank 1
            with at most 4096 columns; else None.
        column_names: where the data had names.
        column_link: (columns,) how well each column alone gives the target away, 0 to 1: the
            squared correlation for numbers, for classes the share of variance between classes.
    """

    name: str
    shape: list[int]
    dtype: str
    samples: int = 0
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    std: float | None = None
    nonfinite: int = 0
    integers: bool = False
    embedded: bool = False
    normalized: bool = False
    column_mean: np.ndarray | None = None
    column_std: np.ndarray | None = None
    column_minimum: np.ndarray | None = None
    column_maximum: np.ndarray | None = None
    column_names: list[str] | None = None
    column_link: np.ndarray | None = None


@dataclass
class TargetRecord:
    """The targets of one output, over the training data.

    Attributes:
        array: ranges and shape.
        kind: ``"labels"`` (whole numbers, one a sample), ``"binary"`` (0 and 1 in one or more
            columns), ``"one_hot"`` (rows that add to one), ``"distribution"``, ``"values"``.
        class_counts: (classes,) samples of each class, for labels, binary of one column, one-hot.
        baseline_loss: the mean loss, by this output's loss function, of the best constant answer
            (class shares, mean, median); None where it cannot be said.
        baseline_accuracy: the share of the commonest class; None for values.
        same_as_input: largest difference between targets and an input of the same shape is zero
            (an autoencoder).
        neighbours_alike: how much more alike the targets of samples that follow each other are
            than by chance: about 0 in random order, near 1 where samples are sorted by target.
    """

    array: ArrayRecord
    kind: str = "values"
    class_counts: np.ndarray | None = None
    baseline_loss: float | None = None
    baseline_accuracy: float | None = None
    same_as_input: bool = False
    neighbours_alike: float | None = None


@dataclass
class DataRecord:
    """The data, by output and input name, training and validation.

    Attributes:
        inputs, targets: training data.
        validation_inputs, validation_targets: held-out data, if there was any.
        shared_rows: validation samples that are also training samples (the same bytes); None if
            nobody looked.
        repeated_rows: training samples that occur more than once, counted without the first.
        conflicting_rows: training samples with the same input and another target.
        looked_at: training rows that were compared.
    """

    inputs: dict[str, ArrayRecord] = field(default_factory=dict)
    targets: dict[str, TargetRecord] = field(default_factory=dict)
    validation_inputs: dict[str, ArrayRecord] = field(default_factory=dict)
    validation_targets: dict[str, TargetRecord] = field(default_factory=dict)
    shared_rows: int | None = None
    repeated_rows: int | None = None
    conflicting_rows: int | None = None
    looked_at: int = 0


@dataclass
class Checkups:
    """What the checkups measured on the probe samples: one row of every array is one checkup.

    The probe is the same all through a run: at most 512 training samples. All passes are in
    inference mode but for `batch_statistics`.

    Attributes:
        step: (checkups,) updates done before it; 0 for the one before training.
        epoch: (checkups,) whole epochs done before it.
        train: name -> (checkups,): ``"loss"`` and metrics on the probe.
        validation: the same on at most 512 validation samples.
        training_mode: ``"loss"`` on the probe in training mode (dropout, batch statistics).
        layers: layer path -> name -> array:
            output_mean, output_rms: (checkups,)
            output_spread: (checkups,) root mean square over units of the standard deviation over
                samples; 0 when the layer gives every sample the same.
            output_nonfinite: (checkups,) share of numbers that are not finite.
            zero_share: (checkups,) share of exact zeros.
            unit_zero: (checkups, units) share of samples on which a unit (last axis, or channel)
                is zero at every position; dead = 1.
            saturated: (checkups,) share of numbers at a bound of a bounded activation: within
                1 % of its range.
            unit_saturated: (checkups, units) the same by unit.
            gradient_rms: (checkups,) of the loss by the output, times the number of samples.
            gradient_nonfinite: (checkups,)
            histogram: (checkups, 32) counts; histogram_range: (checkups, 2)
        weights: weight path -> name -> array:
            norm, rms, gradient_norm, maximum: (checkups,)
            nonfinite: (checkups,) share.
            update_ratio: (checkups,) norm of the change since the last checkup, over the norm,
                over the square root of the steps between; NaN at the first.
            change: (checkups,) norm of the difference from the start over the norm at the start.
            histogram: (checkups, 32); histogram_range: (checkups, 2)
        outputs: output name -> name -> array, of the predictions on the probe:
            mean, std, minimum, maximum: (checkups,)
            spread: (checkups,) as output_spread: 0 when every sample gets the same answer.
            row_sum_minimum, row_sum_maximum: (checkups,) of the sum over the last axis.
            class_share: (checkups, classes) how often each class is the answer.
    """

    step: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    epoch: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    train: dict[str, np.ndarray] = field(default_factory=dict)
    validation: dict[str, np.ndarray] = field(default_factory=dict)
    training_mode: dict[str, np.ndarray] = field(default_factory=dict)
    layers: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    weights: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    outputs: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.step)


@dataclass
class Examples:
    """Held-out (else training) samples with the answers of the trained network, for the report.

    Attributes:
        source: ``"validation"`` or ``"training"``.
        output: name of the output.
        truth: (samples,) class numbers, (samples, columns) values, or, where every position of a
            sample has its own class, (samples, positions) class numbers, -1 where none counts.
        prediction: (samples, classes) or (samples, columns), or (samples, positions) class numbers.
        loss: (samples,)
        worst: (k,) indices into the above, largest loss first.
        worst_inputs: (k, ...) the inputs of those.
        kind: what the truth is, as in `TargetRecord.kind`; "" where that was not kept.
        positions: sizes of the axes of the positions, where each has its own class: ``[20]`` of 20
            words, ``[64, 64]`` of a picture's points.
        classes: how many classes each position may have.
        worst_columns, worst_cells: the inputs of the worst samples where they are text: the names
            of the columns, and (k, columns) texts.
    """

    source: str
    output: str
    truth: np.ndarray
    prediction: np.ndarray
    loss: np.ndarray
    worst: np.ndarray
    worst_inputs: np.ndarray | None = None
    kind: str = ""
    positions: list[int] = field(default_factory=list)
    classes: int = 0
    worst_columns: list[str] = field(default_factory=list)
    worst_cells: list[list[str]] = field(default_factory=list)


@dataclass(repr=False)
class RunRecord:
    """Everything the doctor may know of one run.

    Attributes:
        name: of the model.
        layers, weights, outputs: the network.
        plan: how it was to be trained.
        data: what it was trained on.
        history: log name -> (epochs,), as `History.history`.
        epochs: (epochs,) their numbers.
        learning_rates: (epochs,)
        losses, gradient_norms: (steps,) of every step: the batch's loss before its update, and the
            norm of all gradients together.
        first_step: number of the first entry of `losses`.
        bad_step: the first step whose loss or gradient was not finite; -1 if none.
        bad_place: path of the first layer, in the order of computation, that gave a number that
            is not finite at that step; None if unknown.
        bad_cause: ``"weights"``, ``"inputs"``, ``"forward"``, ``"loss"`` or ``"gradient"`` (all
            numbers were finite on the way forward): where it came from.
        checkups: the vital signs.
        examples: answers of the trained network.
        schema: version of this structure.
    """

    name: str = "model"
    layers: list[LayerRecord] = field(default_factory=list)
    weights: list[WeightRecord] = field(default_factory=list)
    outputs: list[OutputRecord] = field(default_factory=list)
    plan: Plan = field(default_factory=Plan)
    data: DataRecord = field(default_factory=DataRecord)
    history: dict[str, np.ndarray] = field(default_factory=dict)
    epochs: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    learning_rates: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    losses: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    gradient_norms: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    first_step: int = 0
    bad_step: int = -1
    bad_place: str | None = None
    bad_cause: str | None = None
    checkups: Checkups = field(default_factory=Checkups)
    examples: dict[str, Examples] = field(default_factory=dict)
    schema: int = SCHEMA

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_markdown_(self) -> str:
        return as_markdown(self)

    def layer(self, path: str) -> LayerRecord | None:
        """The layer at `path`, or None."""
        return next((layer for layer in self.layers if layer.path == path), None)

    def walk(self, trait: str) -> Iterator[LayerRecord]:
        """Layers of one trait, in the order of computation."""
        return (layer for layer in self.layers if layer.has(trait))

    @property
    def trained(self) -> bool:
        """Whether any step was taken."""
        return bool(len(self.losses) or len(self.epochs))
