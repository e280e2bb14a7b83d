"""What the last activation makes of the numbers, against what the loss expects."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import LayerRecord, OutputRecord, RunRecord
from ..change import Change
from ..explaining import explains
from ..finding import Evidence, Finding, Where
from ..network import (
    from_logits,
    judged,
    raw_scores,
    width,
)
from ..rule import rule

# Activations whose numbers are no probabilities; of a user's own activation nobody can say.
NO_PROBABILITIES = frozenset(
    {"celu", "elu", "gelu", "hard_shrink", "hard_silu", "hard_tanh", "leaky_relu", "log_sigmoid"}
    | {"log_softmax", "mish", "prelu", "relu", "relu6", "selu", "silu", "soft_shrink", "softplus"}
    | {"softsign", "squareplus", "tanh", "tanh_shrink", "threshold"}
)
# Above 0: a loss that divides by the sum makes probabilities of them.
POSITIVE = ("softplus", "squareplus")


def _at(output: OutputRecord) -> Where:
    return Where(layer=output.layer, output=output.name)


def _last_axis(record: RunRecord, output: OutputRecord) -> bool:
    """Whether a softmax runs over the last axis."""
    layer = record.layer(output.layer) if output.layer else None
    return layer is None or _axis(layer) == -1


def _axis(layer: LayerRecord) -> int:
    """The axis of a layer's softmax, counted from the end."""
    axis = layer.config.get("axis", -1)
    if isinstance(axis, int) and axis > 0 and layer.output_shape:
        axis -= len(layer.output_shape)
    return axis if isinstance(axis, int) else 0


@rule("softmax-over-one-unit", "static", risk=False, explains=explains(1.0, 1.0, 0.5, 0.5))
def softmax_over_one_unit(record: RunRecord) -> Iterator[Finding]:
    """Softmax over one unit is always 1, whatever the network computes."""
    for output in record.outputs:
        if output.activation == "softmax" and width(output) == 1 and _last_axis(record, output):
            binary = output.loss is None or output.wants("crossentropy")
            activation = "sigmoid" if binary else "linear"
            yield Finding(
                "softmax-over-one-unit",
                f"The output {output.name!r} is a softmax over one unit, which is always 1.",
                "problem",
                where=_at(output),
                evidence=(Evidence("units under the softmax", 1, 2),),
                why="Softmax divides by the sum over the units. With one unit every sample gets "
                "the answer 1, and no gradient reaches any weight.",
                fix=(
                    "For two classes end in a sigmoid:\n"
                    '    layers.Dense(1, activation="sigmoid")\n'
                    '    model.compile(..., loss="binary_crossentropy")'
                    if binary
                    else "For a quantity use no activation:\n    layers.Dense(1)"
                ),
                changes=(Change("set_output", output.name, {"activation": activation}),),
            )


@rule("softmax-twice", "static", risk=False, explains=explains(0.7, 0.9))
def softmax_twice(record: RunRecord) -> Iterator[Finding]:
    """A softmax of a softmax is nearly even over the classes."""
    for layer in record.layers:
        if layer.activation != "softmax" or not layer.has("activation"):
            continue
        before = record.layer(layer.inputs[0]) if len(layer.inputs) == 1 else None
        if before is None or before.activation != "softmax" or _axis(before) != _axis(layer):
            continue
        units = layer.output_shape[-1] if layer.output_shape and _axis(layer) == -1 else None
        limit = None if not units else 100 * np.e / (np.e + units - 1)
        reach = () if limit is None else (Evidence("largest share of a class", limit, 100, "%"),)
        answers = any(layer.path == output.layer for output in record.outputs)
        yield Finding(
            "softmax-twice",
            f"The softmax of {before.path!r} goes through a second softmax, {layer.path!r}"
            + ("." if limit is None else f": no class of {units} can get more than {limit:.3g}%."),
            "problem" if answers else "warning",
            where=Where(layer=layer.path),
            evidence=(
                Evidence("softmaxes in a row", 2, 1),
                *reach,
            ),
            why="The second softmax gets numbers between 0 and 1 only, so that it cannot give a "
            "class more than e = 2.7 times the share of another. The loss stays high and the "
            "gradient small.",
            fix=f"Leave out the layer {layer.path!r}:\n"
            f'    layers.Dense({units or "units"}, activation="softmax")  # no Softmax() behind it',
            confidence=0.97,
            changes=(Change("remove_layer", layer.path),),
        )


@rule("linear-output-with-crossentropy", "static", ("loss",), explains=explains(1.0, 0.9, 0.9, 0.9))
def linear_output_with_crossentropy(record: RunRecord) -> Iterator[Finding]:
    """A cross-entropy that expects probabilities gets raw scores."""
    for output in judged(record):
        if not raw_scores(record, output) or not output.wants("crossentropy"):
            continue
        if from_logits(output) or output.loss == "kl_divergence":
            continue
        activation = _fitting(output)
        yield Finding(
            "linear-output-with-crossentropy",
            f"The output {output.name!r} has no activation, but {output.loss} expects "
            "probabilities.",
            "problem",
            where=_at(output),
            evidence=(Evidence("output activation", "linear", activation),),
            why="Raw scores lie anywhere. The loss cuts off what is not between 0 and 1, and there "
            "it has no gradient: such samples are never learned.",
            fix="End in probabilities:\n"
            f'    layers.Dense({width(output) or "units"}, activation="{activation}")'
            + (
                "\nor tell the loss that it gets scores:\n    model.compile(..., "
                f"loss=losses.{_class_name(str(output.loss))}(from_logits=True))"
                if output.wants("takes_scores")
                else ""
            ),
            confidence=0.95,
            changes=(Change("set_output", output.name, {"activation": activation}),),
        )


@rule("probabilities-as-logits", "static", ("loss",), risk=False, explains=explains(0.7, 0.9))
def probabilities_as_logits(record: RunRecord) -> Iterator[Finding]:
    """A loss with from_logits=True gets probabilities."""
    for output in judged(record):
        if output.activation not in ("softmax", "sigmoid") or not from_logits(output):
            continue
        lowest = _lowest_loss(output)
        yield Finding(
            "probabilities-as-logits",
            f"The output {output.name!r} ends in {output.activation}, but its loss was told "
            "from_logits=True"
            + ("." if lowest is None else f": it cannot fall below {lowest:.3g}."),
            "problem",
            where=_at(output),
            evidence=(
                Evidence("output activation", output.activation, "linear"),
                *(() if lowest is None else (Evidence("lowest loss within reach", lowest, 0.0),)),
            ),
            why="The loss turns what it gets into probabilities once more. From numbers between 0 "
            "and 1 it cannot make a sure answer, and its gradient stays small.",
            fix="Leave out from_logits=True:\n"
            f"    model.compile(..., loss=losses.{_class_name(str(output.loss))}())",
            confidence=0.97,
            changes=(Change("set_output", output.name, {"loss_config": {"from_logits": False}}),),
        )


@rule("unfit-output-for-crossentropy", "static", ("loss",), explains=explains(1.0, 0.9, 0.9, 0.9))
def unfit_output_for_crossentropy(record: RunRecord) -> Iterator[Finding]:
    """The output activation gives numbers that are no probabilities to a cross-entropy."""
    for output in judged(record):
        name = output.activation
        if not output.wants("crossentropy") or from_logits(output):
            continue
        if name not in NO_PROBABILITIES or (name in POSITIVE and output.wants("one_of_several")):
            continue
        activation = _fitting(output)
        yield Finding(
            "unfit-output-for-crossentropy",
            f"The output {output.name!r} ends in {name}, but {output.loss} expects probabilities.",
            "problem",
            where=_at(output),
            evidence=(Evidence("output activation", name, activation),),
            why=f"{name} also gives numbers that are not between 0 and 1. The loss cuts them off, "
            "and there it has no gradient: such samples are never learned.",
            fix=f'    layers.Dense({width(output) or "units"}, activation="{activation}")',
            confidence=0.93,
            changes=(Change("set_output", output.name, {"activation": activation}),),
        )


@rule("sigmoid-for-exclusive-classes", "static", ("loss",), explains=explains(0.5, 0.6))
def sigmoid_for_exclusive_classes(record: RunRecord) -> Iterator[Finding]:
    """Sigmoids with a loss for exactly one class of several; it often learns all the same."""
    for output in judged(record):
        if output.activation not in ("sigmoid", "hard_sigmoid") or from_logits(output):
            continue
        if not output.wants("one_of_several"):
            continue
        one = width(output) == 1
        yield Finding(
            "sigmoid-for-exclusive-classes",
            f"The output {output.name!r} is one sigmoid unit, but {output.loss} is for several "
            "classes."
            if one
            else f"The output {output.name!r} ends in sigmoid, but {output.loss} is for exactly "
            "one class of several.",
            "problem" if one else "remark",
            where=_at(output),
            evidence=(Evidence("units", width(output) or 0, 2 if one else None),),
            why="With one unit the loss is zero for every answer, and nothing is learned."
            if one
            else "The loss divides the sigmoids by their sum, so it works, but only their "
            "proportions count: all can sink together until gradients vanish.",
            fix="For two classes:\n"
            '    layers.Dense(1, activation="sigmoid")\n'
            '    model.compile(..., loss="binary_crossentropy")'
            if one
            else f'    layers.Dense({width(output) or "classes"}, activation="softmax")',
            confidence=0.97 if one else 0.6,
            changes=(
                Change("set_output", output.name, {"loss": "binary_crossentropy"})
                if one
                else Change("set_output", output.name, {"activation": "softmax"}),
            ),
        )


@rule("softmax-with-mse", "static", ("loss",), explains=explains(0.5, 0.7))
def softmax_with_mse(record: RunRecord) -> Iterator[Finding]:
    """Softmax with a distance as loss learns least where it is most wrong."""
    for output in judged(record):
        if output.activation != "softmax" or not output.wants("distance") or width(output) == 1:
            continue
        yield Finding(
            "softmax-with-mse",
            f"The output {output.name!r} ends in softmax, but its loss is {output.loss}.",
            "warning",
            where=_at(output),
            evidence=(Evidence("loss", output.loss, "categorical_crossentropy"),),
            why="Where the softmax is sure and wrong, the gradient of a distance vanishes. A "
            "cross-entropy pulls hardest just there.",
            fix='    model.compile(..., loss="categorical_crossentropy")',
            confidence=0.8 if output.wants("squared") else 0.9,
            changes=(
                Change(
                    "set_output",
                    output.name,
                    {"activation": "softmax", "loss": "categorical_crossentropy"},
                ),
            ),
        )


@rule("sigmoid-with-mse", "static", ("loss",), alone=False, explains=explains(0.5, 0.6))
def sigmoid_with_mse(record: RunRecord) -> Iterator[Finding]:
    """A sigmoid with a distance as loss, where the targets are 0 and 1."""
    for output in judged(record):
        target = record.data.targets.get(output.name)
        binary = target is not None and target.kind in ("binary", "one_hot")
        if output.activation == "sigmoid" and output.wants("distance") and binary:
            yield Finding(
                "sigmoid-with-mse",
                f"The output {output.name!r} ends in sigmoid, its targets are 0 and 1, and its "
                f"loss is {output.loss}.",
                "remark",
                where=_at(output),
                evidence=(Evidence("loss", output.loss, "binary_crossentropy"),),
                why="Where the sigmoid is sure and wrong, the gradient of a distance vanishes. "
                "Binary cross-entropy pulls hardest just there.",
                fix='    model.compile(..., loss="binary_crossentropy")',
                confidence=0.8,
                changes=(Change("set_output", output.name, {"loss": "binary_crossentropy"}),),
            )


def _fitting(output: OutputRecord) -> str:
    """The activation that the output's loss is made for."""
    return "sigmoid" if output.wants("yes_no") or width(output) == 1 else "softmax"


def _lowest_loss(output: OutputRecord) -> float | None:
    """What a loss that takes scores cannot fall below on numbers from 0 to 1.

    The best it can get is a score of 1 for what is true and of 0 for everything else.
    """
    if output.loss_config.get("label_smoothing"):
        return None
    if output.loss == "binary_crossentropy":
        return float(np.log1p(np.exp(-1.0)))  # all yes; a no costs log 2
    units = width(output)
    if output.loss not in ("categorical_crossentropy", "sparse_categorical_crossentropy"):
        return None
    return float(np.log(np.e + units - 1) - 1) if units and units > 1 else None


def _class_name(loss: str) -> str:
    return "".join(part.capitalize() for part in loss.split("_"))
